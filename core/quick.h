// quick: the short way through an operation, for those that are used millions of times.
//
// op_perform (sched.c) is the whole way: announce, attempt, record, park. In a run that announces
// nothing most operations need little of it: they can be done at once, and leave one record.
// op_quick is that case as a template. With a constant `kind` the compiler puts the attempt into its
// place and keeps the operation in registers. It calls the same attempt as op_perform, and all else
// it leaves to it:
//
//     struct lock_op lock = ...;
//     if (!op_quick(&lock.op, &lock_kind))
//         lock_slowly(m, at); // makes the operation anew, for op_perform
//
// So a quick operation's address must never leave the function, or it has to be in memory after all.
// It is done before its record is written. What it causes comes after that record nevertheless:
// whoever writes more (a second task woken) reserves it first.
#pragma once

#include "core/internal.h"

#define ALWAYS_INLINE __attribute__((always_inline)) static inline
#define SLOW          __attribute__((noinline)) static

// For the compiler, which then leaves out what cannot be.
#define GRANTED(condition) ((condition) ? (void)0 : __builtin_unreachable())

// Where event `number` is.
ALWAYS_INLINE event *event_at(uint64_t number) {
    return &run.log->events[number & run.event_mask];
}

// Built with UNSTUCK_NO_LOG events are counted but not written down, so that benchmarks can tell what
// the log costs. Such a core judges nothing.
#ifdef UNSTUCK_NO_LOG
enum { LOGGED = 0 };
#else
enum { LOGGED = 1 };
#endif
ALWAYS_INLINE void event_put(event *place, event record) {
    if (LOGGED)
        *place = record;
}

ALWAYS_INLINE void event_publish(uint64_t head) {
    atomic_store_explicit(&run.log->head, head, memory_order_release);
}

// The record of an operation.
ALWAYS_INLINE event op_record(const struct op *op, const struct op_kind *kind, uint16_t at) {
    return (event){.time = run.now,
                   .value = op->value,
                   .task = op->task->number,
                   .object = op->object ? op->object->id : 0,
                   .peer = EVENT_NOBODY,
                   .site = at,
                   .kind = (uint8_t)kind->event,
                   .flags = op->flags};
}

// Publishes a quick operation that woke `w`: the record is there, but for its peer.
void op_quick_wake(struct waiter *w);

enum quick { QUICK_DONE, QUICK_BLOCKED, QUICK_NOT };

// Does the operation if that is all there is to do, or finds that it has to wait: then nothing has
// happened, and op_quick_wait (handover.h) may be called. QUICK_NOT: it is for op_perform. Waking comes
// last, so that the compiler can leave for it with no frame of its own.
ALWAYS_INLINE enum quick op_try_quick(struct op *op, const struct op_kind *kind) {
    struct task *t = run.current;
    uint64_t number = head_now();
    if (unlikely(number >= run.quick_until || !op->at->id))
        return QUICK_NOT;
    op->task = t;
    if (kind->attempt(op) == OP_BLOCKED)
        return QUICK_BLOCKED;
    t->at = op->at;
    event_put(event_at(number), op_record(op, kind, op->at->id));
    if (unlikely(op->panic)) {
        event_publish(number + 1);
        op_raise(op->at, op->panic, op->fatal);
    }
    if (op->wakes)
        op_quick_wake(op->wakes);
    else
        event_publish(number + 1);
    return QUICK_DONE;
}

// The same for those that do not wait the quick way. False: nothing has happened.
ALWAYS_INLINE bool op_quick(struct op *op, const struct op_kind *kind) {
    return op_try_quick(op, kind) == QUICK_DONE;
}
