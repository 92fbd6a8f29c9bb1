// sema: a weighted semaphore, first come, first served.
//
// Invariants: 0 <= held <= size; the first in the queue asks for more than is free, or its context
// has ended and it is about to leave the queue. Permits are handed over by whoever frees them, so
// nobody can overtake.
//
// A waiting acquire stands in two queues: the semaphore's, and that of its context's done channel
// (arm 1). Whoever completes it takes it out of both. One that leaves because its context has ended
// may have held up those behind it; so leaving the first place serves the queue.
//
// Rejected: serving a waiter whose context has ended but which has not been told yet (it would have
// to give the permits back, as in Go, where the two cannot be seen at once).
#include "core/sema.h"

#include "core/internal.h"
#include "core/panic.h"

struct sema_op {
    struct op op;         // what the scheduler knows of it
    int64_t n;            // permits asked for, or given back
    ctx *ctx;             // whose end gives up the wait
    bool granted;         // its permits are counted as held
    struct waiter waiter; // in the semaphore's queue
    struct waiter in_ctx; // in the queue of the context's done channel
};

static sema *sema_of(const struct op *op) {
    return (sema *)((char *)op->object - offsetof(sema, object));
}

static bool has_room(const sema *s, int64_t n) {
    return s->size - s->held >= n;
}

// --- the queue ------------------------------------------------------------------------------------

// ThreadSanitizer: the permits' earlier releases happen before the waiter goes on.
static void order_after_releases(sema *s, struct task *t) {
    sanitize_as(t);
    sanitize_acquire(s);
    sanitize_as(run.current);
}

// Hands permits to those who wait, in order, as far as they reach.
static void serve(sema *s) {
    for (struct waiter *w; (w = s->waiters.first);) {
        struct sema_op *a = (struct sema_op *)w->op;
        if (!has_room(s, a->n) || ctx_err_now(a->ctx))
            return;
        s->held += a->n;
        a->granted = true;
        order_after_releases(s, a->op.task);
        op_complete(w);
    }
}

// --- acquire --------------------------------------------------------------------------------------

static enum op_result acquire_attempt(struct op *op) {
    struct sema_op *a = (struct sema_op *)op;
    sema *s = sema_of(op);
    op->value = a->n;
    if (ctx_err_now(a->ctx)) {
        op->flags |= EVENT_CLOSED;
        return OP_DONE;
    }
    if (s->waiters.first || !has_room(s, a->n))
        return OP_BLOCKED;
    s->held += a->n;
    a->granted = true;
    sanitize_acquire(s);
    return OP_DONE;
}

static void acquire_enqueue(struct op *op) {
    struct sema_op *a = (struct sema_op *)op;
    sema *s = sema_of(op);
    chan *done = ctx_done(a->ctx).raw;
    if (a->n <= s->size) // else it must not hold up those who can be served
        wait_list_append(&s->waiters, &a->waiter);
    if (done)
        chan_wait(done, false, &a->in_ctx);
}

static void acquire_dequeue(struct op *op) {
    struct sema_op *a = (struct sema_op *)op;
    sema *s = sema_of(op);
    bool was_first = s->waiters.first == &a->waiter;
    waiter_unlink(&a->waiter);
    waiter_unlink(&a->in_ctx);
    if (was_first && !a->granted)
        serve(s);
}

static void acquire_operands(const struct op *op, struct operands *out) {
    operands_add(out, op->object->id, ROLE_MAIN);
    ctx_operands(((const struct sema_op *)op)->ctx, out);
}

static const struct op_kind acquire_kind = {
    .event = EV_ACQUIRE,
    .reason = WAIT_SEMA,
    .attempt = acquire_attempt,
    .enqueue = acquire_enqueue,
    .dequeue = acquire_dequeue,
    .operands = acquire_operands,
};

// A semaphore's record of its making tells its size.
static void sema_use(sema *s, int64_t n, site *at) {
    if (n < 0)
        panic_at(at, "semaphore: %lld permits", (long long)n);
    if (s->object.id == 0 && !s->object.self)
        object_register_sized(&s->object, OBJECT_SEMA, at->operand, at,
                              s->size < 0            ? 0
                              : s->size < UINT32_MAX ? (uint32_t)s->size
                                                     : UINT32_MAX);
    else
        object_use(&s->object, OBJECT_SEMA, at);
}

static struct sema_op sema_op(const struct op_kind *kind, sema *s, int64_t n, site *at) {
    sema_use(s, n, at);
    return (struct sema_op){.op = {.kind = kind, .object = &s->object, .at = at}, .n = n};
}

err sema_acquire_at(sema *s, ctx *c, int64_t n, site *at) {
    struct sema_op a = sema_op(&acquire_kind, s, n, at);
    a.ctx = c;
    a.waiter.op = a.in_ctx.op = &a.op;
    a.in_ctx.arm = 1;
    op_perform(&a.op);
    if (a.granted)
        return OK;
    ctx_saw_end(c);
    return ctx_err_now(c);
}

// --- try, release ---------------------------------------------------------------------------------

static bool try_in_vain(const struct op *op) {
    const sema *s = sema_of(op);
    return s->waiters.first || !has_room(s, ((const struct sema_op *)op)->n);
}

static enum op_result try_attempt(struct op *op) {
    sema *s = sema_of(op);
    int64_t n = ((struct sema_op *)op)->n;
    if (try_in_vain(op)) {
        op->flags |= EVENT_FRUITLESS;
        return OP_DONE;
    }
    s->held += n;
    op->value = n;
    sanitize_acquire(s);
    return OP_DONE;
}

static const struct op_kind try_kind = {
    .event = EV_TRYACQUIRE, .attempt = try_attempt, .in_vain = try_in_vain};

bool sema_try_at(sema *s, int64_t n, site *at) {
    struct sema_op try = sema_op(&try_kind, s, n, at);
    op_perform(&try.op);
    return !(try.op.flags & EVENT_FRUITLESS);
}

static enum op_result release_attempt(struct op *op) {
    sema *s = sema_of(op);
    op->value = ((struct sema_op *)op)->n;
    if (op->value > s->held)
        return op_panic(op, "semaphore: released more than held");
    s->held -= op->value;
    sanitize_release(s);
    serve(s);
    return OP_DONE;
}

static const struct op_kind release_kind = {.event = EV_SEMA_RELEASE, .attempt = release_attempt};

void sema_release_at(sema *s, int64_t n, site *at) {
    struct sema_op release = sema_op(&release_kind, s, n, at);
    op_perform(&release.op);
}
