// once: one function call, however many tasks ask for it.
//
// Invariants: `done` implies `begun`; tasks wait only between the two. The function runs on the
// stack of the task that came first, between two operations: the one that begins and the one that
// lets everybody else go on, which also happens when the function panics or calls goexit.
//
// Rejected: a mutex held while the function runs, as Go makes it (who waits would be told of as one
// that waits for a mutex which is nowhere in the program).
#include "core/once.h"

#include "core/internal.h"
#include "core/panic.h"

struct once_op {
    struct op op;
    struct waiter waiter; // its place among those that wait for the first to be done
};

static once *once_of(const struct op *op) {
    return (once *)((char *)op->object - offsetof(once, object));
}

static enum op_result begin_attempt(struct op *op) {
    once *o = once_of(op);
    if (o->begun && !o->done)
        return OP_BLOCKED;
    op->value = !o->begun;
    o->begun = true;
    return OP_DONE;
}

static void begin_enqueue(struct op *op) {
    wait_list_append(&once_of(op)->waiters, &((struct once_op *)op)->waiter);
}

static const struct op_kind begin_kind = {
    .event = EV_ONCE,
    .reason = WAIT_ONCE,
    .attempt = begin_attempt,
    .enqueue = begin_enqueue,
};

static enum op_result finish_attempt(struct op *op) {
    once *o = once_of(op);
    o->done = true;
    sanitize_release(o);
    for (struct waiter *w; (w = o->waiters.first);)
        op_complete(w);
    return OP_DONE;
}

static const struct op_kind finish_kind = {.event = EV_ONCE_DONE, .attempt = finish_attempt};

static void once_finish_at(once *o, site *at) {
    struct op finish = {.kind = &finish_kind, .object = &o->object, .at = at};
    op_perform(&finish);
}
DEFERRABLE(once_finish, once *)

void once_do_at(once *o, void (*fn)(void *arg), void *arg, site *at) {
    object_use(&o->object, OBJECT_ONCE, at);
    struct once_op begin = {.op = {.kind = &begin_kind, .object = &o->object, .at = at}};
    begin.waiter.op = &begin.op;
    op_perform(&begin.op);
    if (!begin.op.value) {
        sanitize_acquire(o);
        return;
    }
    defer_at(once_finish, finish, at, o);
    fn(arg);
}
