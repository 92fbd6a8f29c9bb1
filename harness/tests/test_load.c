// When a load ends: by its time, by how many tasks are alive, by how many there ever were.
#include "core/tests/world.h"
#include "harness/limits.h"
#include "harness/runner/env.c"

static event_log counters; // what load_next believes of the run
static load offered;
static int64_t requests;

static void drive(void *arg) {
    (void)arg;
    load l = offered;
    while (load_next(&l) && load_count(&l) < 1000)
        ;
    requests = load_count(&l);
}

// How many requests come when so many tasks are alive and were started at all.
static int64_t requests_of(uint32_t alive, uint32_t started, int64_t until) {
    counters.alive = alive;
    counters.started = started;
    offered = (load){.every = MILLISECOND, .until = until, .max_tasks = 500, .log = &counters};
    world_default(drive);
    return requests;
}

Test(load, goes_on_while_nothing_ends_it) {
    cr_assert_eq(requests_of(499, 999999, INT64_MAX), 1000);
}

Test(load, ends_with_its_time) {
    cr_assert_eq(requests_of(1, 1, 20 * MILLISECOND), 20);
}

Test(load, ends_when_too_many_tasks_are_alive) {
    cr_assert_eq(requests_of(500, 1, INT64_MAX), 0);
}

Test(load, ends_when_too_many_tasks_were_started) {
    cr_assert_eq(requests_of(1, limits_started(500), INT64_MAX), 0);
}

Test(load, a_million_tasks_at_least_may_be_started) {
    cr_assert_eq(limits_started(1), 1000000);
    cr_assert_eq(limits_started(200000), 1000000);
    cr_assert_eq(limits_started(1000000), 5000000);
    cr_assert_eq(limits_started(UINT32_MAX), UINT32_MAX);
}
