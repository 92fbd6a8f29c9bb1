// What happens before what: the sentences of the Go memory model (go.dev/ref/mem) and of the documents
// it refers to, one after the other. Each rule writes a variable on one side and reads it on the other.
// Where nothing is ordered, the same access is a race, which ThreadSanitizer must see.
#include "core/conformance/conformance.h"

#include <stdatomic.h>

static int shared;

TASK(writes, int unused;) {
    shared = 1;
}

// --- tasks --------------------------------------------------------------------------------------------

TASK(reads, int unused;) {
    say("%d", shared);
}

RULE(mem_go_before_start, "A go happens before the start of the task.", "1\n", .orders = true) {
    shared = 1;
    go(reads, .unused = 0);
    task_sleep(MILLISECOND);
}

RULE(mem_exit_orders_nothing, "The end of a task happens before nothing.", "done\n",
     .races = true) {
    go(writes, .unused = 0);
    task_sleep(MILLISECOND);
    shared = 2;
    say("done");
}

RULE(mem_sleep_orders_nothing, "Time orders nothing.", "done\n", .races = true) {
    shared = 0;
    go(writes, .unused = 0);
    task_sleep(5 * MILLISECOND);
    shared++;
    say("done");
}

// --- channels -----------------------------------------------------------------------------------------

TASK(writes_then_sends, int_chan c;) {
    shared = 1;
    chan_send(a->c, 1);
}

static void receive_then_read(size_t capacity) {
    int_chan c;
    chan_make(&c, capacity);
    shared = 0;
    go(writes_then_sends, .c = c);
    chan_recv(c, NULL);
    say("%d", shared);
}

RULE(mem_send_before_receive, "A send happens before the return of its receive.", "1\n",
     .orders = true) {
    receive_then_read(0);
}

RULE(mem_send_before_receive_buffered,
     "A send to a buffer happens before the return of the receive that gets its value.", "1\n",
     .orders = true) {
    receive_then_read(1);
}

TASK(writes_then_closes, int_chan c;) {
    shared = 1;
    chan_close(a->c);
}

RULE(mem_close_before_receive,
     "The close of a channel happens before a receive that returns zero because of it.", "1\n",
     .orders = true) {
    int_chan c;
    chan_make(&c, 1);
    shared = 0;
    go(writes_then_closes, .c = c);
    chan_recv(c, NULL);
    say("%d", shared);
}

TASK(writes_then_receives, int_chan c;) {
    shared = 1;
    chan_recv(a->c, NULL);
}

RULE(mem_receive_before_send_returns,
     "A receive from a channel without buffer happens before the return of its send.", "1\n",
     .orders = true) {
    int_chan c;
    chan_make(&c, 0);
    shared = 0;
    go(writes_then_receives, .c = c);
    chan_send(c, 1);
    say("%d", shared);
}

RULE(mem_receive_from_buffer_orders_nothing,
     "A receive from a buffer does not happen before the return of its send.", "done\n",
     .races = true) {
    int_chan c;
    chan_make(&c, 1);
    go(writes_then_receives, .c = c);
    chan_send(c, 1);
    shared = 2;
    say("done");
}

enum { CAPACITY = 3, VALUES = 10 };
static int received[VALUES];

TASK(marks_then_receives, int_chan c;) {
    for (int k = 0; k < VALUES; k++) {
        received[k] = 1;
        chan_recv(a->c, NULL);
    }
}

// After the send of value `k` it looks at what was written before the receive of value `k - lag`.
static int send_and_count(int lag) {
    int_chan c;
    chan_make(&c, CAPACITY);
    for (int k = 0; k < VALUES; k++)
        received[k] = 0;
    go(marks_then_receives, .c = c);
    int marked = 0;
    for (int k = 0; k < VALUES; k++) {
        chan_send(c, k);
        if (k >= lag)
            marked += received[k - lag];
    }
    task_sleep(MILLISECOND);
    return marked;
}

RULE(mem_kth_receive_before_k_plus_cth_send,
     "With room for C the k-th receive happens before the return of the (k+C)-th send.", "7\n",
     .orders = true) {
    say("%d", send_and_count(CAPACITY));
}

RULE(mem_kth_receive_orders_no_earlier_send,
     "With room for C the k-th receive does not happen before the return of the (k+C-1)-th send.",
     "done\n", .races = true) {
    send_and_count(CAPACITY - 1);
    say("done");
}

TASK(counts_with_slot, int_chan slots; int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        chan_send(a->slots, 1);
        shared++;
        chan_recv(a->slots, NULL);
    }
}

static void count_with_slots(size_t slots, int rounds) {
    int_chan c;
    chan_make(&c, slots);
    shared = 0;
    for (int i = 0; i < 3; i++)
        go(counts_with_slot, .slots = c, .rounds = rounds);
    task_sleep(5 * MILLISECOND);
    chan_send(c, 1);
}

RULE(mem_buffer_of_one_is_a_lock,
     "A buffer of one orders like a lock those who send, then receive.", "9\n", .orders = true) {
    count_with_slots(1, 3);
    say("%d", shared);
}

RULE(mem_buffer_of_two_is_no_lock, "A buffer of two leaves two at a time unordered.", "done\n",
     .races = true) {
    count_with_slots(2, 1);
    say("done");
}

RULE(mem_senders_to_a_buffer_are_unordered, "Two sends to a buffer are not ordered.", "done\n",
     .races = true) {
    int_chan c;
    chan_make(&c, 2);
    go(writes_then_sends, .c = c);
    go(writes_then_sends, .c = c);
    task_sleep(MILLISECOND);
    say("done");
}

RULE(mem_send_arm_orders, "A send that a select made orders like any other.", "1\n",
     .orders = true) {
    int_chan c;
    chan_make(&c, 0);
    shared = 0;
    go(writes_then_receives, .c = c);
    chan_select(SEND(c, 1), RECV((int_chan){NULL}, NULL));
    say("%d", shared);
}

RULE(mem_receive_arm_orders, "A receive that a select made orders like any other.", "1\n",
     .orders = true) {
    int_chan c;
    chan_make(&c, 1);
    shared = 0;
    go(writes_then_sends, .c = c);
    chan_select(RECV(c, NULL), RECV((int_chan){NULL}, NULL));
    say("%d", shared);
}

RULE(mem_default_orders_nothing, "A select that took its default orders nothing.", "done\n",
     .races = true) {
    int_chan c;
    chan_make(&c, 0);
    go(writes_then_closes, .c = c);
    chan_poll(SEND((int_chan){NULL}, 1), RECV((int_chan){NULL}, NULL));
    shared = 2;
    task_sleep(MILLISECOND);
    say("done");
}

RULE(mem_len_orders_nothing, "A look at the length of a channel orders nothing.", "done\n",
     .races = true) {
    int_chan c;
    chan_make(&c, 1);
    go(writes_then_sends, .c = c);
    while (!chan_len(c))
        task_yield();
    shared = 2;
    say("done");
}

// --- locks --------------------------------------------------------------------------------------------

TASK(counts_in_mutex, mutex *mu; int rounds; waitgroup *wg;) {
    for (int i = 0; i < a->rounds; i++) {
        mutex_lock(a->mu);
        shared++;
        mutex_unlock(a->mu);
    }
    waitgroup_done(a->wg);
}

RULE(mem_unlock_before_lock, "An unlock of a mutex happens before the return of every later lock.",
     "12\n", .orders = true) {
    mutex mu = {0};
    waitgroup wg = {0};
    shared = 0;
    waitgroup_add(&wg, 3);
    for (int i = 0; i < 3; i++)
        go(counts_in_mutex, .mu = &mu, .rounds = 4, .wg = &wg);
    waitgroup_wait(&wg);
    say("%d", shared);
}

TASK(counts_in_rwmutex, rwmutex *rw; int rounds; waitgroup *wg;) {
    for (int i = 0; i < a->rounds; i++) {
        rwmutex_lock(a->rw);
        shared++;
        rwmutex_unlock(a->rw);
    }
    waitgroup_done(a->wg);
}

RULE(mem_rwmutex_unlock_before_lock,
     "An unlock of a rwmutex happens before the return of every later lock.", "12\n",
     .orders = true) {
    rwmutex rw = {0};
    waitgroup wg = {0};
    shared = 0;
    waitgroup_add(&wg, 3);
    for (int i = 0; i < 3; i++)
        go(counts_in_rwmutex, .rw = &rw, .rounds = 4, .wg = &wg);
    waitgroup_wait(&wg);
    say("%d", shared);
}

TASK(reads_in_rwmutex, rwmutex *rw;) {
    rwmutex_rlock(a->rw);
    say("%d", shared);
    rwmutex_runlock(a->rw);
}

RULE(mem_rwmutex_unlock_before_rlock,
     "An unlock of a rwmutex happens before the return of every later read lock.", "1\n1\n",
     .orders = true) {
    rwmutex rw = {0};
    rwmutex_lock(&rw);
    shared = 0;
    go(reads_in_rwmutex, .rw = &rw);
    go(reads_in_rwmutex, .rw = &rw);
    task_sleep(MILLISECOND);
    shared = 1;
    rwmutex_unlock(&rw);
    task_sleep(MILLISECOND);
}

TASK(writes_as_reader, rwmutex *rw;) {
    rwmutex_rlock(a->rw);
    task_sleep(2 * MILLISECOND);
    shared = 1;
    rwmutex_runlock(a->rw);
}

RULE(mem_runlock_before_lock,
     "An unlock after reading happens before the return of every later lock for writing.", "1\n",
     .orders = true) {
    rwmutex rw = {0};
    shared = 0;
    go(writes_as_reader, .rw = &rw);
    task_sleep(MILLISECOND);
    rwmutex_lock(&rw);
    say("%d", shared);
    rwmutex_unlock(&rw);
}

RULE(mem_readers_are_unordered, "An unlock after reading does not happen before a later read lock.",
     "done\n", .races = true) {
    rwmutex rw = {0};
    go(writes_as_reader, .rw = &rw);
    task_sleep(5 * MILLISECOND);
    rwmutex_rlock(&rw);
    shared = 2;
    rwmutex_runlock(&rw);
    say("done");
}

// Both hold the lock until the other has tried.
TASK(writes_in_mutex, mutex *mu;) {
    mutex_lock(a->mu);
    task_sleep(2 * MILLISECOND);
    shared = 1;
    mutex_unlock(a->mu);
}

RULE(mem_trylock_taken_orders, "A trylock that took the mutex orders like a lock.", "1\n",
     .orders = true) {
    mutex mu = {0};
    shared = 0;
    go(writes_in_mutex, .mu = &mu);
    task_sleep(MILLISECOND);
    while (!mutex_trylock(&mu))
        task_sleep(MILLISECOND);
    say("%d", shared);
    mutex_unlock(&mu);
}

TASK(writes_then_locks, mutex *mu;) {
    shared = 1;
    mutex_lock(a->mu);
}

RULE(mem_trylock_failed_orders_nothing, "A trylock in vain orders nothing.", "false\n",
     .races = true) {
    mutex mu = {0};
    go(writes_then_locks, .mu = &mu);
    task_sleep(MILLISECOND);
    bool taken = mutex_trylock(&mu);
    shared = 2;
    say("%s", yes_no(taken));
}

TASK(writes_in_rwmutex, rwmutex *rw;) {
    rwmutex_lock(a->rw);
    task_sleep(2 * MILLISECOND);
    shared = 1;
    rwmutex_unlock(a->rw);
}

RULE(mem_rwmutex_trylock_taken_orders, "A trylock that took the rwmutex orders like a lock.", "1\n",
     .orders = true) {
    rwmutex rw = {0};
    shared = 0;
    go(writes_as_reader, .rw = &rw);
    task_sleep(MILLISECOND);
    while (!rwmutex_trylock(&rw))
        task_sleep(MILLISECOND);
    say("%d", shared);
    rwmutex_unlock(&rw);
}

RULE(mem_tryrlock_taken_orders, "A try for reading that took the rwmutex orders like a read lock.",
     "1\n", .orders = true) {
    rwmutex rw = {0};
    shared = 0;
    go(writes_in_rwmutex, .rw = &rw);
    task_sleep(MILLISECOND);
    while (!rwmutex_tryrlock(&rw))
        task_sleep(MILLISECOND);
    say("%d", shared);
    rwmutex_runlock(&rw);
}

TASK(writes_then_rwlocks, rwmutex *rw;) {
    shared = 1;
    rwmutex_lock(a->rw);
}

RULE(mem_rwmutex_trylock_failed_orders_nothing, "A trylock of a rwmutex in vain orders nothing.",
     "false false\n", .races = true) {
    rwmutex rw = {0};
    go(writes_then_rwlocks, .rw = &rw);
    task_sleep(MILLISECOND);
    bool taken = rwmutex_trylock(&rw), taken_for_reading = rwmutex_tryrlock(&rw);
    shared = 2;
    say("%s %s", yes_no(taken), yes_no(taken_for_reading));
}

// --- once, cond, wait group -------------------------------------------------------------------------------

static void write_slowly(void *unused) {
    (void)unused;
    task_sleep(MILLISECOND);
    shared = 1;
}

TASK(asks_once, once *o;) {
    once_do(a->o, write_slowly, NULL);
    say("%d", shared);
}

RULE(mem_once_before_return,
     "The return of the function of a once happens before the return of every once_do.",
     "1\n1\n1\n", .orders = true) {
    once o = {0};
    shared = 0;
    go(asks_once, .o = &o);
    go(asks_once, .o = &o);
    task_sleep(5 * MILLISECOND);
    once_do(&o, write_slowly, NULL);
    say("%d", shared);
}

TASK(waits_then_reads, cond *changed; mutex *mu;) {
    mutex_lock(a->mu);
    cond_wait(a->changed, a->mu);
    say("%d", shared);
    mutex_unlock(a->mu);
}

// Without the mutex, which would order them too.
RULE(mem_signal_before_wait_returns, "A signal happens before the return of the wait that it ends.",
     "1\n", .orders = true, .go_unaware = true) {
    mutex mu = {0};
    cond changed = {0};
    shared = 0;
    go(waits_then_reads, .changed = &changed, .mu = &mu);
    task_sleep(MILLISECOND);
    shared = 1;
    cond_signal(&changed);
    task_sleep(MILLISECOND);
}

RULE(mem_broadcast_before_waits_return,
     "A broadcast happens before the return of the waits that it ends.", "1\n1\n", .orders = true,
     .go_unaware = true) {
    mutex mu = {0};
    cond changed = {0};
    shared = 0;
    go(waits_then_reads, .changed = &changed, .mu = &mu);
    go(waits_then_reads, .changed = &changed, .mu = &mu);
    task_sleep(MILLISECOND);
    shared = 1;
    cond_broadcast(&changed);
    task_sleep(MILLISECOND);
}

TASK(marks_then_done, int k; waitgroup *wg;) {
    received[a->k] = 1;
    waitgroup_done(a->wg);
}

RULE(mem_done_before_wait_returns, "A done happens before the return of the wait that it ends.",
     "10\n", .orders = true) {
    waitgroup wg = {0};
    waitgroup_add(&wg, VALUES);
    for (int k = 0; k < VALUES; k++) {
        received[k] = 0;
        go(marks_then_done, .k = k, .wg = &wg);
    }
    waitgroup_wait(&wg);
    int marked = 0;
    for (int k = 0; k < VALUES; k++)
        marked += received[k];
    say("%d", marked);
}

// --- atomics ------------------------------------------------------------------------------------------

TASK(writes_then_stores, _Atomic int *flag;) {
    shared = 1;
    atomic_store(a->flag, 1);
}

RULE(mem_atomic_store_before_load,
     "An atomic store happens before an atomic load that sees its value.", "1\n", .orders = true) {
    static _Atomic int flag;
    atomic_store(&flag, 0);
    shared = 0;
    go(writes_then_stores, .flag = &flag);
    while (!atomic_load(&flag))
        task_yield();
    say("%d", shared);
}

RULE(mem_plain_flag_orders_nothing, "A variable that is not atomic, waited for, orders nothing.",
     "done\n", .races = true) {
    static volatile int *flag = &shared;
    shared = 0;
    go(writes, .unused = 0);
    while (!*flag)
        task_yield();
    say("done");
}

// --- time ---------------------------------------------------------------------------------------------

RULE(mem_after_func_before_task, "What led to after_func happens before the task that it starts.",
     "1\n", .orders = true) {
    shared = 1;
    after_func(MILLISECOND, reads, .unused = 0);
    task_sleep(5 * MILLISECOND);
}

RULE(mem_reset_before_task, "What led to a reset happens before the task that it starts.", "1\n",
     .orders = true) {
    timer *t = after_func(HOUR, reads, .unused = 0);
    shared = 1;
    timer_reset(t, MILLISECOND);
    task_sleep(5 * MILLISECOND);
}

TASK(receives_then_reads, time_chan c;) {
    chan_recv(a->c, NULL);
    say("%d", shared);
}

RULE(mem_timer_before_receive,
     "What led to a timer's last reset happens before the receive of its time.", "1\n",
     .orders = true) {
    timer *t = timer_start(HOUR);
    go(receives_then_reads, .c = timer_chan(t));
    task_sleep(MILLISECOND);
    shared = 1;
    timer_reset(t, MILLISECOND);
    task_sleep(5 * MILLISECOND);
}

// --- contexts -----------------------------------------------------------------------------------------

TASK(writes_then_cancels, ctx *ctx;) {
    shared = 1;
    ctx_cancel(a->ctx);
}

RULE(mem_cancel_before_done, "A cancel happens before a receive from the context's done channel.",
     "1\n", .orders = true) {
    ctx *c = ctx_with_cancel(ctx_background());
    shared = 0;
    go(writes_then_cancels, .ctx = c);
    chan_recv(ctx_done(c), NULL);
    say("%d", shared);
}

RULE(mem_cancel_before_done_of_child,
     "A cancel happens before a receive from the done channel of a context derived from it.", "1\n",
     .orders = true) {
    ctx *c = ctx_with_cancel(ctx_background());
    ctx *child = ctx_with_timeout(c, HOUR);
    shared = 0;
    go(writes_then_cancels, .ctx = c);
    chan_recv(ctx_done(child), NULL);
    say("%d", shared);
}

RULE(mem_cancel_before_err, "A cancel happens before the return of an error by ctx_err.", "1\n",
     .orders = true) {
    ctx *c = ctx_with_cancel(ctx_background());
    shared = 0;
    go(writes_then_cancels, .ctx = c);
    while (ctx_err(c) == OK)
        task_yield();
    say("%d", shared);
}

RULE(mem_cancel_before_after_func, "A cancel happens before the task that follows it.", "1\n",
     .orders = true) {
    ctx *c = ctx_with_cancel(ctx_background());
    shared = 0;
    ctx_after_func(c, reads, .unused = 0);
    go(writes_then_cancels, .ctx = c);
    task_sleep(5 * MILLISECOND);
}

// --- semaphores and groups ----------------------------------------------------------------------------

TASK(counts_with_permits, sema *permits; int64_t n;) {
    sema_acquire(a->permits, ctx_background(), a->n);
    shared++;
    sema_release(a->permits, a->n);
}

RULE(mem_release_before_acquire,
     "A release happens before the return of the acquire that it makes possible.", "3\n",
     .orders = true, .x_sync = true) {
    sema permits = {.size = 2};
    shared = 0;
    for (int i = 0; i < 3; i++)
        go(counts_with_permits, .permits = &permits, .n = 2);
    task_sleep(5 * MILLISECOND);
    sema_acquire(&permits, ctx_background(), 1);
    say("%d", shared);
}

GROUP_TASK(marks_in_group, int k;) {
    received[a->k] = 1;
    return OK;
}

RULE(mem_group_task_before_wait_returns,
     "The return of a task of a group happens before the return of the wait.", "10\n",
     .orders = true, .x_sync = true) {
    group g = {0};
    for (int k = 0; k < VALUES; k++) {
        received[k] = 0;
        group_go(&g, marks_in_group, .k = k);
    }
    group_wait(&g);
    int marked = 0;
    for (int k = 0; k < VALUES; k++)
        marked += received[k];
    say("%d", marked);
}

GROUP_TASK(counts_in_group, int unused;) {
    shared++;
    return OK;
}

RULE(mem_group_task_before_next_at_limit,
     "With a limit of one each task of a group happens before the next.", "3\n", .orders = true,
     .x_sync = true) {
    group g = {0};
    group_set_limit(&g, 1);
    shared = 0;
    for (int i = 0; i < 3; i++)
        group_go(&g, counts_in_group, .unused = 0);
    group_wait(&g);
    say("%d", shared);
}

SCOPE_TASK(marks_in_scope, int k;) {
    received[a->k] = 1;
    return OK;
}

RULE(mem_scope_task_before_wait_returns,
     "The return of a task of a scope happens before the return of the wait.", "10\n",
     .orders = true, .differs = "it has no scopes") {
    SCOPE(s, ctx_background());
    for (int k = 0; k < VALUES; k++) {
        received[k] = 0;
        scope_go(s, marks_in_scope, .k = k);
    }
    scope_wait(s);
    int marked = 0;
    for (int k = 0; k < VALUES; k++)
        marked += received[k];
    say("%d", marked);
}

static err write_in_flight(void *unused, void **value) {
    (void)unused, (void)value;
    task_sleep(2 * MILLISECOND);
    shared = 1;
    return OK;
}

TASK(asks_then_reads, singleflight *s;) {
    singleflight_do(a->s, "a", write_in_flight, NULL);
    say("%d", shared);
}

RULE(mem_flight_before_result,
     "The return of the work of a single flight happens before the return of all who share it.",
     "1\n1\n", .orders = true, .x_sync = true) {
    singleflight s = {0};
    shared = 0;
    go(asks_then_reads, .s = &s);
    go(asks_then_reads, .s = &s);
    task_sleep(5 * MILLISECOND);
}

// --- pools and maps -----------------------------------------------------------------------------------

TASK(writes_then_puts, pool *items;) {
    int *item = run_alloc(sizeof *item);
    *item = 1;
    pool_put(a->items, item);
}

RULE(mem_put_before_get, "The put of an object happens before the get that returns it.", "1\n",
     .orders = true) {
    pool items = {0};
    int *item;
    go(writes_then_puts, .items = &items);
    while (!(item = pool_get(&items)))
        task_yield();
    say("%d", *item);
}

typedef cmap_of(int, int) int_map;

TASK(writes_then_stores_in_map, int_map *map;) {
    shared = 1;
    cmap_store(a->map, 1, 1);
}

RULE(mem_store_before_load, "A store to a map happens before the load that gets its value.", "1\n",
     .orders = true) {
    int_map map = {0};
    shared = 0;
    go(writes_then_stores_in_map, .map = &map);
    while (!cmap_load(&map, 1, NULL))
        task_yield();
    say("%d", shared);
}

// --- connections --------------------------------------------------------------------------------------

TASK(accepts_then_reads, listener *l;) {
    conn *c;
    char byte;
    size_t n;
    net_accept(a->l, &c);
    conn_read(c, &byte, 1, &n);
    say("%d", shared);
}

RULE(mem_write_before_read, "A write to a connection happens before the read that gets its bytes.",
     "1\n", .orders = true, .differs = "its network is the machine's") {
    conn *c;
    shared = 0;
    go(accepts_then_reads, .l = net_listen("place"));
    net_dial("place", MILLISECOND, &c);
    shared = 1;
    conn_write(c, "x", 1);
    task_sleep(2 * MILLISECOND);
    conn_close(c);
}
