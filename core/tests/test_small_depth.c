// Small stacks, how deep the core goes: each operation is tried on an ordinary stack that was painted
// before, and must leave the frames of a small task as much room as task.h promises. UNSTUCK_DEPTHS=1
// in the environment prints all depths.
#include "core/cmap.h"
#include "core/cond.h"
#include "core/group.h"
#include "core/internal.h"
#include "core/net.h"
#include "core/once.h"
#include "core/pool.h"
#include "core/rwmutex.h"
#include "core/scope.h"
#include "core/sema.h"
#include "core/singleflight.h"
#include "core/tests/world.h"

#if WORLD_ASAN || defined(UNSTUCK_UCONTEXT) || !defined(__OPTIMIZE__)

Test(small_depth, is_measured_where_there_are_small_stacks) {
    cr_skip_test("no small stacks in this build");
}

#else

enum { PAINT = 0xa5, SLOT = 31 * 64, FOR_FRAMES = 500 };

static int_chan empty, ready_ones, closing;
static mutex mu;
static rwmutex rw;
static cond cv;
static waitgroup wg;
static once first_time;
static sema weights = {.size = 1};
static ctx *cancelled_later;
static pool items;
static singleflight calls;
static cmap_of(int, int) map;
static listener *door;

TASK(nothing, int unused;) {
}

GROUP_TASK(succeeds, int unused;) {
    return OK;
}

SCOPE_TASK(of_scope, int unused;) {
    return task_yield(), OK;
}

TASK(lets_go, int what;) {
    task_sleep(MILLISECOND);
    if (a->what == 0)
        chan_recv(empty, NULL);
    if (a->what == 1)
        chan_send(empty, 1);
    if (a->what == 2)
        mutex_unlock(&mu);
    if (a->what == 3)
        rwmutex_unlock(&rw);
    if (a->what == 4)
        waitgroup_done(&wg);
    if (a->what == 5)
        cond_signal(&cv);
    if (a->what == 6)
        sema_release(&weights, 1);
}

static void no_op(void *arg) {
    (void)arg;
}
static err no_value(void *arg, void **value) {
    *value = arg;
    return OK;
}

#define DEEP(name, ...)                                                                            \
    __attribute__((noinline)) static void name(void) {                                             \
        __VA_ARGS__;                                                                               \
        __asm__ volatile("");                                                                      \
    }
DEEP(starts, go_small(nothing, .unused = 0))
DEEP(starts_another, go(nothing, .unused = 0))
DEEP(yields, task_yield())
DEEP(sleeps, task_sleep(MILLISECOND))
DEEP(chooses, choose(3))
DEEP(labels, task_label("job", "42"))
DEEP(makes_a_channel, chan_make(&closing, 10))
DEEP(closes, chan_close(closing))
DEEP(sends, chan_send(empty, 1))
DEEP(sends_at_once, chan_send(ready_ones, 1))
DEEP(receives, chan_recv(empty, NULL))
DEEP(selects, chan_select(RECV(empty, NULL), SEND((int_chan){0}, 1)))
DEEP(selects_with_time, chan_select(RECV(empty, NULL), AFTER(MILLISECOND), AFTER(SECOND)))
DEEP(polls, chan_poll(RECV(empty, NULL), RECV(ready_ones, NULL)))
DEEP(locks, mutex_lock(&mu))
DEEP(unlocks, mutex_unlock(&mu))
DEEP(read_locks, rwmutex_rlock(&rw); rwmutex_runlock(&rw))
DEEP(write_locks, rwmutex_lock(&rw))
DEEP(waits, waitgroup_wait(&wg))
DEEP(waits_for_a_condition, cond_wait(&cv, &mu))
DEEP(does_once, once_do(&first_time, no_op, NULL))
DEEP(acquires, sema_acquire(&weights, ctx_background(), 1))
DEEP(acquires_with_ctx, sema_acquire(&weights, cancelled_later, 1))
DEEP(derives, cancelled_later = ctx_with_timeout(ctx_background(), SECOND))
DEEP(derives_further, ctx_with_cancel(cancelled_later))
DEEP(sleeps_with_ctx, ctx_sleep(cancelled_later, MILLISECOND))
DEEP(receives_done, chan_recv(ctx_done(cancelled_later), NULL))
DEEP(asks_ctx, ctx_err(cancelled_later))
DEEP(cancels, ctx_cancel(cancelled_later))
DEEP(starts_a_timer, timer_stop(timer_start(SECOND)))
DEEP(takes_from_a_pool, pool_put(&items, pool_get(&items)))
DEEP(stores, cmap_store(&map, 1, 2))
DEEP(flies, singleflight_do(&calls, "key", no_value, NULL))
DEEP(listens, door = net_listen("host:1"))
DEEP(dials, conn *c; net_dial("host:1", MILLISECOND, &c))
DEEP(allocates, run_free(run_alloc(3 << 20)))
DEEP(of_a_group, group g = {0}; group_go(&g, succeeds, .unused = 0); group_wait(&g))
DEEP(of_a_scope, SCOPE(s, ctx_background()); scope_go(s, of_scope, .unused = 0); scope_wait(s))

__attribute__((noinline)) static void paint(void) {
    void *low;
    size_t size;
    stack_bounds(run.current, &low, &size);
    volatile char *end = (char *)__builtin_frame_address(0) - 64;
    for (volatile char *p = low; p < end; p++)
        *p = (char)PAINT;
}

// How many bytes below the caller's frame the call comes.
__attribute__((noinline)) static size_t depth_of(void (*call)(void)) {
    void *low;
    size_t size;
    paint();
    call();
    stack_bounds(run.current, &low, &size);
    unsigned char *p = low;
    while (*p == PAINT)
        p++;
    return (size_t)((char *)__builtin_frame_address(0) - (char *)p);
}

static size_t deepest, first_frame;
static const char *deepest_name;

TASK(begins, int unused;) {
    first_frame = (size_t)((char *)(run.current->top + 1) - (char *)__builtin_frame_address(0));
}

static void depth_into(void (*call)(void), const char *name) {
    size_t depth = depth_of(call);
    if (getenv("UNSTUCK_DEPTHS"))
        fprintf(stderr, "%6zu %s\n", depth, name);
    if (depth > deepest) {
        deepest = depth;
        deepest_name = name;
    }
}
#define INTO(call)              depth_into(call, #call)
#define AFTER_THAT(what_, call) (go(lets_go, .what = what_), INTO(call))

TASK(diver, int unused;) {
    INTO(starts), INTO(starts_another), INTO(yields), INTO(sleeps), INTO(chooses), INTO(labels);
    INTO(makes_a_channel), INTO(closes), INTO(sends_at_once), INTO(polls), INTO(selects_with_time);
    AFTER_THAT(0, sends), AFTER_THAT(1, receives), AFTER_THAT(1, selects);
    INTO(locks), AFTER_THAT(2, locks), AFTER_THAT(5, waits_for_a_condition), INTO(unlocks);
    INTO(read_locks), INTO(write_locks), AFTER_THAT(3, write_locks), rwmutex_unlock(&rw);
    waitgroup_add(&wg, 1), AFTER_THAT(4, waits);
    INTO(does_once), INTO(acquires), AFTER_THAT(6, acquires);
    INTO(derives), INTO(derives_further), INTO(sleeps_with_ctx), INTO(asks_ctx);
    AFTER_THAT(6, acquires_with_ctx), INTO(receives_done);
    INTO(derives), INTO(derives_further), INTO(cancels), INTO(starts_a_timer);
    INTO(takes_from_a_pool), INTO(stores), INTO(flies), INTO(listens), INTO(dials);
    INTO(allocates), INTO(of_a_group), INTO(of_a_scope);
    go_small(begins, .unused = 0);
}

static void deep_root(void *arg) {
    (void)arg;
    mu = (mutex){0}, rw = (rwmutex){0}, cv = (cond){0}, wg = (waitgroup){0};
    first_time = (once){0}, items = (pool){0}, calls = (singleflight){0};
    memset(&map, 0, sizeof map);
    chan_make(&empty, 0);
    chan_make(&ready_ones, 100);
    weights = (sema){.size = 1};
    deepest = 0;
    go(diver, .unused = 0);
}

Test(small_depth, the_deepest_call_leaves_room_for_frames) {
    EVERY_WORLD(deep_root, 20) {
        cr_assert(world.end == RUN_QUIESCENT, "%d %s", world.end, world_panic());
        cr_assert_lt(first_frame, 400);
        cr_assert_leq(first_frame + deepest + FOR_FRAMES, SLOT, "%s: %zu above %s, which takes %zu",
                      world_name(), first_frame, deepest_name, deepest);
    }
}
#endif
