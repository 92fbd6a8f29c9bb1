// rwmutex: many readers or one writer, with Go's order.
//
// Invariants: `owner` and `inside` are never both set; `pending` is set only while there are
// readers inside; readers wait only while there is an owner or a pending writer.
//
// A writer comes in two steps, as in Go. First it must be the only one: it waits for the writer
// before it by enabledness, as for a mutex (sync.c), so which writer is next is the schedule's
// choice. Then, if there are readers inside, it becomes `pending`, which from that moment keeps new
// readers out; this is a visible step of its own, since who came before it matters. The last reader
// hands the lock over to it. Readers join their queue in a visible step too: unlock lets in all that
// are in it, at once, before any writer can be next.
//
// Rejected: counting a writer as queued as soon as it is announced (readers that came first would be
// kept out by a writer that has not yet done anything); one queue of readers and writers (fair, but
// not what Go does: there a reader that waits goes before every writer that waits).
#include "core/rwmutex.h"

#include "core/internal.h"

struct rwmutex_op {
    struct op op;         // what the scheduler knows of it
    struct waiter waiter; // its place in the queue
    bool overtaken;       // a writer that was woken once, and somebody else was quicker
};

static rwmutex *rwmutex_of(const struct op *op) {
    return (rwmutex *)((char *)op->object - offsetof(rwmutex, object));
}

// Some writer holds it, or waits for the readers inside to leave.
static bool writer_first(const rwmutex *rw) {
    return rw->owner || rw->pending;
}

static void rwmutex_dequeue(struct op *op) {
    waiter_unlink(&((struct rwmutex_op *)op)->waiter);
}

static struct rwmutex_op rwmutex_op(const struct op_kind *kind, rwmutex *rw, site *at) {
    object_use(&rw->object, OBJECT_RWMUTEX, at);
    return (struct rwmutex_op){.op = {.kind = kind, .object = &rw->object, .at = at}};
}

// --- reading --------------------------------------------------------------------------------------

static enum op_result rlock_attempt(struct op *op) {
    rwmutex *rw = rwmutex_of(op);
    if (writer_first(rw))
        return OP_BLOCKED;
    rw->inside++;
    return OP_DONE;
}

static void rlock_enqueue(struct op *op) {
    wait_list_append(&rwmutex_of(op)->readers, &((struct rwmutex_op *)op)->waiter);
}

static const struct op_kind rlock_kind = {
    .event = EV_RLOCK,
    .reason = WAIT_RLOCK,
    .attempt = rlock_attempt,
    .enqueue = rlock_enqueue,
    .dequeue = rwmutex_dequeue,
};

// No writer can have unlocked since the lock was given, so the cell says what it said then.
void rwmutex_rlock_at(rwmutex *rw, site *at) {
    struct rwmutex_op rlock = rwmutex_op(&rlock_kind, rw, at);
    rlock.waiter.op = &rlock.op;
    op_perform(&rlock.op);
    sanitize_acquire(&rw->sync_write);
}

static enum op_result tryrlock_attempt(struct op *op) {
    op->value = rlock_attempt(op) == OP_DONE;
    if (op->value)
        sanitize_acquire(&rwmutex_of(op)->sync_write);
    else
        op->flags |= EVENT_FRUITLESS;
    return OP_DONE;
}

static bool tryrlock_in_vain(const struct op *op) {
    return writer_first(rwmutex_of(op));
}

static const struct op_kind tryrlock_kind = {
    .event = EV_TRYRLOCK, .attempt = tryrlock_attempt, .in_vain = tryrlock_in_vain};

bool rwmutex_tryrlock_at(rwmutex *rw, site *at) {
    struct rwmutex_op tryrlock = rwmutex_op(&tryrlock_kind, rw, at);
    op_perform(&tryrlock.op);
    return tryrlock.op.value;
}

// The last reader hands over to the pending writer.
static enum op_result runlock_attempt(struct op *op) {
    rwmutex *rw = rwmutex_of(op);
    struct waiter *writer = rw->pending;
    if (!rw->inside)
        return op_fatal(op, "sync: RUnlock of unlocked RWMutex");
    sanitize_release(&rw->sync_read);
    if (--rw->inside || !writer)
        return OP_DONE;
    rw->owner = writer->op->task->number + 1;
    op_complete(writer);
    return OP_DONE;
}

static const struct op_kind runlock_kind = {.event = EV_RUNLOCK, .attempt = runlock_attempt};

void rwmutex_runlock_at(rwmutex *rw, site *at) {
    struct rwmutex_op runlock = rwmutex_op(&runlock_kind, rw, at);
    op_perform(&runlock.op);
}

// --- writing --------------------------------------------------------------------------------------

static bool lock_enabled(const struct op *op) {
    return !writer_first(rwmutex_of(op));
}

static enum op_result lock_attempt(struct op *op) {
    rwmutex *rw = rwmutex_of(op);
    if (writer_first(rw) || rw->inside)
        return OP_BLOCKED;
    rw->owner = op->task->number + 1;
    return OP_DONE;
}

// The only writer waits for the readers inside; any other for the writer before it.
static void lock_enqueue(struct op *op) {
    struct rwmutex_op *l = (struct rwmutex_op *)op;
    rwmutex *rw = rwmutex_of(op);
    if (!writer_first(rw))
        rw->pending = &l->waiter;
    else if (l->overtaken)
        wait_list_prepend(&rw->writers, &l->waiter);
    else
        wait_list_append(&rw->writers, &l->waiter);
    l->overtaken = true;
}

static void lock_dequeue(struct op *op) {
    rwmutex *rw = rwmutex_of(op);
    if (rw->pending == &((struct rwmutex_op *)op)->waiter)
        rw->pending = NULL;
    rwmutex_dequeue(op);
}

static const struct op_kind lock_kind = {
    .event = EV_WLOCK,
    .reason = WAIT_WLOCK,
    .attempt = lock_attempt,
    .enabled = lock_enabled,
    .enqueue = lock_enqueue,
    .dequeue = lock_dequeue,
};

// Nobody can have unlocked since the lock was given, so the cells say what they said then.
static void ordered_after_all(rwmutex *rw) {
    sanitize_acquire(&rw->sync_write);
    sanitize_acquire(&rw->sync_read);
}

void rwmutex_lock_at(rwmutex *rw, site *at) {
    struct rwmutex_op lock = rwmutex_op(&lock_kind, rw, at);
    lock.waiter.op = &lock.op;
    op_perform(&lock.op);
    ordered_after_all(rw);
}

static enum op_result trylock_attempt(struct op *op) {
    op->value = lock_attempt(op) == OP_DONE;
    if (op->value)
        ordered_after_all(rwmutex_of(op));
    else
        op->flags |= EVENT_FRUITLESS;
    return OP_DONE;
}

static bool trylock_in_vain(const struct op *op) {
    return writer_first(rwmutex_of(op)) || rwmutex_of(op)->inside;
}

static const struct op_kind trylock_kind = {
    .event = EV_TRYLOCK, .attempt = trylock_attempt, .in_vain = trylock_in_vain};

bool rwmutex_trylock_at(rwmutex *rw, site *at) {
    struct rwmutex_op trylock = rwmutex_op(&trylock_kind, rw, at);
    op_perform(&trylock.op);
    return trylock.op.value;
}

static void admit_readers(rwmutex *rw) {
    for (struct waiter *w; (w = rw->readers.first);) {
        rw->inside++;
        op_complete(w);
    }
}

static enum op_result unlock_attempt(struct op *op) {
    rwmutex *rw = rwmutex_of(op);
    if (!rw->owner)
        return op_fatal(op, "sync: Unlock of unlocked RWMutex");
    rw->owner = 0;
    sanitize_release(&rw->sync_write);
    admit_readers(rw);
    op_retry_first(&rw->writers);
    return OP_DONE;
}

static const struct op_kind unlock_kind = {.event = EV_UNLOCK, .attempt = unlock_attempt};

void rwmutex_unlock_at(rwmutex *rw, site *at) {
    struct rwmutex_op unlock = rwmutex_op(&unlock_kind, rw, at);
    op_perform(&unlock.op);
}
