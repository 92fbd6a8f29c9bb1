// ctx: a tree of contexts, cancelled from the top down.
//
// Invariants: a context that has ended has `err` set, its done channel closed, its timer cleared
// and no children; it is in its parent's list exactly while it lives and has a parent that can end.
// Cancelling is one visible operation, however large the tree.
//
// Rejected: a watcher task per derived context (it would itself have to be excused from leaks).
#include "core/ctx.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"
#include "core/select.h"

struct ctx {
    struct object object;
    ctx *parent;      // NULL: the background
    signal_chan done; // closed when the context ends; nil for one that cannot
    err err;          // OK while it lives
    bool has_deadline;
    int64_t deadline;        // run's clock
    struct timer_node timer; // set while it lives and has a deadline of its own
    ctx *first, *last;       // children that live, in the order they were made
    ctx *next, *prev;        // siblings
    const void *key;         // of a value context
    void *value;
    site *at; // where it was made
};

static ctx background;

ctx *ctx_background(void) {
    return &background;
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

static void end_one(ctx *c, err why) {
    c->err = why;
    sanitize_release(c);
    timer_clear(&c->timer);
    chan_end(c->done.raw);
}

static void note_derived(const ctx *c, err why) {
    event_write(EV_CANCEL, c->object.id, c->at, EVENT_NOBODY, why, EVENT_DERIVED);
}

// Ends `top` and all below it, each before its children. The record of `top` is written by whoever
// asked. No recursion: a tree may be deeper than a task's stack.
static void end_tree(ctx *top, err why) {
    end_one(top, why);
    for (ctx *c = top; c != top || c->first;) {
        ctx *child = c->first;
        if (!child) {
            c = c->parent;
            continue;
        }
        child_unlink(c, child);
        note_derived(child, why);
        end_one(child, why);
        c = child;
    }
}

static void end_from_outside(ctx *c, err why) {
    if (c->err)
        return;
    if (c->parent && c->parent != &background)
        child_unlink(c->parent, c);
    end_tree(c, why);
}

static void deadline_passed(struct timer_node *t) {
    ctx *c = (ctx *)((char *)t - offsetof(ctx, timer));
    event_write_for(EVENT_CLOCK, EV_FIRE, c->object.id, c->at, EVENT_NOBODY, 0, 0);
    event_write_for(EVENT_CLOCK, EV_CANCEL, c->object.id, c->at, EVENT_NOBODY, ERR_DEADLINE, 0);
    end_from_outside(c, ERR_DEADLINE);
}

// A child that lives, ends with its parent, and inherits its deadline.
static ctx *derive(ctx *parent, site *at) {
    if (!parent)
        panic_at(at, "cannot create context from nil parent");
    ctx *c = run_alloc(sizeof *c);
    c->parent = parent;
    c->at = at;
    c->timer.fire = deadline_passed;
    c->has_deadline = parent->has_deadline;
    c->deadline = parent->deadline;
    object_register(&c->object, OBJECT_CTX, "", at);
    c->done.raw = chan_make_named(1, 0, "ctx.done", at);
    if (parent != &background && !parent->err)
        child_link(parent, c);
    if (parent->err) {
        note_derived(c, parent->err);
        end_one(c, parent->err);
    }
    return c;
}

ctx *ctx_with_cancel_at(ctx *parent, site *at) {
    return derive(parent, at);
}

ctx *ctx_with_deadline_at(ctx *parent, int64_t when, site *at) {
    timer_check_room(at);
    ctx *c = derive(parent, at);
    if (c->err || (c->has_deadline && c->deadline <= when))
        return c;
    c->has_deadline = true;
    c->deadline = when;
    if (when > run.now) {
        timer_set(&c->timer, when);
    } else {
        note_derived(c, ERR_DEADLINE);
        end_from_outside(c, ERR_DEADLINE);
    }
    return c;
}

ctx *ctx_with_timeout_at(ctx *parent, int64_t ns, site *at) {
    return ctx_with_deadline_at(parent, timer_deadline(ns), at);
}

ctx *ctx_with_value_at(ctx *parent, const void *key, void *value, site *at) {
    ctx *c = derive(parent, at);
    c->key = key;
    c->value = value;
    return c;
}

// --- cancel, err ----------------------------------------------------------------------------------

static ctx *ctx_of(const struct op *op) {
    return (ctx *)((char *)op->object - offsetof(ctx, object));
}

static enum op_result cancel_attempt(struct op *op) {
    op->value = ERR_CANCELED;
    end_from_outside(ctx_of(op), ERR_CANCELED);
    return OP_DONE;
}

static const struct op_kind cancel_kind = {.event = EV_CANCEL, .attempt = cancel_attempt};

void ctx_cancel_at(ctx *c, site *at) {
    if (c == &background)
        panic_at(at, "cancel of the background context");
    struct op op = {.kind = &cancel_kind, .object = &c->object, .at = at};
    op_perform(&op);
}

err ctx_err_now(const ctx *c) {
    return c->err;
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
    .event = EV_ERR, .attempt = err_attempt, .in_vain = err_in_vain};

err ctx_err_at(ctx *c, site *at) {
    if (c == &background)
        return OK;
    struct op op = {.kind = &err_kind, .object = &c->object, .at = at};
    op_perform(&op);
    return (err)op.value;
}

signal_chan ctx_done(ctx *c) {
    return c->done;
}

bool ctx_deadline(const ctx *c, int64_t *when) {
    if (c->has_deadline)
        *when = c->deadline;
    return c->has_deadline;
}

void *ctx_value(const ctx *c, const void *key) {
    for (; c; c = c->parent)
        if (c->key && c->key == key)
            return c->value;
    return NULL;
}

err ctx_sleep_at(ctx *c, int64_t ns, site *at) {
    select_arm arms[] = {
        {.kind = ARM_RECV, .chan = ctx_done(c).raw, .size = 1, .at = at},
        {.kind = ARM_AFTER, .after = ns, .at = at},
    };
    if (select_at(arms, 2, at) == 1)
        return OK;
    return c->err;
}
