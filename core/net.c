// net: connections over an in-memory network.
//
// Each side of a connection has an inbox. A write appends a segment to the other side's inbox; it
// counts as arrived when the timer of that inbox fires, so a network event is always the clock's
// doing. Invariants: segments are in the order they were written and their times never decrease;
// the inbox timer is set exactly while some segment has not arrived; at most one task waits to
// read a side, and it waits only while nothing has arrived; after the end (EOF, reset) nothing
// arrives any more.
//
// Which operations are choice points: what one side does reaches the other only through the clock,
// which moves when nobody else can go on, so operations of different sides commute within one
// instant, for every latency. On one side they commute as follows, and only then are they local:
//   - a read that finds nothing, with everything: whether a close comes before or after it, it
//     returns ERR_CLOSED (two reads that both find nothing panic in either order);
//   - a write, and a close while nothing unread has arrived, where conn_own promises that one task
//     does both: the only other task on that side is the reader, to whom writes mean nothing;
//   - an accept that finds nobody, likewise; a dial, which looks for its listener when it arrives.
//
// Rejected: delivering at the moment of the write when the latency is 0 (every write would then
// race with its reader); a task per connection that carries the bytes (it would itself have to be
// excused from leaks).
#include "core/net.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"

// A piece of one stream. Allocated by its writer, freed by its reader.
struct segment {
    struct segment *next;
    int64_t when; // arrives
    err end;      // OK: bytes; else the last of its stream: what reads return from here on
    size_t size;
    size_t taken; // bytes already read
    char bytes[];
};

struct conn {
    struct object object;
    conn *other;                  // the side that reads what this one writes
    int64_t latency;              // each way
    struct segment *first, *last; // the inbox, oldest first
    struct segment *flying;       // the first that has not arrived, NULL: all have
    struct timer_node timer;      // for `flying`
    struct wait_list readers;     // at most one
    struct segment *goodbye;      // the end to send, made beforehand; NULL: sent
    bool gone;                    // the other side's end has arrived: writes fail
    bool closed;                  // by this side
    bool counted;                 // a resource that must be given back
    uint32_t owner;               // creation number + 1 of who alone writes and closes, 0: anyone
    conn *next;                   // in the listener's backlog
    site *at;                     // where this side was dialled or accepted
};

struct listener {
    struct object object;
    const char *name;
    listener *next;             // of the run's listeners
    conn *first, *last;         // dialled, not yet accepted
    struct wait_list acceptors; // at most one
    bool closed;
};

static const char ONE_READER[] = "net: two tasks read from one connection at once";
static const char ONE_ACCEPTOR[] = "net: two tasks accept from one listener at once";
static const char NOT_OWNER[] = "net: write or close by a task that does not own the connection";

// --- the inbox ----------------------------------------------------------------------------------

static bool has_arrived(const conn *c) {
    return c->first && c->first != c->flying;
}

// Puts a segment on its way to c.
static void inbox_send(conn *c, struct segment *s) {
    s->when = timer_deadline(c->latency);
    if (c->last)
        c->last->next = s;
    else
        c->first = s;
    c->last = s;
    if (!c->flying) {
        c->flying = s;
        timer_set(&c->timer, s->when);
    }
}

static struct segment *segment_make(const void *bytes, size_t size, err end) {
    struct segment *s = run_alloc(sizeof *s + size);
    s->size = size;
    s->end = end;
    copy_elem(s->bytes, bytes, size);
    return s;
}

// Takes up to `size` bytes of the oldest segment. *spent: the segment, if that used it up. The
// end of a stream is never used up.
static size_t inbox_take(conn *c, void *buf, size_t size, struct segment **spent) {
    struct segment *s = c->first;
    size_t n = s->size - s->taken < size ? s->size - s->taken : size;
    copy_elem(buf, s->bytes + s->taken, n);
    s->taken += n;
    if (s->taken < s->size)
        return n;
    c->first = s->next;
    if (!c->first)
        c->last = NULL;
    *spent = s;
    return n;
}

// Tells the other side that nothing more will come, once.
static void say_goodbye(conn *c, err end) {
    if (!c->goodbye)
        return;
    c->goodbye->end = end;
    sanitize_release(c->goodbye);
    inbox_send(c->other, c->goodbye);
    c->goodbye = NULL;
}

// --- read ---------------------------------------------------------------------------------------

struct read_op {
    struct op op;
    conn *conn;
    void *buf;
    size_t size;
    err result;
    struct segment *source; // where the bytes came from: its write happens before this read
    struct segment *spent;  // to be freed by the reader
    struct waiter waiter;
};

static enum op_result read_attempt(struct op *op) {
    struct read_op *r = (struct read_op *)op;
    conn *c = r->conn;
    if (c->closed) {
        r->result = ERR_CLOSED;
        return OP_DONE;
    }
    if (c->readers.first)
        return op_panic(op, ONE_READER);
    if (!has_arrived(c))
        return OP_BLOCKED;
    r->source = c->first;
    r->result = c->first->end;
    if (!r->result)
        op->value = (int64_t)inbox_take(c, r->buf, r->size, &r->spent);
    return OP_DONE;
}

static void read_enqueue(struct op *op) {
    struct read_op *r = (struct read_op *)op;
    wait_list_append(&r->conn->readers, &r->waiter);
}

static void read_dequeue(struct op *op) {
    waiter_unlink(&((struct read_op *)op)->waiter);
}

static const struct op_kind read_kind = {
    .event = EV_READ,
    .reason = WAIT_IO,
    .attempt = read_attempt,
    .enqueue = read_enqueue,
    .dequeue = read_dequeue,
};

static const struct op_kind read_nothing_kind = {
    .event = EV_READ,
    .reason = WAIT_IO,
    .local = true,
    .attempt = read_attempt,
    .enqueue = read_enqueue,
    .dequeue = read_dequeue,
};

err conn_read_at(conn *c, void *buf, size_t size, size_t *n, site *at) {
    *n = 0;
    if (size == 0)
        return OK;
    bool commutes = !has_arrived(c);
    struct read_op r = {
        .op = {.kind = commutes ? &read_nothing_kind : &read_kind, .object = &c->object, .at = at},
        .conn = c,
        .buf = buf,
        .size = size};
    r.waiter.op = &r.op;
    op_perform(&r.op);
    *n = (size_t)r.op.value;
    if (r.source)
        sanitize_acquire(r.source);
    sanitize_wrote(buf, *n, CALLER);
    run_free(r.spent);
    return r.result;
}

// --- arrival ------------------------------------------------------------------------------------

// The next segment is here. An end tells that the other side is gone, so writes fail from here on;
// a reset also overtakes what is unread (which the run frees: its writer allocated it).
static void segment_arrives(conn *c) {
    struct segment *s = c->flying;
    c->flying = s->next;
    if (s->end)
        c->gone = true;
    if (s->end == ERR_RESET)
        c->first = s;
}

static void arrived(struct timer_node *t) {
    conn *c = (conn *)((char *)t - offsetof(conn, timer));
    do
        segment_arrives(c);
    while (c->flying && c->flying->when <= run.now);
    if (c->flying)
        timer_set(&c->timer, c->flying->when);
    struct waiter *w = c->readers.first;
    if (!w) {
        event_write_for(EVENT_CLOCK, EV_FIRE, c->object.id, c->at, EVENT_NOBODY, 0, 0);
        return;
    }
    waiter_unlink(w);
    read_attempt(w->op);
    op_complete_by_clock(w, c->object.id);
}

// --- write, close -----------------------------------------------------------------------------

struct conn_op {
    struct op op;
    conn *conn;
    struct segment *segment; // WRITE
    err result;
};

// False, and a panic to be raised: the task broke the promise of conn_own.
static bool may_act(struct op *op, const conn *c) {
    if (!c->owner || c->owner == op->task->number + 1)
        return true;
    op_panic(op, NOT_OWNER);
    return false;
}

static enum op_result write_attempt(struct op *op) {
    struct conn_op *w = (struct conn_op *)op;
    conn *c = w->conn;
    if (!may_act(op, c))
        return OP_DONE;
    w->result = c->closed ? ERR_CLOSED : c->gone ? ERR_RESET : OK;
    if (w->result)
        return OP_DONE;
    op->value = (int64_t)w->segment->size;
    sanitize_release(w->segment);
    inbox_send(c->other, w->segment);
    w->segment = NULL;
    return OP_DONE;
}

static const struct op_kind write_kind = {.event = EV_WRITE, .attempt = write_attempt};
static const struct op_kind write_owned_kind = {
    .event = EV_WRITE, .local = true, .attempt = write_attempt};

err conn_write_at(conn *c, const void *buf, size_t size, site *at) {
    if (size == 0)
        return OK;
    timer_check_room(at);
    struct conn_op w = {
        .op = {.kind = c->owner ? &write_owned_kind : &write_kind, .object = &c->object, .at = at},
        .conn = c,
        .segment = segment_make(buf, size, OK)};
    op_perform(&w.op);
    run_free(w.segment);
    return w.result;
}

static void end_wait_of_reader(conn *c) {
    struct waiter *w = c->readers.first;
    if (!w)
        return;
    ((struct read_op *)w->op)->result = ERR_CLOSED;
    op_complete(w);
}

// Whether bytes that nobody has read are lost by closing now.
static bool leaves_unread(const conn *c) {
    return has_arrived(c) && !c->first->end;
}

static enum op_result close_attempt(struct op *op) {
    conn *c = ((struct conn_op *)op)->conn;
    if (!may_act(op, c) || c->closed)
        return OP_DONE;
    say_goodbye(c, leaves_unread(c) ? ERR_RESET : ERR_EOF);
    c->closed = true;
    end_wait_of_reader(c);
    return OP_DONE;
}

static const struct op_kind close_kind = {.event = EV_CLOSE, .attempt = close_attempt};
static const struct op_kind close_owned_kind = {
    .event = EV_CLOSE, .local = true, .attempt = close_attempt};

void conn_close_at(conn *c, site *at) {
    timer_check_room(at);
    bool commutes = c->owner && !has_arrived(c);
    struct conn_op close = {
        .op = {.kind = commutes ? &close_owned_kind : &close_kind, .object = &c->object, .at = at},
        .conn = c};
    op_perform(&close.op);
    if (!c->counted)
        return;
    c->counted = false;
    event_write(EV_RELEASE, c->object.id, at, EVENT_NOBODY, 0, 0);
}

void conn_own_at(conn *c, site *at) {
    if (c->owner && c->owner != task_id() + 1)
        panic_at(at, "%s", NOT_OWNER);
    c->owner = task_id() + 1;
}

// --- listen, accept -----------------------------------------------------------------------------

// Byte by byte: this runs on the scheduler's stack too, where a sanitizer that saw a library call
// would take it for a task of its own.
static bool same_name(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static listener *listener_find(const char *name) {
    listener *l = run.listeners;
    while (l && !same_name(l->name, name))
        l = l->next;
    return l;
}

listener *net_listen_at(const char *name, site *at) {
    if (listener_find(name))
        panic_at(at, "net: %s is already listened on", name);
    listener *l = run_alloc(sizeof *l);
    l->name = name;
    l->next = run.listeners;
    run.listeners = l;
    object_register(&l->object, OBJECT_LISTENER, name, at);
    return l;
}

struct accept_op {
    struct op op;
    listener *listener;
    conn *conn; // the one accepted, NULL: the listener is closed
    struct waiter waiter;
};

static void backlog_push(listener *l, conn *c) {
    if (l->last)
        l->last->next = c;
    else
        l->first = c;
    l->last = c;
}

static conn *backlog_pop(listener *l) {
    conn *c = l->first;
    if (!c)
        return NULL;
    l->first = c->next;
    if (!l->first)
        l->last = NULL;
    c->next = NULL;
    return c;
}

static enum op_result accept_attempt(struct op *op) {
    struct accept_op *a = (struct accept_op *)op;
    if (a->listener->acceptors.first)
        return op_panic(op, ONE_ACCEPTOR);
    a->conn = backlog_pop(a->listener);
    return a->conn || a->listener->closed ? OP_DONE : OP_BLOCKED;
}

static void accept_enqueue(struct op *op) {
    struct accept_op *a = (struct accept_op *)op;
    wait_list_append(&a->listener->acceptors, &a->waiter);
}

static void accept_dequeue(struct op *op) {
    waiter_unlink(&((struct accept_op *)op)->waiter);
}

static const struct op_kind accept_kind = {
    .event = EV_ACCEPT,
    .reason = WAIT_ACCEPT,
    .attempt = accept_attempt,
    .enqueue = accept_enqueue,
    .dequeue = accept_dequeue,
};

static const struct op_kind accept_nobody_kind = {
    .event = EV_ACCEPT,
    .reason = WAIT_ACCEPT,
    .local = true,
    .attempt = accept_attempt,
    .enqueue = accept_enqueue,
    .dequeue = accept_dequeue,
};

err net_accept_at(listener *l, conn **out, site *at) {
    struct accept_op a = {.op = {.kind = l->first ? &accept_kind : &accept_nobody_kind,
                                 .object = &l->object,
                                 .at = at},
                          .listener = l};
    a.waiter.op = &a.op;
    op_perform(&a.op);
    *out = a.conn;
    if (!a.conn)
        return ERR_CLOSED;
    a.conn->at = at;
    sanitize_acquire(a.conn);
    object_register(&a.conn->object, OBJECT_CONN, at->operand, at);
    return OK;
}

static void listener_unlink(listener *l) {
    listener **p = &run.listeners;
    while (*p != l)
        p = &(*p)->next;
    *p = l->next;
}

static enum op_result listener_close_attempt(struct op *op) {
    listener *l = (listener *)((char *)op->object - offsetof(listener, object));
    if (l->closed)
        return OP_DONE;
    l->closed = true;
    listener_unlink(l);
    for (conn *c; (c = backlog_pop(l));) {
        c->closed = true;
        say_goodbye(c, ERR_RESET);
    }
    if (l->acceptors.first)
        op_complete(l->acceptors.first);
    return OP_DONE;
}

static const struct op_kind listener_close_kind = {.event = EV_CLOSE,
                                                   .attempt = listener_close_attempt};

void listener_close_at(listener *l, site *at) {
    struct op op = {.kind = &listener_close_kind, .object = &l->object, .at = at};
    op_perform(&op);
}

// --- dial -----------------------------------------------------------------------------------------

struct dial_op {
    struct op op;
    const char *name;
    conn *near, *far; // the two sides, made beforehand
    ctx *context;
    err result;
    bool lives; // false: the context ended during the wait
    struct timer_node timer;
    struct waiter waiter;     // for the clock
    struct waiter ctx_waiter; // for the context's end
};

// The call has reached its place: whoever listens gets the far side.
static void dial_arrived(struct timer_node *t) {
    struct dial_op *d = (struct dial_op *)((char *)t - offsetof(struct dial_op, timer));
    listener *l = listener_find(d->name);
    d->result = l ? OK : ERR_REFUSED;
    op_complete_by_clock(&d->waiter, d->near->object.id);
    if (!l)
        return;
    struct waiter *w = l->acceptors.first;
    if (!w) {
        backlog_push(l, d->far);
        return;
    }
    ((struct accept_op *)w->op)->conn = d->far;
    op_complete_by_clock(w, l->object.id);
}

static enum op_result dial_attempt(struct op *op) {
    struct dial_op *d = (struct dial_op *)op;
    signal_chan done = ctx_done(d->context);
    d->lives = !chan_can_recv(done.raw);
    return d->lives ? OP_BLOCKED : OP_DONE;
}

static void dial_enqueue(struct op *op) {
    struct dial_op *d = (struct dial_op *)op;
    signal_chan done = ctx_done(d->context);
    timer_set(&d->timer, timer_deadline(d->near->latency));
    if (done.raw)
        chan_wait(done.raw, false, &d->ctx_waiter);
}

static void dial_dequeue(struct op *op) {
    struct dial_op *d = (struct dial_op *)op;
    timer_clear(&d->timer);
    waiter_unlink(&d->ctx_waiter);
}

static const struct op_kind dial_kind = {
    .event = EV_DIAL,
    .reason = WAIT_IO,
    .local = true,
    .attempt = dial_attempt,
    .enqueue = dial_enqueue,
    .dequeue = dial_dequeue,
};

static conn *side_make(int64_t latency, site *at) {
    conn *c = run_alloc(sizeof *c);
    c->latency = latency;
    c->at = at;
    c->timer.fire = arrived;
    c->goodbye = segment_make(NULL, 0, ERR_EOF);
    return c;
}

static void pair_make(struct dial_op *d, int64_t latency, site *at) {
    d->near = side_make(latency, at);
    d->far = side_make(latency, at);
    d->near->other = d->far;
    d->far->other = d->near;
}

static void pair_free(struct dial_op *d) {
    run_free(d->near->goodbye);
    run_free(d->far->goodbye);
    run_free(d->near);
    run_free(d->far);
}

err net_dial_at(ctx *context, const char *name, int64_t latency, const char *label, conn **out,
                site *at) {
    *out = NULL;
    timer_check_room(at);
    struct dial_op d = {.op = {.kind = &dial_kind, .at = at},
                        .name = name,
                        .context = context,
                        .lives = true,
                        .timer = {.fire = dial_arrived}};
    pair_make(&d, latency > 0 ? latency : 0, at);
    object_register(&d.near->object, OBJECT_CONN, label ? label : at->operand, at);
    d.op.object = &d.near->object;
    d.waiter.op = d.ctx_waiter.op = &d.op;
    d.ctx_waiter.ok = &d.lives;
    sanitize_release(d.far);
    op_perform(&d.op);
    err result = d.lives ? d.result : ctx_err_at(context, at);
    if (result) {
        pair_free(&d);
        return result;
    }
    *out = d.near;
    d.near->counted = true;
    event_write(EV_OPEN, d.near->object.id, at, EVENT_NOBODY, 0, 0);
    return OK;
}
