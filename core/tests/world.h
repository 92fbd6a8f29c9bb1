// world: runs a root function as one world and hands its log to a test.
//
//     EVERY_WORLD(root, 1000) {     // inline, restless and not, the default schedule, 1,000 seeds
//         cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
//     }
//
// Each root is first run with its first allocation failing, then with its second, and so on: such a
// run must end with one sentence or as if nothing had happened, and leave the next one as it would
// have been. UNSTUCK_NO_FAILING in the environment keeps that out of a debugger's way.
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

enum { WORLD_RESTLESS = -3, WORLD_INLINE = -2, WORLD_DEFAULT = -1, WORLD_EVENTS = 1 << 14 };

static struct {
    event_log *log;
    struct run_config config; // set what differs from the defaults before a run
    enum run_end end;         // of the last run
    int64_t seed;             // of the last run, or WORLD_RESTLESS, WORLD_INLINE, WORLD_DEFAULT
    const char *failed;       // the first EXPECT that did not hold
    int line;                 // where it stands
    struct policy_random random;
} world = {.seed = WORLD_RESTLESS - 1};

#define EXPECT(condition)                                                                          \
    ((condition) || world.failed ? (void)0                                                         \
                                 : (void)(world.failed = #condition, world.line = __LINE__))

// "restless", "inline", "default" or "seed N", for the message of a failed assertion.
__attribute__((unused)) static const char *world_name(void) {
    static char text[40];
    if (world.seed >= 0)
        snprintf(text, sizeof text, "seed %" PRId64, world.seed);
    static const char *const names[] = {"restless", "inline", "default"};
    return world.seed < 0 ? names[world.seed - WORLD_RESTLESS] : text;
}

// From here on runs write a log of this size; `capacity` is a power of two.
static void world_log_use(uint32_t capacity, bool ring) {
    free(world.log);
    world.log = calloc(1, event_log_size(capacity));
    cr_assert_not_null(world.log);
    event_log_init(world.log, capacity, ring);
}

// --- failing allocations ------------------------------------------------------------------------------

enum { FAILING_ROOTS = 256, FAILING_EVENTS = 1 << 12, FAILING_FRESH = 8, FAILING_ALL = 200 };

static struct {
    struct {
        task_fn *root;
        bool announce;
    } done[FAILING_ROOTS]; // tried already
    size_t count;
    event events[FAILING_EVENTS]; // of a run in which nothing failed
} failing;

// The log tells of memory, and of nothing else that went wrong.
static bool failing_is_told(void) {
    const event *panic = NULL;
    uint32_t panics = 0;
    for (uint64_t i = 0; i < world.log->head; i++)
        if (world.log->events[i].kind == EV_PANIC && panics++ == 0)
            panic = &world.log->events[i];
    const char *text = panic ? event_log_string(world.log, (uint32_t)panic->value) : "";
    return panics == 1 && strncmp(text, "out of memory: ", 15) == 0;
}

// One run in which allocation number n fails. False: the run does not come to it. `undisturbed`: how
// it ends otherwise, RUN_UNFINISHED: not known.
static bool failing_run(task_fn *root, enum run_end undisturbed, uint64_t n) {
    world.config.fail_allocation = n;
    enum run_end end = run_world(&world.config, root, NULL);
    world.config.fail_allocation = 0;
    if (run_allocations() < n)
        return false;
    cr_assert_null(world.failed, "line %d, allocation %" PRIu64 " fails: expected %s", world.line,
                   n, world.failed);
    cr_assert(!undisturbed || end == undisturbed || (end == RUN_PANICKED && failing_is_told()),
              "allocation %" PRIu64 " fails, and the run ends by %d", n, end);
    return true;
}

static bool failing_is_new(task_fn *root, const struct policy *policy) {
    for (size_t i = 0; i < failing.count; i++)
        if (failing.done[i].root == root && failing.done[i].announce == policy->announce)
            return false;
    failing.done[failing.count].root = root;
    failing.done[failing.count++].announce = policy->announce;
    return failing.count < FAILING_ROOTS;
}

// Every one of the first, then one in eight.
static void failing_runs(task_fn *root, const struct policy *policy) {
    bool plain = policy == policy_fifo() || policy == policy_default();
    if (getenv("UNSTUCK_NO_FAILING") || !plain || world.config.clock != CLOCK_VIRTUAL ||
        world.log->ring || !failing_is_new(root, policy))
        return;
    for (uint64_t n = 1; n <= FAILING_FRESH; n++) // the machine's memory, which later runs have
        failing_run(root, RUN_UNFINISHED, n);
    enum run_end undisturbed = run_world(&world.config, root, NULL);
    uint64_t head = world.log->head;
    size_t bytes = (head < FAILING_EVENTS ? head : FAILING_EVENTS) * sizeof(event);
    memcpy(failing.events, world.log->events, bytes);
    for (uint64_t n = 1; failing_run(root, undisturbed, n); n += n < FAILING_ALL ? 1 : n / 8)
        continue;
    run_world(&world.config, root, NULL);
    cr_assert_eq(world.log->head, head, "the run after those that failed is another");
    cr_assert_arr_eq(world.log->events, failing.events, bytes, "the run after is another");
}

static const event_log *world_run(task_fn *root, struct policy *policy) {
    if (!world.log)
        world_log_use(WORLD_EVENTS, false);
    world.config.log = world.log;
    world.config.policy = policy;
    world.failed = NULL;
    failing_runs(root, policy);
    world.end = run_world(&world.config, root, NULL);
    cr_assert_null(world.failed, "line %d, %s: expected %s", world.line, world_name(),
                   world.failed);
    return world.log;
}

static const event_log *world_seed(task_fn *root, int64_t seed) {
    world.seed = seed;
    world.config.restless = seed == WORLD_RESTLESS;
    return world_run(root, seed <= WORLD_INLINE ? policy_fifo()
                           : seed == WORLD_DEFAULT
                               ? policy_default()
                               : policy_random_init(&world.random, (uint64_t)seed));
}

__attribute__((unused)) static const event_log *world_default(task_fn *root) {
    return world_seed(root, WORLD_DEFAULT);
}

__attribute__((unused)) static bool world_next(task_fn *root, int64_t seeds) {
    if (world.seed + 1 >= seeds) {
        world.seed = WORLD_RESTLESS - 1;
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
