// races: worlds that race and worlds that do not, for test_races.sh to run under ThreadSanitizer.
//
//     races NAME [inline]      one run of a world that races: ThreadSanitizer must say so
//     races NAME               of one that does not: inline, the default schedule and 300 seeds
//     races --list             "NAME race" or "NAME clean", one a line
#include "core/chan.h"
#include "core/cmap.h"
#include "core/cond.h"
#include "core/ctx.h"
#include "core/group.h"
#include "core/heap.h"
#include "core/net.h"
#include "core/once.h"
#include "core/panic.h"
#include "core/pool.h"
#include "core/run.h"
#include "core/rwmutex.h"
#include "core/scope.h"
#include "core/select.h"
#include "core/sema.h"
#include "core/singleflight.h"
#include "core/sync.h"
#include "core/task.h"
#include "core/timer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef chan_of(int) int_chan;

static int shared, other;
static int_chan c;
static mutex mu;
static waitgroup wg;
static rwmutex rw;
static cond changed;
static once loaded;
static sema permits;
static group g;
static singleflight flights;
static pool ints;
static cmap_of(int, int) map;

static void *int_new(void) {
    return run_alloc(sizeof(int));
}

static void reset(size_t capacity) {
    flights = (singleflight){0};
    ints = (pool){.make = int_new};
    map.raw = (cmap){0};
    rw = (rwmutex){0};
    changed = (cond){0};
    loaded = (once){0};
    permits = (sema){.size = 2};
    g = (group){0};
    mu = (mutex){0};
    wg = (waitgroup){0};
    chan_make(&c, capacity);
}

// --- racing ---------------------------------------------------------------------------------------------

TASK(increments, int unused;) {
    shared++;
}

static void counter(void *arg) {
    (void)arg;
    go(increments, .unused = 0);
    go(increments, .unused = 0);
}

TASK(sends_then_writes, int unused;) {
    chan_send(c, 1);
    shared = 1;
}

static void write_after_send(void *arg) {
    (void)arg;
    reset(1);
    go(sends_then_writes, .unused = 0);
    chan_recv(c, NULL);
    shared = 2;
}

TASK(writes_then_sends, int unused;) {
    shared++;
    chan_send(c, 1);
}

// The values go to different slots of the buffer, so nothing orders the senders.
static void two_senders_to_a_buffer(void *arg) {
    (void)arg;
    reset(2);
    go(writes_then_sends, .unused = 0);
    go(writes_then_sends, .unused = 0);
}

// The buffer is full; taking its first value lets the waiting sender go on, but says nothing about
// what that sender did before.
static void first_value_of_a_full_buffer(void *arg) {
    (void)arg;
    reset(1);
    chan_send(c, 1);
    go(writes_then_sends, .unused = 0);
    task_sleep(SECOND);
    chan_recv(c, NULL);
    shared = 2;
}

TASK(receives_into, int *out;) {
    chan_recv(c, a->out);
}

static void two_receive_into_one_variable(void *arg) {
    (void)arg;
    reset(2);
    chan_send(c, 1);
    chan_send(c, 2);
    go(receives_into, .out = &shared);
    go(receives_into, .out = &shared);
}

TASK(selects_into, int *out;) {
    chan_select(RECV(c, a->out), AFTER(SECOND));
}

static void select_receives_into_a_used_variable(void *arg) {
    (void)arg;
    reset(1);
    go(selects_into, .out = &shared);
    chan_send(c, 1);
    shared = 3;
}

TASK(sleeps_then_writes, int64_t ns;) {
    task_sleep(a->ns);
    shared++;
}

// Time orders nothing.
static void one_second_apart(void *arg) {
    (void)arg;
    go(sleeps_then_writes, .ns = SECOND);
    go(sleeps_then_writes, .ns = 2 * SECOND);
}

TASK(uses, int *p;) {
    *a->p = 1;
}

static void use_and_free(void *arg) {
    (void)arg;
    int *p = run_alloc(sizeof *p);
    go(uses, .p = p);
    run_free(p);
}

TASK(polls_the_mutex, int unused;) {
    mutex_trylock(&mu); // in vain
    shared = 1;
}

static void trylock_in_vain(void *arg) {
    (void)arg;
    reset(0);
    mutex_lock(&mu);
    shared = 2;
    go(increments, .unused = 0);
    go(polls_the_mutex, .unused = 0);
}

TASK(writes_as_reader, int unused;) {
    rwmutex_rlock(&rw);
    shared++;
    rwmutex_runlock(&rw);
}

// Readers are not ordered among each other.
static void two_readers_that_write(void *arg) {
    (void)arg;
    reset(0);
    go(writes_as_reader, .unused = 0);
    go(writes_as_reader, .unused = 0);
}

TASK(polls_the_rwmutex, int unused;) {
    rwmutex_trylock(&rw); // in vain
    rwmutex_tryrlock(&rw);
    shared = 1;
}

static void rwmutex_tried_in_vain(void *arg) {
    (void)arg;
    reset(0);
    rwmutex_lock(&rw);
    shared = 2;
    go(increments, .unused = 0);
    go(polls_the_rwmutex, .unused = 0);
}

TASK(uses_a_permit, int unused;) {
    sema_acquire(&permits, ctx_background(), 1);
    shared++;
}

// Two permits: nobody waits for anybody.
static void two_with_a_permit_each(void *arg) {
    (void)arg;
    reset(0);
    go(uses_a_permit, .unused = 0);
    go(uses_a_permit, .unused = 0);
}

TASK(writes_then_signals, int unused;) {
    cond_signal(&changed); // nobody waits: it orders nothing
    shared = 1;
}

static void lost_signal(void *arg) {
    (void)arg;
    reset(0);
    go(writes_then_signals, .unused = 0);
    cond_broadcast(&changed);
    shared = 2;
}

GROUP_TASK(increments_in_group, int unused;) {
    shared++;
    return OK;
}

// With a limit of two the second start waits for nobody.
static void two_in_a_group(void *arg) {
    (void)arg;
    reset(0);
    group_set_limit(&g, 2);
    group_go(&g, increments_in_group, .unused = 0);
    group_go(&g, increments_in_group, .unused = 0);
    group_wait(&g);
}

static timer *shared_timer;

TASK(resets, int unused;) {
    shared++;
    timer_reset(shared_timer, 2 * SECOND);
}

// Two that reset one timer are not ordered by it.
static void two_reset_a_timer(void *arg) {
    (void)arg;
    shared_timer = timer_start(SECOND);
    go(resets, .unused = 0);
    go(resets, .unused = 0);
}

TASK(follows, int unused;) {
    shared++;
}

// What the canceller does afterwards is not ordered before what follows the end.
static void write_after_cancel(void *arg) {
    (void)arg;
    ctx *parent = ctx_with_cancel(ctx_background());
    ctx_after_func(parent, follows, .unused = 0);
    ctx_cancel(parent);
    shared++;
}

TASK(takes_a_tick, ticker *ticker;) {
    chan_recv(ticker_chan(a->ticker), NULL);
    shared++;
}

// Nor is what two do with their ticks.
static void two_receive_ticks(void *arg) {
    (void)arg;
    ticker *t = ticker_start(SECOND);
    go(takes_a_tick, .ticker = t);
    go(takes_a_tick, .ticker = t);
}

SCOPE_TASK(increments_in_scope, bool fails;) {
    shared++;
    return a->fails ? ERR_EOF : OK;
}

// Beside each other, they are ordered by nothing.
static void two_in_a_scope(void *arg) {
    (void)arg;
    SCOPE(s, ctx_background());
    scope_go(s, increments_in_scope);
    scope_go(s, increments_in_scope);
}

static err writes_result(void *arg, void **value) {
    *value = &shared;
    task_sleep(SECOND);
    ++*(int *)arg;
    return OK;
}

TASK(writes_what_it_shares, int unused;) {
    flight f = singleflight_do(&flights, "k", writes_result, &shared);
    ++*(int *)f.value;
}

static void two_write_what_they_share(void *arg) {
    (void)arg;
    reset(0);
    go(writes_what_it_shares, .unused = 0);
    go(writes_what_it_shares, .unused = 0);
}

TASK(takes_from_pool, int unused;) {
    *(int *)pool_get(&ints) = 1;
}

static void use_after_put(void *arg) {
    (void)arg;
    reset(0);
    int *mine = pool_get(&ints);
    pool_put(&ints, mine);
    go(takes_from_pool, .unused = 0);
    *mine = 2;
}

TASK(stores_then_writes, int unused;) {
    cmap_store(&map, 1, 1);
    shared++;
}

static void write_after_store(void *arg) {
    (void)arg;
    reset(0);
    go(stores_then_writes, .unused = 0);
    while (!cmap_load(&map, 1, NULL))
        task_yield();
    shared++;
}

TASK(writes_then_stores, int value;) {
    shared++;
    cmap_store(&map, 1, a->value);
}

TASK(stores, int value;) {
    task_sleep(SECOND);
    cmap_store(&map, 1, a->value);
}

// Who loads a value comes after who stored it, not after who stored the one before.
static void value_of_another_store(void *arg) {
    (void)arg;
    int value = 0;
    reset(0);
    go(writes_then_stores, .value = 1);
    go(stores, .value = 2);
    while (!cmap_load(&map, 1, &value) || value != 2)
        task_sleep(2 * SECOND);
    shared++;
}

DEFERRED(recovers_and_writes, int unused;) {
    if (recover())
        shared++;
}

TASK(writes_when_it_panics, int unused;) {
    deferring();
    defer(recovers_and_writes, .unused = 0);
    panic("write");
}

static void two_that_panic(void *arg) {
    (void)arg;
    go(writes_when_it_panics, .unused = 0);
    go(writes_when_it_panics, .unused = 0);
}

DEFERRED(writes_late, int unused;) {
    shared++;
}

TASK(writes_after_done, int unused;) {
    defer(writes_late, .unused = 0);
    defer(waitgroup_done, &wg);
    goexit();
}

static void written_after_done(void *arg) {
    (void)arg;
    reset(0);
    waitgroup_add(&wg, 1);
    go(writes_after_done, .unused = 0);
    waitgroup_wait(&wg);
    shared++;
}

// --- not racing -----------------------------------------------------------------------------------------

TASK(locks, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        mutex_lock(&mu);
        shared++;
        mutex_unlock(&mu);
        while (!mutex_trylock(&mu))
            task_yield();
        shared++;
        mutex_unlock(&mu);
    }
}

static void under_a_mutex(void *arg) {
    (void)arg;
    reset(0);
    for (int i = 0; i < 3; i++)
        go(locks, .rounds = 3);
}

TASK(locks_rw, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        rwmutex_lock(&rw);
        shared++;
        rwmutex_unlock(&rw);
        rwmutex_rlock(&rw);
        int seen = shared;
        rwmutex_runlock(&rw);
        while (!rwmutex_trylock(&rw))
            task_yield();
        shared += seen;
        rwmutex_unlock(&rw);
        while (!rwmutex_tryrlock(&rw))
            task_yield();
        seen = shared;
        rwmutex_runlock(&rw);
    }
}

static void under_a_rwmutex(void *arg) {
    (void)arg;
    reset(0);
    for (int i = 0; i < 3; i++)
        go(locks_rw, .rounds = 2);
}

TASK(awaits_change, int unused;) {
    mutex_lock(&mu);
    while (!other)
        cond_wait(&changed, &mu);
    mutex_unlock(&mu);
    shared++;
}

static void waited_for(void *arg) {
    reset(0);
    other = 0;
    go(awaits_change, .unused = 0);
    task_yield();
    shared++;
    mutex_lock(&mu);
    other = 1;
    if (arg)
        cond_signal(&changed);
    mutex_unlock(&mu);
    if (!arg)
        cond_broadcast(&changed);
}

static void loads(void *arg) {
    (void)arg;
    shared++;
    task_yield();
    shared++;
}

TASK(loads_once, int *out;) {
    once_do(&loaded, loads, NULL);
    *a->out = shared;
}

static void once_loaded(void *arg) {
    (void)arg;
    reset(0);
    int *out = run_calloc(4, sizeof *out);
    for (int i = 0; i < 4; i++)
        go(loads_once, .out = &out[i]);
}

TASK(takes_all_permits, ctx *ctx;) {
    if (sema_acquire(&permits, a->ctx, 2) != OK)
        return;
    shared++;
    sema_release(&permits, 1);
    sema_release(&permits, 1);
    while (!sema_try(&permits, 2))
        task_yield();
    shared++;
    sema_release(&permits, 2);
}

static void all_permits_as_lock(void *arg) {
    reset(0);
    ctx *short_lived = ctx_with_cancel(ctx_background());
    for (int i = 0; i < 4; i++)
        go(takes_all_permits, .ctx = i == 3 ? short_lived : ctx_background());
    if (arg)
        ctx_cancel(short_lived);
}

GROUP_TASK(adds_to, int *mine; bool fails;) {
    ++*a->mine;
    return a->fails ? ERR_EOF : OK;
}

static void group_waited_for(void *arg) {
    reset(0);
    int *results = run_calloc(4, sizeof *results);
    if (arg)
        group_set_limit(&g, 2);
    group_with_ctx(&g, ctx_background());
    for (int i = 0; i < 4; i++)
        group_go(&g, adds_to, .mine = &results[i], .fails = i == 2);
    group_wait(&g);
    for (int i = 0; i < 4; i++)
        shared += results[i];
}

// A group with a limit of one is a lock.
static void one_at_a_time(void *arg) {
    (void)arg;
    reset(0);
    group_set_limit(&g, 1);
    for (int i = 0; i < 4; i++)
        group_go(&g, increments_in_group, .unused = 0);
}

SCOPE_TASK(adds_in_scope, int *mine; bool fails;) {
    SCOPE(s, a->ctx);
    for (int i = 0; i < 2; i++) {
        ++*a->mine;
        scope_go(s, increments_in_scope, .fails = a->fails);
        scope_wait(s);
    }
    return OK;
}

SCOPE_TASK(adds_to_its_own, int *mine; bool fails;) {
    ++*a->mine;
    if (a->fails)
        panic("enough");
    return OK;
}

DEFERRED(recovers, int unused;) {
    recover();
}

static void open_and_join(int *results, bool waits) {
    deferring();
    defer(recovers, .unused = 0);
    SCOPE(s, ctx_background());
    for (int i = 0; i < 4; i++)
        scope_go(s, adds_to_its_own, .mine = &results[i], .fails = waits && i == 2);
    if (waits)
        scope_wait(s);
}

// Joined by the wait, by leaving, and by a panic on its way.
static void scope_joined(void *arg) {
    int *results = run_calloc(4, sizeof *results);
    open_and_join(results, arg);
    for (int i = 0; i < 4; i++)
        shared += results[i];
}

static void scope_in_scope(void *arg) {
    (void)arg;
    int *mine = run_calloc(1, sizeof *mine);
    {
        SCOPE(s, ctx_background());
        scope_go(s, adds_in_scope, .mine = mine);
    }
    shared += *mine;
}

TASK(reads_what_it_shares, int *out; bool alone;) {
    flight f = {0};
    if (a->alone)
        chan_recv(singleflight_do_chan(&flights, "k", writes_result, &shared), &f);
    else
        f = singleflight_do(&flights, "k", writes_result, &shared);
    *a->out = *(int *)f.value;
}

static void flight_shared(void *arg) {
    (void)arg;
    reset(0);
    int *out = run_calloc(4, sizeof *out);
    for (int i = 0; i < 4; i++)
        go(reads_what_it_shares, .out = &out[i], .alone = i % 2);
}

TASK(uses_pool, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        int *mine = pool_get(&ints);
        ++*mine;
        pool_put(&ints, mine);
    }
}

static void pooled(void *arg) {
    (void)arg;
    reset(0);
    for (int i = 0; i < 3; i++)
        go(uses_pool, .rounds = 3);
}

TASK(publishes, int unused;) {
    shared++;
    cmap_store(&map, 1, 1);
    while (cmap_load(&map, 1, NULL))
        task_yield();
    shared++;
}

static void published(void *arg) {
    (void)arg;
    reset(0);
    go(publishes, .unused = 0);
    while (!cmap_load(&map, 1, NULL))
        task_yield();
    shared++;
    cmap_delete(&map, 1);
}

TASK(spins_on_map, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        int was;
        cmap_load_or_store(&map, 2, 0, &was);
        while (!cmap_compare_and_swap(&map, 2, 0, 1))
            task_yield();
        shared++;
        cmap_swap(&map, 2, 0, &was);
    }
}

static void map_as_lock(void *arg) {
    (void)arg;
    reset(0);
    for (int i = 0; i < 3; i++)
        go(spins_on_map, .rounds = 2);
}

TASK(walks, int unused;) {
    int key = 0, unseen = 1;
    while (unseen) {
        cmap_cursor at = {0};
        while (cmap_next(&map, &at, &key, NULL))
            unseen &= key != 1;
        task_yield();
    }
    shared++;
}

static void found_by_walking(void *arg) {
    (void)arg;
    reset(0);
    cmap_store(&map, 0, 0);
    go(walks, .unused = 0);
    task_yield();
    shared++;
    cmap_store(&map, 1, 1);
}

static void panics_below(int depth) {
    volatile int room[8] = {depth};
    if (depth == 0)
        panic("x");
    if (room[0] > 0)
        panics_below(depth - 1);
}

static void panics_locked(void) {
    deferring();
    mutex_lock(&mu);
    defer(mutex_unlock, &mu);
    defer(recovers_and_writes, .unused = 0);
    shared++;
    panics_below(20);
}

TASK(panics_in_turn, int rounds;) {
    for (int i = 0; i < a->rounds; i++)
        panics_locked();
}

static void panicking_under_a_mutex(void *arg) {
    (void)arg;
    reset(0);
    for (int i = 0; i < 3; i++)
        go(panics_in_turn, .rounds = 3);
}

// What a panic leaves behind on shadow stacks would add up.
static void panicking_often(void *arg) {
    (void)arg;
    reset(0);
    go(panics_in_turn, .rounds = 300);
}

TASK(exits_when_done, int *mine;) {
    defer(waitgroup_done, &wg);
    ++*a->mine;
    panics_locked();
    goexit();
}

static void joined_by_goexit(void *arg) {
    (void)arg;
    reset(0);
    int *results = run_calloc(4, sizeof *results);
    waitgroup_add(&wg, 4);
    for (int i = 0; i < 4; i++)
        go(exits_when_done, .mine = &results[i]);
    waitgroup_wait(&wg);
    for (int i = 0; i < 4; i++)
        shared += results[i];
}

TASK(hands_over, int_chan from; int_chan to;) {
    chan_recv(a->from, NULL);
    shared++;
    chan_send(a->to, 1);
}

static void handed_over(void *arg) {
    int_chan chans[4];
    for (int i = 0; i < 4; i++)
        chan_make(&chans[i], arg ? 1 : 0);
    for (int i = 0; i < 3; i++)
        go(hands_over, .from = chans[i], .to = chans[i + 1]);
    shared = 1;
    chan_send(chans[0], 1);
    chan_recv(chans[3], NULL);
    shared++;
}

// The receive of an unbuffered channel happens before its send returns.
TASK(writes_then_receives, int unused;) {
    shared++;
    chan_recv(c, NULL);
}

static void received_before_sent(void *arg) {
    (void)arg;
    reset(0);
    go(writes_then_receives, .unused = 0);
    chan_send(c, 1);
    shared++;
}

TASK(holds_a_permit, int unused;) {
    chan_send(c, 1);
    shared++;
    chan_recv(c, NULL);
}

// The k-th receive happens before the send that is `capacity` later: a buffer of one is a lock.
static void buffer_as_lock(void *arg) {
    (void)arg;
    reset(1);
    for (int i = 0; i < 4; i++)
        go(holds_a_permit, .unused = 0);
}

TASK(takes_one, int unused;) {
    shared++;
    chan_recv(c, NULL);
}

// The same when the values never see the buffer, because the receiver waits.
static void buffer_with_waiting_receiver(void *arg) {
    (void)arg;
    reset(1);
    go(takes_one, .unused = 0);
    task_sleep(SECOND);
    chan_send(c, 1);
    chan_send(c, 2);
    shared++;
}

TASK(works, int *mine;) {
    defer(waitgroup_done, &wg);
    ++*a->mine;
    shared++;
}

static void joined(void *arg) {
    (void)arg;
    reset(0);
    int *results = run_calloc(4, sizeof *results);
    for (int i = 0; i < 4; i++) {
        waitgroup_add(&wg, 1);
        shared++;
        go(works, .mine = &results[i]);
        waitgroup_wait(&wg);
    }
    for (int i = 0; i < 4; i++)
        shared += results[i];
}

TASK(waits_for_close, int *out;) {
    chan_recv(c, NULL);
    *a->out = shared;
}

static void closed(void *arg) {
    (void)arg;
    reset(1);
    int *out = run_calloc(4, sizeof *out);
    for (int i = 0; i < 2; i++)
        go(waits_for_close, .out = &out[i]);
    task_yield();
    shared++;
    chan_close(c);
    for (int i = 2; i < 4; i++)
        go(waits_for_close, .out = &out[i]);
}

TASK(watches, ctx *ctx; int way;) {
    if (a->way == 0)
        while (!ctx_err(a->ctx))
            task_yield();
    else if (a->way == 1)
        chan_recv(ctx_done(a->ctx), NULL);
    else
        ctx_sleep(a->ctx, HOUR);
    other += shared;
}

static void cancelled(void *arg) {
    int way = arg ? 1 : 0;
    ctx *parent = ctx_with_cancel(ctx_background());
    ctx *child = ctx_with_timeout(parent, 10 * HOUR);
    go(watches, .ctx = child, .way = way);
    task_yield();
    shared++;
    ctx_cancel(parent);
}

static ctx_key_of(int) value_key;

TASK(asks_why, ctx *ctx;) {
    while (!ctx_cause(a->ctx))
        task_yield();
    shared += *ctx_value(a->ctx, &value_key);
}

TASK(derives, ctx *ctx;) {
    if (ctx_err(ctx_with_cancel(a->ctx)))
        shared++;
}

// Who learns of the end in whatever way, or is started by it, comes after what led to it.
static void followed(void *arg) {
    ctx *parent = ctx_with_cancel(ctx_background());
    ctx *v = ctx_with_value(parent, &value_key, &other);
    if (arg)
        ctx_after_func(v, follows, .unused = 0);
    else
        go(asks_why, .ctx = v);
    if (!arg)
        task_yield();
    shared++;
    other = 1;
    ctx_cancel_cause(parent, ERR_EOF);
}

static void born_ended(void *arg) {
    (void)arg;
    ctx *parent = ctx_with_cancel(ctx_background());
    go(derives, .ctx = parent);
    task_yield();
    shared++;
    ctx_cancel(parent);
}

TASK(fires_at, time_chan t; int *out;) {
    chan_recv(a->t, NULL);
    ++*a->out;
}

static void timed(void *arg) {
    (void)arg;
    int *out = run_calloc(1, sizeof *out);
    *out = 1;
    go(fires_at, .t = after(SECOND), .out = out);
}

TASK(sets_later, timer *timer; int64_t ns;) {
    task_sleep(SECOND);
    shared++;
    timer_reset(a->timer, a->ns);
}

// What led to the last reset happens before the value, whether it was waited for or found.
static void reset_before_received(void *arg) {
    timer *t = timer_start(HOUR);
    go(sets_later, .timer = t, .ns = SECOND);
    if (arg)
        task_sleep(MINUTE);
    chan_recv(timer_chan(t), NULL);
    shared++;
}

TASK(writes_before_its_tick, ticker *ticker;) {
    shared++;
    chan_recv(ticker_chan(a->ticker), NULL);
}

// One receive of ticks happens before the next.
static void tick_after_tick(void *arg) {
    ticker *t = ticker_start(SECOND);
    go(writes_before_its_tick, .ticker = t);
    task_sleep(SECOND / 2);
    chan_recv(ticker_chan(t), NULL);
    if (arg)
        task_sleep(MINUTE);
    shared++;
}

TASK(adds, int n;) {
    shared += a->n;
}

// ... and before the function that is called later.
static void reset_before_called(void *arg) {
    (void)arg;
    shared = 1;
    timer *t = after_func(HOUR, adds, .n = 1);
    go(sets_later, .timer = t, .ns = SECOND);
}

TASK(select_both, int_chan a_chan; int_chan b_chan; int_chan back;) {
    int v = 0;
    if (chan_select(RECV(a->a_chan, &v), RECV(a->b_chan, &v)) == 0)
        shared += v;
    else
        other += v;
    chan_send(a->back, shared + other);
}

static void selected(void *arg) {
    (void)arg;
    int_chan a, b, back;
    chan_make(&a, 0);
    chan_make(&b, 1);
    chan_make(&back, 1);
    go(select_both, .a_chan = a, .b_chan = b, .back = back);
    shared = other = 1;
    chan_select(SEND(a, 1), SEND(b, 2));
    chan_recv(back, &shared);
    other = shared;
}

TASK(frees, int *p; int_chan ready;) {
    chan_recv(a->ready, NULL);
    *a->p = 2;
    run_free(a->p);
}

static void freed_by_its_owner(void *arg) {
    (void)arg;
    for (int i = 0; i < 5; i++) {
        int *p = run_alloc(sizeof *p);
        int_chan ready;
        chan_make(&ready, 1);
        *p = 1;
        go(frees, .p = p, .ready = ready);
        chan_send(ready, 1);
    }
}

TASK(stuck, int_chan never; int depth;) {
    if (a->depth == 0)
        chan_recv(a->never, NULL);
    else
        go(stuck, .never = a->never, .depth = a->depth - 1);
    shared = 0; // never reached by those that wait
}

// Leaves tasks parked, asleep, never started or panicked behind.
static void killed(void *arg) {
    (void)arg;
    int_chan never;
    chan_make(&never, 0);
    int *mine = run_alloc(64);
    mine[0] = mine[15] = 1;
    for (int i = 0; i < 5; i++)
        go(stuck, .never = never, .depth = 0);
    task_sleep(1);
    go(stuck, .never = never, .depth = 0);
    panic("enough");
}

// --- over sockets ---------------------------------------------------------------------------------------

// The scheduler reads and writes for whoever waits: as that task, to a race detector.
TASK(answers, listener *l; char *last;) {
    conn *line;
    char buf[1 << 14];
    if (net_accept(a->l, &line))
        return;
    for (size_t n; conn_read(line, buf, sizeof buf, &n) == OK; *a->last = buf[n - 1])
        conn_write(line, buf, n);
    conn_close(line);
}

static void over_sockets(void *arg) {
    (void)arg;
    static char buf[1 << 20], last;
    listener *l = net_listen("127.0.0.1:0");
    conn *line;
    go(answers, .l = l, .last = &last);
    if (net_dial(listener_address(l), 0, &line))
        panic("no connection");
    for (int i = 0; i < 3; i++) {
        size_t n = 0;
        buf[i] = (char)i;
        conn_write(line, buf, 1 << 16);
        for (size_t all = 0; all < 1 << 16; all += n)
            if (conn_read(line, buf + all, sizeof buf - all, &n))
                panic("it ended");
    }
    conn_close(line);
}

// --- main -----------------------------------------------------------------------------------------------

static const struct world {
    const char *name;
    task_fn *root;
    bool races, live;
} worlds[] = {
#define RACE(name)                                                                                 \
    { #name, name, true, false }
#define CLEAN(name)                                                                                \
    { #name, name, false, false }
    RACE(counter),
    RACE(write_after_send),
    RACE(two_senders_to_a_buffer),
    RACE(first_value_of_a_full_buffer),
    RACE(two_receive_into_one_variable),
    RACE(select_receives_into_a_used_variable),
    RACE(one_second_apart),
    RACE(use_and_free),
    RACE(trylock_in_vain),
    RACE(two_readers_that_write),
    RACE(rwmutex_tried_in_vain),
    RACE(two_with_a_permit_each),
    RACE(lost_signal),
    RACE(two_in_a_group),
    RACE(two_in_a_scope),
    RACE(two_write_what_they_share),
    RACE(use_after_put),
    RACE(write_after_store),
    RACE(value_of_another_store),
    RACE(two_reset_a_timer),
    RACE(write_after_cancel),
    RACE(two_receive_ticks),
    RACE(two_that_panic),
    RACE(written_after_done),
    CLEAN(under_a_mutex),
    CLEAN(under_a_rwmutex),
    CLEAN(waited_for),
    CLEAN(once_loaded),
    CLEAN(all_permits_as_lock),
    CLEAN(group_waited_for),
    CLEAN(one_at_a_time),
    CLEAN(scope_joined),
    CLEAN(scope_in_scope),
    CLEAN(flight_shared),
    CLEAN(pooled),
    CLEAN(published),
    CLEAN(map_as_lock),
    CLEAN(found_by_walking),
    CLEAN(panicking_under_a_mutex),
    CLEAN(panicking_often),
    CLEAN(joined_by_goexit),
    CLEAN(handed_over),
    CLEAN(received_before_sent),
    CLEAN(buffer_as_lock),
    CLEAN(buffer_with_waiting_receiver),
    CLEAN(joined),
    CLEAN(closed),
    CLEAN(cancelled),
    CLEAN(followed),
    CLEAN(born_ended),
    CLEAN(timed),
    CLEAN(reset_before_received),
    CLEAN(reset_before_called),
    CLEAN(tick_after_tick),
    CLEAN(selected),
    CLEAN(freed_by_its_owner),
    CLEAN(killed),
    {"over_sockets", over_sockets, false, true},
};
enum { WORLDS = sizeof worlds / sizeof *worlds, SEEDS = 300, EVENTS = 4096 };

static struct run_config config;

static void run(task_fn *root, struct policy *policy, void *arg) {
    config.policy = policy;
    enum run_end end = run_world(&config, root, arg);
    if (end == RUN_QUIESCENT || (end == RUN_PANICKED && root == killed))
        return;
    fprintf(stderr, "the run ended by %d\n", end);
    exit(1);
}

static void run_live(task_fn *root) {
    config.clock = CLOCK_WALL;
    for (int i = 0; i < 20; i++)
        run(root, policy_fifo(), NULL);
    config.clock = CLOCK_VIRTUAL;
}

static void run_clean(task_fn *root, uint64_t first_seed, uint64_t seeds) {
    struct policy_random random;
    for (int i = 0; i < 2; i++) {
        run(root, policy_fifo(), i ? &config : NULL);
        run(root, policy_default(), i ? &config : NULL);
    }
    for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++)
        run(root, policy_random_init(&random, seed), seed % 2 ? &config : NULL);
}

// All the clean ones in turn, again and again, in one process.
static void run_all_clean(void) {
    for (uint64_t round = 0; round < 100; round++)
        for (int i = 0; i < WORLDS; i++)
            if (!worlds[i].races && !worlds[i].live)
                run_clean(worlds[i].root, round, 1);
}

int main(int argc, char **argv) {
    config.log = calloc(1, event_log_size(EVENTS));
    if (!config.log || argc < 2)
        return 2;
    event_log_init(config.log, EVENTS, false);
    if (!strcmp(argv[1], "all_clean_in_turn"))
        return run_all_clean(), 0;
    for (int i = 0; i < WORLDS; i++) {
        const struct world *w = &worlds[i];
        if (!strcmp(argv[1], "--list"))
            printf("%s %s\n", w->name, w->races ? "race" : w->live ? "live" : "clean");
        else if (!strcmp(argv[1], w->name) && w->live)
            return run_live(w->root), 0;
        else if (!strcmp(argv[1], w->name) && w->races)
            return run(w->root, argc > 2 ? policy_fifo() : policy_default(), NULL), 0;
        else if (!strcmp(argv[1], w->name))
            return run_clean(w->root, 0, SEEDS), 0;
    }
    return strcmp(argv[1], "--list") ? 2 : 0;
}
