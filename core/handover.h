// handover: how the processor goes from one task to the next: the ready queue, the marks of who is
// parked and who is ready, and the switch. The scheduler's (sched.c), and inline for the quick
// operations that park (quick.h), because each function that returns on another stack than it was
// called on costs the processor a wrong guess. Private to the core.
#pragma once

#include "core/probe.h"
#include "core/quick.h"

#include <setjmp.h>

enum { READY_MAX = STACKS_MAX };
extern struct task *ready_queue[READY_MAX];
void ready_grow(void);

// --- the ready queue --------------------------------------------------------------------------

ALWAYS_INLINE struct task **ready_place(uint32_t i) {
    return &ready_queue[(run.ready_first + i) & run.ready_mask];
}

ALWAYS_INLINE void ready_push(struct task *t) {
    if (unlikely(run.ready_count > run.ready_mask))
        ready_grow();
    *ready_place(run.ready_count++) = t;
}

static inline void ready_push_front(struct task *t) {
    if (unlikely(run.ready_count > run.ready_mask))
        ready_grow();
    run.ready_first--;
    run.ready_first &= run.ready_mask;
    run.ready_count++;
    *ready_place(0) = t;
}

// One below `n`, from the high bits of a linear congruential generator (Knuth's MMIX).
ALWAYS_INLINE uint32_t shuffle_below(uint32_t n) {
    *run.shuffle = *run.shuffle * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*run.shuffle >> 32) * n >> 32);
}

// The first, or by the seed any other, whose place the first takes. NULL: none is ready.
ALWAYS_INLINE struct task *ready_pop(void) {
    if (run.ready_count == 0)
        return NULL;
    struct task **first = ready_place(0), **chosen = first;
    if (run.shuffle && run.ready_count > 1)
        chosen = ready_place(shuffle_below(run.ready_count));
    struct task *t = *chosen;
    *chosen = *first;
    run.ready_first = (run.ready_first + 1) & run.ready_mask;
    run.ready_count--;
    return t;
}

// --- switching --------------------------------------------------------------------------------

static inline void note_current(const struct task *t) {
    atomic_store_explicit(&run.log->current, t ? t->number : EVENT_NOBODY, memory_order_relaxed);
}

static inline bool scheduler_due(void) {
    return head_now() >= run.tick_at;
}

// What must happen on every arrival, on whichever stack: give back the stack of a task that ended.
ALWAYS_INLINE void arrive(struct task *me) {
    if (unlikely(run.sanitized))
        sanitize_arrive(me);
    if (run.ended) {
        stack_give(run.ended);
        run.ended = NULL;
    }
}

// From one stack to another; NULL is the scheduler. Returns when somebody switches back.
ALWAYS_INLINE void switch_stacks(struct task *from, struct task *to) {
    if (from && unlikely(from->canary))
        stack_check(from);
    if (unlikely(run.sanitized))
        sanitize_leave(from, to);
    run.current = to;
    note_current(to);
    stack_switch(from ? &from->resume : &run.scheduler, to ? &to->resume : &run.scheduler);
    arrive(from);
}

ALWAYS_INLINE void switch_to(struct task *me, struct task *next) {
    switch_stacks(me, next);
    if (unlikely(me->dying))
        longjmp(*(jmp_buf *)me->top->unwind, 1);
}

// The calling task stops here. Inline, the next ready task goes on at once.
ALWAYS_INLINE void leave(struct task *me) {
    switch_to(me, run.announce || unlikely(scheduler_due()) ? NULL : ready_pop());
}

// --- parking and waking -------------------------------------------------------------------------

ALWAYS_INLINE void count_waiting(enum wait_reason reason, int by) {
    _Atomic uint32_t *n = &run.log->waiting[reason];
    atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + (uint32_t)by,
                          memory_order_relaxed);
}

ALWAYS_INLINE void mark_parked(struct task *t, enum wait_reason reason, struct op *op) {
    t->state = TASK_PARKED;
    t->reason = (uint8_t)reason;
    t->op = op;
    t->object = op->object;
    t->since = run.now;
    count_waiting(reason, 1);
    probe_park(t, reason, op);
}

ALWAYS_INLINE void mark_ready(struct task *t) {
    if (t->state == TASK_PARKED)
        count_waiting(t->reason, -1);
    t->state = TASK_READY;
    t->since = run.now;
    probe_ready(t);
}

// Parks the caller on a quick operation that stands in its queue, until somebody completes it. It is
// an ordinary operation from here on.
ALWAYS_INLINE void op_quick_wait(struct op *op, enum wait_reason reason) {
    struct task *t = run.current;
    uint64_t number = head_now();
    op->task = t;
    event record = op_record(op, op->kind, op->at->id);
    record.flags |= EVENT_PARKED;
    event_put(event_at(number), record);
    event_publish(number + 1);
    t->at = op->at;
    mark_parked(t, reason, op);
    leave(t);
    t->op = NULL;
    if (unlikely(op->panic != NULL))
        op_raise(op->at, op->panic, op->fatal);
}

// --- looking in vain --------------------------------------------------------------------------

// Operations in vain, one after the other, before a task counts as one that only waits for time to
// pass. A loop that looks at its context between two pieces of work is no such task.
enum { PATIENCE = 100 };

// Changes with every step that changed something, and when the clock moved.
static inline uint64_t progress(void) {
    return run_steps_now() - run.fruitless + run.clock_moves;
}

// Counts an operation that changed nothing; announced, each task's own as well (only_waits).
static inline void note_vain(struct task *t) {
    run.fruitless++;
    uint64_t now = progress();
    run.vain = run.vain_at == now ? run.vain + 1 : 1;
    run.vain_at = now;
    if (!run.announce)
        return;
    t->top->vain = t->top->vain_at == now ? t->top->vain + 1 : 1;
    t->top->vain_at = now;
}

// How many steps in vain there were since anything changed.
static inline uint32_t vain_now(void) {
    return run.vain_at == progress() ? run.vain : 0;
}

// Goes on after some other that is ready, where there is one; first it is the scheduler's turn if
// that is due, also because nobody has found anything to do for long.
ALWAYS_INLINE void step_aside(struct task *t) {
    bool due = scheduler_due() || vain_now() > PATIENCE + run.alive;
    struct task *next = due ? NULL : ready_pop();
    if (!next && !due)
        return;
    ready_push(t);
    switch_to(t, next);
}

// After an operation in vain that is over: lets others run, and counts it.
ALWAYS_INLINE void op_was_in_vain(struct task *t) {
    note_vain(t);
    step_aside(t);
}
