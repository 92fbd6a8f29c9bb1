// net_memory: a network in memory, with latency in the run's time.
//
// Each side of a connection has an inbox. A write appends a segment to the other side's inbox; it
// counts as arrived when the timer of that inbox fires, so a network event is always the clock's
// doing. Invariants: segments are in the order they were written and their times never decrease;
// the inbox timer is set exactly while some segment has not arrived; a task waits to read a side
// only while nothing has arrived; after the end (EOF, reset) nothing arrives any more.
//
// Rejected: delivering at the moment of the write when the latency is 0 (every write would then
// race with its reader); a task per connection that carries the bytes (it would itself have to be
// excused from leaks).
#include "core/heap.h"
#include "core/network.h"

// A piece of one stream. Allocated by its writer, freed by its reader.
struct segment {
    struct segment *next; // arrives after it
    int64_t when;         // arrives
    err end;              // OK: bytes; else the last of its stream: what reads return from here on
    size_t size;          // of the bytes
    size_t taken;         // bytes already read
    char bytes[];         // as written
};

struct side {
    conn conn;                    // first: what users have
    struct side *other;           // the side that reads what this one writes
    int64_t latency;              // each way
    struct segment *first, *last; // the inbox, oldest first
    struct segment *flying;       // the first that has not arrived, NULL: all have
    struct timer_node timer;      // for `flying`
    struct segment *goodbye;      // the end to send, made beforehand; NULL: sent
    bool gone;                    // the other side's end has arrived: writes fail
    struct side *next;            // in the listener's backlog
};

struct place {
    listener listener;         // first: what users have
    struct place *next;        // of the run's listeners
    struct side *first, *last; // the backlog: dialled, not yet accepted
};

// --- the inbox ----------------------------------------------------------------------------------

static bool has_arrived(const struct side *c) {
    touch(operand_at(c), ROLE_TAKE);
    return c->first && c->first != c->flying;
}

// Puts a segment on its way to c.
static void inbox_send(struct side *c, struct segment *s) {
    touch(operand_at(c), ROLE_APPEND);
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
static size_t inbox_take(struct side *c, void *buf, size_t size, struct segment **spent) {
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
static void say_goodbye(struct side *c, err end) {
    touch(operand_at(c), ROLE_PUT);
    if (!c->goodbye)
        return;
    c->goodbye->end = end;
    sanitize_release(c->goodbye);
    inbox_send(c->other, c->goodbye);
    c->goodbye = NULL;
}

// --- reading, writing, closing --------------------------------------------------------------------

static bool memory_read(struct read_op *r) {
    struct side *c = (struct side *)r->conn;
    if (!has_arrived(c))
        return false;
    r->source = c->first;
    r->result = c->first->end;
    if (!r->result)
        r->op.value = (int64_t)inbox_take(c, r->buf, r->size, &r->spent);
    return true;
}

static void write_prepare(struct write_op *w) {
    timer_check_room(w->op.at);
    w->segment = segment_make(w->bytes, w->size, OK);
}

static bool memory_write(struct write_op *w) {
    struct side *c = (struct side *)w->conn;
    touch(operand_at(c), ROLE_PUT);
    if (c->gone) {
        w->result = ERR_RESET;
        return true;
    }
    w->op.value = (int64_t)w->segment->size;
    sanitize_release(w->segment);
    inbox_send(c->other, w->segment);
    w->segment = NULL;
    return true;
}

static void write_finish(struct write_op *w) {
    run_free(w->segment);
}

// Closing leaves bytes unread that have arrived: those are lost, and the other side is told.
static void memory_close(conn *closed) {
    struct side *c = (struct side *)closed;
    bool unread = has_arrived(c) && !c->first->end;
    say_goodbye(c, unread ? ERR_RESET : ERR_EOF);
}

static bool conn_is_quiet(const conn *c) {
    return !has_arrived((const struct side *)c);
}

// --- arrival ------------------------------------------------------------------------------------

// The next segment is here. An end tells that the other side is gone, so writes fail from here on;
// a reset also overtakes what is unread (which the run frees: its writer allocated it).
static void segment_arrives(struct side *c) {
    struct segment *s = c->flying;
    c->flying = s->next;
    if (s->end)
        c->gone = true;
    if (s->end == ERR_RESET)
        c->first = s;
}

static void arrived(struct timer_node *t) {
    struct side *c = (struct side *)((char *)t - offsetof(struct side, timer));
    touch(operand_at(c), ROLE_CHANGE);
    do
        segment_arrives(c);
    while (c->flying && c->flying->when <= run.now);
    if (c->flying)
        timer_set(&c->timer, c->flying->when);
    struct waiter *w = c->conn.readers.first;
    if (!w) {
        event_write_for(EVENT_CLOCK, EV_FIRE, c->conn.object.id, c->conn.at, EVENT_NOBODY, 0, 0);
        return;
    }
    memory_read((struct read_op *)w->op);
    net_complete(w, &c->conn.object);
}

// --- listening ------------------------------------------------------------------------------------

// Byte by byte: this runs on the scheduler's stack too, where a sanitizer that saw a library call
// would take it for a task of its own.
static bool same_name(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static struct place *place_find(const char *name) {
    struct place *p = run.places;
    while (p && !same_name(p->listener.address, name))
        p = p->next;
    return p;
}

static err memory_listen(const char *address, listener **out) {
    touch(operand_at(&run.places), ROLE_CHANGE);
    if (place_find(address))
        return ERR_IN_USE;
    struct place *p = run_alloc(sizeof *p);
    p->listener.address = address;
    p->next = run.places;
    run.places = p;
    *out = &p->listener;
    return OK;
}

static void backlog_push(struct place *p, struct side *c) {
    if (p->last)
        p->last->next = c;
    else
        p->first = c;
    p->last = c;
}

static struct side *backlog_pop(struct place *p) {
    struct side *c = p->first;
    if (!c)
        return NULL;
    p->first = c->next;
    if (!p->first)
        p->last = NULL;
    c->next = NULL;
    return c;
}

static bool memory_accept(struct accept_op *a) {
    touch(operand_at(a->listener), ROLE_CHANGE);
    struct side *c = backlog_pop((struct place *)a->listener);
    a->conn = c ? &c->conn : NULL;
    return c;
}

static conn *accept_room(void) {
    return NULL;
}

static void place_unlink(struct place *which) {
    struct place **p = &run.places;
    while (*p != which)
        p = &(*p)->next;
    *p = which->next;
}

static void memory_stop(listener *l) {
    struct place *p = (struct place *)l;
    touch(operand_at(&run.places), ROLE_CHANGE);
    touch(operand_at(p), ROLE_CHANGE);
    place_unlink(p);
    for (struct side *c; (c = backlog_pop(p));) {
        c->conn.closed = true;
        say_goodbye(c, ERR_RESET);
    }
}

static bool listener_is_quiet(const listener *l) {
    touch(operand_at(l), ROLE_LOOK);
    return !((const struct place *)l)->first;
}

// --- dialling -------------------------------------------------------------------------------------

static struct side *side_make(int64_t latency, site *at) {
    struct side *c = run_alloc_at(sizeof *c, at);
    c->latency = latency;
    c->conn.at = at;
    c->timer.fire = arrived;
    c->timer.last = true;
    c->goodbye = segment_make(NULL, 0, ERR_EOF);
    return c;
}

// Both sides: the call only has to bring the other one to its place.
static conn *dial_make(int64_t latency, site *at) {
    struct side *near = side_make(latency, at), *far = side_make(latency, at);
    near->other = far;
    far->other = near;
    sanitize_release(far);
    return &near->conn;
}

static void side_free(struct side *c) {
    run_free(c->goodbye);
    run_free(c);
}

static void dial_undo(conn *c) {
    struct side *near = (struct side *)c;
    side_free(near->other);
    side_free(near);
}

// The call has reached its place: whoever listens gets the far side.
static void dial_arrived(struct timer_node *t) {
    struct dial_op *d = (struct dial_op *)((char *)t - offsetof(struct dial_op, timer));
    struct side *far = ((struct side *)d->conn)->other;
    struct place *p = place_find(d->name);
    touch(operand_at(&run.places), ROLE_LOOK);
    if (p)
        touch(operand_at(p), ROLE_CHANGE);
    d->result = p ? OK : ERR_REFUSED;
    net_complete(&d->waiter, &d->conn->object);
    if (!p)
        return;
    struct waiter *w = p->listener.acceptors.first;
    if (!w) {
        backlog_push(p, far);
        return;
    }
    ((struct accept_op *)w->op)->conn = &far->conn;
    net_complete(w, &p->listener.object);
}

static bool memory_dial(struct dial_op *d) {
    (void)d;
    return false;
}

static void dial_wait(struct dial_op *d) {
    d->timer.fire = dial_arrived;
    d->timer.last = true;
    timer_set(&d->timer, timer_deadline(((struct side *)d->conn)->latency));
}

static void dial_stop(struct dial_op *d) {
    timer_clear(&d->timer);
}

const struct network memory_network = {
    .listen = memory_listen,
    .accept = memory_accept,
    .stop = memory_stop,
    .accept_room = accept_room,
    .dial_make = dial_make,
    .dial = memory_dial,
    .dial_wait = dial_wait,
    .dial_stop = dial_stop,
    .dial_undo = dial_undo,
    .read = memory_read,
    .write = memory_write,
    .write_prepare = write_prepare,
    .write_finish = write_finish,
    .close = memory_close,
    .conn_is_quiet = conn_is_quiet,
    .listener_is_quiet = listener_is_quiet,
};
