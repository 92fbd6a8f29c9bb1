// group: tasks that do one job together; the first error decides.
//
// Invariants: active < room where there is a limit; tasks wait in `starters` only while active is at
// the limit, in `waiters` only while active > 0. A task that returns hands its place to the oldest
// starter, so nobody overtakes, and the group is not empty in between.
//
// An error, the end of the context and the return are three operations, in this order, as in Go:
// others may see each before the next.
//
// Rejected: a wait group, a semaphore and a once in one struct, as errgroup is made (a report would
// name three objects that nobody has written down).
#include "core/group.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"

enum { SLOTS_MAX = 4096 };

struct group_op {
    struct op op;
    bool late;            // a wait had returned before
    struct waiter waiter; // its place among the starters, or those that wait for all
};

static group *group_of(const struct op *op) {
    return (group *)((char *)op->object - offsetof(group, object));
}

static void group_operands(const struct op *op, struct operands *out) {
    operands_add(out, op->object->id, group_of(op)->room ? ROLE_LIMITED : ROLE_MAIN);
}

static struct group_op group_op(const struct op_kind *kind, group *g, site *at) {
    object_use(&g->object, OBJECT_GROUP, at);
    return (struct group_op){.op = {.kind = kind, .object = &g->object, .at = at}};
}

// --- ThreadSanitizer --------------------------------------------------------------------------------

// With a limit of n the k-th return happens before the (k + n)-th start, as through a channel with
// room for n. One cell for all would order starts after returns that they need not have waited for.
static void slot_sync(group *g, uint32_t *turn) {
    if (!g->slots)
        return;
    char *slot = &g->slots[*turn];
    *turn = *turn + 2 == g->room ? 0 : *turn + 1;
    sanitize_acquire(slot);
    sanitize_release(slot);
}

static void slot_sync_as(struct task *t, group *g, uint32_t *turn) {
    sanitize_as(t);
    slot_sync(g, turn);
    sanitize_as(run.current);
}

// --- go -------------------------------------------------------------------------------------------

static bool is_full(const struct op *op) {
    const group *g = group_of(op);
    return g->room && g->active + 1 >= g->room;
}

static enum op_result go_attempt(struct op *op) {
    group *g = group_of(op);
    if (is_full(op))
        return OP_BLOCKED;
    g->active++;
    slot_sync(g, &g->taken);
    ((struct group_op *)op)->late = g->waited;
    op->value = 1;
    return OP_DONE;
}

static void go_enqueue(struct op *op) {
    wait_list_append(&group_of(op)->starters, &((struct group_op *)op)->waiter);
}

static const struct op_kind go_kind = {
    .event = EV_GROUP_GO,
    .reason = WAIT_GROUP_GO,
    .attempt = go_attempt,
    .enqueue = go_enqueue,
    .operands = group_operands,
};

static enum op_result try_go_attempt(struct op *op) {
    if (go_attempt(op) == OP_BLOCKED)
        op->flags |= EVENT_FRUITLESS;
    return OP_DONE;
}

static const struct op_kind try_go_kind = {.event = EV_GROUP_GO,
                                           .attempt = try_go_attempt,
                                           .in_vain = is_full,
                                           .operands = group_operands};

static void start_task(const struct group_op *start, group *g, task_fn *fn, const char *name,
                       struct group_call *call, size_t size) {
    if (start->late)
        misuse_at(start->op.at, "%s was started in a group after its wait had returned", name);
    call->group = g;
    task_start_at(fn, name, call, size, start->op.at);
}

void group_go_at(group *g, task_fn *fn, const char *name, struct group_call *call, size_t size,
                 site *at) {
    struct group_op start = group_op(&go_kind, g, at);
    start.waiter.op = &start.op;
    op_perform(&start.op);
    start_task(&start, g, fn, name, call, size);
}

bool group_try_go_at(group *g, task_fn *fn, const char *name, struct group_call *call, size_t size,
                     site *at) {
    struct group_op start = group_op(&try_go_kind, g, at);
    op_perform(&start.op);
    if (start.op.value)
        start_task(&start, g, fn, name, call, size);
    return start.op.value;
}

// --- return ---------------------------------------------------------------------------------------

struct group_err_op {
    struct op op;
    err err;
    bool is_first;
};

static enum op_result err_attempt(struct op *op) {
    struct group_err_op *e = (struct group_err_op *)op;
    group *g = group_of(op);
    op->value = e->err;
    e->is_first = !g->first;
    if (e->is_first)
        g->first = e->err;
    return OP_DONE;
}

static const struct op_kind err_kind = {.event = EV_GROUP_ERR, .attempt = err_attempt};

static void note_error(group *g, err e, site *at) {
    struct group_err_op op = {.op = {.kind = &err_kind, .object = &g->object, .at = at}, .err = e};
    op_perform(&op.op);
    if (op.is_first && g->ctx)
        ctx_cancel_cause_at(g->ctx, e, at);
}

static enum op_result done_attempt(struct op *op) {
    group *g = group_of(op);
    struct waiter *starter = g->starters.first;
    sanitize_release(g);
    slot_sync(g, &g->left);
    if (starter) {
        slot_sync_as(starter->op->task, g, &g->taken);
        op_complete(starter);
        return OP_DONE;
    }
    if (--g->active)
        return OP_DONE;
    for (struct waiter *w; (w = g->waiters.first);) {
        g->waited = true;
        op_complete(w);
    }
    return OP_DONE;
}

static const struct op_kind done_kind = {
    .event = EV_GROUP_DONE, .attempt = done_attempt, .operands = group_operands};

void group_return_at(struct group_call *call, err e, site *at) {
    if (e)
        note_error(call->group, e, at);
}

// Go defers it, so it also happens when the function panics or calls goexit.
void group_leave_at(group *g, site *at) {
    struct group_op done = group_op(&done_kind, g, at);
    op_perform(&done.op);
}

// --- wait -----------------------------------------------------------------------------------------

static enum op_result wait_attempt(struct op *op) {
    group *g = group_of(op);
    if (g->active)
        return OP_BLOCKED;
    g->waited = true;
    return OP_DONE;
}

static void wait_enqueue(struct op *op) {
    wait_list_append(&group_of(op)->waiters, &((struct group_op *)op)->waiter);
}

static const struct op_kind wait_kind = {
    .event = EV_GROUP_WAIT,
    .reason = WAIT_GROUP_WAIT,
    .attempt = wait_attempt,
    .enqueue = wait_enqueue,
    .operands = group_operands,
};

err group_wait_at(group *g, site *at) {
    struct group_op wait = group_op(&wait_kind, g, at);
    wait.waiter.op = &wait.op;
    op_perform(&wait.op);
    sanitize_acquire(g);
    err first =
        g->first; // as it is when the wait ends: later it may be that of a task started by misuse
    if (g->ctx)
        ctx_cancel_cause_at(g->ctx, first, at);
    return first;
}

// --- context, limit -------------------------------------------------------------------------------

ctx *group_with_ctx_at(group *g, ctx *parent, site *at) {
    object_use(&g->object, OBJECT_GROUP, at);
    g->ctx = ctx_with_cancel_at(parent, at);
    return g->ctx;
}

struct limit_op {
    struct op op;
    int32_t limit;
    char *slots;
    uint32_t active; // tasks that forbid it
};

static enum op_result limit_attempt(struct op *op) {
    struct limit_op *l = (struct limit_op *)op;
    group *g = group_of(op);
    op->value = l->limit;
    l->active = g->active;
    if (l->active)
        return OP_DONE;
    g->room = l->limit < 0 ? 0 : (uint32_t)l->limit + 1;
    g->slots = l->slots;
    g->taken = g->left = 0;
    return OP_DONE;
}

static const struct op_kind limit_kind = {.event = EV_GROUP_LIMIT, .attempt = limit_attempt};

// Under ThreadSanitizer a run starts fewer tasks than SLOTS_MAX: with a larger limit no place is
// ever used twice.
void group_set_limit_at(group *g, int32_t n, site *at) {
    object_use(&g->object, OBJECT_GROUP, at);
    struct limit_op limit = {.op = {.kind = &limit_kind, .object = &g->object, .at = at},
                             .limit = n,
                             .slots = n > 0 && n <= SLOTS_MAX ? run_alloc((size_t)n) : NULL};
    op_perform(&limit.op);
    if (limit.active)
        panic_at(at, "errgroup: modify limit while %u goroutines in the group are still active",
                 limit.active);
}
