// barrier: tasks that go on when all of them have come. The test of the design: a blocking primitive
// is one file, and this is all of it. The words for it are borrowed (a cond's); whatever shows waits
// knows it without being touched (test_primitive.c, and harness/tests/test_barrier.c).
//
// Invariant: between operations fewer wait than are wanted. The one who comes last never waits.
#pragma once

#include "core/internal.h"

// The zero value but for its size is ready to use; it may not be copied.
typedef struct barrier {
    struct object object;
    uint32_t size;            // how many must come
    uint32_t waiting;         // how many have, for this time
    struct wait_list waiters; // they, in the order in which they came
} barrier;

struct barrier_op {
    struct op op;
    struct waiter waiter;
};

static barrier *barrier_of(const struct op *op) {
    return (barrier *)((char *)op->object - offsetof(barrier, object));
}

static enum op_result barrier_attempt(struct op *op) {
    barrier *b = barrier_of(op);
    if (b->size == 0)
        return op_panic(op, "barrier: wait at one of size 0");
    if (b->waiting + 1 < b->size)
        return OP_BLOCKED;
    sanitize_acquire(b); // what all others did before comes before what anyone does after
    b->waiting = 0;
    while (b->waiters.first)
        op_complete(b->waiters.first);
    return OP_DONE;
}

static void barrier_enqueue(struct op *op) {
    barrier *b = barrier_of(op);
    sanitize_release(b);
    b->waiting++;
    wait_list_append(&b->waiters, &((struct barrier_op *)op)->waiter);
}

static const struct op_kind barrier_kind = {
    .event = EV_COND_WAIT,
    .reason = WAIT_COND,
    .attempt = barrier_attempt,
    .enqueue = barrier_enqueue,
};

// Parks until as many as the barrier's size have come, and again from zero. Panics "barrier: wait at
// one of size 0".
#define barrier_wait(b) barrier_wait_at((b), HERE_OF(b))
static void barrier_wait_at(barrier *b, site *at) {
    object_use(&b->object, OBJECT_COND, at);
    struct barrier_op wait = {.op = {.kind = &barrier_kind, .object = &b->object, .at = at}};
    wait.waiter.op = &wait.op;
    op_perform(&wait.op);
}
