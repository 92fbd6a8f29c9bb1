// select: exactly one arm happens; which of several ready ones is the schedule's choice.
#include "core/tests/world.h"

static int_chan c1, c2;
static int taken, value;
static bool ok;
static int64_t when;

static void reset(size_t capacity) {
    taken = -2;
    value = -1;
    ok = false;
    when = -1;
    chan_make(&c1, capacity);
    chan_make(&c2, capacity);
}

// --- one arm of each kind -----------------------------------------------------------------------------

static void ready_recv_root(void *arg) {
    (void)arg;
    reset(1);
    chan_send(c1, 7);
    taken = chan_select(RECV(c2, &value), RECV_OK(c1, &value, &ok));
    EXPECT(taken == 1 && value == 7 && ok);
}

Test(select, a_ready_receive_happens_at_once) {
    EVERY_WORLD(ready_recv_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_SELECT, 0)->value, 1);
        cr_assert_not(world_event(EV_SELECT, 0)->flags & EVENT_PARKED);
    }
}

static void ready_send_root(void *arg) {
    (void)arg;
    reset(1);
    taken = chan_select(RECV(c2, &value), SEND(c1, 8));
    EXPECT(taken == 1 && chan_len(c1) == 1);
    EXPECT(chan_recv(c1, &value) && value == 8);
}

Test(select, a_ready_send_happens_at_once) {
    EVERY_WORLD(ready_send_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void closed_recv_root(void *arg) {
    (void)arg;
    reset(0);
    chan_close(c1);
    ok = true;
    taken = chan_select(RECV(c2, &value), RECV_OK(c1, &value, &ok));
    EXPECT(taken == 1 && value == 0 && !ok);
}

Test(select, a_receive_from_a_closed_channel_is_ready) {
    EVERY_WORLD(closed_recv_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void closed_send_root(void *arg) {
    (void)arg;
    reset(0);
    chan_close(c1);
    chan_select(RECV(c2, &value), SEND(c1, 1));
}

Test(select, a_send_to_a_closed_channel_panics) {
    EVERY_WORLD(closed_send_root, 10) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "send on closed channel");
    }
}

static void after_root(void *arg) {
    (void)arg;
    reset(0);
    taken = chan_select(RECV(c1, &value), AFTER(3 * SECOND), AFTER(2 * SECOND));
    EXPECT(taken == 2 && time_now() == 2 * SECOND);
}

Test(select, the_earliest_of_two_times_happens) {
    EVERY_WORLD(after_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void after_now_root(void *arg) {
    (void)arg;
    reset(0);
    EXPECT(chan_select(RECV(c1, &value), AFTER(0)) == 1);
    EXPECT(chan_select(RECV(c1, &value), AFTER(-SECOND)) == 1);
    EXPECT(time_now() == 0);
}

Test(select, a_time_that_has_come_is_ready) {
    EVERY_WORLD(after_now_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void after_far_root(void *arg) {
    (void)arg;
    reset(0);
    EXPECT(chan_select(RECV(c1, &value), AFTER(INT64_MAX), AFTER(SECOND)) == 2);
    EXPECT(chan_select(RECV(c1, &value), AFTER(INT64_MAX)) == 1);
}

Test(select, a_time_beyond_the_clock_is_its_end) {
    EVERY_WORLD(after_far_root, 2) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

typedef struct {
    int64_t id;
    char text[20];
} letter;

static void struct_root(void *arg) {
    (void)arg;
    chan_of(letter) letters;
    chan_make(&letters, 1);
    letter in = {7, "seven"}, out = {0};
    EXPECT(chan_poll(SEND(letters, in)) == 0);
    EXPECT(chan_poll(RECV(letters, &out)) == 0);
    EXPECT(out.id == 7 && strcmp(out.text, "seven") == 0);
}

Test(select, a_struct_travels_whole) {
    world_default(struct_root);
    cr_assert(world_finished());
}

// --- none ready ---------------------------------------------------------------------------------------

static void nil_root(void *arg) {
    (void)arg;
    int_chan nil = {NULL};
    chan_select(RECV(nil, &value), SEND(nil, 1));
}

Test(select, nil_arms_are_never_ready) {
    EVERY_WORLD(nil_root, 3) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_SELECT), 1, "%s", world_name());
    }
}

static void nil_beside_root(void *arg) {
    (void)arg;
    reset(1);
    chan_send(c1, 1);
    int_chan nil = {NULL};
    EXPECT(chan_select(SEND(nil, 1), RECV(nil, &value), RECV(c1, &value)) == 2);
}

Test(select, a_nil_arm_leaves_the_others_alone) {
    EVERY_WORLD(nil_beside_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void empty_root(void *arg) {
    (void)arg;
    chan_select();
}

Test(select, without_arms_it_waits_for_ever) {
    EVERY_WORLD(empty_root, 3) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_SELECT_EMPTY), 1, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_SELECT, 0)), WAIT_SELECT_EMPTY);
    }
}

static void poll_root(void *arg) {
    (void)arg;
    reset(1);
    EXPECT(chan_poll() == -1);
    EXPECT(chan_poll(RECV(c1, &value)) == -1);
    EXPECT(chan_poll(RECV(c1, &value), SEND(c1, 4)) == 1);
    EXPECT(chan_poll(SEND(c1, 5)) == -1);
    EXPECT(chan_poll(RECV(c1, &value)) == 0 && value == 4);
    EXPECT(chan_poll(RECV(c1, &value), AFTER(SECOND)) == -1);
}

Test(select, a_poll_never_waits) {
    EVERY_WORLD(poll_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->now, 0);
        cr_assert(world_event(EV_SELECT, 0)->flags & EVENT_FRUITLESS);
    }
}

// --- while waiting ------------------------------------------------------------------------------------

TASK(later_sender, int_chan c; int value;) {
    task_sleep(SECOND);
    chan_send(a->c, a->value);
}

TASK(later_receiver, int_chan c;) {
    task_sleep(SECOND);
    chan_recv(a->c, &value);
}

TASK(later_closer, int_chan c;) {
    task_sleep(SECOND);
    chan_close(a->c);
}

static void wait_recv_root(void *arg) {
    (void)arg;
    reset(0);
    go(later_sender, .c = c2, .value = 9);
    taken = chan_select(RECV(c1, &value), RECV_OK(c2, &value, &ok));
    EXPECT(taken == 1 && value == 9 && ok && time_now() == SECOND);
}

Test(select, waiting_it_receives_from_whoever_sends_first) {
    EVERY_WORLD(wait_recv_root, 50) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void wait_send_root(void *arg) {
    (void)arg;
    reset(0);
    go(later_receiver, .c = c2);
    taken = chan_select(RECV(c1, NULL), SEND(c2, 9));
    task_yield();
    EXPECT(taken == 1 && time_now() == SECOND);
}

Test(select, waiting_it_sends_to_whoever_receives_first) {
    EVERY_WORLD(wait_send_root, 50) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(value, 9, "%s", world_name());
    }
}

static void wait_close_root(void *arg) {
    (void)arg;
    reset(0);
    ok = true;
    go(later_closer, .c = c2);
    taken = chan_select(RECV(c1, NULL), RECV_OK(c2, &value, &ok));
    EXPECT(taken == 1 && value == 0 && !ok);
}

Test(select, waiting_it_is_woken_by_a_close) {
    EVERY_WORLD(wait_close_root, 50) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void wait_close_send_root(void *arg) {
    (void)arg;
    reset(0);
    go(later_closer, .c = c2);
    chan_select(RECV(c1, NULL), SEND(c2, 1));
}

Test(select, waiting_to_send_it_panics_at_a_close) {
    EVERY_WORLD(wait_close_send_root, 50) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "send on closed channel");
        cr_assert_eq(world_event(EV_PANIC, 0)->task, 0);
    }
}

// --- several ready --------------------------------------------------------------------------------------

static int hits[3];

static void two_ready_root(void *arg) {
    (void)arg;
    reset(1);
    chan_send(c1, 1);
    chan_send(c2, 2);
    taken = chan_select(RECV(c1, &value), RECV(c2, &value));
    hits[taken]++;
    EXPECT(value == taken + 1);
    EXPECT(chan_len(c1) + chan_len(c2) == 1);
}

Test(select, of_two_ready_arms_each_happens_under_some_seed_and_never_both) {
    for (int seed = 0; seed < 1000; seed++) {
        world_seed(two_ready_root, seed);
        cr_assert(world_finished(), "%s", world_name());
    }
    cr_assert(hits[0] > 400 && hits[1] > 400, "%d and %d of 1000", hits[0], hits[1]);
}

static void fair_inline_root(void *arg) {
    (void)arg;
    for (int i = 0; i < 1000; i++)
        two_ready_root(NULL);
}

Test(select, inline_no_ready_arm_starves) {
    world_seed(fair_inline_root, WORLD_INLINE);
    cr_assert(world_finished());
    cr_assert(hits[0] > 300 && hits[1] > 300, "%d and %d of 1000", hits[0], hits[1]);
}

Test(select, the_default_schedule_takes_the_first_ready_arm) {
    world_default(two_ready_root);
    cr_assert_eq(taken, 0);
}

static void two_come_root(void *arg) {
    (void)arg;
    reset(0);
    go(later_sender, .c = c1, .value = 1);
    go(later_sender, .c = c2, .value = 2);
    taken = chan_select(RECV(c1, &value), RECV(c2, &value));
    hits[taken]++;
    EXPECT(value == taken + 1);
    task_sleep(SECOND);
}

Test(select, of_two_that_come_at_once_one_goes_on_waiting) {
    for (int seed = 0; seed < 1000; seed++) {
        world_seed(two_come_root, seed);
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_SEND), 1, "%s", world_name());
        cr_assert_eq(world.log->alive, 1, "%s", world_name());
    }
    cr_assert(hits[0] > 400 && hits[1] > 400, "%d and %d of 1000", hits[0], hits[1]);
}

static void after_or_ready_root(void *arg) {
    (void)arg;
    reset(0);
    go(later_sender, .c = c1, .value = 1);
    taken = chan_select(RECV(c1, &value), AFTER(SECOND));
    hits[taken]++;
    if (taken == 1)
        chan_recv(c1, &value);
}

Test(select, a_time_and_a_send_at_the_same_moment_each_win_under_some_seed) {
    for (int seed = 0; seed < 1000; seed++) {
        world_seed(after_or_ready_root, seed);
        cr_assert(world_finished(), "%s", world_name());
    }
    cr_assert(hits[0] > 100 && hits[1] > 100, "%d and %d of 1000", hits[0], hits[1]);
}

static void ready_before_time_root(void *arg) {
    (void)arg;
    reset(1);
    chan_send(c1, 1);
    EXPECT(chan_select(RECV(c1, &value), AFTER(1)) == 0);
    EXPECT(time_now() == 0);
}

Test(select, what_is_ready_comes_before_any_time) {
    EVERY_WORLD(ready_before_time_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- leaving the other queues ---------------------------------------------------------------------------

TASK(waits_on_both, int unused;) {
    taken = chan_select(RECV(c1, &value), RECV(c2, &value), AFTER(10 * SECOND));
}

static void other_queue_root(void *arg) {
    (void)arg;
    reset(0);
    go(waits_on_both, .unused = 0);
    task_sleep(1);
    chan_send(c1, 1);
    EXPECT(chan_poll(SEND(c2, 2)) == -1); // nobody waits there any more
    task_sleep(SECOND);
    EXPECT(taken == 0 && value == 1);
}

Test(select, the_arms_that_did_not_happen_leave_their_queues) {
    EVERY_WORLD(other_queue_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->now, SECOND + 1, "and its timer is gone: %s", world_name());
    }
}

static void same_channel_root(void *arg) {
    (void)arg;
    reset(0);
    go(later_sender, .c = c1, .value = 3);
    int first = -1, second = -1;
    taken = chan_select(RECV(c1, &first), RECV(c1, &second));
    EXPECT(taken == 0 ? first == 3 && second == -1 : second == 3 && first == -1);
}

Test(select, one_channel_in_two_arms_is_received_from_once) {
    EVERY_WORLD(same_channel_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

TASK(both_ends, int_chan c; int mine; int *got;) {
    *a->got = chan_select(SEND(a->c, a->mine), RECV(a->c, &value));
}

static void both_ends_root(void *arg) {
    (void)arg;
    reset(0);
    static int got[2];
    go(both_ends, .c = c1, .mine = 1, .got = &got[0]);
    go(both_ends, .c = c1, .mine = 2, .got = &got[1]);
    task_sleep(1);
    EXPECT(got[0] + got[1] == 1); // one sent, the other received
    EXPECT(value == (got[0] == 0 ? 1 : 2));
}

Test(select, two_that_wait_on_both_ends_meet_and_none_meets_itself) {
    EVERY_WORLD(both_ends_root, 200) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- limits ---------------------------------------------------------------------------------------------

static void many_arms_root(void *arg) {
    (void)arg;
    reset(1);
    select_arm arms[65];
    for (int i = 0; i < 65; i++)
        arms[i] = (select_arm){.kind = ARM_RECV, .chan = c1.raw, .size = sizeof(int), .at = HERE};
    arms[63].chan = c2.raw;
    chan_send(c2, 1);
    EXPECT(select_at(arms, 64, HERE) == 63);
    select_at(arms, 65, HERE);
}

Test(select, takes_64_arms_and_no_more) {
    world_default(many_arms_root);
    cr_assert_eq(world.end, RUN_PANICKED);
    cr_assert_str_eq(world_panic(), "select with 65 arms, at most 64 are possible");
}

static void wrong_size_root(void *arg) {
    (void)arg;
    reset(1);
    chan_of(int64_t) wrong = {c1.raw};
    int64_t out;
    chan_poll(RECV(wrong, &out));
}

Test(select, an_element_of_another_size_panics) {
    world_default(wrong_size_root);
    cr_assert_str_eq(world_panic(), "element of 8 bytes on a channel of 4-byte elements");
}
