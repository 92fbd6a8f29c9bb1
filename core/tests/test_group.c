// Groups: one test per rule, with the inline mode, the default schedule and 300 seeds.
#include "core/group.h"

#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static group g;
static int done, inside, most_inside, cancelled, order[8], started;

static void reset(void) {
    g = (group){0};
    done = inside = most_inside = cancelled = started = 0;
}

GROUP_TASK(work, err result; int64_t takes; int number;) {
    order[started++ % 8] = a->number;
    most_inside = ++inside > most_inside ? inside : most_inside;
    if (a->takes)
        task_sleep(a->takes);
    else
        task_yield();
    inside--;
    done++;
    return a->result;
}

// --- wait -----------------------------------------------------------------------------------------

static void wait_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 4; i++)
        group_go(&g, work, .takes = i);
    EXPECT(group_wait(&g) == OK);
    EXPECT(done == 4);
    EXPECT(group_wait(&g) == OK);
}

Test(group, wait_returns_when_all_have_returned) {
    EVERY_WORLD(wait_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_GROUP_DONE), 4);
    }
}

static void small_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 1);
    group_go(&g, work, .result = ERR_EOF);
    group_go(&g, work, .result = ERR_EOF);
    EXPECT(group_wait(&g) == ERR_EOF);
    EXPECT(done == 2 && most_inside == 1);
}

Test(group, under_every_schedule_of_two_behind_a_limit) {
    EVERY_SCHEDULE(small_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(world_count(EV_MISUSE), 0);
    }
}

static void empty_root(void *arg) {
    (void)arg;
    reset();
    EXPECT(group_wait(&g) == OK);
}

Test(group, an_empty_one_is_over_at_once) {
    EVERY_WORLD(empty_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void stuck_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 0);
    group_go(&g, work, .takes = 1);
}

Test(group, with_a_limit_of_none_a_start_waits_for_ever) {
    EVERY_WORLD(stuck_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_GROUP_GO), 1, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_GROUP_GO, 0)), WAIT_GROUP_GO);
    }
}

GROUP_TASK(never, signal_chan c;) {
    chan_recv(a->c, NULL);
    return OK;
}

static void leak_root(void *arg) {
    (void)arg;
    signal_chan c;
    reset();
    chan_make(&c, 0);
    group_go(&g, never, .c = c);
    group_wait(&g);
}

Test(group, wait_waits_for_a_task_that_never_returns) {
    EVERY_WORLD(leak_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_GROUP_WAIT), 1, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_GROUP_WAIT, 0)), WAIT_GROUP_WAIT);
    }
}

// --- errors -----------------------------------------------------------------------------------------

static void first_root(void *arg) {
    (void)arg;
    reset();
    group_go(&g, work, .takes = 30, .result = ERR_EOF);
    group_go(&g, work, .takes = 20);
    group_go(&g, work, .takes = 10, .result = ERR_RESET);
    EXPECT(group_wait(&g) == ERR_RESET);
    EXPECT(done == 3);
}

Test(group, the_first_error_counts) {
    EVERY_WORLD(first_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_GROUP_ERR), 2);
    }
}

static int eof_first, reset_first;

static void either_root(void *arg) {
    (void)arg;
    reset();
    group_go(&g, work, .result = ERR_EOF);
    group_go(&g, work, .result = ERR_RESET);
    err e = group_wait(&g);
    eof_first += e == ERR_EOF;
    reset_first += e == ERR_RESET;
}

Test(group, which_of_two_errors_is_first_is_the_schedules_choice) {
    eof_first = reset_first = 0;
    EVERY_WORLD(either_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
    cr_assert(eof_first && reset_first);
}

GROUP_TASK(until_cancelled, ctx *ctx;) {
    err e = ctx_sleep(a->ctx, HOUR);
    cancelled += e == ERR_CANCELED;
    return e;
}

static void cancel_root(void *arg) {
    (void)arg;
    reset();
    ctx *c = group_with_ctx(&g, ctx_background());
    group_go(&g, until_cancelled, .ctx = c);
    group_go(&g, until_cancelled, .ctx = c);
    group_go(&g, work, .takes = 10, .result = ERR_EOF);
    EXPECT(group_wait(&g) == ERR_EOF);
    EXPECT(time_now() == 10 && cancelled == 2);
    EXPECT(ctx_err(c) == ERR_CANCELED && ctx_cause(c) == ERR_EOF);
}

Test(group, the_first_error_ends_the_context) {
    EVERY_WORLD(cancel_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void wait_cancels_root(void *arg) {
    (void)arg;
    reset();
    ctx *c = group_with_ctx(&g, ctx_background());
    group_go(&g, work, .takes = 10);
    EXPECT(ctx_err(c) == OK);
    EXPECT(group_wait(&g) == OK);
    EXPECT(ctx_err(c) == ERR_CANCELED && ctx_cause(c) == ERR_CANCELED);
}

Test(group, wait_ends_the_context_too) {
    EVERY_WORLD(wait_cancels_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- the limit --------------------------------------------------------------------------------------

static void limit_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 2);
    for (int i = 0; i < 6; i++)
        group_go(&g, work, .takes = 10);
    EXPECT(group_wait(&g) == OK);
    EXPECT(done == 6 && most_inside == 2 && time_now() == 30);
}

Test(group, no_more_than_the_limit_are_active) {
    EVERY_WORLD(limit_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

TASK(starter, int number;) {
    group_go(&g, work, .takes = 10, .number = a->number);
}

static void starters_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 1);
    for (int i = 0; i < 4; i++) {
        go(starter, .number = i);
        task_sleep(1);
    }
    task_sleep(100);
    EXPECT(group_wait(&g) == OK);
}

Test(group, who_waits_to_start_is_served_in_order) {
    EVERY_WORLD(starters_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        for (int i = 0; i < 4; i++)
            cr_assert_eq(order[i], i, "%s", world_name());
    }
}

static void try_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 1);
    EXPECT(group_try_go(&g, work, .takes = 10));
    EXPECT(!group_try_go(&g, work, .takes = 10));
    task_sleep(20);
    EXPECT(group_try_go(&g, work, .takes = 10));
    EXPECT(group_wait(&g) == OK);
    EXPECT(done == 2);
}

Test(group, trying_starts_one_only_where_there_is_room) {
    EVERY_WORLD(try_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(world_event(EV_GROUP_GO, 1)->flags & EVENT_FRUITLESS);
    }
}

static void no_limit_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 1);
    group_set_limit(&g, -1);
    for (int i = 0; i < 5; i++)
        EXPECT(group_try_go(&g, work, .takes = 10));
    EXPECT(group_wait(&g) == OK);
    EXPECT(most_inside == 5);
}

Test(group, a_negative_limit_is_none) {
    EVERY_WORLD(no_limit_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void modify_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 2);
    group_go(&g, never, .c = {0});
    group_set_limit(&g, 3);
}

Test(group, modifying_the_limit_of_an_active_one_panics) {
    EVERY_WORLD(modify_root, SEEDS) {
        cr_assert_str_eq(world_panic(),
                         "errgroup: modify limit while 1 goroutines in the group are still active");
    }
}

// --- after wait -------------------------------------------------------------------------------------

static void late_root(void *arg) {
    (void)arg;
    reset();
    group_go(&g, work, .takes = 1);
    group_wait(&g);
    group_go(&g, work, .takes = 1);
}

Test(group, starting_after_wait_has_returned_is_misuse) {
    EVERY_WORLD(late_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(done, 2);
        cr_assert_eq(world_count(EV_MISUSE), 1, "%s", world_name());
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)world_event(EV_MISUSE, 0)->value),
                         "work was started in a group after its wait had returned");
    }
}

GROUP_TASK(starts_another, int unused;) {
    task_yield();
    group_go(&g, work, .takes = 5);
    return OK;
}

static void nested_root(void *arg) {
    (void)arg;
    reset();
    group_go(&g, starts_another, .unused = 0);
    EXPECT(group_wait(&g) == OK);
    EXPECT(done == 1);
}

Test(group, a_task_may_start_others_while_it_runs) {
    EVERY_WORLD(nested_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_MISUSE), 0, "%s", world_name());
    }
}
