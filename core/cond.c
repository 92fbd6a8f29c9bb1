// cond: Go's condition variable, first come, first woken.
//
// Go takes a ticket, unlocks and then waits. Whatever happens between the ticket and the unlock
// could as well have happened before or after both, so here they are one step: the wait always
// parks, and joining the queue unlocks. Locking again is an operation of its own.
//
// Invariants: who waits does not hold the mutex; a signal takes one waiter out of the queue, and what it takes
// is completed at once, so none is lost and none is spurious.
//
// Rejected: wakes without a signal, as POSIX allows (Go has none; a loop around the wait is taught all
// the same, for what was true at the signal need not be when the lock is there).
#include "core/cond.h"

#include "core/internal.h"

struct cond_op {
    struct op op;
    mutex *mutex;         // unlocked while it waits
    struct waiter waiter; // its place in the queue
};

static cond *cond_of(const struct op *op) {
    return (cond *)((char *)op->object - offsetof(cond, object));
}

static enum op_result wait_attempt(struct op *op) {
    const mutex *m = ((struct cond_op *)op)->mutex;
    op->value = m->object.id;
    if (!m->owner)
        return op_fatal(op, "sync: unlock of unlocked mutex");
    return OP_BLOCKED;
}

static void wait_enqueue(struct op *op) {
    struct cond_op *w = (struct cond_op *)op;
    mutex_release(w->mutex);
    wait_list_append(&cond_of(op)->waiters, &w->waiter);
}

static void wait_operands(const struct op *op, struct operands *out) {
    operands_add(out, op->object->id, ROLE_MAIN);
    operands_add(out, ((const struct cond_op *)op)->mutex->object.id, ROLE_MUTEX);
}

static const struct op_kind wait_kind = {
    .event = EV_COND_WAIT,
    .reason = WAIT_COND,
    .attempt = wait_attempt,
    .enqueue = wait_enqueue,
    .operands = wait_operands,
};

void cond_wait_at(cond *c, mutex *m, site *at) {
    object_use(&m->object, OBJECT_MUTEX, at);
    object_use(&c->object, OBJECT_COND, at);
    struct cond_op wait = {.op = {.kind = &wait_kind, .object = &c->object, .at = at}, .mutex = m};
    wait.waiter.op = &wait.op;
    op_perform(&wait.op);
    mutex_lock_at(m, at);
}

static enum op_result signal_attempt(struct op *op) {
    struct waiter *w = cond_of(op)->waiters.first;
    if (w)
        op_complete(w);
    return OP_DONE;
}

static enum op_result broadcast_attempt(struct op *op) {
    for (struct waiter *w; (w = cond_of(op)->waiters.first);)
        op_complete(w);
    return OP_DONE;
}

static const struct op_kind signal_kind = {.event = EV_SIGNAL, .attempt = signal_attempt};
static const struct op_kind broadcast_kind = {.event = EV_BROADCAST, .attempt = broadcast_attempt};

void cond_signal_at(cond *c, site *at) {
    object_use(&c->object, OBJECT_COND, at);
    struct op op = {.kind = &signal_kind, .object = &c->object, .at = at};
    op_perform(&op);
}

void cond_broadcast_at(cond *c, site *at) {
    object_use(&c->object, OBJECT_COND, at);
    struct op op = {.kind = &broadcast_kind, .object = &c->object, .at = at};
    op_perform(&op);
}
