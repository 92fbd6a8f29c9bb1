// chan: Go's channels.
//
// Invariants: at most one of the two queues is non-empty, but for a select that waits on both ends
// of one channel; receivers wait only while the buffer is empty, senders only while it is full; a
// closed channel has no waiting senders or receivers. A value travels straight to a waiting
// receiver, never through the buffer, so waiting receivers are served in the order they came.
//
// Rejected: one queue of either kind (every operation would have to look at what kind stands
// first); waking a sender to try again (it could be overtaken, which Go's channels never allow).
#include "core/chan_now.h"
#include "core/handover.h"

#include "core/heap.h"
#include "core/panic.h"

void chan_passed(struct task *t, char *slot) {
    sanitize_acquire(slot);
    sanitize_release(slot);
    TELL(passed, t->number, slot);
}

void chan_met(struct task *t, struct task *parked) {
    sanitize_acquire(&parked->top->sync_out);
    TELL(met, t->number, parked->number);
}

void chan_wait(chan *c, bool sending, struct waiter *w) {
    wait_list_append(sending ? &c->senders : &c->receivers, w);
    if (c->timer && !sending)
        timer_awaited(c->timer);
}

struct waiter *chan_first_receiver(const struct chan *c) {
    return c->receivers.first;
}

// Wakes everybody: receivers with nothing, senders into their panic.
void chan_end(chan *c) {
    c->closed = true;
    sanitize_release(&c->sync_closed);
    for (struct waiter *w; (w = c->receivers.first);) {
        chan_zero(w->elem, c->elem_size);
        if (w->ok)
            *w->ok = false;
        w->op->flags |= EVENT_CLOSED;
        op_complete(w);
    }
    for (struct waiter *w; (w = c->senders.first);) {
        w->op->panic = "send on closed channel";
        op_complete(w);
    }
}

// --- send and receive as operations -----------------------------------------------------------------

struct chan_op {
    struct op op;
    chan *chan;           // NULL: nil
    bool ok;              // received: a value came
    struct waiter waiter; // its place in a queue; `elem` from the beginning
};

void chan_operands(const chan *c, enum operand_role role, struct operands *out) {
    if (!c)
        return;
    operands_add(out, c->object.id, c->timer ? ROLE_TIMED : c->ctx ? ROLE_DONE : role);
    if (c->ctx)
        ctx_operands(c->ctx, out);
}

static void chan_op_operands(const struct op *op, struct operands *out) {
    chan_operands(((const struct chan_op *)op)->chan, ROLE_MAIN, out);
}

ALWAYS_INLINE enum op_result send_attempt(struct op *op) {
    struct chan_op *s = (struct chan_op *)op;
    return s->chan && chan_send_now(s->chan, s->waiter.elem, op) ? OP_DONE : OP_BLOCKED;
}

static void send_enqueue(struct op *op) {
    struct chan_op *s = (struct chan_op *)op;
    if (s->chan)
        chan_wait(s->chan, true, &s->waiter);
}

static enum wait_reason send_why(const struct op *op) {
    return op->object ? WAIT_SEND : WAIT_SEND_NIL;
}

static const struct op_kind send_kind = {
    .event = EV_SEND,
    .attempt = send_attempt,
    .enqueue = send_enqueue,
    .why = send_why,
    .operands = chan_op_operands,
};

ALWAYS_INLINE enum op_result recv_attempt(struct op *op) {
    struct chan_op *r = (struct chan_op *)op;
    return r->chan && chan_recv_now(r->chan, r->waiter.elem, &r->ok, op) ? OP_DONE : OP_BLOCKED;
}

static void recv_enqueue(struct op *op) {
    struct chan_op *r = (struct chan_op *)op;
    if (r->chan)
        chan_wait(r->chan, false, &r->waiter);
}

static enum wait_reason recv_why(const struct op *op) {
    return op->object ? WAIT_RECV : WAIT_RECV_NIL;
}

static const struct op_kind recv_kind = {
    .event = EV_RECV,
    .attempt = recv_attempt,
    .enqueue = recv_enqueue,
    .why = recv_why,
    .operands = chan_op_operands,
};

void chan_check_size(const chan *c, size_t size, site *at) {
    if (c && c->elem_size != size)
        panic_at(at, "element of %zu bytes on a channel of %zu-byte elements", size, c->elem_size);
}

// --- public ---------------------------------------------------------------------------------------

chan *chan_make_named(size_t elem_size, size_t capacity, const char *name, site *at) {
    size_t bytes;
    if (__builtin_mul_overflow(elem_size, capacity, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(chan), &bytes))
        panic_at(at, "chan_make: %zu elements of %zu bytes do not fit", capacity, elem_size);
    chan *c = run_alloc(bytes);
    c->elem_size = c->plain_size = elem_size;
    c->capacity = capacity;
    c->put = c->take = c->buffer;
    c->end = c->buffer + elem_size * capacity;
    object_register_sized(&c->object, OBJECT_CHAN, name, at,
                          capacity < UINT32_MAX ? (uint32_t)capacity : UINT32_MAX);
    return c;
}

chan *chan_make_timed(struct timer *t, site *at) {
    chan *c = chan_make_named(sizeof(int64_t), 0, "timer.chan", at);
    c->timer = t;
    c->plain_size = SIZE_MAX;
    return c;
}

chan *chan_make_done(const struct ctx *of, site *at) {
    chan *c = chan_make_named(1, 0, "ctx.done", at);
    c->ctx = of;
    return c;
}

chan *chan_make_at(size_t elem_size, size_t capacity, site *at) {
    return chan_make_named(elem_size, capacity, at->operand, at);
}

static struct chan_op chan_op(const struct op_kind *kind, chan *c, site *at) {
    return (struct chan_op){.op = {.kind = kind, .object = c ? &c->object : NULL, .at = at},
                            .chan = c};
}

SLOW void send_slowly(chan *c, void *elem, size_t size, site *at) {
    chan_check_size(c, size, at);
    struct chan_op s = chan_op(&send_kind, c, at);
    s.waiter.op = &s.op;
    s.waiter.elem = elem;
    op_perform(&s.op);
}

// There is no room and nobody to take it.
SLOW void send_waits(chan *c, void *elem, site *at) {
    struct chan_op s = chan_op(&send_kind, c, at);
    s.waiter.op = &s.op;
    s.waiter.elem = elem;
    wait_list_append(&c->senders, &s.waiter);
    op_quick_wait(&s.op, WAIT_SEND);
}

void chan_send_at(chan *c, const void *elem, size_t size, site *at) {
    void *from = (void *)(uintptr_t)elem;
    struct chan_op s = {
        .op = {.object = (struct object *)c, .at = at}, .chan = c, .waiter.elem = from};
    enum quick how = chan_is_plain(c, size) ? op_try_quick(&s.op, &send_kind) : QUICK_NOT;
    if (how == QUICK_BLOCKED)
        send_waits(c, from, at);
    else if (how == QUICK_NOT)
        send_slowly(c, from, size, at);
}

SLOW bool recv_slowly(chan *c, void *out, size_t size, site *at, void *caller) {
    chan_check_size(c, size, at);
    struct chan_op r = chan_op(&recv_kind, c, at);
    r.waiter.op = &r.op;
    r.waiter.elem = out;
    r.waiter.ok = &r.ok;
    op_perform(&r.op);
    sanitize_wrote(out, size, caller);
    return r.ok;
}

SLOW bool recv_waits(chan *c, void *out, site *at) {
    struct chan_op r = chan_op(&recv_kind, c, at);
    r.waiter.op = &r.op;
    r.waiter.elem = out;
    r.waiter.ok = &r.ok;
    wait_list_append(&c->receivers, &r.waiter);
    op_quick_wait(&r.op, WAIT_RECV);
    return r.ok;
}

bool chan_recv_at(chan *c, void *out, size_t size, site *at) {
    struct chan_op r = {
        .op = {.object = (struct object *)c, .at = at}, .chan = c, .waiter.elem = out};
    enum quick how = chan_is_plain(c, size) ? op_try_quick(&r.op, &recv_kind) : QUICK_NOT;
    if (how == QUICK_BLOCKED)
        return recv_waits(c, out, at);
    if (how == QUICK_NOT)
        return recv_slowly(c, out, size, at, CALLER);
    return r.ok;
}

static enum op_result close_attempt(struct op *op) {
    chan *c = ((struct chan_op *)op)->chan;
    if (!c)
        return op_panic(op, "close of nil channel");
    if (c->closed)
        return op_panic(op, "close of closed channel");
    chan_end(c);
    return OP_DONE;
}

static const struct op_kind close_kind = {.event = EV_CLOSE, .attempt = close_attempt};

void chan_close_raw(chan *c, site *at) {
    struct chan_op close = chan_op(&close_kind, c, at);
    op_perform(&close.op);
}

void chan_close_at(chan *c, site *at) {
    chan_close_raw(c, at);
}

static enum op_result len_attempt(struct op *op) {
    op->value = (int64_t)((struct chan_op *)op)->chan->length;
    op->flags |= EVENT_FRUITLESS;
    return OP_DONE;
}

static const struct op_kind len_kind = {
    .event = EV_LEN, .attempt = len_attempt, .in_vain = op_always_in_vain};

size_t chan_len_at(chan *c, site *at) {
    if (!c)
        return 0;
    struct chan_op len = chan_op(&len_kind, c, at);
    op_perform(&len.op);
    return (size_t)len.op.value;
}

size_t chan_cap_raw(const chan *c) {
    return c ? c->capacity : 0;
}
