// The course keeps its promises: each shipped exercise fails exactly as declared, each solution
// holds under every schedule, each wrong fix is caught by what its author said.
#include "harness/catalogue.h"
#include "harness/explore.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

// Every scenario of the repository. A test below fails when the list is not complete.
#define COURSE(X)                                                                                  \
    X(send_no_receiver, "send-no-receiver")                                                        \
    X(recv_range_unclosed, "recv-range-unclosed")                                                  \
    X(ctx_detached, "ctx-detached")                                                                \
    X(wg_undercount, "wg-undercount")                                                              \
    X(handle_not_closed, "handle-not-closed")                                                      \
    X(race_unlocked_state, "race-unlocked-state")

static struct catalogue catalogue;

static void open_catalogue(void) {
    char why[300];
    cr_assert(catalogue_open(&catalogue, why), "%s", why);
}

static void close_catalogue(void) {
    catalogue_close(&catalogue);
}

TestSuite(course, .init = open_catalogue, .fini = close_catalogue, .timeout = 120);

static const struct scenario_info *find(const char *name) {
    const struct scenario_info *s = catalogue_find(&catalogue, name);
    cr_assert(s, "no scenario %s", name);
    return s;
}

static struct examination *examine(const struct examine_config *config) {
    char why[300];
    struct examination *x = examine_start(config, why);
    cr_assert(x, "%s", why);
    examine_finish(x);
    return x;
}

static struct examine_config config_of(const struct scenario_info *s, const struct variant *v,
                                       bool explore) {
    struct examine_config config = {.scenario = s, .variant = v, .explore = explore};
    snprintf(config.schedule.name, sizeof config.schedule.name, "%s", s->name);
    return config;
}

static void expect_verdicts(const struct scenario_info *s, const struct variant *v, unsigned wanted,
                            const struct answer *a) {
    char want[200], got[200];
    cr_expect(a->verdicts == wanted, "%s %s: %s instead of %s. %s", s->name, v->label,
              verdict_list(a->verdicts, got, sizeof got), verdict_list(wanted, want, sizeof want),
              a->error);
}

// --- the shipped exercise -------------------------------------------------------------------------

static bool left_matches(const struct answer *a, uint32_t number, const struct expected_left *e) {
    const struct seen_task *t = &a->seen.tasks[number];
    const char *object = "";
    if (t->object && t->object < a->seen.object_count)
        object = event_log_string(a->log, a->seen.objects[t->object].name);
    // Nobody starts the root, so no event names it.
    const char *name = number == 0 ? "main" : event_log_string(a->log, t->name);
    return !strcmp(name, e->name) && !strcmp(wait_reason_text(t->reason), e->reason) &&
           (!e->object || !strcmp(object, e->object));
}

static void expect_left(const struct scenario_info *s, const struct answer *a) {
    uint32_t expected = 0;
    for (size_t i = 0; i < s->left_count; i++) {
        int found = 0;
        for (uint32_t k = 0; k < a->judgement.left_count; k++)
            found += left_matches(a, a->judgement.left[k], &s->left[i]);
        cr_expect(found == s->left[i].count, "%s: %d tasks %s left in %s, declared %d", s->name,
                  found, s->left[i].name, s->left[i].reason, s->left[i].count);
        expected += (uint32_t)s->left[i].count;
    }
    cr_expect(a->judgement.left_count == expected, "%s: %u tasks left, declared %u", s->name,
              a->judgement.left_count, expected);
}

static void exercise_fails_as_declared(const char *name) {
    const struct scenario_info *s = find(name);
    const struct variant *v = scenario_variant(s, "exercise");
    struct examine_config config = config_of(s, v, false);
    struct examination *x = examine(&config);
    expect_verdicts(s, v, s->verdict, examine_answer(x));
    if (!(s->verdict & VERDICT_OUTLIVES))
        expect_left(s, examine_answer(x));
    examine_free(x);
}

static void every_schedule_of_the_exercise_fails_only_so(const char *name) {
    const struct scenario_info *s = find(name);
    const struct variant *v = scenario_variant(s, "exercise");
    struct examine_config config = config_of(s, v, true);
    struct examination *x = examine(&config);
    const struct answer *a = examine_answer(x);
    expect_verdicts(s, v, s->verdict, a);
    cr_expect(a->failing_schedule, "%s: no failing schedule is named", name);
    examine_free(x);
}

// A failing id, run again, fails in the same way.
static void failing_id_replays(const char *name) {
    const struct scenario_info *s = find(name);
    const struct variant *v = scenario_variant(s, "exercise");
    struct examine_config config = config_of(s, v, true);
    struct examination *x = examine(&config);
    struct examine_config again = config_of(s, v, false);
    again.schedule = examine_answer(x)->schedule;
    unsigned verdicts = examine_answer(x)->verdicts;
    examine_free(x);
    x = examine(&again);
    expect_verdicts(s, v, verdicts, examine_answer(x));
    examine_free(x);
}

// --- solutions --------------------------------------------------------------------------------------

static void for_each(const struct scenario_info *s, enum variant_kind kind,
                     void (*test)(const struct scenario_info *, const struct variant *)) {
    int count = 0;
    for (size_t i = 0; i < s->variant_count; i++) {
        if (s->variants[i].kind != kind)
            continue;
        test(s, &s->variants[i]);
        count++;
    }
    cr_expect(count >= 2, "%s has %d of that kind, 2 are the least", s->name, count);
}

// Both race engines are here and have judged: they say the same.
static void engines_agree(const struct scenario_info *s, const struct variant *v,
                          const struct answer *a) {
    enum race_state own = a->engine[ENGINE_HOOKS].state, other = a->engine[ENGINE_TSAN].state;
    if (other == RACE_UNAVAILABLE || a->error[0])
        return;
    cr_expect(own != RACE_UNKNOWN && own == other && !*a->race_dispute,
              "%s %s: of races our own engine says %d, ThreadSanitizer %d; %s", s->name, v->label,
              own, other, a->race_note);
}

static void solution_holds(const struct scenario_info *s, const struct variant *v) {
    struct examine_config config = config_of(s, v, true);
    struct examination *x = examine(&config);
    const struct answer *a = examine_answer(x);
    expect_verdicts(s, v, 0, a);
    cr_expect(a->race != RACE_FOUND, "%s %s races", s->name, v->label);
    engines_agree(s, v, a);
    cr_expect(a->explored > 0, "%s %s: nothing was explored", s->name, v->label);
    examine_free(x);
}

static void solutions_hold(const char *name) {
    for_each(find(name), VARIANT_SOLUTION, solution_holds);
}

static void solution_holds_for_seeds(const struct scenario_info *s, const struct variant *v) {
    struct examine_config config = config_of(s, v, true);
    config.tree_budget = 1;
    config.random_budget = getenv("UNSTUCK_LONG") ? 100000 : 1000;
    config.seed = 1;
    config.no_race = true;
    struct examination *x = examine(&config);
    const struct answer *a = examine_answer(x);
    expect_verdicts(s, v, 0, a);
    cr_expect(a->explored >= 1000 || a->exhaustive, "%s %s: only %lu runs", s->name, v->label,
              (unsigned long)a->explored);
    examine_free(x);
}

static void a_thousand_seeds_change_nothing(const char *name) {
    for_each(find(name), VARIANT_SOLUTION, solution_holds_for_seeds);
}

// --- wrong fixes --------------------------------------------------------------------------------------

static bool check_failed(const struct answer *a, const char *name) {
    for (uint32_t i = 0; i < a->judgement.check_count; i++)
        if (!strcmp(a->judgement.checks[i].name, name))
            return a->judgement.checks[i].state != CHECK_PASSED;
    return false;
}

static bool verdict_given(unsigned verdicts, const char *word) {
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (verdicts >> i & 1 && !strcmp(verdict_word(i), word))
            return true;
    return false;
}

static void wrong_fix_is_caught(const struct scenario_info *s, const struct variant *v) {
    cr_assert(v->caught_by && v->idea && v->comment, "%s %s: the head comment lacks a line",
              s->name, v->label);
    struct examine_config config = config_of(s, v, true);
    struct examination *x = examine(&config);
    const struct answer *a = examine_answer(x);
    char got[200];
    bool caught = verdict_given(a->verdicts, v->caught_by) || check_failed(a, v->caught_by);
    bool unavailable = a->race == RACE_UNAVAILABLE && !strcmp(v->caught_by, "race");
    cr_expect(caught || unavailable, "%s %s is not caught by `%s` but: %s %s", s->name, v->label,
              v->caught_by, verdict_list(a->verdicts, got, sizeof got), a->error);
    engines_agree(s, v, a);
    examine_free(x);
}

static void wrong_fixes_are_caught(const char *name) {
    for_each(find(name), VARIANT_WRONG, wrong_fix_is_caught);
}

#define ROW(id, name)                                                                              \
    Test(course, id##_exercise_fails_as_declared) {                                                \
        exercise_fails_as_declared(name);                                                          \
    }                                                                                              \
    Test(course, id##_exercise_fails_in_no_other_way) {                                            \
        every_schedule_of_the_exercise_fails_only_so(name);                                        \
    }                                                                                              \
    Test(course, id##_failing_id_replays) {                                                        \
        failing_id_replays(name);                                                                  \
    }                                                                                              \
    Test(course, id##_solutions_hold) {                                                            \
        solutions_hold(name);                                                                      \
    }                                                                                              \
    Test(course, id##_a_thousand_seeds_change_nothing) {                                           \
        a_thousand_seeds_change_nothing(name);                                                     \
    }                                                                                              \
    Test(course, id##_wrong_fixes_are_caught) {                                                    \
        wrong_fixes_are_caught(name);                                                              \
    }
COURSE(ROW)

Test(course, the_list_is_complete) {
    size_t count = 0;
#define COUNT(id, name) count += catalogue_find(&catalogue, name) != NULL;
    COURSE(COUNT)
    cr_expect(catalogue.count == count, "%zu scenarios are there, %zu are tested", catalogue.count,
              count);
}
