// Each solution holds under random schedules too, which owe nothing to the search. What else a
// scenario promises is checked by `dev check` (house.sh).
#include "harness/catalogue.h"
#include "harness/explore.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void holds_for_seeds(const struct scenario_info *s, const struct variant *v) {
    char why[300] = "", got[200];
    struct examine_config config = {
        .scenario = s,
        .variant = v,
        .explore = true,
        .tree_budget = 1,
        .random_budget = getenv("UNSTUCK_LONG") ? 100000 : 1000,
        .seed = 1,
        .no_race = true,
    };
    snprintf(config.schedule.name, sizeof config.schedule.name, "%s", s->name);
    struct examination *x = examine_start(&config, why);
    cr_assert(x, "%s %s: %s", s->name, v->label, why);
    examine_finish(x);
    const struct answer *a = examine_answer(x);
    cr_expect(a->verdicts == 0, "%s %s: %s. %s", s->name, v->label,
              verdict_list(a->verdicts, got, sizeof got), a->error);
    cr_expect(a->explored >= 1000 || a->exhaustive, "%s %s: only %lu runs", s->name, v->label,
              (unsigned long)a->explored);
    examine_free(x);
}

Test(course, a_thousand_seeds_change_nothing, .timeout = 600) {
    struct catalogue catalogue;
    char why[300];
    cr_assert(catalogue_open(&catalogue, why), "%s", why);
    cr_assert_geq(catalogue.count, 6);
    for (size_t i = 0; i < catalogue.count; i++) {
        const struct scenario_info *s = &catalogue.scenarios[i];
        int solutions = 0;
        for (size_t n = 0; n < s->variant_count; n++)
            if (s->variants[n].kind == VARIANT_SOLUTION) {
                holds_for_seeds(s, &s->variants[n]);
                solutions++;
            }
        cr_expect_geq(solutions, 2, "%s has %d solutions", s->name, solutions);
    }
    catalogue_close(&catalogue);
}
