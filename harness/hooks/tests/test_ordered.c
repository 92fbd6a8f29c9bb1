// The order that the log tells is the one that was announced: random programs, in which tasks write to memory
// between their operations, are judged by our own engine and by the log (harness/before.h).
static void step(void);
#define PROGRAM_STEP() step()

#include "harness/before.h"
#include "harness/hooks/hooks.h"

#pragma GCC diagnostic ignored "-Wunused-function" // it also compares searches
#include "harness/tests/random_program.h"

#include <criterion/criterion.h>

void __tsan_write4(void *p);

enum { CELLS = 4096, LATELY = 6, PROGRAMS = 4000, ORDERS = 12 };

static uint32_t cells[CELLS]; // each is written twice, by two tasks
static struct first {
    uint32_t task, event;
    bool made, asked;
} firsts[CELLS];
static uint32_t cell_count;
static uint64_t randomness;

static bool raced[BEFORE_MOST]; // by the engine, for each pair of writes
static uint32_t pair_count;

static void first_write(void) {
    if (cell_count == CELLS)
        return;
    struct first *f = &firsts[cell_count];
    *f = (struct first){.task = task_id(), .event = (uint32_t)program_log->head, .made = true};
    __tsan_write4(&cells[cell_count++]);
}

static void second_write(uint32_t cell) {
    struct first *f = &firsts[cell];
    uint64_t before = hooks_races();
    if (f->asked || f->task == task_id() || pair_count == BEFORE_MOST)
        return;
    f->asked = true;
    __tsan_write4(&cells[cell]);
    raced[pair_count++] = hooks_races() > before;
    note_race(f->task, f->event, "", "", NULL);
}

static void step(void) {
    uint32_t lately = cell_count < LATELY ? cell_count : LATELY;
    if (lately)
        second_write(cell_count - 1 - (uint32_t)(program_random(&randomness) % lately));
    first_write();
}

static size_t any(struct policy *self, const struct choice *ways, size_t count, size_t preferred) {
    (void)self, (void)ways, (void)preferred;
    return program_random(&randomness) % count;
}

static enum run_end judged_run(uint64_t seed) {
    struct policy policy = {.announce = true, .pick = any};
    randomness = seed;
    cell_count = pair_count = 0;
    hooks_begin(&(struct hooks_config){0});
    enum run_end end = program_run(&policy);
    hooks_end();
    return end;
}

static struct tally {
    uint64_t pairs, ordered, refuted, wrong, missed;
    uint32_t first_wrong, first_missed;
} tally;

static void compare(uint32_t program_number, const struct seen *s) {
    uint64_t refuted = before_refutes(s);
    for (uint32_t i = 0; i < pair_count; i++) {
        bool is_refuted = refuted >> i & 1;
        tally.pairs++;
        tally.ordered += !raced[i];
        tally.refuted += is_refuted;
        if (is_refuted && raced[i] && !tally.wrong++)
            tally.first_wrong = program_number;
        if (!is_refuted && !raced[i] && !tally.missed++)
            tally.first_missed = program_number;
    }
}

// What the log does not tell (before.h).
static bool is_told(void) {
    for (int k = 0; k < OBJECTS; k++)
        if (program.kinds[k] == KIND_MAP || program.kinds[k] == KIND_CONN ||
            program.kinds[k] == KIND_CTX)
            return false;
    return true;
}

static void compare_all(bool told) {
    static struct seen s;
    static struct outcomes unused;
    outcomes_begin(&unused);
    for (uint32_t n = 0; n < PROGRAMS; n++) {
        random_program(n);
        for (uint64_t order = 0; is_told() == told && order < ORDERS; order++) {
            judged_run((uint64_t)n << 8 | order);
            seen_init(&s, program_log, 0);
            seen_fold(&s, UINT64_MAX);
            cr_assert_null(s.contradiction, "program %u: %s", n, s.contradiction);
            compare(n, &s);
        }
    }
    seen_free(&s);
}

Test(ordered, the_log_orders_what_the_engine_orders) {
    compare_all(true);
    cr_assert_gt(tally.ordered, 10000);
    cr_assert_gt(tally.pairs - tally.ordered, 10000);
    cr_assert_eq(tally.wrong, 0, "first in program %u", tally.first_wrong);
    cr_assert_eq(tally.missed, 0, "first in program %u", tally.first_missed);
}

Test(ordered, nothing_else_where_the_log_does_not_tell_all) {
    compare_all(false);
    cr_assert_gt(tally.refuted, 2000);
    cr_assert_eq(tally.wrong, 0, "first in program %u", tally.first_wrong);
}
