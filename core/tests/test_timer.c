// Time: sleeps and timers happen in the order of their deadlines, equal ones in any order, and a
// virtual hour takes no time.
#include "core/tests/world.h"

static int order[400], count;

static void note(int what) {
    EXPECT(count < 400);
    order[count++] = what;
}

TASK(sleeper, int number; int64_t ns;) {
    task_sleep(a->ns);
    note(a->number);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 33) % n);
}

// --- order ----------------------------------------------------------------------------------------------

static void random_sleeps_root(void *arg) {
    (void)arg;
    count = 0;
    random_state = 1;
    for (int i = 0; i < 300; i++) {
        int ns = 1 + (int)random_below(100000);
        go(sleeper, .number = ns, .ns = ns);
    }
}

Test(timer, deadlines_pass_in_order) {
    EVERY_WORLD(random_sleeps_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(count, 300);
        for (int i = 1; i < 300; i++)
            cr_assert_leq(order[i - 1], order[i], "%s", world_name());
    }
}

static void ties_root(void *arg) {
    (void)arg;
    count = 0;
    for (int i = 0; i < 3; i++)
        go(sleeper, .number = i, .ns = SECOND);
}

Test(timer, equal_deadlines_pass_in_the_order_they_were_set_by_default) {
    for (int64_t seed = WORLD_INLINE; seed <= WORLD_DEFAULT; seed++) {
        world_seed(ties_root, seed);
        for (int i = 0; i < 3; i++)
            cr_assert_eq(order[i], i, "%s", world_name());
    }
}

Test(timer, equal_deadlines_pass_in_every_order_under_some_seed) {
    int seen[6] = {0};
    for (int seed = 0; seed < 1000; seed++) {
        world_seed(ties_root, seed);
        cr_assert(world_finished(), "%s", world_name());
        seen[order[0] * 2 + (order[1] > order[2])]++;
    }
    for (int i = 0; i < 6; i++)
        cr_assert_gt(seen[i], 50, "order %d was seen %d times", i, seen[i]);
}

static void many_ties_root(void *arg) {
    (void)arg;
    count = 0;
    for (int i = 0; i < 200; i++)
        go(sleeper, .number = i, .ns = SECOND);
}

Test(timer, more_equal_deadlines_than_choices_all_pass) {
    EVERY_WORLD(many_ties_root, 5) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(count, 200);
    }
    world_default(many_ties_root);
    for (int i = 0; i < 200; i++)
        cr_assert_eq(order[i], i);
}

// --- virtual time ---------------------------------------------------------------------------------------

static void long_root(void *arg) {
    (void)arg;
    task_sleep(10 * HOUR);
    EXPECT(time_now() == 10 * HOUR);
}

Test(timer, ten_hours_take_two_steps) {
    world_default(long_root);
    cr_assert(world_finished());
    cr_assert_eq(world.log->now, 10 * HOUR);
    cr_assert_leq(run_steps(), 2);
}

static void no_sleep_root(void *arg) {
    (void)arg;
    task_sleep(0);
    task_sleep(-SECOND);
    EXPECT(time_now() == 0);
}

Test(timer, a_sleep_of_nothing_is_a_yield) {
    world_default(no_sleep_root);
    cr_assert_eq(world_count(EV_YIELD), 2);
    cr_assert_eq(world_count(EV_SLEEP), 0);
}

static void end_of_time_root(void *arg) {
    (void)arg;
    task_sleep(SECOND);
    task_sleep(INT64_MAX);
    task_sleep(INT64_MAX);
}

Test(timer, a_sleep_beyond_the_clock_does_not_overflow) {
    EVERY_WORLD(end_of_time_root, 1) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void busy_root(void *arg) {
    (void)arg;
    count = 0;
    go(sleeper, .number = 1, .ns = 1);
    int_chan c;
    chan_make(&c, 1);
    for (int i = 0; i < 50; i++) {
        chan_send(c, i);
        chan_recv(c, NULL);
    }
    EXPECT(time_now() == 0 && count == 0);
}

Test(timer, the_clock_stands_while_a_task_can_go_on) {
    EVERY_WORLD(busy_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- the public timer -----------------------------------------------------------------------------------

static void fires_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    task_sleep(5 * SECOND);
    int64_t at = 0;
    EXPECT(chan_recv(timer_chan(t), &at)); // it has waited in the channel
    EXPECT(at == SECOND && time_now() == 5 * SECOND);
    EXPECT(!timer_stop(t));
    EXPECT(chan_poll(RECV(timer_chan(t), NULL)) == -1);
}

Test(timer, it_sends_its_time_once) {
    EVERY_WORLD(fires_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void wakes_root(void *arg) {
    (void)arg;
    int64_t at = 0;
    EXPECT(chan_recv(after(SECOND), &at) && at == SECOND && time_now() == SECOND);
    EXPECT(chan_recv(after(-SECOND), &at) && at == SECOND);
}

Test(timer, it_wakes_who_waits_on_its_channel) {
    EVERY_WORLD(wakes_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_FIRE, 0)->task, EVENT_CLOCK);
    }
}

static void stop_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    EXPECT(timer_stop(t));
    EXPECT(!timer_stop(t));
    task_sleep(5 * SECOND);
    EXPECT(chan_poll(RECV(timer_chan(t), NULL)) == -1);
}

Test(timer, stopped_it_never_fires) {
    EVERY_WORLD(stop_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_FIRE), 1, "the sleep alone");
        cr_assert_eq(world_event(EV_TIMER_STOP, 0)->value, 1);
        cr_assert_eq(world_event(EV_TIMER_STOP, 1)->value, 0);
    }
}

static bool stopped[2];

TASK(stopper, timer *timer; int number;) {
    stopped[a->number] = timer_stop(a->timer);
}

static void two_stop_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    go(stopper, .timer = t, .number = 0);
    go(stopper, .timer = t, .number = 1);
}

Test(timer, of_two_that_stop_it_either_may_be_first) {
    int first[2] = {0};
    for (int seed = 0; seed < 200; seed++) {
        world_seed(two_stop_root, seed);
        cr_assert_neq(stopped[0], stopped[1], "%s", world_name());
        first[stopped[1]]++;
    }
    cr_assert(first[0] > 20 && first[1] > 20);
}

static void many_root(void *arg) {
    (void)arg;
    static timer *timers[300];
    random_state = *(const uint64_t *)world.config.user;
    for (int i = 0; i < 300; i++) {
        order[i] = 1 + (int)random_below(1000);
        timers[i] = timer_start(order[i]);
    }
    for (int i = 0; i < 300; i++)
        if (order[i] % 2)
            EXPECT(timer_stop(timers[i]));
    task_sleep(2000);
    for (int i = 0; i < 300; i++) {
        int64_t at = 0;
        int arm = chan_poll(RECV(timer_chan(timers[i]), &at));
        EXPECT(order[i] % 2 ? arm == -1 : arm == 0 && at == order[i]);
    }
}

Test(timer, stopping_half_of_many_leaves_the_others) {
    for (uint64_t start = 0; start < 100; start++) {
        world.config.user = &start;
        world_default(many_root);
        cr_assert(world_finished(), "start %" PRIu64, start);
    }
}

// --- paced ----------------------------------------------------------------------------------------------

static void paced_root(void *arg) {
    (void)arg;
    count = 0;
    go(sleeper, .number = 2, .ns = 2 * HOUR);
    go(sleeper, .number = 1, .ns = HOUR);
}

Test(timer, a_paced_clock_gives_the_same_log) {
    static event virtual_log[64];
    world_seed(paced_root, WORLD_INLINE);
    uint64_t head = world.log->head;
    cr_assert_leq(head, 64);
    memcpy(virtual_log, world.log->events, head * sizeof(event));
    world.config.clock = CLOCK_PACED;
    world.config.pace = 1000 * HOUR;
    world_seed(paced_root, WORLD_INLINE);
    cr_assert(world_finished());
    cr_assert_eq(world.log->head, head);
    cr_assert_arr_eq(world.log->events, virtual_log, head * sizeof(event));
}
