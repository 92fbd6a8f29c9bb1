// What a search says of itself when it did not try everything.
#include "harness/claims.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

static struct search s;
static struct claims c;

// A run of `points` choices between two tasks, where the first could always go on.
static void run(uint32_t points) {
    struct choice ways[2] = {{.task = 0, .goes_on = true}, {.task = 1}};
    for (uint32_t i = 0; i < points; i++)
        s.policy.pick(&s.policy, ways, 2, 0);
    search_spend(&s, 10, 2);
}

static void search_all(const struct search_plan *plan, uint32_t points, bool bounded) {
    search_init(&s, plan);
    while (search_begin(&s)) {
        run(points);
        search_end(&s, 0, bounded);
    }
    claims_of(&s, &c);
}

static const struct search_plan all_phases = {.scenario = "w",
                                              .seed = 26,
                                              .runs = {[SEARCH_SERIAL] = 5,
                                                       [SEARCH_TREE] = 10,
                                                       [SEARCH_ONE] = 20,
                                                       [SEARCH_TWO] = 10,
                                                       [SEARCH_RANDOM] = 7,
                                                       [SEARCH_PCT] = 9}};

static const char *claim_with(const char *words) {
    for (uint32_t i = 0; i < c.count; i++)
        if (strstr(c.list[i], words))
            return c.list[i];
    return NULL;
}

Test(claims, a_search_of_everything_needs_none) {
    search_all(&(struct search_plan){.scenario = "w", .runs[SEARCH_TREE] = 100}, 3, false);
    cr_assert(search_exhaustive(&s));
    cr_assert_eq(c.count, 0);
}

// Of 12 choices one may be a preemption: 13 schedules.
Test(claims, names_the_largest_bound_that_was_reached) {
    char more[CLAIM_TEXT];
    search_all(&all_phases, 12, false);
    snprintf(more, sizeof more, "%d with at most 2 preemptions, not all", (int)s.runs[SEARCH_TWO]);
    cr_assert(eq(str, (char *)c.list[0], more));
    cr_assert_not_null(claim_with("every schedule with at most 1 preemption: 13"));
    cr_assert_null(claim_with("no preemption"));
}

Test(claims, two_preemptions) {
    struct search_plan plan = all_phases;
    plan.runs[SEARCH_TWO] = 100;
    search_all(&plan, 12, false);
    cr_assert(eq(str, (char *)c.list[0], "every schedule with at most 2 preemptions: 79"));
}

static const char *slow_claim(uint64_t most, bool whole) {
    struct search_plan plan = {.scenario = "w", .runs[SEARCH_TREE] = most, .slow = true};
    search_all(&plan, 3, false);
    c.count = 0;
    claims_add_slow(&s, whole, &c);
    return c.list[0];
}

Test(claims, a_slow_machine_is_told_with_its_bound) {
    cr_assert(eq(str, (char *)slow_claim(100, true),
                 "all 8 schedules of a slow machine, time moving early at most 2 times"));
    cr_assert(eq(str, (char *)slow_claim(100, false),
                 "8 schedules of a slow machine, time moving early at most 2 times, not all"));
    cr_assert(eq(str, (char *)slow_claim(0, true),
                 "no schedule of a slow machine: the budget was used up"));
    cr_assert(eq(str, (char *)slow_claim(5, true),
                 "5 schedules of a slow machine, time moving early at most 2 times, not all"));
}

Test(claims, sampling_is_told_with_its_seed_and_chance) {
    char wanted[CLAIM_TEXT];
    search_all(&all_phases, 12, false);
    cr_assert_not_null(claim_with("7 random schedules, seed 0x1a"));
    cr_assert_not_null(claim_with("by random priorities (PCT), seed 0x1a"));
    uint64_t runs = (s.runs[SEARCH_PCT] + 2) / 3;
    uint32_t missed = claims_missed(2, 24, 2, runs);
    snprintf(
        wanted, sizeof wanted,
        "a failure that needs 2 steps in order, of 2 tasks and timers in 24 choices, is missed "
        "with a chance of at most %u.%02u %%",
        missed / 10000, missed / 100 % 100);
    cr_assert_not_null(claim_with(wanted), "%s", wanted);
}

Test(claims, a_bound_that_was_met_takes_the_guarantees_away) {
    search_all(&all_phases, 12, true);
    cr_assert_null(claim_with("every schedule"));
    cr_assert_null(claim_with("missed"));
    cr_assert_not_null(claim_with("without a bound"));
}

Test(claims, so_do_runs_that_are_longer_than_reckoned) {
    search_init(&s, &all_phases);
    for (uint32_t points = 3; search_begin(&s); points = 40) {
        run(points);
        search_end(&s, 0, false);
    }
    claims_of(&s, &c);
    cr_assert_null(claim_with("missed"));
}

Test(claims, chances_are_those_of_the_theorem) {
    cr_assert_eq(claims_missed(2, 10, 2, 1), 950000);
    cr_assert_eq(claims_missed(1, 1, 1, 1), 0);
    cr_assert_eq(claims_missed(2, 10, 2, 0), 1000000);
    // (1 - 1/1200)^1000 = 0.43453
    cr_assert_geq(claims_missed(3, 20, 3, 1000), 434530);
    cr_assert_leq(claims_missed(3, 20, 3, 1000), 436000);
    cr_assert_eq(claims_missed(100, 1000, 4, 1000000), 1000000, "too many ways to say anything");
    cr_assert_eq(claims_missed(0, 10, 2, 5), 1000000);
}
