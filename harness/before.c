// before: whether the log of a run orders two accesses to memory.
//
// One pass for all reports: each is one bit, and the bits that a task has are the reports of whose first
// access it knows. A task gets the bit at its access. Operations pass bits on as they pass on order: a
// release adds the bits of a task to a cell, an acquire those of the cell to a task. That is a vector clock,
// of which only as much is kept as is asked for.
//
// The cells and who acquires or releases them when are those of the core (core/sanitize.c and its callers),
// each derived from the records alone: of channels each place of the buffer has one, of an rwmutex its readers
// and its writers, of a semaphore, wait group, group or scope there is one for all.
//
// Invariants: a number from the log is an index only after it was compared with how many there are; the
// places of a buffer grow only with the records that put something into them.
//
// Rejected: records of each acquire and release, for the parent to add up (a log twice as long, and it would
// refute nothing that the engine itself believes); vector clocks for every event (64 tasks make them the
// largest thing in memory, for a handful of questions).
#include "harness/before.h"

#include "harness/text.h"

#include <stdlib.h>
#include <string.h>

struct task {
    uint64_t knows;  // the reports of whose first access it is ordered after
    uint8_t parked;  // enum event_kind of the operation that it waits in, EV_NONE: it does not
    uint32_t object; // ... on what
    int64_t wanted;  // ... the value of its record
};

struct object {
    uint8_t kind;    // enum object_kind
    bool closed;     // channels: closed; contexts: ended
    bool vague;      // what is in its places is not certain, so they order nothing
    bool limited;    // groups: `capacity` is their limit
    uint32_t linked; // a timer's channel: the timer; a context: its done channel; 0: nothing
    uint32_t capacity;
    uint32_t put, take, length; // channels: places; groups: turns, and tasks active; pools: length
    int64_t held;               // semaphores: permits taken
    uint64_t cell;              // channels: of their end; rwmutexes: of the writers
    uint64_t readers;           // rwmutexes
    uint64_t *places;           // of a buffer, a group's limit, a pool's objects
    uint32_t place_room;
};

struct walk {
    const struct seen *seen;
    struct task *tasks;     // seen->task_count
    struct object *objects; // seen->object_count; [0] is nobody's
    uint64_t at, end;       // number of the record at hand, and of the first that is not looked at
    event last;             // the record before it that is no WAKE
    struct report {
        uint32_t task;  // of the first access
        uint64_t event; // number of the first record that comes after it
        uint64_t told;  // ... of the report
    } reports[BEFORE_MOST];
    uint32_t report_count;
};

static const event *event_at(const struct walk *w, uint64_t n) {
    return &w->seen->log->events[n & (w->seen->capacity - 1)];
}

static struct task *task_at(struct walk *w, uint32_t number) {
    return number < w->seen->task_count ? &w->tasks[number] : NULL;
}

static struct object *object_at(struct walk *w, uint32_t id) {
    return id < w->seen->object_count ? &w->objects[id] : &w->objects[0];
}

// --- passing on -------------------------------------------------------------------------------------

static void acquire(struct task *t, uint64_t cell) {
    t->knows |= cell;
}

static void release(const struct task *t, uint64_t *cell) {
    *cell |= t->knows;
}

static uint64_t *place_at(struct object *o, uint32_t place) {
    if (place >= o->place_room) {
        uint32_t room = o->place_room ? 2 * o->place_room : 8;
        room = room > place ? room : place + 1;
        uint64_t *wider = zero_alloc(room, sizeof *wider);
        if (o->place_room)
            memcpy(wider, o->places, o->place_room * sizeof *wider);
        free(o->places);
        o->places = wider;
        o->place_room = room;
    }
    return &o->places[place];
}

// Through a place of a buffer: after who used it before, and before who will next.
static void pass(struct task *t, struct object *o, uint32_t place) {
    if (o->vague)
        return;
    uint64_t *cell = place_at(o, place);
    acquire(t, *cell);
    release(t, cell);
}

static void advance(const struct object *o, uint32_t *place) {
    *place = *place + 1 >= o->capacity ? 0 : *place + 1;
}

// --- channels ---------------------------------------------------------------------------------------

static void put(struct task *t, struct object *o) {
    pass(t, o, o->put);
    advance(o, &o->put);
    o->length++;
}

static void sent(struct task *t, struct object *o, struct task *receiver) {
    if (o->closed)
        return; // it panics
    if (receiver && !o->capacity) {
        acquire(t, receiver->knows);
    } else if (receiver) {
        put(t, o);
        o->length--;
        pass(receiver, o, o->put ? o->put - 1 : o->capacity - 1);
        o->take = o->put;
    } else if (o->length < o->capacity) {
        put(t, o);
    } else {
        o->vague = true;
    }
}

static void received(struct task *t, struct object *o, struct task *sender) {
    if (o->length) {
        pass(t, o, o->take);
        advance(o, &o->take);
        o->length--;
        if (sender)
            put(sender, o);
    } else if (sender && !o->capacity) {
        acquire(t, sender->knows);
    } else {
        o->vague = true;
    }
}

static void ticked(struct task *t, struct object *timer) {
    acquire(t, timer->cell);
    release(t, &timer->cell);
}

// Whom the record at hand has woken: its peer, or who the WAKE behind it names. NULL: nobody.
static struct task *partner(struct walk *w, const event *e) {
    struct task *peer = task_at(w, e->peer);
    if (peer || w->at + 1 >= w->end)
        return peer;
    const event *next = event_at(w, w->at + 1);
    return next->kind == EV_WAKE ? task_at(w, next->task) : NULL;
}

static void send_or_receive(struct walk *w, struct task *t, const event *e, bool sends) {
    struct object *o = object_at(w, e->object);
    if (o->kind != OBJECT_CHAN)
        return;
    if (sends)
        sent(t, o, partner(w, e));
    else if (e->flags & EVENT_CLOSED)
        acquire(t, o->cell);
    else if (o->linked)
        ticked(t, object_at(w, o->linked));
    else
        received(t, o, partner(w, e));
}

// --- objects that are linked ------------------------------------------------------------------------

// Made one after the other by the same task: a timer after its channel, a done channel after its context.
static void made(struct walk *w, const event *e) {
    struct object *o = object_at(w, e->object);
    const struct object *before = object_at(w, e->object ? e->object - 1 : 0);
    const char *name = event_log_string(w->seen->log, (uint32_t)e->value);
    bool next = e->object > 1 && w->last.kind == EV_MAKE && w->last.object == e->object - 1 &&
                w->last.task == e->task && w->last.site == e->site;
    if (o == w->objects || o->kind != OBJECT_NONE)
        return;
    o->kind = (uint8_t)((uint64_t)e->value >> 32);
    o->capacity = e->peer;
    if (next && o->kind == OBJECT_CHAN && before->kind == OBJECT_CTX && !strcmp(name, "ctx.done"))
        w->objects[e->object - 1].linked = e->object;
    if (next && (o->kind == OBJECT_TIMER || o->kind == OBJECT_TICKER) &&
        before->kind == OBJECT_CHAN)
        w->objects[e->object - 1].linked = e->object;
}

// `t` NULL: the clock did, which knows nothing. A second cancel does nothing.
static void cancelled(struct walk *w, const struct task *t, const event *e) {
    struct object *o = object_at(w, e->object), *done = object_at(w, o->linked);
    if (o->closed)
        return;
    o->closed = done->closed = true;
    if (t) {
        release(t, &o->cell);
        release(t, &done->cell);
    }
}

static void closed(const struct task *t, struct object *o) {
    if (o->kind != OBJECT_CHAN || o->closed)
        return;
    o->closed = true;
    release(t, &o->cell);
}

// --- locks, groups, pools ---------------------------------------------------------------------------

static void locked(struct task *t, const struct object *o) {
    acquire(t, o->cell);
    acquire(t, o->readers);
}

static void counted(const struct task *t, struct object *o, const event *e) {
    int32_t delta = (int32_t)((uint64_t)e->value >> 32), after = (int32_t)(uint32_t)e->value;
    if (delta < 0 && after >= 0)
        release(t, &o->cell);
}

static void acquired(struct task *t, struct object *o, int64_t permits) {
    o->held = (int64_t)((uint64_t)o->held + (uint64_t)permits);
    acquire(t, o->cell);
}

static void released(const struct task *t, struct object *o, int64_t permits) {
    if (permits < 0 || permits > o->held) // it panics
        return;
    o->held -= permits;
    release(t, &o->cell);
}

// With a limit of n the k-th end comes before the (k + n)-th start.
static void started_in(struct task *t, struct object *o) {
    if (!o->limited)
        return;
    pass(t, o, o->put);
    advance(o, &o->put);
}

static void ended_in(struct task *t, struct object *o, struct task *starter) {
    release(t, &o->cell);
    if (o->limited) {
        pass(t, o, o->take);
        advance(o, &o->take);
    }
    if (starter && starter->parked == EV_GROUP_GO)
        started_in(starter, o);
    else if (o->length)
        o->length--;
}

// Its places are new ones.
static void limit(struct object *o, int64_t most) {
    enum { PLACES_MOST = 4096 }; // as in core/group.c
    if (o->length)
        return;
    o->limited = most > 0 && most <= PLACES_MOST;
    o->capacity = o->limited ? (uint32_t)most : 0;
    o->put = o->take = 0;
    if (o->place_room)
        memset(o->places, 0, o->place_room * sizeof *o->places);
}

static bool panics_with(const struct walk *w, const char *sentence) {
    const event *next = w->at + 1 < w->end ? event_at(w, w->at + 1) : NULL;
    return next && (next->kind == EV_PANICKING || next->kind == EV_PANIC) &&
           !strcmp(event_log_string(w->seen->log, (uint32_t)next->value), sentence);
}

// The pool hands out what was put last. What is put twice is not there twice, or so says the panic.
static void put_back(const struct walk *w, const struct task *t, struct object *o) {
    if (panics_with(w, "pool: put of an object that is in the pool already"))
        o->vague = true;
    if (!o->vague)
        *place_at(o, o->length++) = t->knows;
}

static void taken_out(struct task *t, struct object *o) {
    if (!o->length)
        o->vague = true;
    if (!o->vague)
        acquire(t, *place_at(o, --o->length));
}

// --- records ----------------------------------------------------------------------------------------

// What a task that waited learns besides, when it goes on.
static void goes_on(struct walk *w, struct task *t, bool granted) {
    struct object *o = object_at(w, t->object);
    switch (t->parked) {
    case EV_WLOCK:
        locked(t, o);
        break;
    case EV_RLOCK:
    case EV_WAIT:
    case EV_GROUP_WAIT:
    case EV_SCOPE_JOIN:
    case EV_ONCE:
        acquire(t, o->cell);
        break;
    case EV_ACQUIRE:
        if (granted)
            acquired(t, o, t->wanted);
        break;
    default:
        break;
    }
    t->parked = EV_NONE;
}

static void woken(struct walk *w, struct task *t, uint32_t by, bool granted) {
    const struct task *waker = task_at(w, by);
    if (waker)
        acquire(t, waker->knows);
    goes_on(w, t, granted);
}

static void parks(struct walk *w, struct task *t, const event *e) {
    t->parked = e->kind;
    t->object = e->object;
    t->wanted = e->value;
    if (e->kind == EV_COND_WAIT && e->value > 0 && e->value < w->seen->object_count)
        release(t, &w->objects[e->value].cell);
}

// An operation that went through.
static void happens(struct walk *w, struct task *t, const event *e) {
    struct object *o = object_at(w, e->object);
    t->parked = EV_NONE;
    if (o == w->objects)
        return;
    switch (e->kind) {
    case EV_SEND:
    case EV_RECV:
        send_or_receive(w, t, e, e->kind == EV_SEND);
        break;
    case EV_SELECT:
        if (e->value >= 0)
            send_or_receive(w, t, e, e->flags & EVENT_SENT);
        break;
    case EV_CLOSE:
        closed(t, o);
        break;
    case EV_TRYLOCK:
        if (e->value != 1)
            break;
        // fallthrough
    case EV_LOCK:
    case EV_WLOCK:
        locked(t, o);
        break;
    case EV_TRYRLOCK:
        if (e->value != 1)
            break;
        // fallthrough
    case EV_RLOCK:
    case EV_WAIT:
    case EV_GROUP_WAIT:
    case EV_SCOPE_JOIN:
        acquire(t, o->cell);
        break;
    case EV_UNLOCK:
    case EV_ONCE_DONE:
    case EV_SCOPE_DONE:
    case EV_TIMER_SET:
    case EV_TIMER_RESET:
        release(t, &o->cell);
        break;
    case EV_RUNLOCK:
        release(t, &o->readers);
        break;
    case EV_ADD:
    case EV_DONE:
        counted(t, o, e);
        break;
    case EV_ONCE:
        if (e->value == 0)
            acquire(t, o->cell);
        break;
    case EV_ACQUIRE:
    case EV_TRYACQUIRE:
        if (!(e->flags & (EVENT_CLOSED | EVENT_FRUITLESS)))
            acquired(t, o, e->value);
        break;
    case EV_SEMA_RELEASE:
        released(t, o, e->value);
        break;
    case EV_GROUP_GO:
        if (e->value != 1)
            break;
        o->length++;
        started_in(t, o);
        break;
    case EV_GROUP_DONE:
        ended_in(t, o, partner(w, e));
        break;
    case EV_GROUP_LIMIT:
        limit(o, e->value);
        break;
    case EV_CANCEL:
        cancelled(w, t, e);
        break;
    case EV_ERR:
        if (e->value)
            acquire(t, o->cell);
        break;
    case EV_POOL_PUT:
        put_back(w, t, o);
        break;
    case EV_POOL_GET:
        if (e->value)
            taken_out(t, o);
        break;
    default:
        break;
    }
}

// Who is started by a timer knows what whoever set it did.
static void started(struct walk *w, const event *e) {
    struct task *child = task_at(w, e->peer);
    const struct task *parent = task_at(w, e->task);
    if (!child)
        return;
    if (parent)
        acquire(child, parent->knows);
    else if (w->last.kind == EV_FIRE && w->last.task == EVENT_CLOCK)
        acquire(child, object_at(w, w->last.object)->cell);
}

// The clock knows nobody; who gets a timer's value is ordered after who set the timer.
static void clocked(struct walk *w, const event *e) {
    struct object *o = object_at(w, e->object);
    struct task *peer = task_at(w, e->peer);
    if (e->kind == EV_CANCEL)
        cancelled(w, NULL, e);
    if (e->kind == EV_FIRE && peer && (o->kind == OBJECT_TIMER || o->kind == OBJECT_TICKER))
        ticked(peer, o);
    if (e->kind == EV_FIRE && peer)
        woken(w, peer, EVENT_CLOCK, false);
}

// Records that are no operations, or say something else by their peer.
static bool is_note(const event *e) {
    switch (e->kind) {
    case EV_NONE:
    case EV_ARM:
    case EV_DAEMON:
    case EV_LABEL:
    case EV_PRINT:
    case EV_CHECK:
    case EV_CALL:
    case EV_RETURN:
    case EV_PANIC:
    case EV_MISUSE:
    case EV_RACE:
    case EV_HANG:
    case EV_END:
        return true;
    default:
        return e->kind >= EV_KINDS;
    }
}

static void operation(struct walk *w, const event *e) {
    struct task *t = task_at(w, e->task), *peer = task_at(w, e->peer);
    if (!t) {
        clocked(w, e);
        return;
    }
    if (e->flags & EVENT_PARKED)
        parks(w, t, e);
    else
        happens(w, t, e);
    if (peer && peer != t)
        woken(w, peer, e->task, e->kind != EV_CANCEL);
}

static void apply(struct walk *w, const event *e) {
    struct task *t = task_at(w, e->task);
    if (e->kind == EV_GO)
        started(w, e);
    else if (e->kind == EV_MAKE)
        made(w, e);
    else if (e->kind == EV_WAKE && t)
        woken(w, t, w->last.task, e->value == 0);
    else if (!is_note(e))
        operation(w, e);
    if (e->kind != EV_WAKE)
        w->last = *e;
}

// --- reports ----------------------------------------------------------------------------------------

// Where a task's last access before record n can have been at the latest: behind its last record, unless
// that one left it parked or ended, and behind the last that woke it.
static uint64_t latest_of(const struct walk *w, uint32_t task, uint64_t n) {
    for (; n > 0; n--) {
        const event *e = event_at(w, n - 1);
        bool own = e->task == task && e->kind != EV_ARM && e->kind != EV_DAEMON;
        if (own)
            return e->kind == EV_EXIT || e->flags & EVENT_PARKED ? n - 1 : n;
        if (e->peer == task && (e->kind == EV_GO || !is_note(e)) && e->kind != EV_MAKE)
            return n;
    }
    return 0;
}

static void find_reports(struct walk *w) {
    const struct seen *s = w->seen;
    for (uint32_t i = 0; i < s->note_count && w->report_count < BEFORE_MOST; i++) {
        const event *e = event_at(w, s->notes[i]);
        if (e->kind != EV_RACE)
            continue;
        struct report *r = &w->reports[w->report_count++];
        uint64_t since = (uint64_t)e->value >> 32;
        *r = (struct report){.task = e->peer, .told = s->notes[i]};
        if (r->task < s->task_count)
            r->event = since == RACE_WHENEVER ? latest_of(w, r->task, r->told) : since;
    }
}

static void begin_reports(struct walk *w) {
    for (uint32_t i = 0; i < w->report_count; i++) {
        struct task *t = task_at(w, w->reports[i].task);
        if (t && w->reports[i].event == w->at)
            t->knows |= UINT64_C(1) << i;
    }
}

// Whether the second access is known to come after the first.
static uint64_t end_reports(struct walk *w, const event *e) {
    const struct task *t = task_at(w, e->task);
    uint64_t ordered = 0;
    for (uint32_t i = 0; t && i < w->report_count; i++)
        if (w->reports[i].told == w->at)
            ordered |= t->knows & UINT64_C(1) << i;
    return ordered;
}

static uint64_t follow(struct walk *w) {
    uint64_t refuted = 0;
    for (w->at = 0; w->at < w->end; w->at++) {
        event e = *event_at(w, w->at);
        begin_reports(w);
        if (e.kind == EV_RACE)
            refuted |= end_reports(w, &e);
        apply(w, &e);
    }
    return refuted;
}

uint64_t before_refutes(const struct seen *s) {
    struct walk w = {.seen = s, .end = s->next};
    if (s->lost || s->capacity == 0 || s->next > s->capacity || s->contradiction)
        return 0;
    find_reports(&w);
    if (!w.report_count)
        return 0;
    w.tasks = zero_alloc(s->task_count + 1, sizeof *w.tasks);
    w.objects = zero_alloc(s->object_count + 1, sizeof *w.objects);
    uint64_t refuted = follow(&w);
    for (uint32_t i = 0; i < s->object_count; i++)
        free(w.objects[i].places);
    free(w.tasks);
    free(w.objects);
    return refuted;
}
