// From logs to verdicts: each rule, alone and beside the others.
#include "harness/judge.h"
#include "harness/tests/log_builder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct log_builder b;
static struct seen s;
static struct judgement j;
static struct judge_terms terms;

static void begin(void) {
    builder_start(&b, 1 << 15);
    terms = (struct judge_terms){0};
}

static void end(void) {
    judgement_free(&j);
    seen_free(&s);
    builder_end(&b);
}

static unsigned verdict(void) {
    seen_init(&s, b.log, judge_grace(&terms));
    judge(&s, &terms, &j);
    return j.verdicts;
}

TestSuite(judge, .init = begin, .fini = end);

// A log, the verdicts it must get, and how many tasks are left.
#define VERDICT(name, verdicts_, left_, ...)                                                       \
    Test(judge, name) {                                                                            \
        __VA_ARGS__;                                                                               \
        char got[100], want[100];                                                                  \
        cr_assert(eq(str, verdict_list_of(verdict(), got), verdict_list_of(verdicts_, want)));     \
        cr_assert_eq(j.left_count, left_);                                                         \
    }

static char *verdict_list_of(unsigned verdicts, char *out) {
    return (char *)verdict_list(verdicts, out, 100);
}

static void root_ends(void) {
    PUT(&b, 0, EXIT, .line = 30);
}

static void sleeper(uint32_t task, int64_t ns) {
    builder_go(&b, 0, task, "sleeper", 5);
    PUT(&b, task, SLEEP, .value = ns, PARKS, .line = 6);
}

static void wakes_and_ends(uint32_t task, int64_t when) {
    b.now = when;
    PUT(&b, EVENT_CLOCK, FIRE, WAKES(task));
    PUT(&b, task, EXIT);
}

// Takes permits of a semaphore of three.
static void acquire(int64_t n) {
    builder_make(&b, 0, 1, OBJECT_SEMA, "permits", 3, 12);
    PUT(&b, 0, ACQUIRE, .object = 1, .value = n, .line = 13);
}

static void release(int64_t n) {
    PUT(&b, 0, SEMA_RELEASE, .object = 1, .value = n, .line = 14);
}

// A timer starts a task, which ends at once.
static void callback(int64_t when, uint32_t task) {
    b.now = when;
    builder_go(&b, EVENT_CLOCK, task, "expire", 8);
    PUT(&b, task, EXIT);
}

static void quiescent(void) {
    builder_finish(&b, RUN_QUIESCENT);
}

static void note(enum event_kind kind, const char *text) {
    builder_put(&b,
                (struct log_record){.kind = kind, .value = builder_string(&b, text), .line = 8});
}

static void open_body(void) {
    builder_make(&b, 0, 1, OBJECT_RESOURCE, "response body", 0, 12);
    PUT(&b, 0, OPEN, .object = 1, .line = 12);
}

VERDICT(nothing_left, 0, 0, root_ends(); quiescent())
VERDICT(deadlock, VERDICT_DEADLOCK, 1, PUT(&b, 0, RECV, PARKS); quiescent())
VERDICT(deadlock_counts_everybody, VERDICT_DEADLOCK, 2, builder_go(&b, 0, 1, "w", 2);
        PUT(&b, 1, RECV, PARKS); PUT(&b, 0, RECV, PARKS); quiescent())
VERDICT(leak, VERDICT_LEAK, 1, builder_unheard_send(&b); quiescent())
VERDICT(daemon_is_no_leak, 0, 0, builder_go(&b, 0, 1, "d", 2); PUT(&b, 1, DAEMON);
        PUT(&b, 1, RECV, PARKS); root_ends(); quiescent())
VERDICT(outlives, VERDICT_OUTLIVES, 1, sleeper(1, 10 * HOUR); root_ends();
        wakes_and_ends(1, 10 * HOUR); quiescent())
VERDICT(within_grace, 0, 0, sleeper(1, SECOND); root_ends(); wakes_and_ends(1, SECOND); quiescent())
VERDICT(a_slow_machine_has_time, 0, 0, terms.slow = true; sleeper(1, 10 * HOUR); root_ends();
        wakes_and_ends(1, 10 * HOUR); quiescent())
VERDICT(but_not_for_ever, VERDICT_OUTLIVES, 1, terms.slow = true;
        builder_go(&b, 0, 1, "spinner", 2); root_ends();
        for (int i = 0; i < 10001; i++) PUT(&b, 1, YIELD); builder_finish(&b, RUN_STEPS))
VERDICT(outlives_beside_leak, VERDICT_LEAK | VERDICT_OUTLIVES, 2, builder_go(&b, 0, 1, "w", 2);
        PUT(&b, 1, RECV, PARKS); sleeper(2, 10 * HOUR); root_ends(); wakes_and_ends(2, 10 * HOUR);
        quiescent())
VERDICT(parked_for_ever_is_leak_however_late, VERDICT_LEAK, 1, builder_go(&b, 0, 1, "w", 2);
        PUT(&b, 1, SLEEP, .value = HOUR, PARKS); root_ends(); b.now = HOUR;
        PUT(&b, EVENT_CLOCK, FIRE, WAKES(1)); PUT(&b, 1, RECV, PARKS); quiescent())
VERDICT(spinner_outlives, VERDICT_OUTLIVES, 1, builder_go(&b, 0, 1, "spinner", 2); root_ends();
        for (int i = 0; i < 10001; i++) PUT(&b, 1, YIELD); builder_finish(&b, RUN_STEPS))
VERDICT(steps_before_grace_is_over, VERDICT_OUTLIVES, 1, builder_go(&b, 0, 1, "spinner", 2);
        root_ends(); PUT(&b, 1, YIELD); builder_finish(&b, RUN_STEPS))
VERDICT(steps_with_the_root_alive, VERDICT_TIMEOUT, 0, PUT(&b, 0, YIELD);
        builder_finish(&b, RUN_STEPS))
VERDICT(hang_with_the_root_alive, VERDICT_TIMEOUT, 1, builder_go(&b, 0, 1, "busy", 2);
        builder_go(&b, 0, 2, "innocent", 3); PUT(&b, 0, RECV, PARKS); PUT(&b, 1, YIELD);
        PUT(&b, 1, HANG, .line = 4); builder_finish(&b, RUN_STEPS))
VERDICT(hang_after_the_root_is_that_task_s_alone, VERDICT_OUTLIVES, 1, open_body();
        builder_go(&b, 0, 1, "busy", 2); builder_go(&b, 0, 2, "innocent", 3); root_ends();
        PUT(&b, 1, YIELD); PUT(&b, 1, HANG, .line = 4); builder_finish(&b, RUN_STEPS))
VERDICT(hang_of_a_daemon_after_the_root, VERDICT_TIMEOUT, 1, builder_go(&b, 0, 1, "d", 2);
        PUT(&b, 1, DAEMON); root_ends(); PUT(&b, 1, HANG, .line = 4); builder_finish(&b, RUN_STEPS))
VERDICT(log_full, VERDICT_TIMEOUT, 0, PUT(&b, 0, YIELD); builder_finish(&b, RUN_LOG_FULL))
VERDICT(panic_alone, VERDICT_PANIC, 0, open_body(); builder_go(&b, 0, 1, "w", 2);
        PUT(&b, 1, RECV, PARKS); note(EV_PANIC, "send on closed channel");
        builder_finish(&b, RUN_PANICKED))
VERDICT(panic_after_race, VERDICT_PANIC | VERDICT_RACE, 0, note(EV_RACE, "two writes");
        note(EV_PANIC, "close of nil channel"); builder_finish(&b, RUN_PANICKED))
VERDICT(misuse, VERDICT_MISUSE, 0, note(EV_MISUSE, "closed twice"); root_ends(); quiescent())
VERDICT(race, VERDICT_RACE, 0, note(EV_RACE, "two writes"); root_ends(); quiescent())
VERDICT(race_in_a_deadlock, VERDICT_RACE | VERDICT_DEADLOCK, 1, note(EV_RACE, "two writes");
        PUT(&b, 0, RECV, PARKS); quiescent())
VERDICT(resource, VERDICT_RESOURCE, 0, open_body(); root_ends(); quiescent())
VERDICT(resource_given_back, 0, 0, open_body(); PUT(&b, 0, RELEASE, .object = 1); root_ends();
        quiescent())
VERDICT(resource_beside_leak, VERDICT_RESOURCE | VERDICT_LEAK, 1, open_body();
        builder_go(&b, 0, 1, "reader", 2); PUT(&b, 1, RECV, PARKS); root_ends(); quiescent())
VERDICT(deadlock_hides_resource, VERDICT_DEADLOCK, 1, open_body(); PUT(&b, 0, RECV, PARKS);
        quiescent())
VERDICT(permits_kept, VERDICT_RESOURCE, 0, acquire(2); release(1); root_ends(); quiescent())
VERDICT(permits_given_back, 0, 0, acquire(2); release(2); root_ends(); quiescent())
VERDICT(permits_never_got, 0, 0, builder_make(&b, 0, 1, OBJECT_SEMA, "permits", 3, 12);
        PUT(&b, 0, TRYACQUIRE, .object = 1, .value = 0); root_ends(); quiescent())
VERDICT(permits_of_a_run_cut_off, VERDICT_OUTLIVES, 1, acquire(1);
        builder_go(&b, 0, 1, "worker", 2); root_ends(); PUT(&b, 1, YIELD);
        builder_finish(&b, RUN_STEPS))
VERDICT(callback_after_the_grace, VERDICT_OUTLIVES, 1, root_ends(); callback(2 * MINUTE, 1);
        quiescent())
VERDICT(callbacks_after_the_grace, VERDICT_OUTLIVES, 2, root_ends(); callback(2 * MINUTE, 1);
        callback(3 * MINUTE, 2); quiescent())
VERDICT(callback_within_the_grace, 0, 0, root_ends(); callback(MINUTE, 1); quiescent())
VERDICT(no_end, VERDICT_ENDED_EARLY, 0, PUT(&b, 0, YIELD))
VERDICT(empty, VERDICT_ENDED_EARLY, 0, (void)0)
VERDICT(stopped, VERDICT_ENDED_EARLY, 0, builder_finish(&b, RUN_STOPPED))
VERDICT(diverged, VERDICT_ENDED_EARLY, 0, builder_finish(&b, RUN_DIVERGED))
VERDICT(contradiction, VERDICT_TAMPERED, 0, PUT(&b, 3, YIELD); root_ends(); quiescent())
VERDICT(forged_quiescence, VERDICT_TAMPERED, 0, builder_go(&b, 0, 1, "w", 2); root_ends();
        quiescent())
VERDICT(check_passed, 0, 0, builder_check(&b, 0, true, "works", ""); root_ends(); quiescent())
VERDICT(check_failed, VERDICT_BEHAVIOUR, 0, builder_check(&b, 0, false, "works", "got 3");
        root_ends(); quiescent())
VERDICT(check_failed_once_is_failed, VERDICT_BEHAVIOUR, 0,
        builder_check(&b, 0, false, "works", "got 3");
        builder_check(&b, 0, true, "works", ""); root_ends(); quiescent())
VERDICT(check_not_reached, VERDICT_BEHAVIOUR, 0, terms.checks[0] = "works"; root_ends();
        quiescent())
VERDICT(check_not_reached_in_a_deadlock, VERDICT_DEADLOCK, 1, terms.checks[0] = "works";
        PUT(&b, 0, RECV, PARKS); quiescent())
static void works_in_time(bool slow, uint32_t timed) {
    terms = (struct judge_terms){.checks = {"works", "in time"}, .slow = slow, .timed = timed};
    builder_check(&b, 0, true, "works", "");
    builder_check(&b, 0, false, "in time", "late");
    root_ends();
    quiescent();
}
VERDICT(what_is_about_time_fails, VERDICT_BEHAVIOUR, 0, works_in_time(false, 2))
VERDICT(but_not_on_a_slow_machine, 0, 0, works_in_time(true, 2))
VERDICT(and_nothing_else_is_waived, VERDICT_BEHAVIOUR, 0, works_in_time(true, 1))
VERDICT(failed_check_beside_leak, VERDICT_LEAK | VERDICT_BEHAVIOUR, 1,
        builder_check(&b, 0, false, "works", "");
        builder_unheard_send(&b); quiescent())

Test(judge, left_is_in_creation_order) {
    for (uint32_t i = 1; i <= 200; i++) {
        builder_go(&b, 0, i, "w", 2);
        PUT(&b, i, RECV, PARKS);
    }
    root_ends();
    quiescent();
    cr_assert_eq(verdict(), VERDICT_LEAK);
    cr_assert_eq(j.left_count, 200);
    for (uint32_t i = 0; i < 200; i++)
        cr_assert_eq(j.left[i], i + 1);
}

Test(judge, checks_tell_their_states) {
    terms.checks[0] = "first";
    terms.checks[1] = "second";
    builder_check(&b, 0, false, "second", "got 3");
    builder_check(&b, 0, false, "second", "got 4");
    builder_check(&b, 0, true, "third", "");
    PUT(&b, 0, RECV, PARKS);
    quiescent();
    verdict();
    cr_assert_eq(j.check_count, 3);
    cr_assert_eq(j.checks[0].state, CHECK_NOT_REACHED);
    cr_assert_eq(j.checks[1].state, CHECK_FAILED);
    cr_assert(eq(str, j.checks[1].detail, "got 3"));
    cr_assert_eq(j.checks[2].state, CHECK_PASSED);
    cr_assert(eq(str, (char *)j.checks[2].name, "third"));
}

Test(judge, more_checks_than_room_are_survived) {
    char name[24];
    for (int i = 0; i < 2 * JUDGE_CHECKS; i++) {
        snprintf(name, sizeof name, "check %d", i);
        builder_check(&b, 0, true, name, "");
    }
    root_ends();
    quiescent();
    cr_assert_eq(verdict(), 0);
    cr_assert_eq(j.check_count, JUDGE_CHECKS);
}

Test(judge, a_panics_sentence_is_the_note) {
    note(EV_MISUSE, "closed twice");
    note(EV_PANIC, "close of nil channel");
    builder_finish(&b, RUN_PANICKED);
    verdict();
    cr_assert(eq(str, j.note, "close of nil channel"));
    cr_assert_eq(j.note_task, 0);
    cr_assert_eq(event_log_site(b.log, j.note_at).line, 8);
}

Test(judge, an_open_resource_is_named) {
    open_body();
    builder_make(&b, 0, 2, OBJECT_RESOURCE, "response body", 0, 13);
    PUT(&b, 0, OPEN, .object = 2, .line = 13);
    root_ends();
    quiescent();
    verdict();
    cr_assert(eq(str, j.note, "response body (resource#1) and 1 more were never given back"));
    cr_assert_eq(event_log_site(b.log, j.note_at).line, 12);
}

Test(judge, kept_permits_are_counted) {
    acquire(2);
    root_ends();
    quiescent();
    verdict();
    cr_assert(eq(str, j.note, "2 of the permits of permits (sema#1) were never given back"));
}

Test(judge, a_judgement_can_be_used_again) {
    builder_unheard_send(&b);
    quiescent();
    cr_assert_eq(verdict(), VERDICT_LEAK);
    uint32_t *left = j.left;
    cr_assert_eq(verdict(), VERDICT_LEAK);
    cr_assert_eq(j.left, left);
    cr_assert_eq(j.left_count, 1);
    builder_end(&b);
    builder_start(&b, 256);
    root_ends();
    quiescent();
    cr_assert_eq(verdict(), 0);
    cr_assert_eq(j.left_count, 0);
}

Test(judge, words) {
    char text[100];
    cr_assert(eq(str, verdict_list_of(0, text), "PASS"));
    cr_assert(eq(str, verdict_list_of(VERDICT_LEAK | VERDICT_BEHAVIOUR, text), "leak, behaviour"));
    cr_assert(eq(str, (char *)verdict_status(0), "pass"));
    cr_assert(eq(str, (char *)verdict_status(VERDICT_LEAK), "fail"));
    cr_assert(eq(str, (char *)verdict_status(VERDICT_LEAK | VERDICT_CRASH), "error"));
    cr_assert(eq(str, (char *)verdict_word(VERDICT_ENDED_EARLY_BIT), "ended-early"));
    char small[6];
    verdict_list(~0u, small, sizeof small);
    cr_assert_lt(strlen(small), sizeof small);
}
