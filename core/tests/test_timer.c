// Time: sleeps and timers happen in the order of their deadlines, equal ones in any order, and a
// virtual hour takes no time.
#include "core/tests/aftermath.h"
#include "core/tests/every_schedule.h"
#include "core/tests/live.h"

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

static void unbuffered_root(void *arg) {
    (void)arg;
    time_chan c = timer_chan(timer_start(SECOND));
    EXPECT(chan_cap(c) == 0 && chan_len(c) == 0);
    task_sleep(5 * SECOND);
    EXPECT(chan_len(c) == 0); // though a value is there
    EXPECT(chan_poll(RECV(c, NULL)) == 0);
}

Test(timer, its_channel_looks_unbuffered) {
    EVERY_WORLD(unbuffered_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void nil_stop_root(void *arg) {
    (void)arg;
    timer *none = NULL;
    timer_stop(none);
}

static void nil_reset_root(void *arg) {
    (void)arg;
    timer *none = NULL;
    timer_reset(none, SECOND);
}

Test(timer, one_that_was_never_made_panics) {
    world_default(nil_stop_root);
    cr_assert_str_eq(world_panic(), "time: Stop called on uninitialized Timer");
    world_default(nil_reset_root);
    cr_assert_str_eq(world_panic(), "time: Reset called on uninitialized Timer");
}

// --- stop and reset leave no stale value ------------------------------------------------------------

static void stale_stop_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    task_sleep(2 * SECOND);
    EXPECT(timer_stop(t)); // due, and nobody had received it
    EXPECT(chan_poll(RECV(timer_chan(t), NULL)) == -1);
    EXPECT(!timer_stop(t));
}

Test(timer, after_stop_nothing_of_before_is_received) {
    EVERY_WORLD(stale_stop_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void reset_root(void *arg) {
    (void)arg;
    int64_t at = 0;
    timer *t = timer_start(SECOND);
    EXPECT(timer_reset(t, 3 * SECOND)); // it had not fired
    EXPECT(chan_recv(timer_chan(t), &at) && at == 3 * SECOND);
    EXPECT(!timer_reset(t, SECOND)); // received
    task_sleep(2 * SECOND);
    EXPECT(timer_reset(t, SECOND)); // due at 4 s, and now dropped
    EXPECT(chan_poll(RECV(timer_chan(t), NULL)) == -1);
    EXPECT(chan_recv(timer_chan(t), &at) && at == 6 * SECOND && time_now() == at);
    EXPECT(!timer_stop(t));
    EXPECT(!timer_reset(t, -SECOND));
    EXPECT(chan_recv(timer_chan(t), &at) && at == 6 * SECOND);
}

Test(timer, reset_tells_whether_it_ran_and_starts_it_afresh) {
    EVERY_WORLD(reset_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static bool received, told;

TASK(receives_timer, timer *timer; signal_chan over;) {
    if (chan_select(RECV(timer_chan(a->timer), NULL), RECV(a->over, NULL)) == 0)
        received = true;
}

TASK(stops_timer, timer *timer; signal_chan over; int64_t at;) {
    task_sleep(a->at);
    told = timer_stop(a->timer);
    task_sleep(SECOND);
    chan_close(a->over);
}

static void either_root(void *arg) {
    (void)arg;
    received = told = false;
    signal_chan over;
    chan_make(&over, 0);
    timer *t = timer_start(SECOND);
    go(receives_timer, .timer = t, .over = over);
    go(stops_timer, .timer = t, .over = over, .at = SECOND);
}

Test(timer, either_stop_is_in_time_or_the_value_is_received_under_every_schedule) {
    int stopped_first = 0, received_first = 0;
    EVERY_SCHEDULE(either_root, 5000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_neq(received, told, "schedule %d", schedules.runs);
        stopped_first += told;
        received_first += received;
    }
    cr_assert(stopped_first && received_first);
}

// --- what nobody waits for --------------------------------------------------------------------------

static void unwatched_root(void *arg) {
    (void)arg;
    timer_start(10 * HOUR);
    ticker *t = ticker_start(MILLISECOND);
    task_sleep(HOUR);
    int64_t at = 0;
    EXPECT(chan_recv(ticker_chan(t), &at) && at == MILLISECOND && time_now() == HOUR);
}

Test(timer, the_clock_does_not_stop_for_what_nobody_waits_for) {
    EVERY_WORLD(unwatched_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_FIRE), 1, "the sleep alone");
        cr_assert_eq(world.log->now, HOUR, "%s", world_name());
    }
}

static void parked_root(void *arg) {
    (void)arg;
    int_chan never = {0};
    ticker_start(MILLISECOND);
    chan_recv(never, NULL);
}

Test(timer, a_ticker_that_nobody_watches_hides_no_deadlock) {
    EVERY_WORLD(parked_root, 20) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        cr_assert_eq(world.log->now, 0);
        cr_assert_eq(world_waiting(WAIT_RECV_NIL), 1);
    }
}

static void spins_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    go(sleeper, .number = 1, .ns = HOUR);
    while (chan_poll(RECV(timer_chan(t), NULL)) == -1)
        task_yield();
    EXPECT(time_now() == SECOND);
}

Test(timer, who_polls_for_it_sees_it_at_its_time) {
    EVERY_WORLD(spins_root, 20) {
        count = 0;
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(run_was_pressed());
    }
}

// --- after_func -------------------------------------------------------------------------------------

static int ran;
static int64_t ran_at;

TASK(runs_later, int number;) {
    ran += a->number;
    ran_at = time_now();
    task_sleep(SECOND); // in a task of its own
}

static void after_func_root(void *arg) {
    (void)arg;
    ran = 0;
    timer *t = after_func(SECOND, runs_later, .number = 5);
    EXPECT(timer_chan(t).raw == NULL);
    EXPECT(world.log->alive == 1);
    task_sleep(HOUR);
    EXPECT(ran == 5 && ran_at == SECOND);
    EXPECT(!timer_stop(t)); // started long ago
}

Test(timer, a_function_called_later_runs_in_a_task_of_its_own) {
    EVERY_WORLD(after_func_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_GO, 0)->task, EVENT_CLOCK);
        cr_assert_str_eq(event_name(world_event(EV_GO, 0)), "runs_later");
        cr_assert_eq(world.log->started, 2);
    }
}

static void after_func_stop_root(void *arg) {
    (void)arg;
    ran = 0;
    timer *t = after_func(SECOND, runs_later, .number = 1);
    EXPECT(timer_stop(t));
    EXPECT(!timer_stop(t));
    task_sleep(HOUR);
    EXPECT(ran == 0);
}

Test(timer, a_function_stopped_in_time_never_runs) {
    EVERY_WORLD(after_func_stop_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->started, 1);
    }
}

static void after_func_reset_root(void *arg) {
    (void)arg;
    ran = 0;
    timer *t = after_func(SECOND, runs_later, .number = 1);
    EXPECT(timer_reset(t, 2 * SECOND));
    task_sleep(3 * SECOND);
    EXPECT(ran == 1 && ran_at == 2 * SECOND);
    EXPECT(!timer_reset(t, 2 * SECOND));
    task_sleep(3 * SECOND);
    EXPECT(ran == 2 && ran_at == 5 * SECOND);
}

Test(timer, a_function_can_be_put_off_and_called_again) {
    EVERY_WORLD(after_func_reset_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

TASK(stops_function, timer *timer;) {
    task_sleep(SECOND);
    told = timer_stop(a->timer);
}

static void after_func_either_root(void *arg) {
    (void)arg;
    ran = 0;
    go(stops_function, .timer = after_func(SECOND, runs_later, .number = 1));
}

Test(timer, either_stop_is_in_time_or_the_function_runs_under_every_schedule) {
    int stopped_first = 0, ran_first = 0;
    EVERY_SCHEDULE(after_func_either_root, 5000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(ran, told ? 0 : 1, "schedule %d", schedules.runs);
        stopped_first += told;
        ran_first += ran;
    }
    cr_assert(stopped_first && ran_first);
}

static void after_func_last_root(void *arg) {
    (void)arg;
    after_func(HOUR, runs_later, .number = 1);
}

Test(timer, a_function_to_be_called_keeps_the_run_going) {
    EVERY_WORLD(after_func_last_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->now, HOUR + SECOND);
    }
}

TASK(needs_much, char bytes[20000];) {
    ran += a->bytes[0];
}

static void too_many_root(void *arg) {
    (void)arg;
    after_func(SECOND, runs_later, .number = 1);
    task_sleep(HOUR);
}

static void too_large_root(void *arg) {
    (void)arg;
    after_func(SECOND, needs_much, .bytes = "");
    task_sleep(HOUR);
}

Test(timer, a_function_that_cannot_be_started_ends_the_run) {
    EVERY_WORLD(too_large_root, 3) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(),
                         "20000 bytes of arguments for a task, at most 16384 are possible");
        cr_assert_eq(world_event(EV_PANIC, 0)->task, EVENT_CLOCK);
    }
    world.config.max_tasks = 1;
    EVERY_WORLD(too_many_root, 3) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "too many tasks: 1 are alive, which is this run's limit");
    }
}

// --- tickers ----------------------------------------------------------------------------------------

static void ticks_root(void *arg) {
    (void)arg;
    ticker *t = ticker_start(SECOND);
    for (int i = 1; i <= 5; i++) {
        int64_t at = 0;
        EXPECT(chan_recv(ticker_chan(t), &at) && at == i * SECOND && time_now() == at);
    }
    ticker_stop(t);
    task_sleep(5 * SECOND);
    EXPECT(chan_poll(RECV(ticker_chan(t), NULL)) == -1);
    ticker_stop(t);
}

Test(timer, a_ticker_ticks_until_it_is_stopped) {
    EVERY_WORLD(ticks_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(clean(), "stopped, it is given back");
        cr_assert_eq(world_count(EV_RELEASE), 1, "once");
    }
}

static void slow_root(void *arg) {
    (void)arg;
    int64_t at = 0;
    ticker *t = ticker_start(SECOND);
    defer(ticker_stop, t);
    task_sleep(3 * SECOND + SECOND / 2);
    EXPECT(chan_recv(ticker_chan(t), &at) && at == SECOND); // the first of three
    EXPECT(chan_poll(RECV(ticker_chan(t), NULL)) == -1);    // the others are dropped
    EXPECT(chan_recv(ticker_chan(t), &at) && at == 4 * SECOND && time_now() == at);
}

Test(timer, a_slow_receiver_misses_ticks) {
    EVERY_WORLD(slow_root, 20) {
        cr_assert(world_finished() && clean(), "%s", world_name());
    }
}

static void stale_tick_root(void *arg) {
    (void)arg;
    int64_t at = 0;
    ticker *t = ticker_start(SECOND);
    defer(ticker_stop, t);
    task_sleep(SECOND);
    ticker_reset(t, 10 * SECOND);
    EXPECT(chan_poll(RECV(ticker_chan(t), NULL)) == -1);
    EXPECT(chan_recv(ticker_chan(t), &at) && at == 11 * SECOND);
    EXPECT(chan_recv(ticker_chan(t), &at) && at == 21 * SECOND);
}

Test(timer, a_ticker_that_is_reset_drops_the_tick_that_was_due) {
    EVERY_WORLD(stale_tick_root, 20) {
        cr_assert(world_finished() && clean(), "%s", world_name());
        cr_assert_eq(world_count(EV_OPEN), 1, "it ran all the time");
    }
}

static void again_root(void *arg) {
    (void)arg;
    int64_t at = 0;
    ticker *t = ticker_start(SECOND);
    ticker_stop(t);
    ticker_reset(t, 2 * SECOND);
    EXPECT(chan_recv(ticker_chan(t), &at) && at == 2 * SECOND);
}

Test(timer, a_stopped_ticker_runs_again_and_must_be_stopped_again) {
    EVERY_WORLD(again_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_OPEN), 2);
        cr_assert_eq(left_open_count(NULL), 1, "%s", world_name());
        cr_assert_eq(left_open(NULL, 0)->object, world_event(EV_TIMER_RESET, 0)->object);
    }
}

static int shares[2];

TASK(takes_ticks, ticker *ticker; int number; ctx *ctx;) {
    while (chan_select(RECV(ticker_chan(a->ticker), NULL), RECV(ctx_done(a->ctx), NULL)) == 0)
        shares[a->number]++;
}

static void shared_root(void *arg) {
    (void)arg;
    shares[0] = shares[1] = 0;
    ticker *t = ticker_start(SECOND);
    defer(ticker_stop, t);
    ctx *c = ctx_with_timeout(ctx_background(), 10 * SECOND + SECOND / 2);
    go(takes_ticks, .ticker = t, .number = 0, .ctx = c);
    go(takes_ticks, .ticker = t, .number = 1, .ctx = c);
    task_sleep(HOUR);
    EXPECT(shares[0] == 5 && shares[1] == 5);
}

Test(timer, who_has_waited_longest_gets_the_tick) {
    EVERY_WORLD(shared_root, 50) {
        cr_assert(world_finished() && clean(), "%s", world_name());
    }
}

static void no_interval_root(void *arg) {
    (void)arg;
    ticker_start(0);
}

static void no_interval_reset_root(void *arg) {
    (void)arg;
    ticker_reset(ticker_start(SECOND), -1);
}

static void nil_ticker_root(void *arg) {
    (void)arg;
    ticker *none = NULL;
    ticker_stop(none); // as Go's zero Ticker
    ticker_reset(none, SECOND);
}

Test(timer, a_ticker_without_an_interval_panics) {
    EVERY_WORLD(no_interval_root, 3) {
        cr_assert_str_eq(world_panic(), "non-positive interval for NewTicker");
    }
    EVERY_WORLD(no_interval_reset_root, 3) {
        cr_assert_str_eq(world_panic(), "non-positive interval for Ticker.Reset");
    }
    EVERY_WORLD(nil_ticker_root, 3) {
        cr_assert_str_eq(world_panic(), "time: Reset called on uninitialized Ticker");
    }
}

TASK(waits_for_tick, ticker *ticker;) {
    chan_recv(ticker_chan(a->ticker), NULL);
    received = true;
}

static void stopped_tick_root(void *arg) {
    (void)arg;
    received = false;
    ticker *t = ticker_start(SECOND);
    go(waits_for_tick, .ticker = t);
    task_sleep(SECOND);
    ticker_stop(t);
}

Test(timer, a_ticker_stopped_at_its_tick_leaves_the_waiter_or_not_under_every_schedule) {
    int left = 0, got = 0;
    EVERY_SCHEDULE(stopped_tick_root, 5000) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(left_tasks("waits_for_tick", WAIT_RECV), received ? 0 : 1, "schedule %d",
                     schedules.runs);
        left += !received;
        got += received;
    }
    cr_assert(left && got);
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

// --- live -----------------------------------------------------------------------------------------------

static int64_t live_at[3];

static void live_root(void *arg) {
    (void)arg;
    timer *t = timer_start(50 * MILLISECOND);
    ticker *k = ticker_start(20 * MILLISECOND);
    defer(ticker_stop, k);
    task_sleep(MILLISECOND); // meanwhile nobody waits for them
    EXPECT(chan_recv(timer_chan(t), &live_at[0]));
    for (int i = 1; i < 3; i++)
        EXPECT(chan_recv(ticker_chan(k), &live_at[i]));
}

Test(timer, by_the_wall_clock_too_it_fires_for_who_comes_later, .timeout = LIVE_TIMEOUT) {
    world_live(live_root);
    cr_assert(world_finished() && clean());
    cr_assert_geq(live_at[0], 50 * MILLISECOND);
    cr_assert(live_at[1] >= 20 * MILLISECOND && live_at[2] >= live_at[1] + 20 * MILLISECOND);
}
