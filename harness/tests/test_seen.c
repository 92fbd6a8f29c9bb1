// What a log tells of tasks, objects and counts, and what no log can tell.
#include "harness/seen.h"
#include "harness/tests/log_builder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

static struct log_builder b;
static struct seen s;

static void begin(void) {
    builder_start(&b, 256);
    s.record_touches = true;
}

static void end(void) {
    seen_free(&s);
    builder_end(&b);
}

static void fold(void) {
    seen_init(&s, b.log, 0);
    seen_fold(&s, UINT64_MAX);
}

static const struct seen_touch *touch_of(uint32_t id, uint32_t task, enum event_kind kind) {
    return seen_touch_of(&s, id, task, kind);
}

TestSuite(seen, .init = begin, .fini = end);

Test(seen, an_empty_log_has_the_root_ready) {
    fold();
    cr_assert_eq(s.task_count, 1);
    cr_assert_eq(s.alive, 1);
    cr_assert_eq(s.ready, 1);
    cr_assert_eq(s.tasks[0].state, TASK_READY);
    cr_assert_eq(s.tasks[0].parent, EVENT_NOBODY);
    cr_assert_not(s.root_ended);
}

Test(seen, an_unheard_send_stays_parked) {
    builder_unheard_send(&b);
    fold();
    const struct seen_task *t = &s.tasks[1];
    cr_assert_eq(s.task_count, 2);
    cr_assert_eq(t->state, TASK_PARKED);
    cr_assert_eq(t->reason, WAIT_SEND);
    cr_assert_eq(t->object, 1);
    cr_assert_eq(t->parent, 0);
    cr_assert_eq(t->since, 80 * MILLISECOND);
    cr_assert_eq(t->since_event, 9);
    cr_assert_eq(s.tasks[0].state, TASK_ENDED);
    cr_assert(s.root_ended);
    cr_assert_eq(s.root_end_time, 50 * MILLISECOND);
    cr_assert_eq(s.waiting[WAIT_SEND], 1);
    cr_assert_eq(s.alive, 1);
    cr_assert_eq(s.ended, 1);
    cr_assert_eq(s.ready, 0);
    cr_assert_null(s.contradiction);
}

// --- who runs, and where -------------------------------------------------------------------

// main starts a worker at line 2; then the worker writes one record that is no operation.
static void start_worker(void) {
    builder_go(&b, 0, 1, "worker", 2);
}

static void task_is(uint32_t task, enum task_state state, uint32_t line) {
    cr_assert_eq(s.tasks[task].state, state, "#%u is %d", task, (int)s.tasks[task].state);
    cr_assert_eq(event_log_site(b.log, s.tasks[task].at).line, line, "#%u is at line %u", task,
                 event_log_site(b.log, s.tasks[task].at).line);
}

#define ACTS(name, ...)                                                                            \
    Test(seen, whoever_##name##_runs_and_is_there) {                                               \
        start_worker();                                                                            \
        fold();                                                                                    \
        task_is(0, TASK_RUNNING, 2);                                                               \
        __VA_ARGS__;                                                                               \
        fold();                                                                                    \
        cr_assert_eq(s.running, 1);                                                                \
        task_is(0, TASK_READY, 2);                                                                 \
        task_is(1, TASK_RUNNING, 10);                                                              \
        cr_assert_eq(s.tasks[1].last_kind, EV_NONE, "it is no operation");                         \
        cr_assert_null(s.contradiction);                                                           \
    }

ACTS(calls, PUT(&b, 1, CALL, .line = 10))
ACTS(returns, PUT(&b, 1, RETURN, .line = 10))
ACTS(checks, PUT(&b, 1, CHECK, .line = 10))
ACTS(prints, PUT(&b, 1, PRINT, .line = 10))
ACTS(panics, PUT(&b, 1, PANIC, .line = 10))
ACTS(misuses, PUT(&b, 1, MISUSE, .line = 10))
ACTS(races, PUT(&b, 1, RACE, .line = 10))
ACTS(makes, builder_make(&b, 1, 1, OBJECT_CHAN, "c", 0, 10))

Test(seen, what_is_said_nowhere_leaves_the_place) {
    start_worker();
    PUT(&b, 1, CALL, .line = 10);
    PUT(&b, 1, PRINT);
    fold();
    task_is(1, TASK_RUNNING, 10);
}

Test(seen, a_daemon_does_not_run_before_its_turn) {
    start_worker();
    PUT(&b, 1, DAEMON, .line = 2);
    fold();
    cr_assert(s.tasks[1].daemon);
    cr_assert_eq(s.running, 0);
    task_is(1, TASK_READY, 2);
}

Test(seen, a_note_ends_no_wait) {
    start_worker();
    PUT(&b, 1, SLEEP, .value = SECOND, PARKS, .line = 9);
    PUT(&b, 1, CHECK, .line = 10);
    PUT(&b, 0, EXIT);
    PUT(&b, 0, PRINT, .line = 11);
    fold();
    task_is(1, TASK_PARKED, 9);
    cr_assert_eq(s.tasks[0].state, TASK_ENDED);
    cr_assert_eq(s.waiting[WAIT_SLEEP], 1);
    cr_assert_eq(s.alive, 1);
    cr_assert_null(s.contradiction);
}

Test(seen, folding_stops_where_told_and_goes_on) {
    builder_unheard_send(&b);
    seen_init(&s, b.log, 0);
    seen_fold(&s, 6);
    cr_assert_eq(s.next, 6);
    cr_assert_eq(s.tasks[0].reason, WAIT_SELECT);
    cr_assert_eq(s.tasks[0].arm_count, 2);
    cr_assert_eq(s.tasks[0].arms[0], 1);
    cr_assert_eq(s.tasks[1].reason, WAIT_SLEEP);
    cr_assert_eq(s.tasks[1].wakes_at, 80 * MILLISECOND);
    cr_assert_eq(s.waiting[WAIT_SELECT], 1);
    seen_fold(&s, UINT64_MAX);
    cr_assert_eq(s.next, 10);
    cr_assert_eq(s.waiting[WAIT_SELECT], 0);
}

Test(seen, a_second_init_starts_afresh_in_the_same_memory) {
    builder_unheard_send(&b);
    fold();
    struct seen_task *tasks = s.tasks;
    struct seen_touch *touches = s.touches;
    uint32_t touch_count = s.touch_count;
    fold();
    cr_assert_eq(s.tasks, tasks);
    cr_assert_eq(s.touches, touches);
    cr_assert_eq(s.touch_count, touch_count);
    cr_assert_eq(s.waiting[WAIT_SEND], 1);
    cr_assert_eq(s.alive, 1);
}

Test(seen, touches_count_who_did_what) {
    builder_unheard_send(&b);
    fold();
    const struct seen_touch *recv = touch_of(1, 0, EV_RECV), *send = touch_of(1, 1, EV_SEND);
    cr_assert_not_null(recv);
    cr_assert_not_null(send);
    cr_assert_eq(recv->times, 1);
    cr_assert_eq(send->event, 9);
    cr_assert_eq(event_log_site(b.log, send->at).line, 11);
    cr_assert_null(touch_of(1, 1, EV_RECV));
}

Test(seen, many_touches_are_found_again) {
    seen_free(&s);
    builder_end(&b);
    builder_start(&b, 4096);
    s.record_touches = true;
    for (uint32_t i = 1; i <= 500; i++)
        builder_make(&b, 0, i, OBJECT_WAITGROUP, "w", 0, 1);
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 1; i <= 500; i++)
            PUT(&b, 0, ADD, .object = i, .value = INT64_C(1) << 32 | (round + 1), .line = 2);
    fold();
    cr_assert_eq(s.touch_count, 500);
    for (uint32_t i = 1; i <= 500; i++)
        cr_assert_eq(touch_of(i, 0, EV_ADD)->times, 3);
    cr_assert_null(s.contradiction);
}

Test(seen, a_buffer_fills_and_drains) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 2, 1);
    PUT(&b, 0, SEND, .object = 1);
    PUT(&b, 0, SEND, .object = 1);
    fold();
    cr_assert_eq(s.objects[1].capacity, 2);
    cr_assert_eq(s.objects[1].length, 2);
    PUT(&b, 0, RECV, .object = 1);
    PUT(&b, 0, CLOSE, .object = 1);
    fold();
    cr_assert_eq(s.objects[1].length, 1);
    cr_assert(s.objects[1].closed);
}

Test(seen, a_send_to_a_waiting_receiver_leaves_the_buffer_alone) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 2, 1);
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, RECV, .object = 1, PARKS);
    PUT(&b, 0, SEND, .object = 1, WAKES(1));
    fold();
    cr_assert_eq(s.objects[1].length, 0);
    cr_assert_eq(s.tasks[1].state, TASK_READY);
    cr_assert_eq(s.tasks[0].state, TASK_RUNNING);
    cr_assert_eq(s.ready, 2);
}

Test(seen, a_send_to_a_waiting_select_is_handed_over_too) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 0, 1);
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, SELECT, .value = -1, PARKS);
    builder_arm(&b, 1, 0, ARM_RECV, 1, 3);
    PUT(&b, 0, SEND, .object = 1);
    PUT(&b, 1, WAKE, .value = 0);
    fold();
    cr_assert_null(s.contradiction);
    cr_assert_eq(s.tasks[1].state, TASK_READY);
}

Test(seen, a_select_that_finds_a_sender_received) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 0, 1);
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, SEND, .object = 1, PARKS);
    PUT(&b, 0, SELECT, .object = 1, WAKES(1));
    fold();
    cr_assert_not_null(touch_of(1, 0, EV_RECV));
    cr_assert_null(touch_of(1, 0, EV_SEND));
    cr_assert_eq(s.tasks[1].state, TASK_READY);
}

Test(seen, a_select_that_finds_a_waiting_select_did_the_opposite) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 0, 1);
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, SELECT, .value = -1, PARKS);
    builder_arm(&b, 1, 0, ARM_AFTER, 0, 3);
    builder_arm(&b, 1, 1, ARM_RECV, 1, 3);
    PUT(&b, 0, SELECT, .object = 1);
    PUT(&b, 1, WAKE, .value = 1);
    fold();
    cr_assert_not_null(touch_of(1, 0, EV_SEND));
    cr_assert_null(s.contradiction);
}

Test(seen, a_select_on_a_buffer_is_told_where_only_one_way_is_possible) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 2, 1);
    PUT(&b, 0, SELECT, .object = 1);
    fold();
    cr_assert_eq(s.objects[1].length, 1);
    cr_assert_not(s.objects[1].vague);
    PUT(&b, 0, SELECT, .object = 1);
    fold();
    cr_assert(s.objects[1].vague, "one of two: it may have sent or received");
}

Test(seen, a_cancelled_context_closes_its_done_channel) {
    builder_make(&b, 0, 1, OBJECT_CTX, "", 0, 4);
    builder_make(&b, 0, 2, OBJECT_CHAN, "ctx.done", 0, 4);
    builder_make(&b, 0, 3, OBJECT_CHAN, "other", 0, 5);
    PUT(&b, 0, CANCEL, .object = 1, .value = ERR_CANCELED);
    fold();
    cr_assert(s.objects[1].closed);
    cr_assert(s.objects[2].closed);
    cr_assert_not(s.objects[3].closed);
}

Test(seen, a_timers_channel_is_filled_by_the_clock) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "", 1, 4);
    builder_make(&b, 0, 2, OBJECT_TIMER, "", 0, 4);
    PUT(&b, EVENT_CLOCK, FIRE, .object = 2);
    PUT(&b, 0, RECV, .object = 1);
    fold();
    cr_assert_null(s.contradiction);
}

Test(seen, a_wait_for_a_lock_ends_by_taking_it) {
    builder_make(&b, 0, 1, OBJECT_MUTEX, "mu", 0, 1);
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 0, LOCK, .object = 1);
    PUT(&b, 1, LOCK, .object = 1, PARKS);
    fold();
    cr_assert_eq(s.objects[1].owner, 0);
    cr_assert_eq(s.waiting[WAIT_MUTEX], 1);
    PUT(&b, 0, UNLOCK, .object = 1);
    fold();
    cr_assert_eq(s.objects[1].owner, EVENT_NOBODY);
    cr_assert_eq(s.tasks[1].state, TASK_PARKED);
    PUT(&b, 1, LOCK, .object = 1);
    fold();
    cr_assert_eq(s.objects[1].owner, 1);
    cr_assert_eq(s.waiting[WAIT_MUTEX], 0);
    cr_assert_null(s.contradiction);
}

Test(seen, a_wait_group_counts) {
    builder_make(&b, 0, 1, OBJECT_WAITGROUP, "wg", 0, 1);
    PUT(&b, 0, ADD, .object = 1, .value = INT64_C(5) << 32 | 5);
    PUT(&b, 0, DONE, .object = 1, .value = INT64_C(-1) * (INT64_C(1) << 32) | 4);
    fold();
    cr_assert_eq(s.objects[1].count, 4);
    cr_assert_null(s.contradiction);
}

Test(seen, resources_open_and_close) {
    builder_make(&b, 0, 1, OBJECT_RESOURCE, "response body", 0, 1);
    PUT(&b, 0, OPEN, .object = 1);
    fold();
    cr_assert_eq(s.open_resources, 1);
    PUT(&b, 0, RELEASE, .object = 1);
    PUT(&b, 0, RELEASE, .object = 1);
    fold();
    cr_assert_eq(s.open_resources, 0);
    cr_assert(s.objects[1].closed);
}

Test(seen, a_daemon_is_marked) {
    builder_go(&b, 0, 1, "server", 2);
    PUT(&b, 1, DAEMON);
    fold();
    cr_assert(s.tasks[1].daemon);
    cr_assert_eq(s.tasks[1].state, TASK_READY);
}

Test(seen, who_is_alive_after_the_grace_has_outlived) {
    builder_go(&b, 0, 1, "worker", 2);
    builder_go(&b, 0, 2, "server", 3);
    PUT(&b, 2, DAEMON);
    PUT(&b, 0, EXIT);
    PUT(&b, 1, SLEEP, .value = 10 * HOUR, PARKS, .line = 7);
    b.now = 10 * HOUR;
    PUT(&b, EVENT_CLOCK, FIRE, WAKES(1));
    PUT(&b, 1, EXIT);
    builder_finish(&b, RUN_QUIESCENT);
    fold();
    cr_assert(s.tasks[1].outlived);
    cr_assert_not(s.tasks[2].outlived);
    cr_assert_eq(s.tasks[1].state, TASK_ENDED);
    cr_assert_eq(s.tasks[1].reason, WAIT_SLEEP, "reported as it was when the grace was over");
    cr_assert_eq(event_log_site(b.log, s.tasks[1].at).line, 7);
    cr_assert_eq(s.waiting[WAIT_SLEEP], 0);
}

Test(seen, within_the_grace_nobody_outlives) {
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, SLEEP, .value = MINUTE, PARKS);
    PUT(&b, 0, EXIT);
    b.now = MINUTE;
    PUT(&b, EVENT_CLOCK, FIRE, WAKES(1));
    PUT(&b, 1, EXIT);
    builder_finish(&b, RUN_QUIESCENT);
    fold();
    cr_assert_not(s.tasks[1].outlived);
    cr_assert_not(s.grace_over);
}

Test(seen, a_scenario_may_name_another_grace) {
    builder_go(&b, 0, 1, "worker", 2);
    PUT(&b, 1, SLEEP, .value = MINUTE, PARKS);
    PUT(&b, 0, EXIT);
    b.now = MINUTE;
    PUT(&b, EVENT_CLOCK, FIRE, WAKES(1));
    seen_init(&s, b.log, SECOND);
    seen_fold(&s, UINT64_MAX);
    cr_assert(s.tasks[1].outlived);
}

Test(seen, ten_thousand_operations_use_up_the_grace) {
    seen_free(&s);
    builder_end(&b);
    builder_start(&b, 1 << 15);
    builder_go(&b, 0, 1, "spinner", 2);
    PUT(&b, 0, EXIT);
    for (int i = 0; i < SEEN_GRACE_OPERATIONS; i++)
        PUT(&b, 1, YIELD);
    fold();
    cr_assert_not(s.tasks[1].outlived);
    PUT(&b, 1, YIELD);
    fold();
    cr_assert(s.tasks[1].outlived);
}

Test(seen, a_ring_that_overran_the_reader_keeps_its_counts) {
    b.log->ring = true;
    for (uint32_t i = 1; i <= 1000; i++)
        builder_go(&b, 0, i, "request", 2);
    b.log->alive = 1001;
    b.log->started = 1001;
    b.log->waiting[WAIT_SEND] = 900;
    fold();
    cr_assert(s.lost);
    cr_assert_eq(s.next, 1000);
    cr_assert_eq(s.alive, 1001);
    cr_assert_eq(s.waiting[WAIT_SEND], 900);
    cr_assert_eq(s.ready, 101);
    cr_assert_eq(s.task_count, 1001);
    cr_assert_null(s.contradiction);
}

// --- contradictions: name, the records that cannot be, what is said ---------------------------

#define CONTRADICTION(name, words, ...)                                                            \
    Test(seen, contradiction_##name) {                                                             \
        __VA_ARGS__;                                                                               \
        fold();                                                                                    \
        cr_assert_not_null(s.contradiction);                                                       \
        cr_assert(eq(str, (char *)s.contradiction, words));                                        \
        cr_assert_eq(s.contradiction_at, b.log->head - 1);                                         \
    }

CONTRADICTION(never_started, "a task acts that was never started", PUT(&b, 7, YIELD))
CONTRADICTION(already_ended, "a task acts that has ended", PUT(&b, 0, EXIT); PUT(&b, 0, YIELD))
CONTRADICTION(acts_while_parked, "a task acts while it is parked",
              PUT(&b, 0, SLEEP, .value = 1, PARKS);
              PUT(&b, 0, YIELD))
CONTRADICTION(wake_of_running, "a task was woken that did not wait", PUT(&b, 0, WAKE))
CONTRADICTION(wake_of_nobody, "a task was woken that did not wait", PUT(&b, 3, WAKE))
CONTRADICTION(start_out_of_turn, "a task is started out of turn", builder_go(&b, 0, 5, "w", 1))
CONTRADICTION(huge_task, "a task is started out of turn", builder_go(&b, 0, 4000000000u, "w", 1))
CONTRADICTION(make_out_of_turn, "an object is made out of turn",
              builder_make(&b, 0, 9, OBJECT_CHAN, "c", 0, 1))
CONTRADICTION(recv_of_nothing, "a receive got a value that nobody had sent",
              builder_make(&b, 0, 1, OBJECT_CHAN, "c", 1, 1);
              PUT(&b, 0, RECV, .object = 1))
CONTRADICTION(send_to_nobody, "a send went through without a receiver or room",
              builder_make(&b, 0, 1, OBJECT_CHAN, "c", 0, 1);
              PUT(&b, 0, SEND, .object = 1))
CONTRADICTION(time_back, "time goes backwards", b.now = 5; PUT(&b, 0, YIELD); b.now = 4;
              PUT(&b, 0, YIELD))
CONTRADICTION(kind, "a record of no known kind", PUT(&b, 0, KINDS))
CONTRADICTION(after_end, "the log goes on after its end", builder_finish(&b, RUN_QUIESCENT);
              PUT(&b, 0, YIELD))

Test(seen, nonsense_is_survived) {
    uint64_t state = 42;
    for (int i = 0; i < 255; i++) {
        state = state * UINT64_C(6364136223846793005) + 1;
        event *e = &b.log->events[i];
        unsigned char *bytes = (unsigned char *)e;
        for (size_t k = 0; k < sizeof *e; k++)
            bytes[k] = (unsigned char)((state ^ (state >> 7) * (k + 3)) >> (k % 40));
        e->kind %= EV_KINDS;
        if (i % 2)
            e->task = i % 5, e->object = i % 7, e->peer = i % 5;
    }
    b.log->head = 255;
    fold();
    cr_assert_eq(s.next, 255);
    cr_assert_not_null(s.contradiction);
    char text[200];
    for (uint64_t n = 0; n < 300; n++)
        cr_assert_lt(strlen(seen_event_text(&s, n, text, sizeof text)), sizeof text);
}

// --- words --------------------------------------------------------------------------------------

#define WORDS(name, n, words, ...)                                                                 \
    Test(seen, words_##name) {                                                                     \
        __VA_ARGS__;                                                                               \
        fold();                                                                                    \
        char text[200];                                                                            \
        cr_assert(eq(str, (char *)seen_event_text(&s, n, text, sizeof text), words));              \
    }

WORDS(go, 1, "go worker (#1)", builder_unheard_send(&b))
WORDS(make, 0, "make results (chan#1), unbuffered", builder_unheard_send(&b))
WORDS(select, 2, "select: no arm is ready, waits", builder_unheard_send(&b))
WORDS(arm, 3, "  arm 0: receive from results (chan#1)", builder_unheard_send(&b))
WORDS(arm_after, 4, "  arm 1: a time", builder_unheard_send(&b))
WORDS(sleep, 5, "sleep 80 ms: waits", builder_unheard_send(&b))
WORDS(fire, 6, "a timer fires: wakes main (#0)", builder_unheard_send(&b))
WORDS(exit, 7, "ends", builder_unheard_send(&b))
WORDS(send, 9, "send on results (chan#1): waits", builder_unheard_send(&b))
WORDS(past_the_end, 10, "", builder_unheard_send(&b))
WORDS(nil, 0, "receive from a nil channel: waits", PUT(&b, 0, RECV, PARKS))
WORDS(choose, 0, "choose: 1 of 0..2", PUT(&b, 0, CHOOSE, .value = INT64_C(3) << 32 | 1))
WORDS(add, 1, "add 5 to wg (waitgroup#1): counter 5",
      builder_make(&b, 0, 1, OBJECT_WAITGROUP, "wg", 0, 1);
      PUT(&b, 0, ADD, .object = 1, .value = INT64_C(5) << 32 | 5))
WORDS(cancel, 1, "cancel ctx (ctx#1): context canceled",
      builder_make(&b, 0, 1, OBJECT_CTX, "ctx", 0, 1);
      PUT(&b, 0, CANCEL, .object = 1, .value = ERR_CANCELED))
WORDS(check, 0, "check \"works\": failed, got 3", builder_check(&b, 0, false, "works", "got 3"))
WORDS(end, 0, "the run is over: nothing can run any more", builder_finish(&b, RUN_QUIESCENT))

#define SPAN(name, ns, words)                                                                      \
    Test(seen, span_##name) {                                                                      \
        char text[32];                                                                             \
        cr_assert(eq(str, (char *)seen_time_label((ns), text, sizeof text), words));               \
    }

SPAN(zero, 0, "0")
SPAN(nanoseconds, 7, "7 ns")
SPAN(milliseconds, 40 * MILLISECOND, "40 ms")
SPAN(tenths, 1500 * MILLISECOND, "1.5 s")
SPAN(hours, 10 * HOUR, "10 h")

Test(seen, labels) {
    builder_unheard_send(&b);
    fold();
    char text[64];
    cr_assert(eq(str, (char *)seen_task_label(&s, 1, text, sizeof text), "worker (#1)"));
    cr_assert(eq(str, (char *)seen_task_label(&s, 0, text, sizeof text), "main (#0)"));
    cr_assert(eq(str, (char *)seen_object_label(&s, 1, text, sizeof text), "results (chan#1)"));
    cr_assert(eq(str, (char *)seen_object_label(&s, 99, text, sizeof text), "object#99"));
    cr_assert(
        eq(str, (char *)seen_site_label(&s, s.tasks[1].at, text, sizeof text), "exercise.c:11"));
    cr_assert(eq(str, (char *)seen_site_label(&s, 0, text, sizeof text), ""));
}
