// Once: one test per rule, with the inline mode, the default schedule and 300 seeds.
#include "core/once.h"

#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static once o;
static int calls, finished, returned;

static void reset(void) {
    o = (once){0};
    calls = finished = returned = 0;
}

static void work(void *arg) {
    calls++;
    task_yield();
    task_sleep(*(int64_t *)arg);
    finished++;
}

TASK(caller, int64_t takes;) {
    once_do(&o, work, &a->takes);
    EXPECT(finished == 1);
    returned++;
}

static void callers_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 4; i++)
        go(caller, .takes = 10);
}

Test(once, it_runs_once_and_all_return_after_it) {
    EVERY_WORLD(callers_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(calls, 1, "%s", world_name());
        cr_assert_eq(returned, 4, "%s", world_name());
    }
}

static void three_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 3; i++)
        go(caller, .takes = 0);
}

Test(once, under_every_schedule_of_three) {
    EVERY_SCHEDULE(three_root, 20000) {
        cr_assert(world_finished());
        cr_assert_eq(calls, 1);
        cr_assert_eq(returned, 3);
    }
}

static void late_root(void *arg) {
    (void)arg;
    int64_t takes = 10;
    reset();
    go(caller, .takes = 10);
    task_sleep(1);
    once_do(&o, work, &takes);
    EXPECT(time_now() == 10);
    once_do(&o, work, &takes);
    EXPECT(time_now() == 10);
}

Test(once, who_comes_late_waits_for_its_end_and_later_not_at_all) {
    EVERY_WORLD(late_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        const event *e = world_event(EV_ONCE, 1);
        cr_assert_eq(event_wait_reason(e), WAIT_ONCE, "%s", world_name());
        cr_assert_eq(e->task, 0);
        cr_assert_eq(world_event(EV_ONCE_DONE, 0)->peer, 0, "%s", world_name());
    }
}

static void again(void *arg) {
    calls++;
    once_do(&o, again, arg);
    finished++;
}

static void recursion_root(void *arg) {
    (void)arg;
    reset();
    once_do(&o, again, NULL);
}

Test(once, a_function_that_comes_back_to_it_waits_for_itself) {
    EVERY_WORLD(recursion_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_ONCE), 1, "%s", world_name());
        cr_assert(calls == 1 && finished == 0);
    }
}

static void stuck(void *never) {
    calls++;
    chan_recv(*(signal_chan *)never, NULL);
}

TASK(stuck_caller, signal_chan never;) {
    once_do(&o, stuck, &a->never);
}

static void stuck_root(void *arg) {
    (void)arg;
    signal_chan never;
    reset();
    chan_make(&never, 0);
    go(stuck_caller, .never = never);
    go(stuck_caller, .never = never);
}

Test(once, while_the_function_is_stuck_so_are_all_others) {
    EVERY_WORLD(stuck_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_ONCE), 1, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_RECV), 1, "%s", world_name());
    }
}
