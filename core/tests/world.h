// world: runs a root function as one world and hands its log to a test.
//
//     EVERY_WORLD(root, 1000) {                      // inline, the default schedule, 1,000 seeds
//         cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
//     }
//
// Tasks must not call cr_assert, which leaves by longjmp: they say EXPECT, and the test fails once
// the run is over. A root sets every static variable it uses, for one test runs it many times.
#pragma once

#include "core/chan.h"
#include "core/ctx.h"
#include "core/heap.h"
#include "core/inspect.h"
#include "core/panic.h"
#include "core/resource.h"
#include "core/run.h"
#include "core/select.h"
#include "core/sync.h"
#include "core/task.h"
#include "core/timer.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define WORLD_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WORLD_ASAN 1
#endif
#endif
#ifndef WORLD_ASAN
#define WORLD_ASAN 0
#endif

typedef chan_of(int) int_chan;

enum { WORLD_INLINE = -2, WORLD_DEFAULT = -1, WORLD_EVENTS = 1 << 14 };

static struct {
    event_log *log;
    struct run_config config; // set what differs from the defaults before a run
    enum run_end end;         // of the last run
    int64_t seed;             // of the last run, or WORLD_INLINE, WORLD_DEFAULT
    const char *failed;       // the first EXPECT that did not hold
    int line;                 // where it stands
    struct policy_random random;
} world = {.seed = WORLD_INLINE - 1};

#define EXPECT(condition)                                                                          \
    ((condition) || world.failed ? (void)0                                                         \
                                 : (void)(world.failed = #condition, world.line = __LINE__))

// "inline", "default" or "seed N", for the message of a failed assertion.
__attribute__((unused)) static const char *world_name(void) {
    static char text[40];
    if (world.seed >= 0)
        snprintf(text, sizeof text, "seed %" PRId64, world.seed);
    return world.seed == WORLD_INLINE ? "inline" : world.seed == WORLD_DEFAULT ? "default" : text;
}

// From here on runs write a log of this size; `capacity` is a power of two.
static void world_log_use(uint32_t capacity, bool ring) {
    free(world.log);
    world.log = calloc(1, event_log_size(capacity));
    cr_assert_not_null(world.log);
    event_log_init(world.log, capacity, ring);
}

static const event_log *world_run(task_fn *root, struct policy *policy) {
    if (!world.log)
        world_log_use(WORLD_EVENTS, false);
    world.config.log = world.log;
    world.config.policy = policy;
    world.failed = NULL;
    world.end = run_world(&world.config, root, NULL);
    cr_assert_null(world.failed, "line %d, %s: expected %s", world.line, world_name(),
                   world.failed);
    return world.log;
}

static const event_log *world_seed(task_fn *root, int64_t seed) {
    world.seed = seed;
    return world_run(root, seed == WORLD_INLINE ? policy_fifo()
                           : seed == WORLD_DEFAULT
                               ? policy_default()
                               : policy_random_init(&world.random, (uint64_t)seed));
}

__attribute__((unused)) static const event_log *world_default(task_fn *root) {
    return world_seed(root, WORLD_DEFAULT);
}

__attribute__((unused)) static bool world_next(task_fn *root, int64_t seeds) {
    if (world.seed + 1 >= seeds) {
        world.seed = WORLD_INLINE - 1;
        return false;
    }
    world_seed(root, world.seed + 1);
    return true;
}

#define EVERY_WORLD(root, seeds) while (world_next((root), (seeds)))

// --- reading the log ------------------------------------------------------------------------------

// The n-th record of a kind (0: the first), NULL: there are fewer.
__attribute__((unused)) static const event *world_event(enum event_kind kind, uint32_t n) {
    for (uint64_t i = 0; i < world.log->head; i++)
        if (world.log->events[i].kind == kind && n-- == 0)
            return &world.log->events[i];
    return NULL;
}

__attribute__((unused)) static uint32_t world_count(enum event_kind kind) {
    uint32_t n = 0;
    while (world_event(kind, n))
        n++;
    return n;
}

// The sentence of the run's panic, "" when there was none.
__attribute__((unused)) static const char *world_panic(void) {
    const event *e = world_event(EV_PANIC, 0);
    return e ? event_log_string(world.log, (uint32_t)e->value) : "";
}

__attribute__((unused)) static uint32_t world_waiting(enum wait_reason reason) {
    return world.log->waiting[reason];
}

// The run ended undisturbed, and nobody was left.
__attribute__((unused)) static bool world_finished(void) {
    return world.end == RUN_QUIESCENT && world.log->alive == 0;
}
