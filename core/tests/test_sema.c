// Weighted semaphores: one test per rule, with the inline mode, the default schedule and 300 seeds.
#include "core/sema.h"

#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static sema s;
static int count, used, most_used;
static char order[16];

static void reset(int64_t size) {
    s = (sema){.size = size};
    count = used = most_used = 0;
    memset(order, 0, sizeof order);
}

// --- permits --------------------------------------------------------------------------------------

TASK(user, int rounds; int n;) {
    for (int i = 0; i < a->rounds; i++) {
        EXPECT(sema_acquire(&s, ctx_background(), a->n) == OK);
        used += a->n;
        most_used = used > most_used ? used : most_used;
        task_yield();
        used -= a->n;
        count++;
        sema_release(&s, a->n);
    }
}

static void users_root(void *arg) {
    (void)arg;
    reset(3);
    for (int i = 0; i < 4; i++)
        go(user, .rounds = 3, .n = 1 + i % 3);
}

Test(sema, it_holds_its_size) {
    int most = 0;
    EVERY_WORLD(users_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(count, 12, "%s", world_name());
        cr_assert_leq(most_used, 3, "%s", world_name());
        cr_assert_eq(s.held, 0);
        most = most_used > most ? most_used : most;
    }
    cr_assert_eq(most, 3);
}

static void two_root(void *arg) {
    (void)arg;
    reset(2);
    go(user, .rounds = 1, .n = 2);
    go(user, .rounds = 1, .n = 1);
    go(user, .rounds = 1, .n = 1);
}

Test(sema, under_every_schedule_of_three) {
    EVERY_SCHEDULE(two_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(count, 3);
        cr_assert_leq(most_used, 2);
    }
}

// --- the queue ------------------------------------------------------------------------------------

TASK(queued, char name; int n; int64_t hold; ctx *ctx;) {
    ctx *c = a->ctx ? a->ctx : ctx_background();
    if (sema_acquire(&s, c, a->n) != OK) {
        order[count++] = '-';
        return;
    }
    order[count++] = a->name;
    task_sleep(a->hold);
    sema_release(&s, a->n);
}

// 2 of 3 are taken; B asks for 3, then c for 1, which is free.
static void starving_root(void *arg) {
    (void)arg;
    reset(3);
    go(queued, .name = 'a', .n = 2, .hold = 10);
    task_sleep(1);
    go(queued, .name = 'B', .n = 3, .hold = 10);
    task_sleep(1);
    go(queued, .name = 'c', .n = 1, .hold = 10);
    task_sleep(1);
    EXPECT(!sema_try(&s, 1));
}

Test(sema, a_big_request_is_not_overtaken_by_small_ones) {
    EVERY_WORLD(starving_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(order, "aBc", "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_ACQUIRE, 1)), WAIT_SEMA);
        cr_assert_eq(world_event(EV_ACQUIRE, 1)->value, 3);
    }
}

static void many_root(void *arg) {
    (void)arg;
    reset(3);
    EXPECT(sema_try(&s, 3));
    for (int i = 0; i < 4; i++) {
        go(queued, .name = (char)('a' + i), .n = 1, .hold = 10);
        task_sleep(1);
    }
    sema_release(&s, 3);
    task_sleep(1);
    EXPECT(count == 3 && s.held == 3);
}

Test(sema, one_release_serves_as_many_as_it_reaches_in_order) {
    EVERY_WORLD(many_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(count, 4);
        cr_assert_eq(order[3], 'd', "%s", world_name());
        cr_assert_eq(world_event(EV_SEMA_RELEASE, 0)->peer, 1);
    }
}

// --- contexts -------------------------------------------------------------------------------------

static void ended_root(void *arg) {
    (void)arg;
    reset(1);
    ctx *c = ctx_with_cancel(ctx_background());
    ctx_cancel(c);
    EXPECT(sema_acquire(&s, c, 1) == ERR_CANCELED);
    EXPECT(s.held == 0);
}

Test(sema, an_ended_context_gets_nothing_though_permits_are_free) {
    EVERY_WORLD(ended_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void deadline_root(void *arg) {
    (void)arg;
    reset(1);
    EXPECT(sema_try(&s, 1));
    ctx *c = ctx_with_timeout(ctx_background(), 5);
    EXPECT(sema_acquire(&s, c, 1) == ERR_DEADLINE);
    EXPECT(time_now() == 5 && s.held == 1 && !s.waiters.first);
}

Test(sema, the_end_of_the_context_ends_the_wait) {
    EVERY_WORLD(deadline_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// B waits in front of c, which could go; B's context ends.
static void leaving_root(void *arg) {
    (void)arg;
    reset(3);
    ctx *c = ctx_with_cancel(ctx_background());
    EXPECT(sema_try(&s, 2));
    go(queued, .name = 'B', .n = 3, .ctx = c);
    task_sleep(1);
    go(queued, .name = 'c', .n = 1);
    task_sleep(1);
    EXPECT(count == 0);
    ctx_cancel(c);
    task_sleep(1);
    EXPECT(count == 2 && s.held == 2);
}

Test(sema, who_leaves_the_first_place_lets_those_behind_go_on) {
    EVERY_WORLD(leaving_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(strchr(order, '-') && strchr(order, 'c'), "%s", world_name());
        cr_assert_eq(world_event(EV_CANCEL, 0)->peer, 1);
        cr_assert_eq(world_event(EV_WAKE, 0)->task, 2);
        cr_assert_eq(world_event(EV_WAKE, 0)->value, 0);
    }
}

static void same_ctx_root(void *arg) {
    (void)arg;
    reset(2);
    ctx *c = ctx_with_cancel(ctx_background());
    EXPECT(sema_try(&s, 1));
    go(queued, .name = 'B', .n = 2, .ctx = c);
    task_sleep(1);
    go(queued, .name = 'c', .n = 1, .ctx = c);
    task_sleep(1);
    go(queued, .name = 'd', .n = 1);
    task_sleep(1);
    ctx_cancel(c);
}

Test(sema, nobody_is_served_whose_context_has_ended) {
    EVERY_WORLD(same_ctx_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(count, 3);
        cr_assert(!strchr(order, 'c') && strchr(order, 'd'), "%s, %s", order, world_name());
        cr_assert_eq(s.held, 1);
    }
}

static void too_much_root(void *arg) {
    (void)arg;
    reset(2);
    ctx *c = ctx_with_timeout(ctx_background(), 100);
    go(queued, .name = 'X', .n = 3, .ctx = c);
    task_sleep(1);
    EXPECT(sema_acquire(&s, ctx_background(), 2) == OK);
    EXPECT(time_now() == 1);
}

Test(sema, asking_for_more_than_there_are_waits_for_the_context_and_holds_up_nobody) {
    EVERY_WORLD(too_much_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(order, "-");
        cr_assert_eq(world_event(EV_END, 0)->time, 100);
    }
}

TASK(cancels, ctx *ctx;) {
    ctx_cancel(a->ctx);
}

TASK(releases, int n;) {
    sema_release(&s, a->n);
}

static int got, got_nothing;
static err last;

static void race_root(void *arg) {
    (void)arg;
    reset(1);
    ctx *c = ctx_with_cancel(ctx_background());
    EXPECT(sema_try(&s, 1));
    go(cancels, .ctx = c);
    go(releases, .n = 1);
    err e = sema_acquire(&s, c, 1);
    last = e;
    got += e == OK;
    got_nothing += e == ERR_CANCELED;
}

Test(sema, cancel_against_release_gives_one_or_the_other_and_loses_nothing) {
    got = got_nothing = 0;
    EVERY_SCHEDULE(race_root, 5000) {
        cr_assert(world_finished());
        cr_assert_eq(s.held, last == OK);
    }
    cr_assert(got && got_nothing, "%d and %d", got, got_nothing);
}

// --- try, misuse ------------------------------------------------------------------------------------

static void try_root(void *arg) {
    (void)arg;
    reset(3);
    EXPECT(sema_try(&s, 0));
    EXPECT(sema_try(&s, 2));
    EXPECT(!sema_try(&s, 2));
    EXPECT(sema_try(&s, 1));
    EXPECT(!sema_try(&s, 1));
    sema_release(&s, 3);
    EXPECT(!sema_try(&s, 4));
}

Test(sema, trying_takes_only_what_is_free) {
    EVERY_WORLD(try_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_TRYACQUIRE, 1)->value, 2);
        cr_assert(world_event(EV_TRYACQUIRE, 2)->flags & EVENT_FRUITLESS);
    }
}

static void over_release_root(void *arg) {
    (void)arg;
    reset(3);
    EXPECT(sema_try(&s, 1));
    sema_release(&s, 2);
}

Test(sema, releasing_more_than_is_held_panics) {
    EVERY_WORLD(over_release_root, SEEDS) {
        cr_assert_str_eq(world_panic(), "semaphore: released more than held");
    }
}

static void negative_root(void *arg) {
    (void)arg;
    reset(3);
    sema_acquire(&s, ctx_background(), -1);
}

Test(sema, a_negative_number_of_permits_panics) {
    EVERY_WORLD(negative_root, 3) {
        cr_assert_str_eq(world_panic(), "semaphore: -1 permits");
    }
}

static void made_root(void *arg) {
    (void)arg;
    reset(7);
    EXPECT(sema_try(&s, 1));
}

Test(sema, the_record_of_its_making_tells_its_size) {
    world_default(made_root);
    cr_assert_eq(world_event(EV_MAKE, 0)->peer, 7);
    cr_assert_eq(world_event(EV_MAKE, 0)->value >> 32, OBJECT_SEMA);
}
