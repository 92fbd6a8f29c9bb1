// random_program: small programs over all primitives, made from a seed, and all that can come of them.
//
//     struct outcomes all, reduced;
//     random_program(7);
//     outcomes_of_every_order(&all, 100000);      // a plain depth-first search over every choice
//     outcomes_of_search(&reduced, 100000);       // the one that leaves out what cannot differ
//
// What comes of a run: what each task saw and how far it came, the panic if there was one, the time. Tasks
// are told apart by their place in the program, since numbers in order of making depend on the schedule.
#pragma once

#include "core/core.h"
#include "core/run.h"
#include "harness/search.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OBJECTS = 3, TASKS_MADE = 3, TASKS_ALL = 6, OPS = 5, PROGRAM_EVENTS = 1 << 12 };

// Kinds of objects, each with its operations. X(KIND, operations)
#define PROGRAM_KINDS(X)                                                                           \
    X(CHAN, 12)                                                                                    \
    X(MUTEX, 5)                                                                                    \
    X(RWMUTEX, 8)                                                                                  \
    X(COND, 5)                                                                                     \
    X(WAITGROUP, 5)                                                                                \
    X(ONCE, 3)                                                                                     \
    X(SEMA, 6)                                                                                     \
    X(GROUP, 5)                                                                                    \
    X(CTX, 10)                                                                                     \
    X(TIMER, 6)                                                                                    \
    X(TICKER, 4)                                                                                   \
    X(MAP, 5)                                                                                      \
    X(POOL, 3)                                                                                     \
    X(COUNT, 3)                                                                                    \
    X(SCOPE, 7)                                                                                    \
    X(FLIGHT, 5)                                                                                   \
    X(CONN, 9)                                                                                     \
    X(RESOURCE, 2)

enum program_kind {
#define X(kind, operations) KIND_##kind,
    PROGRAM_KINDS(X)
#undef X
        KINDS
};

static const uint8_t kind_operations[KINDS] = {
#define X(kind, operations) operations,
    PROGRAM_KINDS(X)
#undef X
};

static const char *const kind_names[KINDS] = {
#define X(kind, operations) #kind,
    PROGRAM_KINDS(X)
#undef X
};

typedef chan_of(int) program_chan;
typedef cmap_of(int, int) program_map;

// A program, as made from its seed.
struct program_op {
    uint8_t object;  // OBJECTS: none
    uint8_t which;   // of its kind's operations; without an object, of those without
    uint8_t operand; // 8 random bits
    uint8_t child;   // a task that it may start, 0: none is left
};
static struct {
    uint8_t kinds[OBJECTS], sizes[OBJECTS];
    struct program_op ops[TASKS_ALL][OPS];
    uint8_t lengths[TASKS_ALL];
    bool slow;
} program;

// Its world, made anew by each run.
static struct {
    program_chan chans[OBJECTS];
    mutex mutexes[OBJECTS];
    rwmutex rwmutexes[OBJECTS];
    cond conds[OBJECTS];
    waitgroup waitgroups[OBJECTS];
    once onces[OBJECTS];
    sema semas[OBJECTS];
    group groups[OBJECTS];
    ctx *ctxs[OBJECTS];
    ctx_after *afters[OBJECTS];
    timer *timers[OBJECTS];
    ticker *tickers[OBJECTS];
    program_map maps[OBJECTS];
    pool pools[OBJECTS];
    int counts[OBJECTS], most[OBJECTS];
    scope *scopes[OBJECTS];
    singleflight flights[OBJECTS];
    listener *listeners[OBJECTS];
    conn *conns[OBJECTS][2];
    resource resources[OBJECTS];
    uint64_t results[TASKS_ALL];
    int at[TASKS_ALL]; // the operation it is at, -1: not started, OPS: ended
    int held[TASKS_ALL][OBJECTS];
} here;

static event_log *program_log;

static uint64_t program_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void result(int task, uint64_t x) {
    here.results[task] = here.results[task] * UINT64_C(1000003) + x * UINT64_C(2654435761) + 1;
}

// --- operations -----------------------------------------------------------------------------------

static void perform(int task, const struct program_op *op);

// What else each task does before and after its operations.
#ifndef PROGRAM_STEP
#define PROGRAM_STEP()
#endif

static void run_task(int task) {
    for (int i = 0; i < program.lengths[task]; i++) {
        here.at[task] = i;
        PROGRAM_STEP();
        perform(task, &program.ops[task][i]);
        PROGRAM_STEP();
    }
    here.at[task] = OPS;
}

TASK(program_task, int task;) {
    run_task(a->task);
}

GROUP_TASK(program_member, int task; err fails;) {
    run_task(a->task);
    return a->fails;
}

static void once_body(void *arg) {
    result(*(int *)arg, 77);
    task_yield();
}

static program_chan any_chan(int object) {
    program_chan none = {NULL};
    return program.kinds[object] == KIND_CHAN ? here.chans[object] : none;
}

static ctx *any_ctx(void) {
    for (int i = 0; i < OBJECTS; i++)
        if (program.kinds[i] == KIND_CTX && here.ctxs[i])
            return here.ctxs[i];
    return ctx_background();
}

// An arm on another object that has a channel.
static select_arm arm_on(int object, uint8_t bits, int *value) {
    static site at = {__FILE__, "arm", "", __LINE__, 0};
    select_arm arm = {.kind = bits & 1 ? ARM_SEND : ARM_RECV, .elem = value, .size = 4, .at = &at};
    if (program.kinds[object] == KIND_CTX) {
        arm = (select_arm){
            .kind = ARM_RECV, .chan = ctx_done(here.ctxs[object]).raw, .size = 1, .at = &at};
    } else if (program.kinds[object] == KIND_TIMER || program.kinds[object] == KIND_TICKER) {
        bool ticks = program.kinds[object] == KIND_TICKER;
        time_chan c = ticks ? ticker_chan(here.tickers[object]) : timer_chan(here.timers[object]);
        arm = (select_arm){.kind = ARM_RECV, .chan = c.raw, .size = 8, .at = &at};
    } else if (program.kinds[object] == KIND_CHAN) {
        arm.chan = any_chan(object).raw;
    } else {
        arm = (select_arm){.kind = ARM_AFTER, .after = (bits >> 1) % 3 * MILLISECOND, .at = &at};
    }
    return arm;
}

static void do_select(int task, const struct program_op *op, bool poll) {
    static site at = {__FILE__, "select", "", __LINE__, 0};
    int values[2] = {task * 10 + 1, task * 10 + 2};
    select_arm arms[2] = {arm_on(op->object, op->operand, &values[0]),
                          arm_on(op->operand / 4 % OBJECTS, op->operand / 16, &values[1])};
    int taken = poll ? select_poll_at(arms, 2, &at) : select_at(arms, 2, &at);
    result(task, (uint64_t)(taken + 2) * 100 + (uint64_t)(taken < 0 ? 0 : values[taken]));
}

static void use_chan(int task, const struct program_op *op) {
    program_chan c = here.chans[op->object];
    int value = -1;
    bool ok;
    switch (op->which) {
    case 0:
    case 1:
    case 2:
        chan_send(c, task * 10 + op->operand % 4);
        break;
    case 3:
    case 4:
    case 5:
        ok = chan_recv(c, &value);
        result(task, (uint64_t)(value * 2 + ok));
        break;
    case 6:
        if (op->operand % 2)
            chan_close(c);
        else
            result(task, chan_len(c));
        break;
    case 7:
        do_select(task, op, true);
        break;
    default:
        do_select(task, op, false);
        break;
    }
}

static void use_mutex(int task, const struct program_op *op) {
    mutex *m = &here.mutexes[op->object];
    int *held = &here.held[task][op->object];
    if (*held || op->which == 4) { // who else holds it may be unlocked too
        mutex_unlock(m);
        *held = 0;
    } else if (op->which == 3) {
        *held = mutex_trylock(m);
        result(task, (uint64_t)*held);
    } else {
        mutex_lock(m);
        *held = 1;
    }
}

static void use_rwmutex(int task, const struct program_op *op) {
    rwmutex *m = &here.rwmutexes[op->object];
    int *held = &here.held[task][op->object]; // 1: to read, 2: to write
    if (*held == 1 || (!*held && op->which == 7)) {
        rwmutex_runlock(m);
        *held = 0;
    } else if (*held == 2) {
        rwmutex_unlock(m);
        *held = 0;
    } else if (op->which < 3) {
        rwmutex_rlock(m);
        *held = 1;
    } else if (op->which < 5) {
        rwmutex_lock(m);
        *held = 2;
    } else {
        bool got = op->which == 5 ? rwmutex_tryrlock(m) : rwmutex_trylock(m);
        *held = got ? op->which - 4 : 0;
        result(task, got);
    }
}

static void use_cond(int task, const struct program_op *op) {
    cond *c = &here.conds[op->object];
    mutex *m = &here.mutexes[op->object];
    switch (op->which) {
    case 0:
    case 1:
        mutex_lock(m);
        cond_wait(c, m);
        result(task, 5);
        mutex_unlock(m);
        break;
    case 2:
    case 3:
        cond_signal(c);
        break;
    default:
        cond_broadcast(c);
        break;
    }
}

static void use_waitgroup(int task, const struct program_op *op) {
    waitgroup *wg = &here.waitgroups[op->object];
    switch (op->which) {
    case 0:
    case 1:
        waitgroup_add(wg, 1 + op->operand % 2);
        break;
    case 2:
    case 3:
        waitgroup_done(wg);
        break;
    default:
        waitgroup_wait(wg);
        result(task, 9);
        break;
    }
}

static void use_sema(int task, const struct program_op *op) {
    sema *s = &here.semas[op->object];
    int *held = &here.held[task][op->object];
    if (*held) {
        sema_release(s, *held);
        *held = 0;
        return;
    }
    int n = 1 + op->operand % 2;
    err e = op->which < 4 ? sema_acquire(s, op->which < 2 ? any_ctx() : ctx_background(), n)
                          : (err)!sema_try(s, n);
    *held = e ? 0 : n;
    result(task, (uint64_t)e);
}

static void use_group(int task, const struct program_op *op) {
    group *g = &here.groups[op->object];
    err fails = op->operand % 3 == 0 ? (err)(20 + task) : OK;
    if (op->which < 3 && op->child)
        group_go(g, program_member, .task = op->child, .fails = fails);
    else if (op->which == 3 && op->child)
        result(task, group_try_go(g, program_member, .task = op->child, .fails = fails));
    else
        result(task, (uint64_t)group_wait(g));
}

static void use_ctx(int task, const struct program_op *op) {
    ctx *c = here.ctxs[op->object];
    uint64_t afters_key = operand_word(UINT64_C(1000) + op->object);
    switch (op->which) {
    case 0:
    case 1:
        ctx_cancel_cause(c, op->operand % 2 ? (err)(30 + task) : OK);
        break;
    case 2:
        result(task, (uint64_t)ctx_err(c));
        break;
    case 3:
    case 4:
        chan_recv(ctx_done(c), NULL);
        result(task, (uint64_t)ctx_cause(c));
        break;
    case 5:
        result(task, (uint64_t)ctx_sleep(c, op->operand % 3 * MILLISECOND));
        break;
    case 6:
        run_touch(afters_key, ROLE_CHANGE);
        if (op->child)
            here.afters[op->object] = ctx_after_func(c, program_task, .task = op->child);
        break;
    case 7:
        run_touch(afters_key, ROLE_LOOK);
        if (here.afters[op->object] && task == 0)
            result(task, ctx_after_stop(here.afters[op->object]));
        break;
    default:
        c = op->operand % 2 ? ctx_with_cancel(c)
                            : ctx_with_timeout(c, op->operand / 4 % 3 * MILLISECOND);
        result(task, (uint64_t)ctx_err(c));
        if (op->operand & 64)
            ctx_cancel(c);
        else
            chan_recv(ctx_done(c), NULL);
        result(task, (uint64_t)ctx_cause(c));
        break;
    }
}

static void use_timer(int task, const struct program_op *op) {
    timer *t = here.timers[op->object];
    switch (op->which) {
    case 0:
        result(task, timer_stop(t));
        break;
    case 1:
        result(task, timer_reset(t, op->operand % 3 * MILLISECOND));
        break;
    case 2:
        if (op->child)
            after_func(op->operand % 3 * MILLISECOND, program_task, .task = op->child);
        break;
    case 3:
        chan_recv(timer_chan(t), NULL);
        result(task, (uint64_t)time_now());
        break;
    default:
        do_select(task, op, op->which == 4);
        break;
    }
}

static void use_ticker(int task, const struct program_op *op) {
    ticker *t = here.tickers[op->object];
    switch (op->which) {
    case 0:
        ticker_stop(t);
        break;
    case 1:
        chan_recv(ticker_chan(t), NULL);
        result(task, (uint64_t)time_now());
        break;
    default:
        do_select(task, op, op->which == 2);
        break;
    }
}

static void use_map(int task, const struct program_op *op) {
    program_map *m = &here.maps[op->object];
    int key = op->operand % 2, value = 0;
    bool hit = false;
    switch (op->which) {
    case 0:
        hit = cmap_load(m, key, &value);
        break;
    case 1:
        cmap_store(m, key, task);
        break;
    case 2:
        hit = cmap_load_or_store(m, key, task, &value);
        break;
    case 3:
        hit = cmap_load_and_delete(m, key, &value);
        break;
    default:
        hit = cmap_compare_and_swap(m, key, 1, task);
        break;
    }
    result(task, (uint64_t)(value * 2 + hit));
}

static void use_pool(int task, const struct program_op *op) {
    static char items[TASKS_ALL];
    if (op->which == 0)
        pool_put(&here.pools[op->object], &items[task]);
    else
        result(task, (uint64_t)(uintptr_t)pool_get(&here.pools[op->object]));
}

// Counters as the environment of a scenario keeps them: between operations.
static void use_count(int task, const struct program_op *op) {
    int i = op->object;
    uint64_t key = operand_word((uint64_t)i + 1);
    if (op->which == 2) {
        run_touch(key, ROLE_LOOK);
        result(task, (uint64_t)(here.most[i] * 16 + here.counts[i]));
        return;
    }
    run_touch(key, ROLE_RAISE);
    if (++here.counts[i] > here.most[i])
        here.most[i] = here.counts[i];
    task_sleep((op->operand % 2 + 1) * MILLISECOND);
    run_touch(key, ROLE_LOWER);
    here.counts[i]--;
}

SCOPE_TASK(program_scoped, int task; err fails;) {
    run_task(a->task);
    return a->fails;
}

static void use_scope(int task, const struct program_op *op) {
    static site at = {__FILE__, "scope", "", __LINE__, 0};
    scope *s = here.scopes[op->object];
    err fails = op->operand % 3 == 0 ? (err)(40 + task) : op->operand % 3 == 1 ? ERR_CANCELED : OK;
    switch (op->which) {
    case 0:
    case 1:
    case 2:
        if (op->child)
            scope_go(s, program_scoped, .task = op->child, .fails = fails);
        break;
    case 3:
        scope_cancel(s);
        break;
    case 4:
        scope_leave_at(s, &at);
        result(task, 6);
        break;
    default:
        result(task, (uint64_t)scope_wait(s));
        break;
    }
}

struct program_call {
    int task;
    uint8_t how;
};

static err flight_work(void *arg, void **value) {
    const struct program_call *call = arg;
    result(call->task, 55);
    *value = (void *)(uintptr_t)(call->task + 1);
    task_yield();
    if (call->how % 8 == 0)
        panic("no flight for task %d", call->task);
    if (call->how % 8 == 1)
        goexit();
    return call->how % 8 == 2 ? (err)(50 + call->task) : OK;
}

static void use_flight(int task, const struct program_op *op) {
    static struct program_call calls[TASKS_ALL];
    singleflight *f = &here.flights[op->object];
    const char *key = op->operand & 64 ? "a" : "b";
    flight got = {0};
    calls[task] = (struct program_call){task, op->operand};
    switch (op->which) {
    case 0:
    case 1:
    case 2:
        got = singleflight_do(f, key, flight_work, &calls[task]);
        break;
    case 3:
        chan_recv(singleflight_do_chan(f, key, flight_work, &calls[task]), &got);
        break;
    default:
        singleflight_forget(f, key);
        break;
    }
    result(task, (uint64_t)(uintptr_t)got.value * 64 + (uint64_t)got.err * 2 + got.shared);
}

static void use_conn(int task, const struct program_op *op) {
    static const char *const names[OBJECTS] = {"zero", "one", "two"};
    conn *c = here.conns[op->object][op->operand % 2], *fresh = NULL;
    char bytes[4] = {(char)('a' + task)};
    size_t n = 0;
    err e = OK;
    switch (op->which) {
    case 0:
    case 1:
        e = conn_write(c, bytes, 1);
        break;
    case 2:
    case 3:
    case 4:
        e = conn_read_ctx(any_ctx(), c, bytes, sizeof bytes, &n);
        break;
    case 5:
        conn_close(c);
        break;
    case 6:
        e = net_dial_ctx(any_ctx(), names[op->object], op->operand / 2 % 2 * MILLISECOND, &fresh);
        break;
    case 7:
        e = net_accept(here.listeners[op->object], &fresh);
        break;
    default:
        listener_close(here.listeners[op->object]);
        break;
    }
    result(task, (uint64_t)e);
    for (size_t i = 0; i < n; i++)
        result(task, (uint64_t)bytes[i]);
}

static void use_resource(int task, const struct program_op *op) {
    static site at = {__FILE__, "resource", "", __LINE__, 0};
    resource *r = &here.resources[op->object];
    (void)task;
    if (op->which == 0)
        resource_open_at(r, "thing", &at);
    else
        resource_close_at(r, &at);
}

DEFERRED(tell_panic, int task;) {
    const panicked *p = recover();
    result(a->task, p ? 88 : 89);
}

static void fail_and_go_on(int task, int how) {
    deferring();
    defer_to_return(tell_panic, .task = task);
    if (how == 0)
        goexit();
    panic("task %d will recover", task);
}

static void use_nothing(int task, const struct program_op *op) {
    switch (op->which) {
    case 0:
        task_yield();
        break;
    case 1:
    case 2:
        task_sleep((op->operand % 2 + 1) * MILLISECOND);
        result(task, (uint64_t)time_now());
        break;
    case 3:
        result(task, choose(2));
        break;
    case 4:
        if (op->operand % 4 == 0)
            panic("task %d has had enough", task);
        fail_and_go_on(task, op->operand % 4 - 1);
        break;
    default:
        if (op->child)
            go(program_task, .task = op->child);
        break;
    }
}

static void perform(int task, const struct program_op *op) {
    static void (*const by_kind[KINDS])(int, const struct program_op *) = {
        [KIND_CHAN] = use_chan,
        [KIND_MUTEX] = use_mutex,
        [KIND_RWMUTEX] = use_rwmutex,
        [KIND_COND] = use_cond,
        [KIND_WAITGROUP] = use_waitgroup,
        [KIND_SEMA] = use_sema,
        [KIND_GROUP] = use_group,
        [KIND_CTX] = use_ctx,
        [KIND_TIMER] = use_timer,
        [KIND_TICKER] = use_ticker,
        [KIND_MAP] = use_map,
        [KIND_POOL] = use_pool,
        [KIND_COUNT] = use_count,
        [KIND_SCOPE] = use_scope,
        [KIND_FLIGHT] = use_flight,
        [KIND_CONN] = use_conn,
        [KIND_RESOURCE] = use_resource,
    };
    if (op->object == OBJECTS)
        use_nothing(task, op);
    else if (program.kinds[op->object] == KIND_ONCE)
        once_do(&here.onces[op->object], once_body, &task);
    else
        by_kind[program.kinds[op->object]](task, op);
}

// --- the world --------------------------------------------------------------------------------------

static void make_conn(int i) {
    static const char *const names[OBJECTS] = {"zero", "one", "two"};
    int64_t latency = program.sizes[i] % 2 * MILLISECOND;
    here.listeners[i] = net_listen(names[i]);
    if (net_dial(names[i], latency, &here.conns[i][0]) != OK ||
        net_accept(here.listeners[i], &here.conns[i][1]) != OK)
        panic("no connection");
}

static void make_object(int i) {
    static site at = {__FILE__, "scope", "s", __LINE__, 0};
    switch (program.kinds[i]) {
    case KIND_CHAN:
        chan_make(&here.chans[i], program.sizes[i] % 3);
        break;
    case KIND_SEMA:
        here.semas[i].size = 1 + program.sizes[i] % 2;
        break;
    case KIND_GROUP:
        if (program.sizes[i] % 3)
            group_set_limit(&here.groups[i], program.sizes[i] % 3);
        if (program.sizes[i] & 8)
            group_with_ctx(&here.groups[i], any_ctx());
        break;
    case KIND_CTX:
        here.ctxs[i] = program.sizes[i] % 2
                           ? ctx_with_timeout(ctx_background(), MILLISECOND)
                           : ctx_with_cancel(i && here.ctxs[i - 1] ? here.ctxs[i - 1]
                                                                   : ctx_background());
        break;
    case KIND_TIMER:
        here.timers[i] = timer_start((program.sizes[i] % 2 + 1) * MILLISECOND);
        break;
    case KIND_TICKER:
        here.tickers[i] = ticker_start(MILLISECOND);
        break;
    case KIND_SCOPE:
        here.scopes[i] = program.sizes[i] % 4 ? scope_open_at(any_ctx(), &at)
                                              : scope_open_timeout_at(any_ctx(), MILLISECOND, &at);
        break;
    case KIND_CONN:
        make_conn(i);
        break;
    default:
        break;
    }
}

static void program_root(void *arg) {
    (void)arg;
    memset(&here, 0, sizeof here);
    for (int t = 0; t < TASKS_ALL; t++)
        here.at[t] = -1;
    for (int i = 0; i < OBJECTS; i++)
        make_object(i);
    for (int t = 1; t < TASKS_MADE; t++)
        if (program.lengths[t])
            go(program_task, .task = t);
    run_task(0);
}

static void make_op(struct program_op *op, uint64_t *state, uint8_t *children) {
    bool object = program_random(state) % 8;
    op->object = (uint8_t)(object ? program_random(state) % OBJECTS : OBJECTS);
    uint8_t operations = object ? kind_operations[program.kinds[op->object]] : 6;
    op->which = (uint8_t)(program_random(state) % operations);
    op->operand = (uint8_t)program_random(state);
    bool starts = !object || program.kinds[op->object] == KIND_GROUP ||
                  program.kinds[op->object] == KIND_CTX ||
                  program.kinds[op->object] == KIND_SCOPE ||
                  program.kinds[op->object] == KIND_TIMER;
    op->child = starts && *children < TASKS_ALL ? (*children)++ : 0;
}

// Makes the program of this seed. Few kinds at once, so that tasks meet.
static void random_program(uint64_t seed) {
    uint64_t state = seed;
    uint8_t children = TASKS_MADE;
    memset(&program, 0, sizeof program);
    program.slow = program_random(&state) % 8 == 0;
    uint8_t kind = (uint8_t)(program_random(&state) % KINDS);
    for (int i = 0; i < OBJECTS; i++) {
        program.kinds[i] = program_random(&state) % 3   ? kind
                           : program_random(&state) % 2 ? (uint8_t)KIND_CHAN
                                                        : (uint8_t)(program_random(&state) % KINDS);
        program.sizes[i] = (uint8_t)program_random(&state);
    }
    int tasks = 2 + (int)(program_random(&state) % 2);
    for (int t = 0; t < TASKS_ALL; t++) {
        if (t >= tasks && t < TASKS_MADE)
            continue;
        uint64_t most = t < TASKS_MADE ? 3 : 2;
        program.lengths[t] = (uint8_t)(1 + program_random(&state) % most + (t < TASKS_MADE));
        for (int i = 0; i < program.lengths[t]; i++)
            make_op(&program.ops[t][i], &state, &children);
    }
}

// --- as text --------------------------------------------------------------------------------------
//
//     [slow ]KIND/SIZE ... ; operations of task 0 ; of task 1 ; ...
//
// where an operation is OBJECT.WHICH(OPERAND>CHILD), and - for OBJECT when it is on none.

static void op_print(FILE *out, const struct program_op *op) {
    if (op->object == OBJECTS)
        fprintf(out, " -.%u(%u>%u)", op->which, op->operand, op->child);
    else
        fprintf(out, " %u.%u(%u>%u)", op->object, op->which, op->operand, op->child);
}

static void program_print(FILE *out) {
    fputs(program.slow ? "slow " : "", out);
    for (int i = 0; i < OBJECTS; i++)
        fprintf(out, "%s/%u ", kind_names[program.kinds[i]], program.sizes[i]);
    for (int t = 0; t < TASKS_ALL; t++) {
        fputs(t ? " ;" : ";", out);
        for (int i = 0; i < program.lengths[t]; i++)
            op_print(out, &program.ops[t][i]);
    }
    fputc('\n', out);
}

static int kind_of_name(const char *name, size_t length) {
    for (int kind = 0; kind < KINDS; kind++)
        if (strlen(kind_names[kind]) == length && !memcmp(kind_names[kind], name, length))
            return kind;
    return KINDS;
}

// Reads "KIND/SIZE " or "OBJECT.WHICH(OPERAND>CHILD)"; returns what follows, NULL: it is none.
static const char *object_read(const char *text, int i) {
    size_t length = strcspn(text, "/");
    int kind = kind_of_name(text, length), used = 0;
    if (kind == KINDS || sscanf(text + length, "/%hhu%n", &program.sizes[i], &used) != 1)
        return NULL;
    program.kinds[i] = (uint8_t)kind;
    return text + length + used;
}

static const char *op_read(const char *text, struct program_op *op) {
    int used = 0;
    *op = (struct program_op){.object = OBJECTS};
    if (*text == '-')
        text++;
    else
        op->object = (uint8_t)(*text++ - '0');
    sscanf(text, ".%hhu(%hhu>%hhu)%n", &op->which, &op->operand, &op->child, &used);
    return used && op->object <= OBJECTS && op->child < TASKS_ALL ? text + used : NULL;
}

static const char *skip_spaces(const char *text) {
    return text + strspn(text, " \n");
}

static const char *task_read(const char *text, int task) {
    for (text = skip_spaces(text); text && *text && *text != ';'; text = skip_spaces(text)) {
        if (program.lengths[task] == OPS)
            return NULL;
        text = op_read(text, &program.ops[task][program.lengths[task]++]);
        if (!text)
            return NULL;
    }
    return *text ? text + 1 : text;
}

// Makes the program that program_print has printed. False: it is none.
static bool program_read(const char *text) {
    memset(&program, 0, sizeof program);
    program.slow = strncmp(text, "slow ", 5) == 0;
    text += program.slow ? 5 : 0;
    for (int i = 0; i < OBJECTS && text; i++)
        text = object_read(skip_spaces(text), i);
    text = text ? skip_spaces(text) : text;
    if (!text || *text++ != ';')
        return false;
    for (int t = 0; t < TASKS_ALL && text; t++)
        text = task_read(text, t);
    return text && !*text;
}

// --- outcomes ---------------------------------------------------------------------------------------

enum { OUTCOMES = 1 << 14 };
struct outcomes {
    uint64_t runs, cut;
    bool all; // every schedule was tried
    uint32_t count;
    uint64_t list[OUTCOMES]; // a hash table, 0: free
};

static uint64_t mix(uint64_t hash, uint64_t x) {
    hash = (hash ^ x) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t text_hash(const char *text) {
    uint64_t hash = 0;
    for (; *text; text++)
        hash = hash * 31 + (unsigned char)*text;
    return hash;
}

// What the log says beside what the tasks know: panics and misuse.
static uint64_t told_by_log(void) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < program_log->head; i++) {
        const event *e = &program_log->events[i];
        if (e->kind == EV_OPEN || e->kind == EV_RELEASE)
            sum += mix(e->kind, e->task == 0);
        if (e->kind == EV_PANIC || e->kind == EV_MISUSE)
            sum += mix(e->kind, text_hash(event_log_string(program_log, (uint32_t)e->value)));
    }
    return sum;
}

static uint64_t outcome(enum run_end end) {
    uint64_t hash = mix(end, (uint64_t)program_log->now);
    for (int t = 0; t < TASKS_ALL; t++)
        hash = mix(mix(hash, here.results[t]), (uint64_t)here.at[t] + 1);
    return mix(hash, told_by_log());
}

// Where it lies, or is to lie.
static uint32_t outcomes_place(const struct outcomes *o, uint64_t hash) {
    uint32_t i = hash % OUTCOMES;
    while (o->list[i] && o->list[i] != hash)
        i = (i + 1) % OUTCOMES;
    return i;
}

static void outcomes_add(struct outcomes *o, uint64_t hash) {
    uint32_t i = outcomes_place(o, hash);
    o->count += !o->list[i];
    o->list[i] = hash;
}

static bool same_outcomes(const struct outcomes *a, const struct outcomes *b) {
    bool same = a->count == b->count;
    for (uint32_t i = 0; i < OUTCOMES && same; i++)
        same = !a->list[i] || b->list[outcomes_place(b, a->list[i])];
    return same;
}

static void outcomes_begin(struct outcomes *o) {
    memset(o, 0, sizeof *o);
    if (program_log)
        return;
    program_log = calloc(1, event_log_size(PROGRAM_EVENTS));
    event_log_init(program_log, PROGRAM_EVENTS, false);
}

static enum run_end program_run(struct policy *policy) {
    struct run_config config = {.log = program_log,
                                .policy = policy,
                                .early = program.slow ? SCHEDULE_EARLY : 0,
                                .max_steps = 500};
    return run_world(&config, program_root, NULL);
}

static bool run_counts(enum run_end end) {
    return (end == RUN_QUIESCENT || end == RUN_PANICKED) && !run_was_pressed();
}

// --- every order ------------------------------------------------------------------------------------

static struct {
    struct policy policy;
    size_t taken[512], ways[512];
    size_t depth, known;
} every;

static size_t every_pick(struct policy *self, const struct choice *ways, size_t count,
                         size_t preferred) {
    (void)self, (void)ways, (void)preferred;
    size_t at = every.depth++;
    if (at == 512)
        return POLICY_STOP;
    if (at == every.known) {
        every.taken[at] = 0;
        every.ways[at] = count;
        every.known++;
    }
    return every.taken[at];
}

static bool every_next(void) {
    while (every.known && ++every.taken[every.known - 1] == every.ways[every.known - 1])
        every.known--;
    return every.known;
}

// Ends early, and says so, when there are more runs than `most`, or one meets a bound.
static void outcomes_of_every_order(struct outcomes *o, uint64_t most) {
    outcomes_begin(o);
    every.policy = (struct policy){.announce = true, .pick = every_pick};
    every.known = 0;
    do {
        every.depth = 0;
        enum run_end end = program_run(&every.policy);
        if (!run_counts(end) || ++o->runs > most)
            return;
        outcomes_add(o, outcome(end));
    } while (every_next());
    o->all = true;
}

// --- by the search ----------------------------------------------------------------------------------

static struct search *program_search;

static void outcomes_of_search(struct outcomes *o, uint64_t most) {
    struct search_plan plan = {.scenario = "p", .runs[SEARCH_TREE] = most, .reduce = true};
    outcomes_begin(o);
    if (!program_search)
        program_search = calloc(1, sizeof *program_search);
    search_init(program_search, &plan);
    while (search_begin(program_search)) {
        enum run_end end = program_run(&program_search->policy);
        bool counts = search_counts(program_search);
        if (counts && run_counts(end))
            outcomes_add(o, outcome(end));
        search_end(program_search, 0, counts && !run_counts(end));
    }
    o->runs = program_search->explored;
    o->cut = program_search->cut;
    o->all = search_exhaustive(program_search);
}

// --- both -------------------------------------------------------------------------------------------

enum { RUNS_MOST = 3000 };

enum comparison { SAME, DIFFERS, TOO_MANY };

// TOO_MANY: the program has more than `most` runs, or one that meets a bound.
static enum comparison program_compare(struct outcomes *all, struct outcomes *reduced,
                                       uint64_t most) {
    outcomes_of_every_order(all, most);
    if (!all->all)
        return TOO_MANY;
    outcomes_of_search(reduced, most * 10);
    return reduced->all && same_outcomes(all, reduced) ? SAME : DIFFERS;
}
