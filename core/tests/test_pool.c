// Pools: one test per rule, with the inline mode, the default schedule and 300 seeds.
#include "core/pool.h"

#include "core/tests/aftermath.h"
#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static pool p;
static int fresh;

static void *make(void) {
    fresh++;
    return run_alloc(sizeof(int));
}

static void reset(void) {
    p = (pool){.make = make};
    fresh = 0;
}

static void again_root(void *arg) {
    (void)arg;
    reset();
    int *a = pool_get(&p), *b = pool_get(&p);
    EXPECT(fresh == 2 && a != b);
    *a = 5;
    pool_put(&p, a);
    EXPECT(pool_get(&p) == a && *a == 5 && fresh == 2);
    pool_put(&p, a);
    pool_put(&p, b);
    int *c = pool_get(&p), *d = pool_get(&p);
    EXPECT((c == a && d == b) || (c == b && d == a));
    EXPECT(pool_get(&p) && fresh == 3);
    pool_put(&p, NULL);
    EXPECT(pool_get(&p) && fresh == 4);
}

Test(pool, what_was_put_is_handed_out_again_and_then_one_is_made) {
    EVERY_WORLD(again_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(left_open_count(NULL), 0, "nobody asked for it back");
    }
}

static void empty_root(void *arg) {
    (void)arg;
    p = (pool){0};
    EXPECT(pool_get(&p) == NULL);
    pool_put(&p, &fresh);
    EXPECT(pool_get(&p) == &fresh);
}

Test(pool, without_a_function_it_makes_nothing) {
    EVERY_WORLD(empty_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(world_event(EV_POOL_GET, 0)->flags & EVENT_FRUITLESS);
        cr_assert_not(world_event(EV_POOL_GET, 1)->flags & EVENT_FRUITLESS);
    }
}

static void twice_root(void *arg) {
    (void)arg;
    reset();
    int *a = pool_get(&p);
    pool_put(&p, a);
    pool_put(&p, a);
}

Test(pool, putting_an_object_twice_panics) {
    EVERY_WORLD(twice_root, 3) {
        cr_assert_str_eq(world_panic(), "pool: put of an object that is in the pool already");
    }
}

// --- under every schedule -----------------------------------------------------------------------------

static int users;

TASK(uses, int unused;) {
    int *mine = pool_get(&p);
    EXPECT(++*mine == 1); // nobody else has it
    users++;
    task_yield();
    --*mine;
    pool_put(&p, mine);
}

static void shared_root(void *arg) {
    (void)arg;
    reset();
    users = 0;
    go(uses, .unused = 0);
    go(uses, .unused = 0);
    go(uses, .unused = 0);
}

Test(pool, no_two_have_the_same_object_under_every_schedule) {
    int most = 0, least = 9;
    EVERY_SCHEDULE(shared_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(users, 3);
        most = fresh > most ? fresh : most;
        least = fresh < least ? fresh : least;
    }
    cr_assert(most == 3 && least == 1, "%d to %d were fresh", least, most);
}

static bool came;

TASK(gives, int unused;) {
    pool_put(&p, &fresh);
}

static void polls_root(void *arg) {
    (void)arg;
    p = (pool){0};
    came = false;
    go(gives, .unused = 0);
    while (!pool_get(&p))
        continue;
    came = true;
}

Test(pool, who_polls_it_lets_others_put) {
    EVERY_WORLD(polls_root, SEEDS) {
        cr_assert(world_finished() && came, "%s", world_name());
    }
}

// --- lending ----------------------------------------------------------------------------------------

static void lends_root(void *arg) {
    (void)arg;
    reset();
    p.lends = "buffer";
    int *a = pool_get(&p), *b = pool_get(&p);
    pool_put(&p, a);
    EXPECT(pool_get(&p) == a);
    defer(pool_put, &p, b);
}

Test(pool, what_it_lends_must_come_back) {
    EVERY_WORLD(lends_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(left_open_count("buffer"), 1, "%s", world_name());
        cr_assert_eq(world_count(EV_OPEN), 3);
    }
}

static void foreign_root(void *arg) {
    (void)arg;
    reset();
    p.lends = "buffer";
    pool_put(&p, &fresh);
}

Test(pool, what_it_did_not_lend_is_misuse) {
    EVERY_WORLD(foreign_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)world_event(EV_MISUSE, 0)->value),
                         "buffer was put into a pool that had not handed it out");
    }
}

static void lent_twice_root(void *arg) {
    (void)arg;
    reset();
    p.lends = "buffer";
    int *a = pool_get(&p);
    pool_put(&p, a);
    pool_put(&p, a);
}

Test(pool, lending_too_putting_an_object_twice_panics) {
    EVERY_WORLD(lent_twice_root, 3) {
        cr_assert_str_eq(world_panic(), "pool: put of an object that is in the pool already");
        cr_assert_eq(world_count(EV_MISUSE), 0);
    }
}

static void bounded_root(void *arg) {
    (void)arg;
    size_t before = 0;
    reset();
    p.lends = "buffer";
    for (int i = 0; i < 1000; i++) {
        pool_put(&p, pool_get(&p));
        if (i == 10)
            before = run_heap_used();
    }
    EXPECT(fresh == 1 && run_heap_used() == before);
}

Test(pool, going_round_needs_no_memory) {
    EVERY_WORLD(bounded_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}
