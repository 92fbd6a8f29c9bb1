// Mutexes and wait groups.
#include "core/tests/world.h"

static mutex mu;
static waitgroup wg;
static int inside, most_inside, passed, order[8];

static void reset(void) {
    mu = (mutex){0};
    wg = (waitgroup){0};
    inside = most_inside = passed = 0;
}

// --- mutex ----------------------------------------------------------------------------------------------

TASK(locker, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        mutex_lock(&mu);
        defer(mutex_unlock, &mu);
        inside++;
        most_inside = inside > most_inside ? inside : most_inside;
        task_yield();
        inside--;
        passed++;
    }
}

static void exclusion_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 4; i++)
        go(locker, .rounds = 3);
}

Test(mutex, only_one_task_is_inside_under_1000_seeds) {
    EVERY_WORLD(exclusion_root, 1000) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(most_inside, 1, "%s", world_name());
        cr_assert_eq(passed, 12, "%s", world_name());
    }
}

static void self_lock_root(void *arg) {
    (void)arg;
    reset();
    mutex_lock(&mu);
    mutex_lock(&mu);
}

Test(mutex, locked_twice_by_one_task_it_waits_for_ever) {
    EVERY_WORLD(self_lock_root, 3) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_MUTEX), 1, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_LOCK, 1)), WAIT_MUTEX);
    }
}

static void unlock_root(void *arg) {
    (void)arg;
    reset();
    mutex_lock(&mu);
    mutex_unlock(&mu);
    mutex_unlock(&mu);
}

Test(mutex, unlocking_an_unlocked_one_panics) {
    EVERY_WORLD(unlock_root, 3) {
        cr_assert_str_eq(world_panic(), "sync: unlock of unlocked mutex");
    }
}

TASK(unlocker, int unused;) {
    mutex_unlock(&mu);
}

static void unlock_by_other_root(void *arg) {
    (void)arg;
    reset();
    mutex_lock(&mu);
    go(unlocker, .unused = 0);
    mutex_lock(&mu);
}

Test(mutex, any_task_may_unlock) {
    EVERY_WORLD(unlock_by_other_root, 50) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void trylock_root(void *arg) {
    (void)arg;
    reset();
    EXPECT(mutex_trylock(&mu));
    EXPECT(!mutex_trylock(&mu));
    mutex_unlock(&mu);
    EXPECT(mutex_trylock(&mu));
}

Test(mutex, trylock_takes_it_only_when_free) {
    EVERY_WORLD(trylock_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_TRYLOCK, 0)->value, 1);
        cr_assert_eq(world_event(EV_TRYLOCK, 1)->value, 0);
        cr_assert(world_event(EV_TRYLOCK, 1)->flags & EVENT_FRUITLESS);
    }
}

TASK(holder, int number; int64_t hold;) {
    mutex_lock(&mu);
    order[passed++] = a->number;
    task_sleep(a->hold);
    mutex_unlock(&mu);
}

static void contended_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 4; i++) {
        go(holder, .number = i, .hold = SECOND);
        task_sleep(1);
    }
}

// Announced, a waiting lock has a record of its own once it goes through; inline it is the peer of
// the unlock that hands it over.
Test(mutex, a_waiting_lock_is_recorded_once) {
    EVERY_WORLD(contended_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
        int parked[5] = {0}, taken[5] = {0};
        for (uint32_t i = 0; i < world_count(EV_LOCK); i++) {
            const event *e = world_event(EV_LOCK, i);
            (e->flags & EVENT_PARKED ? parked : taken)[e->task]++;
        }
        for (uint32_t i = 0; i < world_count(EV_UNLOCK); i++)
            if (world_event(EV_UNLOCK, i)->peer != EVENT_NOBODY)
                taken[world_event(EV_UNLOCK, i)->peer]++;
        for (int t = 1; t <= 4; t++) {
            cr_assert_eq(parked[t], t > 1, "task %d, %s", t, world_name());
            cr_assert_eq(taken[t], 1, "task %d, %s", t, world_name());
        }
    }
}

Test(mutex, inline_the_oldest_waiter_is_next) {
    world_seed(contended_root, WORLD_INLINE);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(order[i], i);
    for (uint32_t i = 0; i < 3; i++)
        cr_assert_eq(world_event(EV_UNLOCK, i)->peer, i + 2);
}

static int orders_seen[6];

static void any_order_root(void *arg) {
    (void)arg;
    reset();
    mutex_lock(&mu);
    for (int i = 0; i < 3; i++)
        go(holder, .number = i, .hold = 0);
    task_sleep(1);
    mutex_unlock(&mu);
}

Test(mutex, announced_any_waiter_may_be_next) {
    for (int seed = 0; seed < 1000; seed++) {
        world_seed(any_order_root, seed);
        cr_assert(world_finished(), "%s", world_name());
        orders_seen[order[0] * 2 + (order[1] > order[2])]++;
    }
    for (int i = 0; i < 6; i++)
        cr_assert_gt(orders_seen[i], 50, "order %d was seen %d times", i, orders_seen[i]);
}

static int turns_of_overtaker[3];

TASK(overtaker, int unused;) {
    for (int i = 0; i < 3; i++) {
        mutex_lock(&mu);
        turns_of_overtaker[i] = passed;
        task_yield(); // the others come to wait
        mutex_unlock(&mu);
    }
}

static void overtaken_root(void *arg) {
    (void)arg;
    reset();
    go(overtaker, .unused = 0);
    for (int i = 0; i < 3; i++)
        go(holder, .number = i, .hold = 1);
}

Test(mutex, inline_nobody_overtakes_who_waits) {
    world_seed(overtaken_root, WORLD_INLINE);
    cr_assert(world_finished());
    for (int i = 0; i < 3; i++)
        cr_assert_eq(order[i], i);
    cr_assert_eq(turns_of_overtaker[0], 0);
    cr_assert_eq(turns_of_overtaker[1], 3, "it unlocks, and is behind all that waited");
}

// --- wait group -----------------------------------------------------------------------------------------

TASK(worker, int64_t takes;) {
    defer(waitgroup_done, &wg);
    task_sleep(a->takes);
    passed++;
}

static void join_root(void *arg) {
    (void)arg;
    reset();
    waitgroup_add(&wg, 3);
    for (int i = 0; i < 3; i++)
        go(worker, .takes = i * SECOND);
    waitgroup_wait(&wg);
    EXPECT(passed == 3 && time_now() == 2 * SECOND);
    waitgroup_wait(&wg); // at once
}

Test(waitgroup, wait_returns_when_the_last_is_done) {
    EVERY_WORLD(join_root, 300) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void zero_root(void *arg) {
    (void)arg;
    reset();
    waitgroup_wait(&wg);
    waitgroup_add(&wg, 2);
    waitgroup_add(&wg, -2);
    waitgroup_wait(&wg);
}

Test(waitgroup, at_zero_wait_does_not_park) {
    EVERY_WORLD(zero_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_not(world_event(EV_WAIT, 0)->flags & EVENT_PARKED);
    }
}

TASK(waits, int unused;) {
    waitgroup_wait(&wg);
    passed++;
}

static void many_wait_root(void *arg) {
    (void)arg;
    reset();
    waitgroup_add(&wg, 1);
    for (int i = 0; i < 5; i++)
        go(waits, .unused = 0);
    task_sleep(1);
    EXPECT(passed == 0);
    waitgroup_done(&wg);
}

Test(waitgroup, all_who_wait_are_woken) {
    EVERY_WORLD(many_wait_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(passed, 5, "%s", world_name());
    }
}

static void negative_root(void *arg) {
    (void)arg;
    reset();
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    waitgroup_done(&wg);
}

Test(waitgroup, done_too_often_panics) {
    EVERY_WORLD(negative_root, 3) {
        cr_assert_str_eq(world_panic(), "sync: negative WaitGroup counter");
    }
}

static void overflow_root(void *arg) {
    (void)arg;
    reset();
    waitgroup_add(&wg, INT32_MAX);
    waitgroup_add(&wg, 1);
}

Test(waitgroup, an_overflow_panics) {
    world_default(overflow_root);
    cr_assert_str_eq(world_panic(), "sync: WaitGroup counter overflow");
}

static void undercount_root(void *arg) {
    (void)arg;
    reset();
    waitgroup_add(&wg, 4);
    for (int i = 0; i < 3; i++)
        go(worker, .takes = 1);
    waitgroup_wait(&wg);
}

Test(waitgroup, a_done_that_never_comes_is_waited_for_for_ever) {
    EVERY_WORLD(undercount_root, 100) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_WAITGROUP), 1, "%s", world_name());
        cr_assert_eq(world.log->alive, 1);
    }
}

static void counter_root(void *arg) {
    (void)arg;
    reset();
    waitgroup_add(&wg, 3);
    waitgroup_done(&wg);
}

Test(waitgroup, the_record_holds_delta_and_counter) {
    world_default(counter_root);
    cr_assert_eq(world_event(EV_ADD, 0)->value, (int64_t)3 << 32 | 3);
    cr_assert_eq(world_event(EV_DONE, 0)->value, (int64_t)((uint64_t)-1 << 32 | 2));
}
