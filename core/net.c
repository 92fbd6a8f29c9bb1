// net: the operations on connections and listeners, the same over both networks.
//
// Each asks the network of the run (network.h) whether it can be done now, and parks when it cannot;
// what was waited for is then done by the clock, in memory and over sockets alike. Invariants: at
// most one task waits to read a side, and at most one to accept; writers wait first in, first out;
// nobody waits on a side or a listener that is closed.
//
// Which operations are choice points, in memory: what one side does reaches the other only through
// the clock, which moves when nobody else can go on, so operations of different sides commute
// within one instant, for every latency. On one side they commute as follows, and only then are
// they local:
//   - a read that finds nothing, with everything: whether a close or the end of its context comes
//     before or after it, it returns the same (two reads that both find nothing panic in either
//     order);
//   - a write, and a close while nothing unread has arrived, where conn_own promises that one task
//     does both: the only other task on that side is the reader, to whom writes mean nothing;
//   - an accept that finds nobody, likewise; a dial, which looks for its listener when it arrives.
// Over sockets nothing is a choice point: such a run is live.
//
// Rejected: deadlines kept by the connection, as Go has them (a wait then ends for a reason that
// no argument of its call names); separate kinds of operations for each network (every report
// would have to know both).
#include "core/chan_now.h"
#include "core/heap.h"
#include "core/network.h"
#include "core/panic.h"

static const char ONE_READER[] = "net: two tasks read from one connection at once";
static const char ONE_ACCEPTOR[] = "net: two tasks accept from one listener at once";
static const char NOT_OWNER[] = "net: write or close by a task that does not own the connection";

static const struct network *network(void) {
    return run_is_live() ? &socket_network : &memory_network;
}

// --- waiting, and giving it up --------------------------------------------------------------------

static struct patience patience_of(ctx *context) {
    return (struct patience){.context = context, .lives = true};
}

static void patience_begin(struct patience *p, struct op *op) {
    signal_chan done = ctx_done(p->context);
    run.io_waits[op->task->daemon]++;
    p->waiter.op = op;
    p->waiter.ok = &p->lives;
    if (done.raw)
        chan_wait(done.raw, false, &p->waiter);
}

static void patience_end(struct patience *p, struct op *op) {
    run.io_waits[op->task->daemon]--;
    waiter_unlink(&p->waiter);
}

// For attempts that found nothing: whether there is no more patience to wait.
static bool is_given_up(struct patience *p) {
    p->lives = ctx_err_now(p->context) == OK;
    if (!p->lives)
        sanitize_acquire(p->context);
    return !p->lives;
}

// What a wait for a network is about: the thing itself, and the context that may end it.
static void patience_operands(const struct patience *p, const void *thing, enum operand_role role,
                              struct operands *out) {
    operands_add(out, operand_at(thing), role);
    ctx_operands(p->context, out);
}

void net_complete(struct waiter *w, const struct object *o) {
    op_complete_by_clock(w, o->id);
}

// --- read ---------------------------------------------------------------------------------------

static enum op_result read_attempt(struct op *op) {
    struct read_op *r = (struct read_op *)op;
    conn *c = r->conn;
    if (c->closed) {
        r->result = ERR_CLOSED;
        return OP_DONE;
    }
    if (c->readers.first)
        return op_panic(op, ONE_READER);
    return network()->read(r) || is_given_up(&r->patience) ? OP_DONE : OP_BLOCKED;
}

static void read_enqueue(struct op *op) {
    struct read_op *r = (struct read_op *)op;
    wait_list_append(&r->conn->readers, &r->waiter);
    patience_begin(&r->patience, op);
}

static void read_dequeue(struct op *op) {
    struct read_op *r = (struct read_op *)op;
    waiter_unlink(&r->waiter);
    patience_end(&r->patience, op);
}

static void read_operands(const struct op *op, struct operands *out) {
    const struct read_op *r = (const struct read_op *)op;
    patience_operands(&r->patience, r->conn, ROLE_TAKE, out);
}

static const struct op_kind read_kind = {
    .event = EV_READ,
    .reason = WAIT_IO,
    .attempt = read_attempt,
    .enqueue = read_enqueue,
    .dequeue = read_dequeue,
    .operands = read_operands,
};

static const struct op_kind read_nothing_kind = {
    .event = EV_READ,
    .reason = WAIT_IO,
    .local = true,
    .attempt = read_attempt,
    .enqueue = read_enqueue,
    .dequeue = read_dequeue,
    .operands = read_operands,
};

err conn_read_at(ctx *context, conn *c, void *buf, size_t size, size_t *n, site *at) {
    *n = 0;
    if (size == 0)
        return OK;
    bool commutes = network()->conn_is_quiet(c);
    struct read_op r = {
        .op = {.kind = commutes ? &read_nothing_kind : &read_kind, .object = &c->object, .at = at},
        .conn = c,
        .buf = buf,
        .size = size,
        .patience = patience_of(context)};
    r.waiter.op = &r.op;
    op_perform(&r.op);
    if (!r.patience.lives)
        return ctx_err_now(context);
    *n = (size_t)r.op.value;
    if (r.source)
        sanitize_acquire(r.source);
    sanitize_wrote(buf, *n, CALLER);
    run_free(r.spent);
    return r.result;
}

// --- write ----------------------------------------------------------------------------------------

// False, and a panic to be raised: the task broke the promise of conn_own.
static bool may_act(struct op *op, const conn *c) {
    if (!c->owner || c->owner == op->task->number + 1)
        return true;
    op_panic(op, NOT_OWNER);
    return false;
}

static enum op_result write_attempt(struct op *op) {
    struct write_op *w = (struct write_op *)op;
    conn *c = w->conn;
    if (!may_act(op, c))
        return OP_DONE;
    if (c->closed) {
        w->result = ERR_CLOSED;
        return OP_DONE;
    }
    bool done = !c->writers.first && network()->write(w);
    return done || is_given_up(&w->patience) ? OP_DONE : OP_BLOCKED;
}

static void write_enqueue(struct op *op) {
    struct write_op *w = (struct write_op *)op;
    wait_list_append(&w->conn->writers, &w->waiter);
    patience_begin(&w->patience, op);
}

static void write_dequeue(struct op *op) {
    struct write_op *w = (struct write_op *)op;
    waiter_unlink(&w->waiter);
    patience_end(&w->patience, op);
}

static void write_operands(const struct op *op, struct operands *out) {
    const struct write_op *w = (const struct write_op *)op;
    patience_operands(&w->patience, w->conn, ROLE_PUT, out);
}

static const struct op_kind write_kind = {
    .event = EV_WRITE,
    .reason = WAIT_IO,
    .attempt = write_attempt,
    .enqueue = write_enqueue,
    .dequeue = write_dequeue,
    .operands = write_operands,
};

static const struct op_kind write_owned_kind = {
    .event = EV_WRITE,
    .reason = WAIT_IO,
    .local = true,
    .attempt = write_attempt,
    .enqueue = write_enqueue,
    .dequeue = write_dequeue,
    .operands = write_operands,
};

err conn_write_at(ctx *context, conn *c, const void *buf, size_t size, site *at) {
    if (size == 0)
        return OK;
    struct write_op w = {
        .op = {.kind = c->owner ? &write_owned_kind : &write_kind, .object = &c->object, .at = at},
        .conn = c,
        .bytes = buf,
        .size = size,
        .patience = patience_of(context)};
    w.waiter.op = &w.op;
    network()->write_prepare(&w);
    op_perform(&w.op);
    network()->write_finish(&w);
    return w.patience.lives ? w.result : ctx_err_now(context);
}

// --- close ----------------------------------------------------------------------------------------

struct close_op {
    struct op op;
    conn *conn;
};

static void close_operands(const struct op *op, struct operands *out) {
    operands_add(out, operand_at(((const struct close_op *)op)->conn), ROLE_CHANGE);
}

static void end_waits(conn *c) {
    struct waiter *w = c->readers.first;
    if (w) {
        ((struct read_op *)w->op)->result = ERR_CLOSED;
        op_complete(w);
    }
    while ((w = c->writers.first)) {
        ((struct write_op *)w->op)->result = ERR_CLOSED;
        op_complete(w);
    }
}

static enum op_result close_attempt(struct op *op) {
    conn *c = ((struct close_op *)op)->conn;
    if (!may_act(op, c) || c->closed)
        return OP_DONE;
    network()->close(c);
    c->closed = true;
    end_waits(c);
    return OP_DONE;
}

static const struct op_kind close_kind = {
    .event = EV_CLOSE, .attempt = close_attempt, .operands = close_operands};
static const struct op_kind close_owned_kind = {
    .event = EV_CLOSE, .local = true, .attempt = close_attempt, .operands = close_operands};

void conn_close_at(conn *c, site *at) {
    timer_check_room(at);
    bool commutes = c->owner && network()->conn_is_quiet(c);
    struct close_op close = {
        .op = {.kind = commutes ? &close_owned_kind : &close_kind, .object = &c->object, .at = at},
        .conn = c};
    op_perform(&close.op);
    if (!c->counted)
        return;
    c->counted = false;
    event_write(EV_RELEASE, c->object.id, at, EVENT_NOBODY, 0, 0);
}

void conn_own_at(conn *c, site *at) {
    touch(operand_at(c), ROLE_PUT);
    if (c->owner && c->owner != task_id() + 1)
        panic_at(at, "%s", NOT_OWNER);
    c->owner = task_id() + 1;
}

// --- listen, accept -----------------------------------------------------------------------------

err net_try_listen_at(const char *name, listener **out, site *at) {
    err e = network()->listen(name, out);
    if (e) {
        *out = NULL;
        return e;
    }
    object_register(&(*out)->object, OBJECT_LISTENER, name, at);
    return OK;
}

listener *net_listen_at(const char *name, site *at) {
    listener *l;
    err e = net_try_listen_at(name, &l, at);
    if (e == ERR_IN_USE)
        panic_at(at, "net: %s is already listened on", name);
    if (e)
        panic_at(at, "net: cannot listen on %s: %s", name, err_text(e));
    return l;
}

const char *listener_address(const listener *l) {
    return l->address;
}

static enum op_result accept_attempt(struct op *op) {
    struct accept_op *a = (struct accept_op *)op;
    if (a->listener->acceptors.first)
        return op_panic(op, ONE_ACCEPTOR);
    if (a->listener->closed) {
        a->result = ERR_CLOSED;
        return OP_DONE;
    }
    return network()->accept(a) || is_given_up(&a->patience) ? OP_DONE : OP_BLOCKED;
}

static void accept_enqueue(struct op *op) {
    struct accept_op *a = (struct accept_op *)op;
    wait_list_append(&a->listener->acceptors, &a->waiter);
    patience_begin(&a->patience, op);
}

static void accept_dequeue(struct op *op) {
    struct accept_op *a = (struct accept_op *)op;
    waiter_unlink(&a->waiter);
    patience_end(&a->patience, op);
}

static void accept_operands(const struct op *op, struct operands *out) {
    const struct accept_op *a = (const struct accept_op *)op;
    patience_operands(&a->patience, a->listener, ROLE_CHANGE, out);
}

static const struct op_kind accept_kind = {
    .event = EV_ACCEPT,
    .reason = WAIT_ACCEPT,
    .attempt = accept_attempt,
    .enqueue = accept_enqueue,
    .dequeue = accept_dequeue,
    .operands = accept_operands,
};

static const struct op_kind accept_nobody_kind = {
    .event = EV_ACCEPT,
    .reason = WAIT_ACCEPT,
    .local = true,
    .attempt = accept_attempt,
    .enqueue = accept_enqueue,
    .dequeue = accept_dequeue,
    .operands = accept_operands,
};

err net_accept_at(ctx *context, listener *l, conn **out, site *at) {
    bool commutes = network()->listener_is_quiet(l);
    struct accept_op a = {.op = {.kind = commutes ? &accept_nobody_kind : &accept_kind,
                                 .object = &l->object,
                                 .at = at},
                          .listener = l,
                          .room = network()->accept_room(),
                          .patience = patience_of(context)};
    a.waiter.op = &a.op;
    op_perform(&a.op);
    *out = a.conn;
    if (!a.conn) {
        run_free(a.room);
        return a.patience.lives ? a.result : ctx_err_now(context);
    }
    a.conn->at = at;
    sanitize_acquire(a.conn);
    object_register(&a.conn->object, OBJECT_CONN, at->operand, at);
    return OK;
}

static enum op_result listener_close_attempt(struct op *op) {
    listener *l = (listener *)((char *)op->object - offsetof(listener, object));
    if (l->closed)
        return OP_DONE;
    l->closed = true;
    network()->stop(l);
    struct waiter *w = l->acceptors.first;
    if (w) {
        ((struct accept_op *)w->op)->result = ERR_CLOSED;
        op_complete(w);
    }
    return OP_DONE;
}

static const struct op_kind listener_close_kind = {.event = EV_CLOSE,
                                                   .attempt = listener_close_attempt};

void listener_close_at(listener *l, site *at) {
    struct op op = {.kind = &listener_close_kind, .object = &l->object, .at = at};
    op_perform(&op);
}

// --- dial -----------------------------------------------------------------------------------------

static enum op_result dial_attempt(struct op *op) {
    struct dial_op *d = (struct dial_op *)op;
    signal_chan done = ctx_done(d->patience.context);
    d->patience.lives = !chan_can_recv(done.raw);
    return !d->patience.lives || network()->dial(d) ? OP_DONE : OP_BLOCKED;
}

static void dial_enqueue(struct op *op) {
    struct dial_op *d = (struct dial_op *)op;
    network()->dial_wait(d);
    patience_begin(&d->patience, op);
}

static void dial_dequeue(struct op *op) {
    struct dial_op *d = (struct dial_op *)op;
    network()->dial_stop(d);
    patience_end(&d->patience, op);
}

static void dial_operands(const struct op *op, struct operands *out) {
    const struct dial_op *d = (const struct dial_op *)op;
    patience_operands(&d->patience, d->conn, ROLE_CHANGE, out);
}

static const struct op_kind dial_kind = {
    .event = EV_DIAL,
    .reason = WAIT_IO,
    .local = true,
    .attempt = dial_attempt,
    .enqueue = dial_enqueue,
    .dequeue = dial_dequeue,
    .operands = dial_operands,
};

err net_dial_at(ctx *context, const char *name, int64_t latency, const char *label, conn **out,
                site *at) {
    *out = NULL;
    timer_check_room(at);
    struct dial_op d = {.op = {.kind = &dial_kind, .at = at},
                        .name = name,
                        .conn = network()->dial_make(latency > 0 ? latency : 0, at),
                        .patience = patience_of(context)};
    object_register(&d.conn->object, OBJECT_CONN, label ? label : at->operand, at);
    d.op.object = &d.conn->object;
    d.waiter.op = &d.op;
    op_perform(&d.op);
    err result = d.patience.lives ? d.result : ctx_err_at(context, at);
    if (result) {
        network()->dial_undo(d.conn);
        return result;
    }
    *out = d.conn;
    d.conn->counted = true;
    event_write(EV_OPEN, d.conn->object.id, at, EVENT_NOBODY, 0, 0);
    return OK;
}
