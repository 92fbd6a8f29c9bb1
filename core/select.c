// select: several channel operations, of which exactly one happens.
//
// Invariants: a parked select has one waiter in the queue of each arm's channel (and a timer for an
// AFTER arm); whoever completes one of them takes all the others out at the same moment, so no
// second arm can happen. Which of several ready arms happens is the schedule's choice: `branch`
// when announced; inline it is drawn by the seed, or the ready ones take turns, so that no arm starves.
//
// Rejected: asking the arms in order (the first would starve the others); the waiters as a part of the
// arms (each select would clear them, and those that need not wait are the rule).
#include "core/select.h"

#include "core/chan_now.h"
#include "core/handover.h"
#include "core/panic.h"

enum { ARMS_MAX = 64 };

struct select_op {
    struct op op;
    select_arm *arms;        // the caller's
    struct waiter *waiters;  // an arm's place in its channel's queue, while parked
    size_t count;            // of the arms
    uint64_t ready;          // arms known to be ready, 0: yet to be found out
    bool poll;               // does not wait
    bool scratch_ok;         // where an arm without `ok` puts it
    size_t after;            // index of the AFTER arm that has the timer, ARMS_MAX: none
    struct timer_node timer; // for the earliest AFTER arm
};

ALWAYS_INLINE bool arm_ready(const select_arm *arm) {
    switch (arm->kind) {
    case ARM_RECV:
        return chan_can_recv(arm->chan);
    case ARM_SEND:
        return chan_can_send(arm->chan);
    case ARM_AFTER:
        return arm->after <= 0;
    }
    return false;
}

ALWAYS_INLINE uint64_t ready_mask(const struct select_op *s) {
    uint64_t mask = 0;
    for (size_t i = 0; i < s->count; i++)
        if (arm_ready(&s->arms[i]))
            mask |= UINT64_C(1) << i;
    return mask;
}

static uint64_t select_branches(const struct op *op) {
    uint64_t mask = ready_mask((const struct select_op *)op);
    return mask ? mask : 1;
}

static uint32_t bits_in(uint64_t mask) {
    uint32_t n = 0;
    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

// Inline nobody chooses: without a seed, which of those that are ready moves with each operation.
// Counted among them alone, or an arm would be taken more often for standing behind some that never
// are.
ALWAYS_INLINE uint32_t one_of(uint64_t mask) {
    if (mask & (mask - 1)) {
        uint32_t ready = bits_in(mask);
        uint64_t turn = run_steps_now() * UINT64_C(0x9e3779b97f4a7c15) >> 32;
        uint32_t skip = run.shuffle ? shuffle_below(ready) : (uint32_t)(turn * ready >> 32);
        while (skip--)
            mask &= mask - 1;
    }
    return (uint32_t)__builtin_ctzl(mask);
}

ALWAYS_INLINE void arm_happens(struct select_op *s, uint32_t i) {
    select_arm *arm = &s->arms[i];
    bool *ok = arm->ok ? arm->ok : &s->scratch_ok;
    if (arm->kind == ARM_RECV) {
        chan_recv_now(arm->chan, arm->elem, ok, &s->op);
    } else if (arm->kind == ARM_SEND) {
        s->op.flags |= EVENT_SENT;
        chan_send_now(arm->chan, arm->elem, &s->op);
    }
}

ALWAYS_INLINE enum op_result select_attempt(struct op *op) {
    struct select_op *s = (struct select_op *)op;
    uint64_t mask = s->ready ? s->ready : ready_mask(s);
    op->value = s->count || s->poll ? -1 : SELECT_NO_ARMS;
    if (!mask && s->poll)
        op->flags |= EVENT_FRUITLESS;
    if (!mask)
        return s->poll ? OP_DONE : OP_BLOCKED;
    uint32_t taken = run.announce ? op->branch : one_of(mask);
    if (!(mask >> taken & 1))
        bug("select: arm %u was chosen but is not ready", taken);
    op->object = s->arms[taken].chan ? (struct object *)s->arms[taken].chan : NULL;
    arm_happens(s, taken);
    op->value = taken;
    return OP_DONE;
}

static void select_timer_fired(struct timer_node *t) {
    struct select_op *s = (struct select_op *)((char *)t - offsetof(struct select_op, timer));
    op_complete_by_clock(&s->waiters[s->after], 0);
}

static void set_earliest_timer(struct select_op *s, size_t i) {
    if (s->after < ARMS_MAX && s->arms[s->after].after <= s->arms[i].after)
        return;
    s->after = i;
    timer_clear(&s->timer);
    timer_set(&s->timer, timer_deadline(s->arms[i].after));
}

static void select_enqueue(struct op *op) {
    struct select_op *s = (struct select_op *)op;
    for (size_t i = 0; i < s->count; i++) {
        select_arm *arm = &s->arms[i];
        s->waiters[i] = (struct waiter){
            .op = op, .elem = arm->elem, .ok = arm->ok, .arm = (uint32_t)i};
        if (arm->kind == ARM_AFTER)
            set_earliest_timer(s, i);
        else if (arm->chan)
            chan_wait(arm->chan, arm->kind == ARM_SEND, &s->waiters[i]);
        uint32_t object = arm->chan ? ((struct object *)arm->chan)->id : 0;
        event_write_for(op->task->number, EV_ARM, object, arm->at, EVENT_NOBODY,
                        (int64_t)i << 8 | arm->kind, 0);
    }
}

static void select_dequeue(struct op *op) {
    struct select_op *s = (struct select_op *)op;
    for (size_t i = 0; i < s->count; i++)
        waiter_unlink(&s->waiters[i]);
    timer_clear(&s->timer);
}

static enum wait_reason select_why(const struct op *op) {
    return ((const struct select_op *)op)->count ? WAIT_SELECT : WAIT_SELECT_EMPTY;
}

static bool select_in_vain(const struct op *op) {
    const struct select_op *s = (const struct select_op *)op;
    return s->poll && !ready_mask(s);
}

static void select_operands(const struct op *op, struct operands *out) {
    const struct select_op *s = (const struct select_op *)op;
    for (size_t i = 0; i < s->count; i++)
        chan_operands(s->arms[i].chan, ROLE_ARM, out);
}

static const struct op_kind select_kind = {
    .event = EV_SELECT,
    .in_vain = select_in_vain,
    .attempt = select_attempt,
    .branches = select_branches,
    .enqueue = select_enqueue,
    .dequeue = select_dequeue,
    .why = select_why,
    .operands = select_operands,
};

static void check_arms(const select_arm *arms, size_t count, site *at) {
    if (count > ARMS_MAX)
        panic_at(at, "select with %zu arms, at most %d are possible", count, ARMS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (arms[i].kind == ARM_AFTER)
            timer_check_room(arms[i].at);
        else
            chan_check_size(arms[i].chan, arms[i].size, arms[i].at);
    }
}

SLOW int select_slowly(select_arm *arms, size_t count, bool poll, site *at, void *caller) {
    check_arms(arms, count, at);
    struct select_op s = {.op = {.kind = &select_kind, .at = at},
                          .arms = arms,
                          .waiters = __builtin_alloca(count * sizeof(struct waiter)),
                          .count = count,
                          .poll = poll,
                          .after = ARMS_MAX,
                          .timer = {.fire = select_timer_fired}};
    op_perform(&s.op);
    int taken = (int)s.op.value;
    if (taken >= 0 && arms[taken].kind == ARM_RECV)
        sanitize_wrote(arms[taken].elem, arms[taken].size, caller);
    return taken;
}

// The ready ones of arms with which op_quick can do: nothing has to be complained of, and no time can
// come. 0: there are others, or none is ready.
ALWAYS_INLINE uint64_t ready_if_plain(const select_arm *arms, size_t count) {
    uint64_t mask = 0;
    if (count > ARMS_MAX)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (arms[i].kind == ARM_AFTER || !chan_is_plain(arms[i].chan, arms[i].size))
            return 0;
        mask |= (uint64_t)arm_ready(&arms[i]) << i;
    }
    return mask;
}

int select_at(select_arm *arms, size_t count, site *at) {
    struct select_op s = {.op = {.at = at}, .arms = arms, .ready = ready_if_plain(arms, count)};
    if (s.ready && op_quick(&s.op, &select_kind))
        return (int)s.op.value;
    return select_slowly(arms, count, false, at, CALLER);
}

int select_poll_at(select_arm *arms, size_t count, site *at) {
    return select_slowly(arms, count, true, at, CALLER);
}
