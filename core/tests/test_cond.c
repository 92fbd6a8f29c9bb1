// Condition variables: one test per rule, with the inline mode, the default schedule and 300 seeds.
#include "core/cond.h"

#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static cond c;
static mutex mu;
static int items, taken, count, order[8];

static void reset(void) {
    c = (cond){0};
    mu = (mutex){0};
    items = taken = count = 0;
}

// --- waking ---------------------------------------------------------------------------------------

TASK(waits, int number;) {
    mutex_lock(&mu);
    cond_wait(&c, &mu);
    EXPECT(mu.owner == task_id() + 1);
    order[count++] = a->number;
    mutex_unlock(&mu);
}

static void queue_of(int n) {
    reset();
    for (int i = 0; i < n; i++) {
        go(waits, .number = i);
        task_sleep(1);
    }
}

static void in_order_root(void *arg) {
    (void)arg;
    queue_of(4);
    for (int i = 0; i < 4; i++) {
        cond_signal(&c);
        task_sleep(1);
        EXPECT(count == i + 1);
    }
}

Test(cond, a_signal_wakes_the_one_that_waited_longest) {
    EVERY_WORLD(in_order_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        for (int i = 0; i < 4; i++) {
            cr_assert_eq(order[i], i, "%s", world_name());
            cr_assert_eq(world_event(EV_SIGNAL, (uint32_t)i)->peer, (uint32_t)i + 1, "%s",
                         world_name());
        }
    }
}

static void one_root(void *arg) {
    (void)arg;
    queue_of(3);
    cond_signal(&c);
}

Test(cond, a_signal_wakes_only_one) {
    EVERY_WORLD(one_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(count, 1, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_COND), 2, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_COND_WAIT, 0)), WAIT_COND);
    }
}

static void all_root(void *arg) {
    (void)arg;
    queue_of(4);
    cond_broadcast(&c);
}

Test(cond, a_broadcast_wakes_all) {
    EVERY_WORLD(all_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(count, 4, "%s", world_name());
        cr_assert_eq(world_event(EV_BROADCAST, 0)->peer, 1);
        cr_assert_eq(world_count(EV_WAKE), 3);
    }
}

static void lost_root(void *arg) {
    (void)arg;
    reset();
    cond_signal(&c);
    cond_broadcast(&c);
    go(waits, .number = 0);
}

Test(cond, what_finds_nobody_waiting_is_lost) {
    EVERY_WORLD(lost_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_COND), 1, "%s", world_name());
    }
}

// --- the mutex ------------------------------------------------------------------------------------

static void releases_root(void *arg) {
    (void)arg;
    reset();
    go(waits, .number = 0);
    task_sleep(1);
    mutex_lock(&mu);
    cond_signal(&c);
    task_sleep(1);
    EXPECT(count == 0);
    mutex_unlock(&mu);
}

Test(cond, wait_gives_the_mutex_back_and_returns_with_it) {
    EVERY_WORLD(releases_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(count, 1);
        cr_assert_eq(world_event(EV_COND_WAIT, 0)->value, mu.object.id);
    }
}

TASK(locks_next, int unused;) {
    mutex_lock(&mu);
    cond_signal(&c);
    mutex_unlock(&mu);
}

static void handed_root(void *arg) {
    (void)arg;
    reset();
    mutex_lock(&mu);
    go(locks_next, .unused = 0);
    task_sleep(1);
    cond_wait(&c, &mu);
    mutex_unlock(&mu);
}

Test(cond, who_waits_for_the_mutex_gets_it_from_a_wait) {
    EVERY_WORLD(handed_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void unlocked_root(void *arg) {
    (void)arg;
    reset();
    cond_wait(&c, &mu);
}

Test(cond, waiting_with_the_mutex_unlocked_panics) {
    EVERY_WORLD(unlocked_root, SEEDS) {
        cr_assert_str_eq(world_panic(), "sync: unlock of unlocked mutex");
    }
}

// --- no wake-up is lost -----------------------------------------------------------------------------

TASK(consumer, int want;) {
    for (int i = 0; i < a->want; i++) {
        mutex_lock(&mu);
        while (items == 0)
            cond_wait(&c, &mu);
        items--;
        taken++;
        mutex_unlock(&mu);
    }
}

TASK(producer, int n;) {
    for (int i = 0; i < a->n; i++) {
        mutex_lock(&mu);
        items++;
        cond_signal(&c);
        mutex_unlock(&mu);
    }
}

static void queue_root(void *arg) {
    (void)arg;
    reset();
    go(consumer, .want = 3);
    go(consumer, .want = 3);
    go(producer, .n = 4);
    go(producer, .n = 2);
}

Test(cond, a_queue_under_a_mutex_loses_no_wake_up) {
    EVERY_WORLD(queue_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(taken, 6, "%s", world_name());
    }
}

static void small_queue_root(void *arg) {
    (void)arg;
    reset();
    go(consumer, .want = 1);
    go(consumer, .want = 1);
    go(producer, .n = 2);
}

Test(cond, nor_under_any_schedule_of_a_small_one) {
    EVERY_SCHEDULE(small_queue_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(taken, 2);
    }
}

static void unlocked_signal_root(void *arg) {
    (void)arg;
    reset();
    go(waits, .number = 0);
    cond_signal(&c); // without the mutex: it may come before the wait
}

Test(cond, a_signal_without_the_mutex_can_come_too_early) {
    int in_time = 0, early = 0;
    EVERY_SCHEDULE(unlocked_signal_root, 1000) {
        in_time += world_finished();
        early += world_waiting(WAIT_COND) == 1;
    }
    cr_assert(in_time && early, "%d and %d", in_time, early);
}
