// When a run in which only daemons are left is over.
#include "core/tests/world.h"

TASK(polls, int64_t every;) {
    for (;;)
        task_sleep(a->every);
}

TASK(polls_by_select, int64_t every;) {
    for (;;)
        chan_select(AFTER(a->every));
}

static void serve_root(void *arg) {
    (void)arg;
    go_daemon(polls, .every = SECOND);
    go_daemon(polls_by_select, .every = SECOND);
    task_sleep(MILLISECOND);
}

Test(daemon, that_sleeps_in_a_loop_keeps_no_run_going) {
    EVERY_WORLD(serve_root, 20) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        cr_assert_eq(world.log->alive, 2);
        cr_assert_gt(world.log->now, 59 * SECOND, "what they do within the grace counts");
        cr_assert_leq(world.log->now, MINUTE + SECOND);
    }
}

static void with_a_task_root(void *arg) {
    (void)arg;
    go_daemon(polls, .every = SECOND);
    go(polls, .every = HOUR);
}

Test(daemon, beside_a_task_that_goes_on) {
    EVERY_WORLD(with_a_task_root, 20) {
        cr_assert_neq(world.end, RUN_QUIESCENT, "%s", world_name());
    }
}

static bool called;

TASK(callback, int unused;) {
    called = true;
}

static void with_a_callback_root(void *arg) {
    (void)arg;
    called = false;
    go_daemon(polls, .every = SECOND);
    after_func(HOUR, callback, .unused = 0);
}

Test(daemon, beside_a_callback_that_is_still_to_come) {
    EVERY_WORLD(with_a_callback_root, 20) {
        cr_assert(called || world.end != RUN_QUIESCENT, "%s", world_name());
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
    }
}

static void with_the_root_alive(void *arg) {
    (void)arg;
    go_daemon(polls, .every = SECOND);
    task_sleep(HOUR);
}

Test(daemon, while_the_root_lives) {
    EVERY_WORLD(with_the_root_alive, 5) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        cr_assert_geq(world.log->now, HOUR);
    }
}
