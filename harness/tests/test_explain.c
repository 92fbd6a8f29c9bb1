// The chain of reasons, for each way to wait, word by word.
#include "harness/explain.h"
#include "harness/tests/log_builder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

static struct log_builder b;
static struct seen s;
static struct judgement j;
static struct explanation why;

static void begin(void) {
    builder_start(&b, 4096);
}

static void end(void) {
    judgement_free(&j);
    seen_free(&s);
    builder_end(&b);
}

// Ends the log, judges it and explains one task.
static void explain(uint32_t task) {
    struct judge_terms terms = {0};
    builder_finish(&b, RUN_QUIESCENT);
    seen_init(&s, b.log, 0);
    s.record_touches = true;
    judge(&s, &terms, &j);
    cr_assert_neq(j.verdicts, VERDICT_TAMPERED, "%s", j.note);
    explain_task(&s, task, &why);
}

static void expect(size_t count, const char *const *lines) {
    for (uint32_t i = 0; i < why.count && i < count; i++)
        cr_expect(eq(str, why.lines[i], (char *)lines[i]));
    cr_assert_eq(why.count, count, "%u lines, the last: %s", why.count,
                 why.count ? why.lines[why.count - 1] : "");
}

#define EXPECT(...)                                                                                \
    expect(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__})

#define NOTHING "Nothing can run any more and no timer is pending, so nobody will ever "

TestSuite(explain, .init = begin, .fini = end);

Test(explain, send_on_unbuffered) {
    builder_unheard_send(&b);
    explain(1);
    EXPECT("main (#0) started it at exercise.c:20; it waits since 80 ms.",
           "results (chan#1) is unbuffered, and no task waits to receive from it.",
           "results (chan#1) was first used by main (#0) at exercise.c:19.",
           "Only main (#0) ever tried to receive from it; it has ended (last seen at "
           "exercise.c:21).",
           NOTHING "receive from it.");
}

Test(explain, send_on_a_full_buffer_that_nobody_reads) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "out", 1, 3);
    PUT(&b, 0, SEND, .object = 1, .line = 4);
    PUT(&b, 0, SEND, .object = 1, PARKS, .line = 5);
    explain(0);
    EXPECT("The buffer of out (chan#1) is full (1 of 1), and no task waits to receive from it.",
           "out (chan#1) was first used by main (#0) at exercise.c:3.",
           "No other task ever tried to receive from it.", NOTHING "receive from it.");
}

Test(explain, receive_from_a_channel_that_nobody_closes) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 0, 3);
    builder_go(&b, 0, 1, "worker", 4);
    PUT(&b, 1, RECV, .object = 1, PARKS, .line = 9);
    PUT(&b, 0, SEND, .object = 1, WAKES(1), .line = 5);
    PUT(&b, 1, RECV, .object = 1, PARKS, .line = 9);
    PUT(&b, 0, EXIT, .line = 6);
    explain(1);
    EXPECT(
        "main (#0) started it at exercise.c:4; it waits since 0.",
        "jobs (chan#1) is empty and not closed, and no task waits to send on it.",
        "jobs (chan#1) was first used by main (#0) at exercise.c:3.",
        "Only main (#0) ever tried to send on it or to close it; it has ended (last seen at exercise.c:6).",
        NOTHING "send on it or close it.");
}

Test(explain, a_context_that_nobody_cancels) {
    builder_make(&b, 0, 1, OBJECT_CTX, "", 0, 3);
    builder_make(&b, 0, 2, OBJECT_CHAN, "ctx.done", 0, 3);
    builder_go(&b, 0, 1, "watcher", 4);
    PUT(&b, 1, RECV, .object = 2, PARKS, .line = 9);
    PUT(&b, 0, EXIT, .line = 6);
    explain(1);
    EXPECT("main (#0) started it at exercise.c:4; it waits since 0.",
           "ctx#1 was never cancelled, and no deadline of it is pending.",
           "ctx#1 was first used by main (#0) at exercise.c:3.", NOTHING "cancel it.");
}

Test(explain, several_receivers_that_wait_for_each_other) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "a", 0, 1);
    builder_make(&b, 0, 2, OBJECT_CHAN, "b", 0, 2);
    builder_go(&b, 0, 1, "left", 3);
    PUT(&b, 1, SEND, .object = 1, PARKS, .line = 10);
    PUT(&b, 0, RECV, .object = 1, WAKES(1), .line = 4);
    PUT(&b, 1, SEND, .object = 1, PARKS, .line = 11);
    PUT(&b, 0, SEND, .object = 2, PARKS, .line = 5);
    explain(1);
    EXPECT("main (#0) started it at exercise.c:3; it waits since 0.",
           "a (chan#1) is unbuffered, and no task waits to receive from it.",
           "a (chan#1) was first used by main (#0) at exercise.c:1.",
           "Only main (#0) ever tried to receive from it; it itself waits in chan send on b "
           "(chan#2) at exercise.c:5.",
           NOTHING "receive from it.");
}

Test(explain, many_partners_are_counted) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "c", 8, 1);
    for (uint32_t i = 1; i <= 5; i++) {
        builder_go(&b, 0, i, "sender", 2);
        PUT(&b, i, SEND, .object = 1, .line = 7);
        PUT(&b, i, EXIT, .line = 7);
    }
    for (int i = 0; i < 5; i++)
        PUT(&b, 0, RECV, .object = 1, .line = 3);
    PUT(&b, 0, RECV, .object = 1, PARKS, .line = 3);
    explain(0);
    EXPECT("c (chan#1) is empty and not closed, and no task waits to send on it.",
           "c (chan#1) was first used by main (#0) at exercise.c:1.",
           "5 other tasks ever tried to send on it or to close it:",
           "sender (#1) has ended (last seen at exercise.c:7).",
           "sender (#2) has ended (last seen at exercise.c:7).",
           "sender (#3) has ended (last seen at exercise.c:7).",
           "So it is with 2 more: each has ended or waits itself.",
           NOTHING "send on it or close it.");
}

Test(explain, a_task_with_two_kinds_of_use_is_one_partner) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "c", 2, 1);
    builder_go(&b, 0, 1, "peer", 2);
    PUT(&b, 1, SEND, .object = 1, .line = 7);
    PUT(&b, 1, SELECT, .object = 1, .line = 8);
    PUT(&b, 1, EXIT, .line = 9);
    PUT(&b, 0, RECV, .object = 1, .line = 3);
    PUT(&b, 0, RECV, .object = 1, PARKS, .line = 3);
    explain(0);
    cr_assert(eq(str, why.lines[2],
                 "Only peer (#1) ever tried to send on it or to close it; it has ended (last "
                 "seen at exercise.c:9)."));
}

Test(explain, mutex_held_by_a_task_that_ended) {
    builder_make(&b, 0, 1, OBJECT_MUTEX, "mu", 0, 1);
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, LOCK, .object = 1, .line = 7);
    PUT(&b, 1, EXIT, .line = 8);
    PUT(&b, 0, LOCK, .object = 1, PARKS, .line = 3);
    explain(0);
    EXPECT("mu (mutex#1) is held by worker (#1), which has ended (last seen at exercise.c:8).",
           NOTHING "unlock it.");
}

Test(explain, mutex_locked_twice) {
    builder_make(&b, 0, 1, OBJECT_MUTEX, "mu", 0, 1);
    PUT(&b, 0, LOCK, .object = 1, .line = 2);
    PUT(&b, 0, LOCK, .object = 1, PARKS, .line = 3);
    explain(0);
    EXPECT("mu (mutex#1) is held by this task itself; a mutex cannot be locked twice.",
           NOTHING "unlock it.");
}

Test(explain, wait_group_with_too_few_done) {
    builder_make(&b, 0, 1, OBJECT_WAITGROUP, "wg", 0, 1);
    PUT(&b, 0, ADD, .object = 1, .value = INT64_C(3) << 32 | 3, .line = 2);
    builder_go(&b, 0, 1, "worker", 3);
    builder_go(&b, 0, 2, "stuck", 4);
    PUT(&b, 1, DONE, .object = 1, .value = -(INT64_C(1) << 32) | 2, .line = 9);
    PUT(&b, 1, EXIT, .line = 9);
    PUT(&b, 2, RECV, PARKS, .line = 12);
    PUT(&b, 0, WAIT, .object = 1, PARKS, .line = 5);
    explain(0);
    EXPECT("The counter of wg (waitgroup#1) stands at 2; a wait ends only at 0.",
           "add was called 1 time and done 1 time.",
           "Only worker (#1) ever called done on it; it has ended (last seen at exercise.c:9).",
           "stuck (#2) never called done on it; it itself waits in chan receive (nil chan) at "
           "exercise.c:12.",
           NOTHING "bring the counter to 0.");
}

Test(explain, each_arm_of_a_select) {
    builder_make(&b, 0, 1, OBJECT_CTX, "", 0, 1);
    builder_make(&b, 0, 2, OBJECT_CHAN, "ctx.done", 0, 1);
    builder_make(&b, 0, 3, OBJECT_CHAN, "in", 0, 2);
    builder_make(&b, 0, 4, OBJECT_CHAN, "out", 0, 3);
    PUT(&b, 0, SELECT, .value = -1, PARKS, .line = 5);
    builder_arm(&b, 0, 0, ARM_RECV, 2, 5);
    builder_arm(&b, 0, 1, ARM_RECV, 3, 5);
    builder_arm(&b, 0, 2, ARM_SEND, 4, 5);
    builder_arm(&b, 0, 3, ARM_RECV, 0, 5);
    explain(0);
    EXPECT("Arm 0 waits for the end of ctx#1, which was never cancelled.",
           "Arm 1 receives from in (chan#3), which is empty and not closed.",
           "No other task ever tried to send on it or to close it.",
           "Arm 2 sends on out (chan#4), which nobody waits to receive from.",
           "No other task ever tried to receive from it.",
           "Arm 3, on a nil channel, is never ready.", NOTHING "make one of its arms ready.");
}

Test(explain, a_select_with_many_arms_keeps_its_conclusion) {
    for (uint32_t i = 1; i <= 12; i++)
        builder_make(&b, 0, i, OBJECT_CHAN, "c", 0, 1);
    PUT(&b, 0, SELECT, .value = -1, PARKS, .line = 5);
    for (uint32_t i = 1; i <= 12; i++)
        builder_arm(&b, 0, (int)i - 1, ARM_RECV, i, 5);
    explain(0);
    cr_assert_eq(why.count, EXPLAIN_LINES);
    cr_assert(eq(str, why.lines[EXPLAIN_LINES - 1], NOTHING "make one of its arms ready."));
}

Test(explain, nil_channels_need_no_chain) {
    PUT(&b, 0, SEND, PARKS, .line = 2);
    explain(0);
    EXPECT("The channel is nil: a send on it waits for ever.");
}

Test(explain, select_without_arms) {
    PUT(&b, 0, SELECT, .value = SELECT_NO_ARMS, PARKS, .line = 2);
    explain(0);
    EXPECT("A select without arms waits for ever.");
}

Test(explain, a_task_that_ended_too_late) {
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, SLEEP, .value = 10 * HOUR, PARKS, .line = 7);
    PUT(&b, 0, EXIT, .line = 3);
    b.now = 10 * HOUR;
    PUT(&b, EVENT_CLOCK, FIRE, WAKES(1));
    PUT(&b, 1, EXIT, .line = 8);
    explain(1);
    cr_assert_eq(j.verdicts, VERDICT_OUTLIVES);
    EXPECT("main (#0) started it at exercise.c:2.",
           "main (#0) ended; who is still alive 1 min later, or 10000 operations later, outlives "
           "it.",
           "At that moment it waited in sleep at exercise.c:7.",
           "It ended 10 h after main (#0) did.");
}

Test(explain, nobody_is_explained_by_nothing) {
    PUT(&b, 0, EXIT);
    explain(77);
    cr_assert_eq(why.count, 0);
}

Test(explain, where_in_one_line) {
    char text[200];
    builder_unheard_send(&b);
    explain(1);
    cr_assert(eq(str, (char *)explain_where(&s, 1, text, sizeof text),
                 "worker (#1) waits in chan send on results (chan#1) at exercise.c:11"));
    cr_assert(
        eq(str, (char *)explain_where(&s, 9, text, sizeof text), "task #9 is not in the log"));
}

Test(explain, the_whole_verdict_in_a_sentence) {
    char text[400];
    builder_check(&b, 0, false, "delivers", "got 3");
    builder_unheard_send(&b);
    explain(1);
    cr_assert(eq(str, (char *)explain_verdict(&s, &j, text, sizeof text),
                 "leak: 1 task can never run again; behaviour: \"delivers\" failed: got 3"));
}

Test(explain, a_deadlock_in_a_sentence) {
    char text[200];
    PUT(&b, 0, RECV, PARKS, .line = 2);
    explain(0);
    cr_assert(eq(str, (char *)explain_verdict(&s, &j, text, sizeof text),
                 "deadlock: main (#0) can never run again; 1 task is parked for ever"));
}

Test(explain, long_names_do_not_overrun) {
    char name[600];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    builder_make(&b, 0, 1, OBJECT_CHAN, name, 0, 1);
    builder_go(&b, 0, 1, name, 2);
    PUT(&b, 1, SEND, .object = 1, PARKS, .line = 3);
    PUT(&b, 0, EXIT);
    explain(1);
    for (uint32_t i = 0; i < why.count; i++)
        cr_assert_lt(strlen(why.lines[i]), EXPLAIN_WIDTH);
}
