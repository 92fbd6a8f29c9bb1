// Delta debugging over deviations, against failures whose cause is known.
#include "harness/judge.h"
#include "harness/minimise.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

// A failure: the schedules that have all of `needed` fail, in the way of `verdicts`.
struct cause {
    uint32_t needed[8];
    uint32_t count;
    unsigned verdicts;
    uint32_t length; // deviations at later steps are never reached, 0: all are
    uint32_t unfit;  // a schedule with this step but not the one before does not fit, 0: none
    uint32_t tries;
};

static bool has(const struct schedule *s, uint32_t step) {
    for (uint32_t i = 0; i < s->count; i++)
        if (s->deviations[i].step == step)
            return true;
    return false;
}

static unsigned attempt(void *user, const struct schedule *wanted, struct schedule *as_run) {
    struct cause *c = user;
    c->tries++;
    *as_run = *wanted;
    while (c->length && as_run->count && as_run->deviations[as_run->count - 1].step >= c->length)
        as_run->count--;
    if (c->unfit && has(wanted, c->unfit) && !has(wanted, c->unfit - 1))
        return 0;
    for (uint32_t i = 0; i < c->count; i++)
        if (!has(as_run, c->needed[i]))
            return 0;
    return c->verdicts;
}

// Deviations at steps 1 .. count.
static struct schedule schedule_of(uint32_t count) {
    struct schedule s = {.name = "w", .count = count};
    for (uint32_t i = 0; i < count; i++)
        s.deviations[i] = (struct deviation){i + 1, 1, 0};
    return s;
}

#define MINIMISED(case_, deviations_, left, ...)                                                   \
    Test(minimise, case_) {                                                                        \
        struct cause c = {.verdicts = VERDICT_LEAK, __VA_ARGS__};                                  \
        struct schedule s = schedule_of(deviations_);                                              \
        cr_assert(minimise(&s, VERDICT_LEAK, attempt, &c));                                        \
        cr_assert_eq(s.count, left, "%u are left", s.count);                                       \
        for (uint32_t i = 0; i < c.count; i++)                                                     \
            cr_assert(has(&s, c.needed[i]));                                                       \
        cr_assert_leq(c.tries, MINIMISE_TRIES);                                                    \
        cr_assert(eq(str, s.name, "w"));                                                           \
    }

MINIMISED(nothing_is_needed, 200, 0, .count = 0)
MINIMISED(one_of_many, 200, 1, .needed = {77}, .count = 1)
MINIMISED(two_far_apart, 200, 2, .needed = {3, 190}, .count = 2)
MINIMISED(five, 256, 5, .needed = {1, 60, 61, 200, 256}, .count = 5)
MINIMISED(one_of_one, 1, 1, .needed = {1}, .count = 1)
MINIMISED(none_of_none, 0, 0, .count = 0)
MINIMISED(all, 8, 8, .needed = {1, 2, 3, 4, 5, 6, 7, 8}, .count = 8)
MINIMISED(unfit_candidates, 50, 2, .needed = {20}, .count = 1, .unfit = 20)
MINIMISED(past_the_end, 200, 1, .needed = {5}, .count = 1, .length = 6)

Test(minimise, another_failure_does_not_count) {
    struct cause c = {.needed = {9}, .count = 1, .verdicts = VERDICT_LEAK | VERDICT_BEHAVIOUR};
    struct schedule s = schedule_of(20), before = s;
    cr_assert_not(minimise(&s, VERDICT_LEAK, attempt, &c));
    cr_assert_eq(c.tries, 1);
    cr_assert_eq(memcmp(&s, &before, sizeof s), 0);
}

Test(minimise, what_killed_its_process_is_not_tried) {
    struct cause c = {.verdicts = VERDICT_CRASH};
    struct schedule s = schedule_of(20);
    cr_assert_not(minimise(&s, VERDICT_CRASH, attempt, &c));
    cr_assert_eq(c.tries, 0);
    cr_assert_eq(s.count, 20);
}

Test(minimise, seeds_are_left_alone) {
    struct cause c = {.verdicts = VERDICT_LEAK};
    struct schedule s = {.kind = SCHEDULE_RANDOM, .seed = 4};
    cr_assert_not(minimise(&s, VERDICT_LEAK, attempt, &c));
    cr_assert_eq(c.tries, 0);
}

// Only odd sets of deviations fail: nothing can be left out singly, and the hunt must end.
static unsigned odd(void *user, const struct schedule *wanted, struct schedule *as_run) {
    ++*(uint32_t *)user;
    *as_run = *wanted;
    return wanted->count % 2 ? VERDICT_LEAK : 0;
}

Test(minimise, ends_on_failures_without_a_pattern) {
    uint32_t tries = 0;
    struct schedule s = schedule_of(255);
    cr_assert(minimise(&s, VERDICT_LEAK, odd, &tries));
    cr_assert_eq(s.count, 1);
    cr_assert_leq(tries, MINIMISE_TRIES);
}
