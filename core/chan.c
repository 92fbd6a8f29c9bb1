// chan: Go's channels.
//
// Invariants: at most one of the two queues is non-empty, but for a select that waits on both ends
// of one channel; receivers wait only while the buffer is empty, senders only while it is full; a
// closed channel has no waiting senders or receivers. A value travels straight to a waiting
// receiver, never through the buffer, so waiting receivers are served in the order they came.
//
// Rejected: one queue of either kind (every operation would have to look at what kind stands
// first); waking a sender to try again (it could be overtaken, which Go's channels never allow).
#include "core/chan.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"

struct chan {
    struct object object;
    bool closed;
    size_t elem_size;
    size_t capacity;            // elements that fit in the buffer
    size_t length;              // elements in it now
    size_t head;                // where the oldest is
    struct wait_list senders;   // waiting to put, oldest first
    struct wait_list receivers; // waiting to take, oldest first
    struct timer *timer;        // whose times it gives, NULL: it is none of a timer
    const struct ctx *ctx;      // whose end closes it, NULL: no context's
    char sync_closed;           // ThreadSanitizer: close happens before a receive that sees it
    char buffer[] __attribute__((aligned(16)));
};

// --- the buffer ---------------------------------------------------------------------------------

static char *slot(chan *c, size_t i) {
    size_t at = c->head + i;
    return c->buffer + (at < c->capacity ? at : at - c->capacity) * c->elem_size;
}

// ThreadSanitizer knows each slot by its address: the k-th send into a slot happens before its
// receive, and that before the send that uses the slot again. One cell for the whole channel would
// hide races between senders to different slots.
static void slot_sync(char *s) {
    sanitize_acquire(s);
    sanitize_release(s);
    if (unlikely(run.watch != NULL))
        run.watch->passed(run.watch, run.current->number, s);
}

// The same in the name of a task that waits.
static void slot_sync_as(struct task *t, char *s) {
    sanitize_as(t);
    sanitize_acquire(s);
    sanitize_release(s);
    sanitize_as(run.current);
    if (unlikely(run.watch != NULL))
        run.watch->passed(run.watch, t->number, s);
}

static void head_advance(chan *c) {
    c->head = c->head + 1 == c->capacity ? 0 : c->head + 1;
}

static void buffer_put(chan *c, const void *elem) {
    char *s = slot(c, c->length++);
    slot_sync(s);
    copy_elem(s, elem, c->elem_size);
}

static void buffer_take(chan *c, void *out) {
    char *s = slot(c, 0);
    slot_sync(s);
    if (out)
        copy_elem(out, s, c->elem_size);
    head_advance(c);
    c->length--;
}

// --- handing over to a waiter ---------------------------------------------------------------------

// Both ways: an unbuffered send happens before its receive returns, and the receive before the
// send returns.
static void rendezvous(struct waiter *w) {
    sanitize_acquire(&w->op->task->sync_out);
    if (unlikely(run.watch != NULL))
        run.watch->met(run.watch, run.current->number, w->op->task->number);
}

// Buffered: as if through the buffer, so that the k-th receive still happens before the send that
// is `capacity` later.
static void through_buffer(chan *c, struct waiter *receiver) {
    slot_sync(slot(c, 0));
    slot_sync_as(receiver->op->task, slot(c, 0));
    head_advance(c);
}

static void give(chan *c, struct waiter *receiver, const void *elem) {
    if (receiver->elem)
        copy_elem(receiver->elem, elem, c->elem_size);
    if (receiver->ok)
        *receiver->ok = true;
    if (c->capacity == 0)
        rendezvous(receiver);
    else
        through_buffer(c, receiver);
    op_complete(receiver);
}

static void zero(void *out, size_t size) {
    for (size_t i = 0; out && i < size; i++)
        ((volatile char *)out)[i] = 0;
}

// A sender waits because there is no room; the value it brings takes the place that became free.
// The receiver that made the room is not ordered after this sender, whose value it did not get.
static void admit_sender(chan *c) {
    struct waiter *sender = c->senders.first;
    if (!sender)
        return;
    char *s = slot(c, c->length++);
    slot_sync_as(sender->op->task, s);
    copy_elem(s, sender->elem, c->elem_size);
    op_complete(sender);
}

bool chan_send_now(chan *c, const void *elem, const char **sentence) {
    if (c->closed) {
        *sentence = "send on closed channel";
        return true;
    }
    struct waiter *receiver = c->receivers.first;
    if (receiver) {
        give(c, receiver, elem);
        return true;
    }
    if (c->length == c->capacity)
        return false;
    buffer_put(c, elem);
    return true;
}

bool chan_recv_now(chan *c, void *out, bool *ok) {
    *ok = true;
    if (c->length) {
        buffer_take(c, out);
        admit_sender(c);
        return true;
    }
    struct waiter *sender = c->senders.first;
    if (sender) {
        if (out)
            copy_elem(out, sender->elem, c->elem_size);
        rendezvous(sender);
        op_complete(sender);
        return true;
    }
    if (c->timer && timer_is_due(c->timer)) {
        timer_take(c->timer, out);
        return true;
    }
    *ok = false;
    if (!c->closed)
        return false;
    sanitize_acquire(&c->sync_closed);
    zero(out, c->elem_size);
    return true;
}

bool chan_can_send(const chan *c) {
    return c && (c->closed || c->receivers.first || c->length < c->capacity);
}

bool chan_can_recv(const chan *c) {
    return c &&
           (c->closed || c->senders.first || c->length || (c->timer && timer_is_due(c->timer)));
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
        zero(w->elem, c->elem_size);
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
    chan *chan;
    bool ok;
    struct waiter waiter;
};

static void chan_op_dequeue(struct op *op) {
    waiter_unlink(&((struct chan_op *)op)->waiter);
}

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

static enum op_result send_attempt(struct op *op) {
    struct chan_op *s = (struct chan_op *)op;
    if (!s->chan)
        return OP_BLOCKED;
    return chan_send_now(s->chan, s->waiter.elem, &op->panic) ? OP_DONE : OP_BLOCKED;
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
    .dequeue = chan_op_dequeue,
    .why = send_why,
    .operands = chan_op_operands,
};

static enum op_result recv_attempt(struct op *op) {
    struct chan_op *r = (struct chan_op *)op;
    if (!r->chan || !chan_recv_now(r->chan, r->waiter.elem, &r->ok))
        return OP_BLOCKED;
    if (!r->ok)
        op->flags |= EVENT_CLOSED;
    return OP_DONE;
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
    .dequeue = chan_op_dequeue,
    .why = recv_why,
    .operands = chan_op_operands,
};

void chan_check_size(const chan *c, size_t size, site *at) {
    if (c && c->elem_size != size)
        panic_at(at, "element of %zu bytes on a channel of %zu-byte elements", size, c->elem_size);
}

static struct chan_op chan_op(const struct op_kind *kind, chan *c, void *elem, site *at) {
    return (struct chan_op){.op = {.kind = kind, .object = c ? &c->object : NULL, .at = at},
                            .chan = c,
                            .waiter = {.elem = elem}};
}

// --- public ---------------------------------------------------------------------------------------

chan *chan_make_named(size_t elem_size, size_t capacity, const char *name, site *at) {
    size_t bytes;
    if (__builtin_mul_overflow(elem_size, capacity, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(chan), &bytes))
        panic_at(at, "chan_make: %zu elements of %zu bytes do not fit", capacity, elem_size);
    chan *c = run_alloc(bytes);
    c->elem_size = elem_size;
    c->capacity = capacity;
    object_register_sized(&c->object, OBJECT_CHAN, name, at,
                          capacity < UINT32_MAX ? (uint32_t)capacity : UINT32_MAX);
    return c;
}

chan *chan_make_timed(struct timer *t, site *at) {
    chan *c = chan_make_named(sizeof(int64_t), 0, "timer.chan", at);
    c->timer = t;
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

void chan_send_at(chan *c, const void *elem, size_t size, site *at) {
    chan_check_size(c, size, at);
    struct chan_op s = chan_op(&send_kind, c, (void *)(uintptr_t)elem, at);
    s.waiter.op = &s.op;
    op_perform(&s.op);
}

bool chan_recv_at(chan *c, void *out, size_t size, site *at) {
    chan_check_size(c, size, at);
    struct chan_op r = chan_op(&recv_kind, c, out, at);
    r.waiter.op = &r.op;
    r.waiter.ok = &r.ok;
    op_perform(&r.op);
    sanitize_wrote(out, size, CALLER);
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
    struct chan_op close = chan_op(&close_kind, c, NULL, at);
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
    struct chan_op len = chan_op(&len_kind, c, NULL, at);
    op_perform(&len.op);
    return (size_t)len.op.value;
}

size_t chan_cap_raw(const chan *c) {
    return c ? c->capacity : 0;
}
