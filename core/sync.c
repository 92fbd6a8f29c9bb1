// sync: mutex and wait group.
//
// Invariants: a mutex has waiters only while it has an owner; a wait group has waiters only while its
// counter is above 0, and whoever brings that to 0 wakes them all in the same step.
//
// A mutex waits by enabledness: announced, a lock stays announced until the mutex is free, and who
// gets it is the schedule's choice. Inline, unlock hands it to the oldest waiter, so nobody overtakes.
//
// Rejected: inline, waking the oldest waiter to try again, as in Go's normal mode. Nobody interrupts
// a task here, so the one that unlocks would lock again first, every time, and two switches would be
// lost on a waiter that finds it locked.
#include "core/sync.h"

#include "core/handover.h"
#include "core/panic.h"

// --- mutex ------------------------------------------------------------------------------------------

struct mutex_op {
    struct op op;
    struct waiter waiter; // its place in the queue
};

static mutex *mutex_of(const struct op *op) {
    return (mutex *)((char *)op->object - offsetof(mutex, object));
}

static bool lock_enabled(const struct op *op) {
    return mutex_of(op)->owner == 0;
}

ALWAYS_INLINE enum op_result lock_attempt(struct op *op) {
    mutex *m = mutex_of(op);
    if (m->owner)
        return OP_BLOCKED;
    m->owner = op->task->number + 1;
    op_acquire(op, m);
    return OP_DONE;
}

static void lock_enqueue(struct op *op) {
    wait_list_append(&mutex_of(op)->waiters, &((struct mutex_op *)op)->waiter);
}

static const struct op_kind lock_kind = {
    .event = EV_LOCK,
    .reason = WAIT_MUTEX,
    .attempt = lock_attempt,
    .enabled = lock_enabled,
    .enqueue = lock_enqueue,
};

SLOW void lock_slowly(mutex *m, site *at) {
    object_use(&m->object, OBJECT_MUTEX, at);
    struct mutex_op lock = {.op = {.kind = &lock_kind, .object = &m->object, .at = at}};
    lock.waiter.op = &lock.op;
    op_perform(&lock.op);
}

SLOW void lock_waits(mutex *m, site *at) {
    struct mutex_op lock = {.op = {.kind = &lock_kind, .object = &m->object, .at = at}};
    lock.waiter.op = &lock.op;
    wait_list_append(&m->waiters, &lock.waiter);
    op_quick_wait(&lock.op, WAIT_MUTEX);
}

void mutex_lock_at(mutex *m, site *at) {
    struct op lock = {.object = &m->object, .at = at};
    enum quick how = object_known(&m->object) ? op_try_quick(&lock, &lock_kind) : QUICK_NOT;
    if (how == QUICK_BLOCKED)
        lock_waits(m, at);
    else if (how == QUICK_NOT)
        lock_slowly(m, at);
}

static enum op_result trylock_attempt(struct op *op) {
    op->value = lock_attempt(op) == OP_DONE;
    if (!op->value)
        op->flags |= EVENT_FRUITLESS;
    return OP_DONE;
}

static bool trylock_in_vain(const struct op *op) {
    return !lock_enabled(op);
}

static const struct op_kind trylock_kind = {
    .event = EV_TRYLOCK, .attempt = trylock_attempt, .in_vain = trylock_in_vain};

bool mutex_trylock_at(mutex *m, site *at) {
    object_use(&m->object, OBJECT_MUTEX, at);
    struct op op = {.kind = &trylock_kind, .object = &m->object, .at = at};
    op_perform(&op);
    return op.value;
}

// Hands it to the oldest waiter, whom the caller is to complete; NULL: nobody wants it.
ALWAYS_INLINE struct waiter *hand_over(mutex *m) {
    struct waiter *next = m->waiters.first;
    m->owner = next ? next->op->task->number + 1 : 0;
    return next;
}

void mutex_release(mutex *m) {
    struct waiter *next = hand_over(m);
    sanitize_release(m);
    if (next)
        op_complete(next);
}

ALWAYS_INLINE enum op_result unlock_attempt(struct op *op) {
    mutex *m = mutex_of(op);
    if (!m->owner)
        return op_fatal(op, "sync: unlock of unlocked mutex");
    op_release(op, m);
    op->wakes = hand_over(m);
    return OP_DONE;
}

static const struct op_kind unlock_kind = {.event = EV_UNLOCK, .attempt = unlock_attempt};

SLOW void unlock_slowly(mutex *m, site *at) {
    object_use(&m->object, OBJECT_MUTEX, at);
    struct op unlock = {.kind = &unlock_kind, .object = &m->object, .at = at};
    op_perform(&unlock);
}

void mutex_unlock_at(mutex *m, site *at) {
    struct op unlock = {.object = &m->object, .at = at};
    if (unlikely(!object_known(&m->object) || !op_quick(&unlock, &unlock_kind)))
        unlock_slowly(m, at);
}

// --- wait group ---------------------------------------------------------------------------------------

struct waitgroup_op {
    struct op op;
    int32_t delta;
    struct waiter waiter;
};

static waitgroup *waitgroup_of(const struct op *op) {
    return (waitgroup *)((char *)op->object - offsetof(waitgroup, object));
}

static struct waiter *wake_all_but_last(struct wait_list *list) {
    while (list->first != list->last)
        op_complete(list->first);
    return list->last;
}

ALWAYS_INLINE enum op_result add_attempt(struct op *op) {
    waitgroup *wg = waitgroup_of(op);
    int32_t delta = ((struct waitgroup_op *)op)->delta;
    int32_t after;
    if (__builtin_add_overflow(wg->count, delta, &after))
        return op_panic(op, "sync: WaitGroup counter overflow");
    wg->count = after;
    op->value = (int64_t)((uint64_t)(uint32_t)delta << 32 | (uint32_t)after);
    if (after < 0)
        return op_panic(op, "sync: negative WaitGroup counter");
    if (delta < 0)
        op_release(op, wg);
    if (after == 0)
        op->wakes = wake_all_but_last(&wg->waiters);
    return OP_DONE;
}

static const struct op_kind add_kind = {.event = EV_ADD, .attempt = add_attempt};
static const struct op_kind done_kind = {.event = EV_DONE, .attempt = add_attempt};

SLOW void change_slowly(waitgroup *wg, const struct op_kind *kind, int32_t delta, site *at) {
    object_use(&wg->object, OBJECT_WAITGROUP, at);
    struct waitgroup_op add = {.op = {.kind = kind, .object = &wg->object, .at = at},
                               .delta = delta};
    op_perform(&add.op);
}

ALWAYS_INLINE void waitgroup_change(waitgroup *wg, const struct op_kind *kind, int32_t delta,
                                    site *at) {
    struct waitgroup_op add = {.op = {.object = &wg->object, .at = at}, .delta = delta};
    bool many_wait = wg->waiters.first != wg->waiters.last;
    if (unlikely(!object_known(&wg->object) || many_wait || !op_quick(&add.op, kind)))
        change_slowly(wg, kind, delta, at);
}

void waitgroup_add_at(waitgroup *wg, int32_t n, site *at) {
    waitgroup_change(wg, &add_kind, n, at);
}

void waitgroup_done_at(waitgroup *wg, site *at) {
    waitgroup_change(wg, &done_kind, -1, at);
}

ALWAYS_INLINE enum op_result wait_attempt(struct op *op) {
    return waitgroup_of(op)->count == 0 ? OP_DONE : OP_BLOCKED;
}

static void wait_enqueue(struct op *op) {
    wait_list_append(&waitgroup_of(op)->waiters, &((struct waitgroup_op *)op)->waiter);
}

static const struct op_kind wait_kind = {
    .event = EV_WAIT,
    .reason = WAIT_WAITGROUP,
    .attempt = wait_attempt,
    .enqueue = wait_enqueue,
};

SLOW void wait_slowly(waitgroup *wg, site *at) {
    object_use(&wg->object, OBJECT_WAITGROUP, at);
    struct waitgroup_op wait = {.op = {.kind = &wait_kind, .object = &wg->object, .at = at}};
    wait.waiter.op = &wait.op;
    op_perform(&wait.op);
    sanitize_acquire(wg);
}

SLOW void wait_waits(waitgroup *wg, site *at) {
    struct waitgroup_op wait = {.op = {.kind = &wait_kind, .object = &wg->object, .at = at}};
    wait.waiter.op = &wait.op;
    wait_list_append(&wg->waiters, &wait.waiter);
    op_quick_wait(&wait.op, WAIT_WAITGROUP);
}

void waitgroup_wait_at(waitgroup *wg, site *at) {
    struct op wait = {.object = &wg->object, .at = at};
    enum quick how = object_known(&wg->object) ? op_try_quick(&wait, &wait_kind) : QUICK_NOT;
    if (how == QUICK_BLOCKED)
        wait_waits(wg, at);
    else if (how == QUICK_NOT)
        wait_slowly(wg, at);
}
