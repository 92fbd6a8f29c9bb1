// scope: who is started in it is joined by it, on every way out.
//
// Invariants: a task is started only while the scope is not left; it is left when a join finds no
// task active, and stays so. Tasks wait in `waiters` only while active > 0. The opener's frame holds
// a deferred call that joins, so it cannot be gone while a task is active.
//
// A scope lies in the run's memory, not in the block: a pointer kept too long must find that it is
// left. An error, the end of the context and the return of a task are three operations, as in a
// group: others may see each before the next.
//
// Rejected: a group with a cleanup (its tasks may outlive it, its limit may block a start, and none
// of its words would fit).
#include "core/scope.h"

#include "core/heap.h"
#include "core/internal.h"

struct scope {
    struct object object;     // what tasks wait on
    ctx *ctx;                 // of its tasks, a child of the parent's
    uint32_t active;          // tasks that have not ended
    err first;                // the first error, OK: none so far
    const panicked *panicked; // the first panic of a task, NULL: none, or it goes on by now
    bool unwanted;            // cancelled by scope_cancel, or by leaving
    bool left;                // joined: no task can be started any more
    struct wait_list waiters; // tasks that join
};

struct scope_op {
    struct op op;             // what the scheduler knows of it
    err err;                  // of a task that ends
    const panicked *panicked; // what it panicked with, or what a join is to go on with
    bool fails;               // this error counts
    struct waiter waiter;     // its place in the queue
};

static scope *scope_of(const struct op *op) {
    return (scope *)((char *)op->object - offsetof(scope, object));
}

static struct scope_op scope_op(const struct op_kind *kind, scope *s, site *at) {
    return (struct scope_op){.op = {.kind = kind, .object = &s->object, .at = at}};
}

// --- open -----------------------------------------------------------------------------------------

static scope *scope_make(site *at) {
    run_check();
    scope *s = run_alloc_at(sizeof *s, at);
    object_register(&s->object, OBJECT_SCOPE, at->operand, at);
    return s;
}

scope *scope_open_at(ctx *parent, site *at) {
    scope *s = scope_make(at);
    s->ctx = ctx_with_cancel_at(parent, at);
    return s;
}

scope *scope_open_timeout_at(ctx *parent, int64_t ns, site *at) {
    scope *s = scope_make(at);
    s->ctx = ctx_with_timeout_at(parent, ns, OK, at);
    return s;
}

scope *scope_open_deadline_at(ctx *parent, int64_t when, site *at) {
    scope *s = scope_make(at);
    s->ctx = ctx_with_deadline_at(parent, when, OK, at);
    return s;
}

// --- go -------------------------------------------------------------------------------------------

static enum op_result go_attempt(struct op *op) {
    scope *s = scope_of(op);
    op->value = !s->left;
    s->active += !s->left;
    return OP_DONE;
}

static const struct op_kind go_kind = {.event = EV_SCOPE_GO, .attempt = go_attempt};

void scope_go_at(scope *s, task_fn *fn, const char *name, struct scope_call *call, size_t size,
                 site *at) {
    struct scope_op start = scope_op(&go_kind, s, at);
    op_perform(&start.op);
    if (!start.op.value) {
        misuse_at(at, "%s was not started: its scope had been left", name);
        return;
    }
    call->scope = s;
    task_start_at(fn, name, call, size, at);
}

// --- the end of a task ----------------------------------------------------------------------------

// Who was cancelled on request has not failed.
static enum op_result fail_attempt(struct op *op) {
    struct scope_op *f = (struct scope_op *)op;
    scope *s = scope_of(op);
    op->value = f->err;
    f->fails = f->panicked || !(f->err == ERR_CANCELED && s->unwanted);
    if (f->panicked && !s->panicked)
        s->panicked = f->panicked;
    else if (f->fails && !s->first)
        s->first = f->err;
    return OP_DONE;
}

static void fail_operands(const struct op *op, struct operands *out) {
    operands_add(out, op->object->id, ROLE_MAIN);
    operands_add(out, operand_at(&scope_of(op)->unwanted), ROLE_LOOK);
}

static const struct op_kind fail_kind = {
    .event = EV_SCOPE_ERR, .attempt = fail_attempt, .operands = fail_operands};

static void fail(scope *s, err e, const panicked *p, site *at) {
    struct scope_op f = scope_op(&fail_kind, s, at);
    f.err = e;
    f.panicked = p;
    op_perform(&f.op);
    if (f.fails)
        ctx_cancel_cause_at(s->ctx, e, at);
}

// A join that finds nobody active: from here on the scope is left. The first gets the panic.
static void joined(struct scope_op *join) {
    scope *s = scope_of(&join->op);
    s->left = true;
    join->panicked = s->panicked;
    s->panicked = NULL;
}

static enum op_result done_attempt(struct op *op) {
    scope *s = scope_of(op);
    sanitize_release(s);
    if (--s->active)
        return OP_DONE;
    for (struct waiter *w; (w = s->waiters.first);) {
        joined((struct scope_op *)w->op);
        op_complete(w);
    }
    return OP_DONE;
}

static const struct op_kind done_kind = {.event = EV_SCOPE_DONE, .attempt = done_attempt};

// Deferred by every task of a scope, so that it also ends one that panics or calls goexit.
void scope_return_at(struct scope_call *call, site *at) {
    (void)at;
    const panicked *p = recover();
    if (p || call->result)
        fail(call->scope, p ? OK : call->result, p, call->at);
    struct scope_op done = scope_op(&done_kind, call->scope, call->at);
    op_perform(&done.op);
}

// --- joining --------------------------------------------------------------------------------------

static enum op_result join_attempt(struct op *op) {
    if (scope_of(op)->active)
        return OP_BLOCKED;
    joined((struct scope_op *)op);
    return OP_DONE;
}

static void join_enqueue(struct op *op) {
    wait_list_append(&scope_of(op)->waiters, &((struct scope_op *)op)->waiter);
}

static void join_dequeue(struct op *op) {
    waiter_unlink(&((struct scope_op *)op)->waiter);
}

static const struct op_kind join_kind = {
    .event = EV_SCOPE_JOIN,
    .reason = WAIT_SCOPE,
    .attempt = join_attempt,
    .enqueue = join_enqueue,
    .dequeue = join_dequeue,
};

// Returns what a task has panicked with, NULL: none did.
static const panicked *join(scope *s, site *at) {
    struct scope_op wait = scope_op(&join_kind, s, at);
    wait.waiter.op = &wait.op;
    op_perform(&wait.op);
    sanitize_acquire(s);
    return wait.panicked;
}

err scope_wait_at(scope *s, site *at) {
    const panicked *p = join(s, at);
    ctx_cancel_at(s->ctx, at);
    if (p)
        panic_again_at(p, at);
    return s->first;
}

void scope_cancel_at(scope *s, site *at) {
    touch(operand_at(&s->unwanted), ROLE_CHANGE);
    s->unwanted = true;
    ctx_cancel_at(s->ctx, at);
}

ctx *scope_ctx(scope *s) {
    return s->ctx;
}

void scope_leave_at(scope *s, site *at) {
    touch(s->object.id, ROLE_LOOK);
    if (s->left)
        return;
    scope_cancel_at(s, at);
    const panicked *p = join(s, at);
    if (p)
        panic_again_at(p, at);
}
