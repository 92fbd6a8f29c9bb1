// ctx: a tree of contexts, cancelled from the top down.
//
// Two relations. `parent` is whom a context was derived from; values are looked up along it. Only
// contexts that can end are nodes of the tree that cancelling walks (`first`, `next`): those made
// with cancel, a deadline, or for a task to start after. Every other one ends with its `node`, the
// nearest such context at or above it, and shares its done channel.
//
// Invariants: a node that has ended has `err` and `cause` set, its done channel closed, its timer
// cleared and no children; it is in its parent node's list exactly while it lives and has one.
// Cancelling is one visible operation, however large the tree.
//
// Rejected: a watcher task per derived context (it would itself have to be excused from leaks); a
// channel of its own for each value.
#include "core/ctx.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"
#include "core/select.h"

struct ctx {
    struct object object; // of nodes
    ctx *parent;          // NULL: the background
    ctx *node;            // whose end is its end, NULL: it never ends
    signal_chan done;     // closed when the node ends; nil for one that cannot
    uint32_t derived;     // contexts whose parent it is and that were not freed
    bool has_deadline;    // of its own, or inherited
    int64_t deadline;     // run's clock
    const void *key;      // of a value context
    void *value;          // ... and what it answers
    site *at;             // where it was made

    // Of nodes.
    err err;                 // OK while it lives
    err cause;               // why it ended; before: of its own deadline, OK: none was given
    struct timer_node timer; // set while it lives and has a deadline of its own
    ctx *first, *last;       // children that live, in the order they were made
    ctx *next, *prev;        // siblings
    ctx_after *after;        // this one starts a task when it ends, NULL: it is a context
};

struct ctx_after {
    ctx node;           // a child of the context that it follows
    struct later later; // the task to start
};

static ctx background;

ctx *ctx_background(void) {
    return &background;
}

// --- the tree -------------------------------------------------------------------------------------

static ctx *node_above(const ctx *c) {
    return c->parent->node;
}

static void child_link(ctx *parent, ctx *c) {
    c->prev = parent->last;
    if (parent->last)
        parent->last->next = c;
    else
        parent->first = c;
    parent->last = c;
}

static void child_unlink(ctx *parent, ctx *c) {
    if (c->prev)
        c->prev->next = c->next;
    else
        parent->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        parent->last = c->prev;
    c->next = c->prev = NULL;
}

// The background belongs to no run: nothing is counted in it.
static void derived_add(ctx *parent, int n) {
    if (parent == &background)
        return;
    parent->derived += (uint32_t)n;
    touch(operand_at(parent), n > 0 ? ROLE_RAISE : ROLE_LOWER);
}

void ctx_operands(const ctx *c, struct operands *out) {
    for (const ctx *n = c->node; n; n = node_above(n))
        if (!n->after)
            operands_add(out, n->object.id, ROLE_CTX);
}

// The code of a task looks whether it has ended.
static void touch_ends(const ctx *c) {
    struct operands ends = {0};
    if (likely(!run.watch))
        return;
    ctx_operands(c, &ends);
    for (uint32_t i = 0; i < ends.count; i++)
        touch(ends.list[i].key, ROLE_CTX);
    if (ends.more)
        touch(0, ROLE_CHANGE);
}

// It has started its task, or never will: what it follows may go.
static void after_detach(ctx_after *a) {
    derived_add(a->node.parent, -1);
    a->node.parent = &background;
    run_free(a->later.args);
    a->later.args = NULL;
}

static void end_one(ctx *c, err why, err cause) {
    c->err = why;
    c->cause = cause;
    sanitize_release(c);
    if (c->after) {
        touch(operand_at(c), ROLE_CHANGE); // for who comes to stop it, and finds nothing above it
        timer_go(&c->after->later, c);
        after_detach(c->after);
        return;
    }
    timer_clear(&c->timer);
    chan_end(c->done.raw);
}

// Both in one: what ended it, and above that why, where that says more.
static int64_t in_words(err why, err cause) {
    return cause == why ? why : (int64_t)cause << 32 | why;
}

static void note_derived(const ctx *c, err why, err cause) {
    if (!c->after)
        event_write(EV_CANCEL, c->object.id, c->at, EVENT_NOBODY, in_words(why, cause),
                    EVENT_DERIVED);
}

// Ends `top` and all below it, each before its children. The record of `top` is written by whoever
// asked. No recursion: a tree may be deeper than a task's stack.
static void end_tree(ctx *top, err why, err cause) {
    end_one(top, why, cause);
    for (ctx *c = top; c != top || c->first;) {
        ctx *child = c->first;
        if (!child) {
            c = node_above(c);
            continue;
        }
        child_unlink(c, child);
        note_derived(child, why, cause);
        end_one(child, why, cause);
        c = child->after ? c : child;
    }
}

static void end_from_outside(ctx *c, err why, err cause) {
    if (c->err)
        return;
    if (node_above(c))
        child_unlink(node_above(c), c);
    end_tree(c, why, cause);
}

static err cause_of_deadline(const ctx *c) {
    return c->cause ? c->cause : ERR_DEADLINE;
}

static void deadline_passed(struct timer_node *t) {
    ctx *c = (ctx *)((char *)t - offsetof(ctx, timer));
    err cause = cause_of_deadline(c);
    touch_ends(c);
    touch(c->object.id, ROLE_CHANGE);
    event_write_for(EVENT_CLOCK, EV_FIRE, c->object.id, c->at, EVENT_NOBODY, 0, 0);
    event_write_for(EVENT_CLOCK, EV_CANCEL, c->object.id, c->at, EVENT_NOBODY,
                    in_words(ERR_DEADLINE, cause), 0);
    end_from_outside(c, ERR_DEADLINE, cause);
}

// --- deriving -------------------------------------------------------------------------------------

static void derive_into(ctx *c, ctx *parent, site *at) {
    if (!parent)
        panic_at(at, "cannot create context from nil parent");
    derived_add(parent, 1);
    *c = (ctx){.parent = parent,
               .node = parent->node,
               .done = parent->done,
               .has_deadline = parent->has_deadline,
               .deadline = parent->deadline,
               .at = at};
}

static ctx *derive(ctx *parent, site *at) {
    ctx *c = run_alloc_at(sizeof *c, at);
    derive_into(c, parent, at);
    return c;
}

// Makes it a node that ends with its parent's, or has ended if that has.
static void node_enter(ctx *c) {
    ctx *above = node_above(c);
    c->node = c;
    if (above)
        touch_ends(above);
    if (above && !above->err) {
        child_link(above, c);
    } else if (above) {
        note_derived(c, above->err, above->cause);
        sanitize_acquire(above);
        end_one(c, above->err, above->cause);
    }
}

ctx *ctx_with_cancel_at(ctx *parent, site *at) {
    ctx *c = derive(parent, at);
    c->timer.fire = deadline_passed;
    object_register(&c->object, OBJECT_CTX, "", at);
    c->done.raw = chan_make_done(c, at);
    node_enter(c);
    return c;
}

ctx *ctx_with_timeout_at(ctx *parent, int64_t ns, err cause, site *at) {
    return ctx_with_deadline_at(parent, timer_deadline(ns), cause, at);
}

ctx *ctx_with_deadline_at(ctx *parent, int64_t when, err cause, site *at) {
    timer_check_room(at);
    ctx *c = ctx_with_cancel_at(parent, at);
    if (c->err || (c->has_deadline && c->deadline < when))
        return c;
    c->has_deadline = true;
    c->deadline = when;
    c->cause = cause;
    if (when > run.now) {
        timer_set(&c->timer, when);
    } else {
        note_derived(c, ERR_DEADLINE, cause_of_deadline(c));
        end_from_outside(c, ERR_DEADLINE, cause_of_deadline(c));
    }
    return c;
}

ctx *ctx_without_cancel_at(ctx *parent, site *at) {
    ctx *c = derive(parent, at);
    c->node = NULL;
    c->done.raw = NULL;
    c->has_deadline = false;
    return c;
}

// --- cancel, err, cause ---------------------------------------------------------------------------

struct ctx_op {
    struct op op; // what the scheduler knows of it
    err cause;    // why: of the cancel
};

static ctx *ctx_of(const struct op *op) {
    return (ctx *)((char *)op->object - offsetof(ctx, object));
}

static enum op_result cancel_attempt(struct op *op) {
    err cause = ((struct ctx_op *)op)->cause;
    op->value = in_words(ERR_CANCELED, cause);
    end_from_outside(ctx_of(op), ERR_CANCELED, cause);
    return OP_DONE;
}

static void ctx_op_operands(const struct op *op, struct operands *out) {
    operands_add(out, op->object->id, ROLE_MAIN);
    ctx_operands(ctx_of(op), out);
}

static const struct op_kind cancel_kind = {
    .event = EV_CANCEL, .attempt = cancel_attempt, .operands = ctx_op_operands};

void ctx_cancel_cause_at(ctx *c, err cause, site *at) {
    if (c->node != c)
        panic_at(at, c == &background ? "cancel of the background context"
                                      : "cancel of a context that has no end of its own");
    struct ctx_op cancel = {.op = {.kind = &cancel_kind, .object = &c->object, .at = at},
                            .cause = cause ? cause : ERR_CANCELED};
    op_perform(&cancel.op);
}

void ctx_cancel_at(ctx *c, site *at) {
    ctx_cancel_cause_at(c, OK, at);
}

signal_chan ctx_done(ctx *c) {
    return c->done;
}

err ctx_err_now(const ctx *c) {
    return c->node ? c->node->err : OK;
}

void ctx_saw_end(const ctx *c) {
    if (c->node)
        sanitize_acquire(c->node);
}

static enum op_result err_attempt(struct op *op) {
    op->value = ctx_of(op)->err;
    if (op->value)
        sanitize_acquire(ctx_of(op));
    else
        op->flags |= EVENT_FRUITLESS;
    return OP_DONE;
}

static bool err_in_vain(const struct op *op) {
    return ctx_of(op)->err == OK;
}

static const struct op_kind err_kind = {
    .event = EV_ERR, .attempt = err_attempt, .in_vain = err_in_vain, .operands = ctx_op_operands};

err ctx_err_at(ctx *c, site *at) {
    if (!c->node)
        return OK;
    struct op op = {.kind = &err_kind, .object = &c->node->object, .at = at};
    op_perform(&op);
    return (err)op.value;
}

err ctx_cause_at(ctx *c, site *at) {
    return ctx_err_at(c, at) ? c->node->cause : OK;
}

bool ctx_deadline(const ctx *c, int64_t *when) {
    if (c->has_deadline)
        *when = c->deadline;
    return c->has_deadline;
}

// --- values ---------------------------------------------------------------------------------------

ctx *ctx_with_value_at(ctx *parent, const void *key, void *value, site *at) {
    if (!key)
        panic_at(at, "nil key");
    ctx *c = derive(parent, at);
    c->key = key;
    c->value = value;
    return c;
}

void *ctx_value_of(const ctx *c, const void *key) {
    for (; c; c = c->parent)
        if (c->key && c->key == key)
            return c->value;
    return NULL;
}

// --- what follows the end ---------------------------------------------------------------------------

ctx_after *ctx_after_func_at(ctx *c, task_fn *fn, const char *name, const void *args, size_t size,
                             site *at) {
    run_check();
    ctx_after *a = run_alloc_at(sizeof *a, at);
    derive_into(&a->node, c, at);
    a->node.after = a;
    a->later = later_make(fn, name, args, size, at);
    event_write(EV_AFTER, c->node ? c->node->object.id : 0, at, EVENT_NOBODY, event_literal(name),
                0);
    node_enter(&a->node);
    return a;
}

struct after_op {
    struct op op;     // what the scheduler knows of it
    ctx_after *after; // to be called off
};

static enum op_result after_stop_attempt(struct op *op) {
    ctx *node = &((struct after_op *)op)->after->node;
    op->value = !node->err;
    if (node->err)
        return OP_DONE;
    node->err = ERR_CANCELED;
    if (node_above(node))
        child_unlink(node_above(node), node);
    after_detach(node->after);
    return OP_DONE;
}

static void after_stop_operands(const struct op *op, struct operands *out) {
    const ctx *node = &((const struct after_op *)op)->after->node;
    operands_add(out, operand_at(node), ROLE_CHANGE);
    ctx_operands(node, out);
}

static const struct op_kind after_stop_kind = {
    .event = EV_AFTER_STOP, .attempt = after_stop_attempt, .operands = after_stop_operands};

bool ctx_after_stop_at(ctx_after *a, site *at) {
    ctx *above = node_above(&a->node);
    struct after_op stop = {
        .op = {.kind = &after_stop_kind, .object = above ? &above->object : NULL, .at = at},
        .after = a};
    op_perform(&stop.op);
    return stop.op.value;
}

// --- the run's memory and time ----------------------------------------------------------------------

void ctx_free_at(ctx *c, site *at) {
    if (c == &background || (c->node == c && !c->err))
        panic_at(at, "ctx_free: the context has not ended");
    touch(operand_at(c), ROLE_CHANGE);
    if (c->derived)
        panic_at(at, "ctx_free: %u contexts derived from it are in use", c->derived);
    derived_add(c->parent, -1);
    if (c->node == c)
        run_free(c->done.raw);
    run_free(c);
}

err ctx_sleep_at(ctx *c, int64_t ns, site *at) {
    select_arm arms[] = {
        {.kind = ARM_RECV, .chan = ctx_done(c).raw, .size = 1, .at = at},
        {.kind = ARM_AFTER, .after = ns, .at = at},
    };
    if (select_at(arms, 2, at) == 1)
        return OK;
    return ctx_err_now(c);
}
