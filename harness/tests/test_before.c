// Which accesses a log orders: for each thing that tasks synchronise by, a log in which it orders two accesses,
// and one in which it does not. Task 1 makes the first access and task 2 the second.
#include "harness/before.h"
#include "harness/judge.h"
#include "harness/raced.h"
#include "harness/tests/log_builder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct log_builder b;
static struct seen s;
static uint64_t first;

// Tasks 1, 2 and 3 are there, and know nothing of each other.
static void begin(void) {
    builder_start(&b, 1 << 10);
    for (uint32_t task = 1; task <= 3; task++)
        builder_go(&b, 0, task, "worker", 2);
}

static void end(void) {
    seen_free(&s);
    builder_end(&b);
}

TestSuite(before, .init = begin, .fini = end);

static void access_by_1(void) {
    first = b.log->head;
}

static void report(uint32_t by, uint64_t since) {
    PUT(&b, by, RACE, WAKES(1), .value = (int64_t)(since << 32), .line = 9);
}

static uint64_t refuted(void) {
    seen_init(&s, b.log, 0);
    seen_fold(&s, UINT64_MAX);
    cr_assert_null(s.contradiction, "%s", s.contradiction);
    return before_refutes(&s);
}

#define ORDERED(name, ...)                                                                         \
    Test(before, name) {                                                                           \
        __VA_ARGS__;                                                                               \
        report(2, first);                                                                          \
        cr_assert_eq(refuted(), 1);                                                                \
    }
#define RACES(name, ...)                                                                           \
    Test(before, name) {                                                                           \
        __VA_ARGS__;                                                                               \
        report(2, first);                                                                          \
        cr_assert_eq(refuted(), 0);                                                                \
    }

static void make(uint32_t id, enum object_kind kind, uint32_t capacity) {
    builder_make(&b, 0, id, kind, "it", capacity, 1);
}

#define DOES(task, what, ...) PUT(&b, task, what, .object = 1, .line = 5, ##__VA_ARGS__)

// --- tasks ------------------------------------------------------------------------------------------

Test(before, who_is_started_knows_what_its_parent_did) {
    access_by_1();
    builder_go(&b, 1, 4, "child", 3);
    report(4, first);
    cr_assert_eq(refuted(), 1);
}

Test(before, but_not_what_it_does_later) {
    builder_go(&b, 1, 4, "child", 3);
    access_by_1();
    report(4, first);
    cr_assert_eq(refuted(), 0);
}

RACES(nothing_orders, access_by_1())
RACES(time_orders_nothing, access_by_1(); PUT(&b, 1, EXIT); b.now = SECOND; PUT(&b, 2, YIELD))
RACES(the_clock_orders_nothing, access_by_1(); PUT(&b, 1, SLEEP, .value = SECOND, PARKS);
      PUT(&b, 2, SLEEP, .value = SECOND, PARKS); b.now = SECOND;
      PUT(&b, EVENT_CLOCK, FIRE, WAKES(1)); PUT(&b, EVENT_CLOCK, FIRE, WAKES(2)))

// --- channels ---------------------------------------------------------------------------------------

ORDERED(a_send_comes_before_its_receive, make(1, OBJECT_CHAN, 1); access_by_1(); DOES(1, SEND);
        DOES(2, RECV))
RACES(not_before_another, make(1, OBJECT_CHAN, 2); access_by_1(); DOES(3, SEND); DOES(1, SEND);
      DOES(2, RECV))
RACES(not_what_comes_after_it, make(1, OBJECT_CHAN, 1); DOES(1, SEND); access_by_1(); DOES(2, RECV))
ORDERED(a_receive_comes_before_the_send_that_uses_its_place, make(1, OBJECT_CHAN, 1); DOES(3, SEND);
        access_by_1(); DOES(1, RECV); DOES(2, SEND))
RACES(not_before_the_send_into_another_place, make(1, OBJECT_CHAN, 2); DOES(3, SEND); access_by_1();
      DOES(1, RECV); DOES(2, SEND))
ORDERED(without_a_buffer_either_way, make(1, OBJECT_CHAN, 0); access_by_1(); DOES(1, RECV, PARKS);
        DOES(2, SEND, WAKES(1)))
ORDERED(without_a_buffer_the_other_way, make(1, OBJECT_CHAN, 0); access_by_1();
        DOES(1, SEND, PARKS); DOES(2, RECV, WAKES(1)))
RACES(without_a_buffer_not_who_came_later, make(1, OBJECT_CHAN, 0); DOES(1, RECV, PARKS);
      DOES(3, SEND, WAKES(1)); access_by_1(); DOES(2, RECV, PARKS))
ORDERED(straight_to_a_receiver_as_through_the_buffer, make(1, OBJECT_CHAN, 1); DOES(2, RECV, PARKS);
        access_by_1(); DOES(1, SEND, WAKES(2)))
RACES(a_receiver_tells_its_sender_nothing_where_there_is_room, make(1, OBJECT_CHAN, 2);
      access_by_1(); DOES(1, RECV, PARKS); DOES(2, SEND, WAKES(1)))
ORDERED(a_sender_that_waited_is_after_who_made_room, make(1, OBJECT_CHAN, 1); DOES(3, SEND);
        DOES(2, SEND, PARKS); access_by_1(); DOES(1, RECV, WAKES(2)))
RACES(who_made_room_is_not_after_that_sender, make(1, OBJECT_CHAN, 1); DOES(3, SEND); access_by_1();
      DOES(1, SEND, PARKS); DOES(2, RECV, WAKES(1)))
ORDERED(a_close_comes_before_what_finds_it, make(1, OBJECT_CHAN, 0); access_by_1(); DOES(1, CLOSE);
        DOES(2, RECV, .flags = EVENT_CLOSED))
RACES(not_before_a_value_that_was_there, make(1, OBJECT_CHAN, 1); DOES(3, SEND); access_by_1();
      DOES(1, CLOSE); DOES(2, RECV))
ORDERED(a_close_wakes, make(1, OBJECT_CHAN, 0); DOES(2, RECV, PARKS); access_by_1();
        DOES(1, CLOSE, WAKES(2)))
RACES(a_second_close_tells_nothing, make(1, OBJECT_CHAN, 0); DOES(3, CLOSE); access_by_1();
      DOES(1, CLOSE); DOES(2, RECV, .flags = EVENT_CLOSED))
RACES(a_length_tells_nothing, make(1, OBJECT_CHAN, 1); access_by_1(); DOES(1, SEND);
      DOES(2, LEN, .value = 1))

// --- select -----------------------------------------------------------------------------------------

ORDERED(a_select_sends, make(1, OBJECT_CHAN, 1); access_by_1();
        DOES(1, SELECT, .flags = EVENT_SENT); DOES(2, SELECT))
RACES(a_select_of_nothing, make(1, OBJECT_CHAN, 1); access_by_1(); DOES(1, SEND);
      PUT(&b, 2, SELECT, .value = -1))
ORDERED(a_select_that_waited, make(1, OBJECT_CHAN, 0); PUT(&b, 2, SELECT, .value = -1, PARKS);
        builder_arm(&b, 2, 0, ARM_RECV, 1, 5); access_by_1(); DOES(1, SEND); PUT(&b, 2, WAKE))
ORDERED(and_who_served_it, make(1, OBJECT_CHAN, 0); access_by_1();
        PUT(&b, 1, SELECT, .value = -1, PARKS); builder_arm(&b, 1, 0, ARM_SEND, 1, 5);
        DOES(2, RECV); PUT(&b, 1, WAKE))
RACES(a_select_whose_time_came, make(1, OBJECT_CHAN, 0); access_by_1();
      PUT(&b, 2, SELECT, .value = -1, PARKS); builder_arm(&b, 2, 0, ARM_AFTER, 0, 5);
      PUT(&b, EVENT_CLOCK, FIRE, WAKES(2)))

// --- locks ------------------------------------------------------------------------------------------

ORDERED(an_unlock_comes_before_the_next_lock, make(1, OBJECT_MUTEX, 0); DOES(1, LOCK);
        access_by_1(); DOES(1, UNLOCK); DOES(2, LOCK))
RACES(not_what_comes_after_it_though, make(1, OBJECT_MUTEX, 0); DOES(1, LOCK); DOES(1, UNLOCK);
      access_by_1(); DOES(2, LOCK))
RACES(another_mutex, make(1, OBJECT_MUTEX, 0); make(2, OBJECT_MUTEX, 0); DOES(1, LOCK);
      access_by_1(); DOES(1, UNLOCK); PUT(&b, 2, LOCK, .object = 2))
ORDERED(handed_over, make(1, OBJECT_MUTEX, 0); DOES(1, LOCK); DOES(2, LOCK, PARKS); access_by_1();
        DOES(1, UNLOCK, WAKES(2)))
ORDERED(a_lock_that_was_tried, make(1, OBJECT_MUTEX, 0); DOES(1, LOCK); access_by_1();
        DOES(1, UNLOCK); DOES(2, TRYLOCK, .value = 1))
RACES(a_lock_that_was_tried_in_vain, make(1, OBJECT_MUTEX, 0); DOES(1, LOCK); access_by_1();
      DOES(1, UNLOCK); DOES(3, LOCK); DOES(2, TRYLOCK))
ORDERED(a_writer_before_readers, make(1, OBJECT_RWMUTEX, 0); DOES(1, WLOCK); access_by_1();
        DOES(1, UNLOCK); DOES(2, RLOCK))
ORDERED(a_writer_before_readers_that_try, make(1, OBJECT_RWMUTEX, 0); DOES(1, WLOCK); access_by_1();
        DOES(1, UNLOCK); DOES(2, TRYRLOCK, .value = 1))
ORDERED(readers_before_a_writer, make(1, OBJECT_RWMUTEX, 0); DOES(1, RLOCK); access_by_1();
        DOES(1, RUNLOCK); DOES(2, WLOCK))
RACES(readers_are_not_ordered, make(1, OBJECT_RWMUTEX, 0); DOES(1, RLOCK); access_by_1();
      DOES(1, RUNLOCK); DOES(2, RLOCK))
ORDERED(the_pending_writer_is_after_all_readers, make(1, OBJECT_RWMUTEX, 0); DOES(1, RLOCK);
        DOES(3, RLOCK); DOES(2, WLOCK, PARKS); access_by_1(); DOES(1, RUNLOCK);
        DOES(3, RUNLOCK, WAKES(2)))
ORDERED(who_waits_for_a_condition_unlocks, make(1, OBJECT_MUTEX, 0); make(2, OBJECT_COND, 0);
        DOES(1, LOCK); access_by_1(); PUT(&b, 1, COND_WAIT, .object = 2, .value = 1, PARKS);
        DOES(2, LOCK))
ORDERED(a_signal_comes_before_who_it_wakes, make(1, OBJECT_COND, 0);
        DOES(2, COND_WAIT, .value = 0, PARKS); access_by_1(); DOES(1, SIGNAL, WAKES(2)))
RACES(a_signal_for_nobody, make(1, OBJECT_COND, 0); access_by_1(); DOES(1, SIGNAL);
      DOES(2, COND_WAIT, .value = 0, PARKS); DOES(3, SIGNAL, WAKES(2)))
ORDERED(a_broadcast_comes_before_all, make(1, OBJECT_COND, 0); DOES(3, COND_WAIT, PARKS);
        DOES(2, COND_WAIT, PARKS); access_by_1(); DOES(1, BROADCAST, WAKES(3)); PUT(&b, 2, WAKE))

// --- counting ---------------------------------------------------------------------------------------

#define CHANGE(delta, after) .value = (int64_t)((uint64_t)(uint32_t)(delta) << 32 | (after))
ORDERED(done_comes_before_the_wait, make(1, OBJECT_WAITGROUP, 0); DOES(3, ADD, CHANGE(1, 1));
        access_by_1(); DOES(1, DONE, CHANGE(-1, 0)); DOES(2, WAIT))
ORDERED(also_before_one_that_waited, make(1, OBJECT_WAITGROUP, 0); DOES(0, ADD, CHANGE(2, 2));
        DOES(2, WAIT, PARKS); access_by_1(); DOES(1, DONE, CHANGE(-1, 1));
        DOES(3, DONE, CHANGE(-1, 0), WAKES(2)))
RACES(add_tells_nothing, make(1, OBJECT_WAITGROUP, 0); access_by_1(); DOES(1, ADD, CHANGE(1, 1));
      DOES(3, DONE, CHANGE(-1, 0)); DOES(2, WAIT))
ORDERED(permits_that_are_given_back, make(1, OBJECT_SEMA, 1); DOES(1, ACQUIRE, .value = 1);
        access_by_1(); DOES(1, SEMA_RELEASE, .value = 1); DOES(2, ACQUIRE, .value = 1))
RACES(permits_that_are_there, make(1, OBJECT_SEMA, 2); DOES(1, ACQUIRE, .value = 1); access_by_1();
      DOES(2, ACQUIRE, .value = 1))
RACES(permits_that_nobody_had, make(1, OBJECT_SEMA, 2); access_by_1();
      DOES(1, SEMA_RELEASE, .value = 1); DOES(2, ACQUIRE, .value = 1))
ORDERED(permits_that_are_handed_over, make(1, OBJECT_SEMA, 1); DOES(1, ACQUIRE, .value = 1);
        DOES(2, ACQUIRE, .value = 1, PARKS); access_by_1();
        DOES(1, SEMA_RELEASE, .value = 1, WAKES(2)))
RACES(permits_tried_in_vain, make(1, OBJECT_SEMA, 1); DOES(1, ACQUIRE, .value = 1); access_by_1();
      DOES(1, SEMA_RELEASE, .value = 1); DOES(3, ACQUIRE, .value = 1);
      DOES(2, TRYACQUIRE, .flags = EVENT_FRUITLESS))
ORDERED(once_comes_before_who_finds_it_done, make(1, OBJECT_ONCE, 0); DOES(1, ONCE, .value = 1);
        access_by_1(); DOES(1, ONCE_DONE); DOES(2, ONCE))
RACES(once_does_not_end_what_follows, make(1, OBJECT_ONCE, 0); DOES(1, ONCE, .value = 1);
      DOES(1, ONCE_DONE); access_by_1(); DOES(2, ONCE))

// --- groups, scopes, calls --------------------------------------------------------------------------

ORDERED(a_group_s_tasks_end_before_its_wait, make(1, OBJECT_GROUP, 0);
        DOES(0, GROUP_GO, .value = 1); access_by_1(); DOES(1, GROUP_DONE); DOES(2, GROUP_WAIT))
RACES(without_a_limit_a_start_waits_for_no_end, make(1, OBJECT_GROUP, 0);
      DOES(0, GROUP_GO, .value = 1); access_by_1(); DOES(1, GROUP_DONE);
      DOES(2, GROUP_GO, .value = 1))
ORDERED(with_a_limit_of_one_it_does, make(1, OBJECT_GROUP, 0); DOES(0, GROUP_LIMIT, .value = 1);
        DOES(0, GROUP_GO, .value = 1); access_by_1(); DOES(1, GROUP_DONE);
        DOES(2, GROUP_GO, .value = 1))
RACES(with_a_limit_of_two_not_for_this_one, make(1, OBJECT_GROUP, 0);
      DOES(0, GROUP_LIMIT, .value = 2); DOES(0, GROUP_GO, .value = 1); access_by_1();
      DOES(1, GROUP_DONE); DOES(2, GROUP_GO, .value = 1))
ORDERED(a_starter_that_waited, make(1, OBJECT_GROUP, 0); DOES(0, GROUP_LIMIT, .value = 1);
        DOES(0, GROUP_GO, .value = 1); DOES(2, GROUP_GO, PARKS); access_by_1();
        DOES(1, GROUP_DONE, WAKES(2)))
ORDERED(a_scope_s_tasks_end_before_its_join, make(1, OBJECT_SCOPE, 0);
        DOES(0, SCOPE_GO, .value = 1); access_by_1(); DOES(1, SCOPE_DONE); DOES(2, SCOPE_JOIN))
RACES(a_scope_s_start_tells_nothing, make(1, OBJECT_SCOPE, 0); access_by_1();
      DOES(1, SCOPE_GO, .value = 1); DOES(2, SCOPE_JOIN))
ORDERED(who_shares_a_call_is_after_its_end, make(1, OBJECT_FLIGHT, 0);
        DOES(1, FLIGHT, .value = INT64_C(1) << 32);
        DOES(2, FLIGHT, .value = INT64_C(1) << 32, PARKS); access_by_1();
        DOES(1, FLIGHT_DONE, .value = INT64_C(1) << 32, WAKES(2)))
RACES(who_begins_another_is_not, make(1, OBJECT_FLIGHT, 0);
      DOES(1, FLIGHT, .value = INT64_C(1) << 32); access_by_1();
      DOES(1, FLIGHT_DONE, .value = INT64_C(1) << 32); DOES(2, FLIGHT, .value = INT64_C(2) << 32))

// --- contexts, timers -------------------------------------------------------------------------------

static void make_context(void) {
    make(1, OBJECT_CTX, 0);
    builder_make(&b, 0, 2, OBJECT_CHAN, "ctx.done", 0, 1);
}

static void make_timer(enum object_kind kind) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "timer.chan", 0, 1);
    make(2, kind, 0);
}

ORDERED(a_cancel_comes_before_who_asks, make_context(); access_by_1(); DOES(1, CANCEL, .value = 1);
        DOES(2, ERR, .value = 1))
RACES(who_asked_before_knows_nothing, make_context(); access_by_1(); DOES(2, ERR);
      DOES(1, CANCEL, .value = 1))
RACES(a_second_cancel_tells_nothing, make_context(); DOES(3, CANCEL, .value = 1); access_by_1();
      DOES(1, CANCEL, .value = 1); DOES(2, ERR, .value = 1))
ORDERED(a_cancel_comes_before_who_receives_from_done, make_context(); access_by_1();
        DOES(1, CANCEL, .value = 1); PUT(&b, 2, RECV, .object = 2, .flags = EVENT_CLOSED))
RACES(a_deadline_orders_nothing, make_context(); access_by_1();
      PUT(&b, EVENT_CLOCK, FIRE, .object = 1);
      PUT(&b, EVENT_CLOCK, CANCEL, .object = 1, .value = 2); DOES(2, ERR, .value = 2))
ORDERED(a_child_ends_with_its_parent, make_context(); make(3, OBJECT_CTX, 0);
        builder_make(&b, 0, 4, OBJECT_CHAN, "ctx.done", 0, 1); access_by_1();
        DOES(1, CANCEL, .value = 1);
        PUT(&b, 1, CANCEL, .object = 3, .value = 1, .flags = EVENT_DERIVED);
        PUT(&b, 2, ERR, .object = 3, .value = 1))
ORDERED(who_set_a_timer_before_who_gets_its_time, make_timer(OBJECT_TIMER); access_by_1();
        PUT(&b, 1, TIMER_RESET, .object = 2, .value = 0); PUT(&b, 2, RECV, .object = 1))
ORDERED(and_before_who_waits_for_it, make_timer(OBJECT_TICKER); access_by_1();
        PUT(&b, 1, TIMER_RESET, .object = 2, .value = SECOND); PUT(&b, 2, RECV, .object = 1, PARKS);
        b.now = SECOND; PUT(&b, EVENT_CLOCK, FIRE, .object = 2, WAKES(2)))
RACES(who_stops_a_timer_tells_nothing, make_timer(OBJECT_TIMER);
      PUT(&b, 3, TIMER_RESET, .object = 2, .value = 0); access_by_1();
      PUT(&b, 1, TIMER_STOP, .object = 2, .value = 1); PUT(&b, 2, RECV, .object = 1))
Test(before, who_a_timer_starts_knows_who_set_it) {
    make(1, OBJECT_TIMER, 0);
    access_by_1();
    DOES(1, TIMER_SET, .value = SECOND);
    b.now = SECOND;
    PUT(&b, EVENT_CLOCK, FIRE, .object = 1);
    builder_go(&b, EVENT_CLOCK, 4, "expire", 3);
    report(4, first);
    cr_assert_eq(refuted(), 1);
}

// --- pools ------------------------------------------------------------------------------------------

ORDERED(who_puts_before_who_gets, make(1, OBJECT_POOL, 0); access_by_1(); DOES(1, POOL_PUT);
        DOES(2, POOL_GET, .value = 1))
RACES(the_last_is_got_first, make(1, OBJECT_POOL, 0); access_by_1(); DOES(1, POOL_PUT);
      DOES(3, POOL_PUT); DOES(2, POOL_GET, .value = 1))
RACES(a_pool_that_had_none, make(1, OBJECT_POOL, 0); access_by_1(); DOES(1, POOL_PUT);
      DOES(3, POOL_GET, .value = 1); DOES(2, POOL_GET))

// --- through others ---------------------------------------------------------------------------------

ORDERED(a_chain, make(1, OBJECT_MUTEX, 0); make(2, OBJECT_CHAN, 1); DOES(1, LOCK); access_by_1();
        DOES(1, UNLOCK); DOES(3, LOCK); PUT(&b, 3, SEND, .object = 2);
        PUT(&b, 2, RECV, .object = 2))
RACES(a_chain_that_breaks, make(1, OBJECT_MUTEX, 0); make(2, OBJECT_CHAN, 1); DOES(1, LOCK);
      access_by_1(); PUT(&b, 3, SEND, .object = 2); DOES(1, UNLOCK); DOES(3, LOCK);
      PUT(&b, 2, RECV, .object = 2))

// --- reports ----------------------------------------------------------------------------------------

// As ThreadSanitizer's: the latest moment at which the first access can have been.
Test(before, an_access_of_an_unknown_time_was_as_late_as_can_be) {
    make(1, OBJECT_CHAN, 1);
    DOES(1, SEND);
    DOES(2, RECV);
    report(2, RACE_WHENEVER);
    cr_assert_eq(refuted(), 0, "it can have been after the send");
}

Test(before, who_has_ended_made_it_before_that) {
    make(1, OBJECT_WAITGROUP, 0);
    DOES(0, ADD, CHANGE(1, 1));
    DOES(1, DONE, CHANGE(-1, 0));
    PUT(&b, 1, EXIT);
    DOES(2, WAIT);
    report(2, RACE_WHENEVER);
    cr_assert_eq(refuted(), 0, "after its done, still");
}

Test(before, who_waits_made_it_before_that) {
    make(1, OBJECT_CHAN, 0);
    DOES(1, SEND, PARKS);
    DOES(2, RECV, WAKES(1));
    report(2, RACE_WHENEVER);
    cr_assert_eq(refuted(), 0, "it goes on since");
    end();
    begin();
    make(1, OBJECT_MUTEX, 0);
    make(2, OBJECT_COND, 0);
    DOES(1, LOCK);
    PUT(&b, 1, COND_WAIT, .object = 2, .value = 1, PARKS);
    DOES(2, LOCK);
    report(2, RACE_WHENEVER);
    cr_assert_eq(refuted(), 1, "it still waits");
}

Test(before, each_report_by_itself) {
    make(1, OBJECT_CHAN, 1);
    uint64_t before_send = b.log->head;
    DOES(1, SEND);
    uint64_t after_send = b.log->head;
    report(3, before_send);
    DOES(2, RECV);
    report(2, before_send);
    report(2, after_send);
    cr_assert_eq(refuted(), 2);
}

Test(before, who_is_not_known_is_not_refuted) {
    PUT(&b, 2, RACE, .line = 9);
    cr_assert_eq(refuted(), 0);
}

// --- what is made of it -----------------------------------------------------------------------------

static unsigned judged(struct judgement *j) {
    PUT(&b, 0, EXIT);
    for (uint32_t task = 1; task <= 3; task++)
        PUT(&b, task, EXIT);
    builder_finish(&b, RUN_QUIESCENT);
    seen_init(&s, b.log, 0);
    judge(&s, &(struct judge_terms){0}, j);
    return j->verdicts;
}

static void forged_race(uint32_t by, uint32_t with, uint64_t since) {
    PUT(&b, by, RACE, WAKES(with),
        .value = (int64_t)(since << 32 | builder_string(&b, "two writes")), .line = 9);
}

Test(before, a_forged_race_is_none_and_is_told) {
    struct judgement j = {0};
    make(1, OBJECT_CHAN, 1);
    access_by_1();
    DOES(1, SEND);
    DOES(2, RECV);
    forged_race(2, 1, first);
    cr_assert_eq(judged(&j), 0);
    cr_assert_eq(j.refuted, 1);
    cr_assert_str_eq(j.refuted_note, "two writes");
    cr_assert_str_empty(j.note);
    judgement_free(&j);
}

Test(before, a_true_one_beside_it_is_one) {
    struct judgement j = {0};
    make(1, OBJECT_CHAN, 1);
    access_by_1();
    DOES(1, SEND);
    DOES(2, RECV);
    forged_race(2, 1, first);
    forged_race(3, 1, first);
    cr_assert_eq(judged(&j), VERDICT_RACE);
    cr_assert_eq(j.refuted, 1);
    cr_assert_str_eq(j.note, "two writes");
    judgement_free(&j);
}

// Numbers that no engine wrote.
#define IMPOSSIBLE(name, ...)                                                                      \
    Test(before, name) {                                                                           \
        struct judgement j = {0};                                                                  \
        __VA_ARGS__;                                                                               \
        cr_assert_eq(judged(&j), VERDICT_TAMPERED);                                                \
        judgement_free(&j);                                                                        \
    }
IMPOSSIBLE(with_a_task_that_is_not_there, forged_race(2, 77, 0))
IMPOSSIBLE(with_itself, forged_race(2, 2, 0))
IMPOSSIBLE(by_a_task_that_is_not_there, forged_race(99, 1, 0))
IMPOSSIBLE(with_an_access_to_come, forged_race(2, 1, 4000))

// Whatever a log holds, nothing is read or written that is not there.
Test(before, noise) {
    uint64_t state = 1;
    for (int round = 0; round < 300; round++) {
        end();
        begin();
        for (int i = 0; i < 300; i++) {
            event e = {.time = b.now};
            uint64_t z[4];
            for (int k = 0; k < 4; k++) {
                state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
                z[k] = state >> 24;
            }
            e.kind = (uint8_t)(z[0] % (EV_KINDS + 2));
            e.task = z[0] >> 8 & 7 ? (uint32_t)(z[1] % 5) : (uint32_t)z[1];
            e.object = z[0] >> 12 & 7 ? (uint32_t)(z[2] % 9) : (uint32_t)z[2];
            e.peer = z[0] >> 16 & 3 ? EVENT_NOBODY : (uint32_t)(z[3] % 7);
            e.flags = (uint8_t)(z[0] >> 20 & 15 ? 0 : z[3] >> 8);
            e.value = z[0] >> 24 & 1 ? (int64_t)(z[3] % 3) : (int64_t)(z[3] << 20 ^ z[2]);
            b.log->events[b.log->head++] = e;
        }
        seen_init(&s, b.log, 0);
        seen_fold(&s, UINT64_MAX);
        s.contradiction = NULL; // which would be told instead
        before_refutes(&s);
        for (uint32_t i = 0; i < s.note_count; i++) {
            static struct raced r;
            raced_read(&s, s.notes[i], &r);
            cr_assert_leq(r.accesses[0].frame_count, RACED_FRAMES);
        }
    }
}

// --- the texts --------------------------------------------------------------------------------------

static const struct raced *told(const char *text) {
    static struct raced r;
    PUT(&b, 2, RACE, WAKES(1), .object = builder_string(&b, text), .value = INT64_C(3) << 32);
    seen_init(&s, b.log, 0);
    seen_fold(&s, UINT64_MAX);
    raced_read(&s, b.log->head - 1, &r);
    return &r;
}

Test(before, both_stacks_are_read) {
    const struct raced *r = told("otable\nwreader (#1)\nf12 get a/cache.c\nf30 main_loop a/b c.c\n"
                                 "rwriter (#2)\nf7  x.c\n");
    cr_assert_str_eq(r->object, "table");
    cr_assert(r->accesses[0].write && !r->accesses[1].write);
    cr_assert_eq(r->accesses[0].task, 1);
    cr_assert_eq(r->accesses[0].event, 3);
    cr_assert_eq(r->accesses[1].task, 2);
    cr_assert_str_eq(r->accesses[0].name, "reader (#1)");
    cr_assert_eq(r->accesses[0].frame_count, 2);
    cr_assert_eq(r->accesses[0].frames[0].line, 12);
    cr_assert_str_eq(r->accesses[0].frames[0].function, "get");
    cr_assert_str_eq(r->accesses[0].frames[1].file, "a/b c.c");
    cr_assert_eq(r->accesses[1].frame_count, 1);
    char words[100];
    cr_assert_str_eq(raced_frame_words(&r->accesses[0].frames[0], words, sizeof words),
                     "cache.c:12 in get");
    cr_assert_str_eq(raced_frame_words(&r->accesses[1].frames[0], words, sizeof words), "x.c:7");
}

Test(before, what_is_not_well_formed_is_left_out) {
    const struct raced *r = told(
        "f1 early x.c\nwa\nfnumber f x.c\nf12\nf3 nofile\nf99999999999 f x.c\n"
        "f4 good x.c\nrb\nrc\nf5 last y.c");
    cr_assert_str_eq(r->object, "");
    cr_assert_eq(r->accesses[0].frame_count, 1);
    cr_assert_str_eq(r->accesses[0].frames[0].function, "good");
    cr_assert_str_eq(r->accesses[1].name, "b");
    cr_assert_eq(r->accesses[1].frame_count, 1);
    r = told("");
    cr_assert_eq(r->accesses[0].frame_count + r->accesses[1].frame_count, 0);
}
