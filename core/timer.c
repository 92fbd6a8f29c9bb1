// timer: all deadlines of the run, in one 4-ary heap, and the public timers and tickers.
//
// Invariants: heap[0] is the earliest; equal deadlines are ordered by `seq`, the order in which
// they were set, so virtual time is deterministic; a node in the heap has a `ticket`, and places[]
// says where in the heap that is. Four children a node instead of two: half the levels, and the four
// lie in two cache lines (LaMarca and Ladner: The Influence of Caches on the Performance of Heaps,
// JEA 1996). For the same reason whatever moving up and down needs is in the two arrays: the nodes lie
// on as many stacks, and a look at each would cost more than all the rest.
//
// A timer with a channel keeps its value to itself until somebody takes it: its channel asks whether
// it is due (Go 1.23 does the same), so there is nothing that stop or reset would have to drain. One
// that runs is in the heap or due. Its node is `idle` while no task is parked on the channel: then
// the clock passes it by, unless tasks spin, for they may look at it.
//
// Rejected: a buffer of one that the clock fills (a ticker that nobody stops would keep every run
// going for ever, and stop would have to empty it under everybody's eyes).
#include "core/timer.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/memory.h"
#include "core/panic.h"

enum { TIMERS_MAX = 1 << 20 };

// Every task may come with one more after timer_check_room let it pass.
enum { ROOM = TIMERS_MAX + STACKS_MAX, ROOM_STEP = 1 << 14 };

// A node in the heap, with what comparing it needs.
struct entry {
    int64_t when;            // its deadline
    uint64_t seq;            // order among equals
    struct timer_node *node; // whose
    uint32_t ticket;         // the node's
};
static char *const TIMERS_BASE = (char *)0x7e9000000000;
static struct entry *heap; // NULL: not reserved yet
static uint32_t *places;   // of a ticket in use: where in the heap; of a free one: the next free
static uint32_t room;      // for how many there is memory
static uint32_t count;     // in the heap
static uint32_t can_idle;  // of those, that have `idle`
static uint32_t ticket_count, free_ticket; // given out so far; the first free one + 1
static uint64_t next_seq;

static bool earlier(const struct entry *a, const struct entry *b) {
    return a->when < b->when || (a->when == b->when && a->seq < b->seq);
}

static void place(const struct entry *e, uint32_t i) {
    heap[i] = *e;
    places[e->ticket] = i;
}

static void sift_up(const struct entry *e, uint32_t i) {
    while (i > 0 && earlier(e, &heap[(i - 1) / 4])) {
        place(&heap[(i - 1) / 4], i);
        i = (i - 1) / 4;
    }
    place(e, i);
}

static void sift_down(const struct entry *e, uint32_t i) {
    for (;;) {
        uint32_t best = i * 4 + 1;
        if (best >= count)
            break;
        for (uint32_t c = best + 1; c < i * 4 + 5 && c < count; c++)
            if (earlier(&heap[c], &heap[best]))
                best = c;
        if (!earlier(&heap[best], e))
            break;
        place(&heap[best], i);
        i = best;
    }
    place(e, i);
}

// False: the machine has no address space for them.
static bool reserve(void) {
    char *base = memory_reserve(TIMERS_BASE, ROOM * (sizeof *heap + sizeof *places));
    if (!base)
        return false;
    heap = (struct entry *)base;
    places = (uint32_t *)(base + ROOM * sizeof *heap);
    return true;
}

// Makes room for those in the heap, one more for each task alive, and the next.
static bool make_room(void) {
    if (!heap && !reserve())
        return false;
    while (room < count + run.alive + 1) {
        if (!memory_commit(heap + room, ROOM_STEP * sizeof *heap) ||
            !memory_commit(places + room, ROOM_STEP * sizeof *places))
            return false;
        room += ROOM_STEP;
    }
    return true;
}

void timer_check_room(site *at) {
    if (count >= TIMERS_MAX)
        panic_at(at, "too many timers: %d are pending", TIMERS_MAX);
    if (unlikely(room < count + run.alive + 1) && !make_room())
        panic_fatal_at(at, "out of memory: no room for timer %u", count + 1);
}

int64_t timer_deadline(int64_t ns) {
    int64_t now = clock_now(), longest = INT64_MAX - 1 - now;
    return now + (ns < 0 ? 0 : ns < longest ? ns : longest);
}

// The one given back last, or a new one.
static uint32_t ticket_take(void) {
    if (!free_ticket)
        return ticket_count++;
    uint32_t ticket = free_ticket - 1;
    free_ticket = places[ticket];
    return ticket;
}

static void ticket_give(uint32_t ticket) {
    places[ticket] = free_ticket;
    free_ticket = ticket + 1;
}

void timer_set(struct timer_node *t, int64_t when) {
    if (count == room)
        bug("a timer is set without having asked for room");
    struct entry e = {when, next_seq++, t, ticket_take()};
    t->seq = e.seq;
    t->ticket = e.ticket + 1;
    can_idle += t->idle != NULL;
    sift_up(&e, count++);
    TELL(timer_set, e.seq, when <= run.now);
}

static void take_out(struct timer_node *t) {
    uint32_t ticket = t->ticket - 1, i = places[ticket];
    struct entry last = heap[--count];
    ticket_give(ticket);
    t->ticket = 0;
    can_idle -= t->idle != NULL;
    if (i == count)
        return;
    if (i > 0 && earlier(&last, &heap[(i - 1) / 4]))
        sift_up(&last, i);
    else
        sift_down(&last, i);
}

bool timer_clear(struct timer_node *t) {
    if (!t->ticket)
        return false;
    take_out(t);
    TELL(timer_cleared, t->seq);
    return true;
}

// Collects those with the earliest deadline from heap[i] down, at most TIES_MAX, in order of seq.
static uint32_t ties_collect(uint32_t i, const struct entry **out, uint32_t n) {
    if (i >= count || heap[i].when != heap[0].when || n == TIES_MAX)
        return n;
    uint32_t at = n++;
    while (at > 0 && heap[i].seq < out[at - 1]->seq) {
        out[at] = out[at - 1];
        at--;
    }
    out[at] = &heap[i];
    for (uint32_t c = i * 4 + 1; c < i * 4 + 5; c++)
        n = ties_collect(c, out, n);
    return n;
}

// Takes those of the next to fire out of the heap that would find nobody. True: there were some.
static bool pass_by_idle(void) {
    const struct entry *ties[TIES_MAX];
    struct timer_node *idle[TIES_MAX];
    uint32_t passed = 0, n = can_idle ? ties_collect(0, ties, 0) : 0;
    for (uint32_t i = 0; i < n; i++)
        if (ties[i]->node->idle && ties[i]->node->idle(ties[i]->node))
            idle[passed++] = ties[i]->node;
    for (uint32_t i = 0; i < passed; i++)
        timer_clear(idle[i]);
    return passed;
}

int64_t timer_next(bool spinning) {
    while (!spinning && pass_by_idle())
        continue;
    return count ? heap[0].when : INT64_MAX;
}

bool timer_due(void) {
    while (count && heap[0].when <= run.now)
        if (!pass_by_idle())
            return true;
    return false;
}

uint32_t timer_ties(const struct timer_node **out) {
    const struct entry *ties[TIES_MAX];
    uint32_t n = ties_collect(0, ties, 0);
    for (uint32_t i = 0; i < n; i++)
        out[i] = ties[i]->node;
    return n;
}

const struct timer_node *timer_at(uint32_t i) {
    return i < count ? heap[i].node : NULL;
}

void timer_fire_tie(uint32_t i) {
    const struct entry *ties[TIES_MAX];
    if (i >= ties_collect(0, ties, 0))
        bug("timer %u of those due does not exist", i);
    struct timer_node *t = ties[i]->node;
    take_out(t);
    t->fire(t);
}

void timers_reset(void) {
    count = can_idle = ticket_count = free_ticket = 0;
    next_seq = 0;
}

// --- starting tasks by the clock ----------------------------------------------------------------------

// In an attempt the caller is known, and is the one who starts it. The clock is nobody, and has no
// stack of its own to panic on: it leaves as an attempt does.
void timer_go(const struct later *l, void *cell) {
    bool by_clock = !run.current;
    bool executing = run.executing;
    uint32_t number = run.next_task;
    run.executing |= by_clock;
    task_start_at(l->fn, l->name, l->args, l->size, l->at);
    run.executing = executing;
    if (by_clock)
        event_write_for(EVENT_CLOCK, EV_GO, 0, l->at, number, event_literal(l->name), 0);
    sanitize_as(run.youngest);
    sanitize_acquire(cell);
    sanitize_as(run.current);
}

struct later later_make(task_fn *fn, const char *name, const void *args, size_t size, site *at) {
    char *copy = run_alloc_at(size, at);
    copy_elem(copy, args, size);
    return (struct later){fn, name, copy, size, at};
}

// --- the public timer -------------------------------------------------------------------------

struct timer {
    struct object object;   // what the log calls it
    struct timer_node node; // its place among all that are set
    bool running;           // it has a time to come, or one that nobody has taken yet
    int64_t due;            // while it runs: that time
    int64_t period;         // of a ticker, else 0
    time_chan chan;         // nil: starts a task instead
    struct later later;     // ... this one; `at` is always where it was made
};

struct ticker {
    timer timer; // with a period
};

static timer *timer_of(const struct op *op) {
    return (timer *)((char *)op->object - offsetof(timer, object));
}

// Its channel and the timer itself are one thing to whoever uses either.
static uint64_t timer_key(const timer *t) {
    return t->chan.raw ? ((const struct object *)t->chan.raw)->id : t->object.id;
}

static void timer_operands(const struct op *op, struct operands *out) {
    operands_add(out, timer_key(timer_of(op)), ROLE_TIMED);
}

static void run_until(timer *t, int64_t when) {
    timer_clear(&t->node);
    t->running = true;
    t->due = when;
    timer_set(&t->node, when);
}

static bool halt(timer *t) {
    bool ran = t->running;
    t->running = false;
    timer_clear(&t->node);
    return ran;
}

// The first tick of a ticker that is still to come. It never leaves its beat, however late it is.
static int64_t next_tick(const timer *t) {
    int64_t ticks = (run.now - t->due) / t->period + 1, next;
    if (__builtin_mul_overflow(ticks, t->period, &next) ||
        __builtin_add_overflow(next, t->due, &next) || next == INT64_MAX)
        return INT64_MAX - 1; // the end of time
    return next;
}

// Its value is taken.
static void move_on(timer *t) {
    if (t->period)
        run_until(t, next_tick(t));
    else
        halt(t);
}

// ThreadSanitizer: what led to the last set, and the receives before this one, happen before it. The
// clock, which sends, is ordered after nobody.
static void received(timer *t) {
    sanitize_acquire(t);
    sanitize_release(t);
}

bool timer_is_due(const timer *t) {
    return t->running && t->due <= run.now;
}

void timer_awaited(timer *t) {
    if (t->running && !t->node.ticket)
        timer_set(&t->node, t->due);
}

void timer_take(timer *t, void *out) {
    if (out)
        copy_elem(out, &t->due, sizeof t->due);
    received(t);
    move_on(t);
}

// The first who waits on the channel gets the time.
static void tick(timer *t) {
    struct waiter *w = chan_first_receiver(t->chan.raw);
    if (!w) {
        event_write(EV_FIRE, t->object.id, t->later.at, EVENT_NOBODY, 0, 0);
        return;
    }
    if (w->elem)
        copy_elem(w->elem, &t->due, sizeof t->due);
    if (w->ok)
        *w->ok = true;
    sanitize_as(w->op->task);
    received(t);
    sanitize_as(NULL);
    op_complete_by_clock(w, t->object.id);
    move_on(t);
}

static void timer_fired(struct timer_node *node) {
    timer *t = (timer *)((char *)node - offsetof(timer, node));
    touch(timer_key(t), ROLE_TIMED);
    if (t->chan.raw) {
        tick(t);
        return;
    }
    t->running = false;
    event_write(EV_FIRE, t->object.id, t->later.at, EVENT_NOBODY, 0, 0);
    timer_go(&t->later, t);
}

static bool timer_idle(const struct timer_node *node) {
    const timer *t = (const timer *)((const char *)node - offsetof(timer, node));
    return !chan_first_receiver(t->chan.raw);
}

// --- set, stop, reset -----------------------------------------------------------------------------

struct timer_op {
    struct op op;   // what the scheduler knows of it
    int64_t period; // from here on
    bool ran;       // before the operation
};

// A ticker that runs is a resource.
static void note_ticking(const timer *t, enum event_kind kind, site *at) {
    if (t->period)
        event_write(kind, t->object.id, at, EVENT_NOBODY, 0, 0);
}

static enum op_result set_attempt(struct op *op) {
    struct timer_op *set = (struct timer_op *)op;
    timer *t = timer_of(op);
    set->ran = t->running;
    t->period = set->period;
    sanitize_release(t);
    run_until(t, timer_deadline(op->value));
    if (!set->ran)
        note_ticking(t, EV_OPEN, op->at);
    return OP_DONE;
}

// The first time nobody else knows the timer.
static const struct op_kind set_kind = {
    .event = EV_TIMER_SET, .local = true, .attempt = set_attempt};
static const struct op_kind reset_kind = {
    .event = EV_TIMER_RESET, .attempt = set_attempt, .operands = timer_operands};

static enum op_result stop_attempt(struct op *op) {
    timer *t = timer_of(op);
    op->value = halt(t);
    if (op->value)
        note_ticking(t, EV_RELEASE, op->at);
    return OP_DONE;
}

// Not local: of two tasks that stop one timer only the first is told that it had not fired.
static const struct op_kind stop_kind = {
    .event = EV_TIMER_STOP, .attempt = stop_attempt, .operands = timer_operands};

static bool set(timer *t, const struct op_kind *kind, int64_t ns, int64_t period, site *at) {
    timer_check_room(at);
    struct timer_op set = {
        .op = {.kind = kind, .object = &t->object, .at = at, .value = ns > 0 ? ns : 0},
        .period = period};
    op_perform(&set.op);
    return set.ran;
}

static bool stop(timer *t, site *at) {
    struct op op = {.kind = &stop_kind, .object = &t->object, .at = at};
    op_perform(&op);
    return op.value;
}

// A timer that has yet to be set.
static void timer_init(timer *t, enum object_kind kind, site *at) {
    t->later.at = at;
    t->node.fire = timer_fired;
    if (!t->later.fn) {
        t->node.idle = timer_idle;
        t->chan.raw = chan_make_timed(t, at);
    }
    object_register(&t->object, kind, "", at);
}

// --- timers ---------------------------------------------------------------------------------------

timer *timer_start_at(int64_t ns, site *at) {
    timer *t = run_alloc_at(sizeof *t, at);
    timer_init(t, OBJECT_TIMER, at);
    set(t, &set_kind, ns, 0, at);
    return t;
}

timer *after_func_at(int64_t ns, task_fn *fn, const char *name, const void *args, size_t size,
                     site *at) {
    timer *t = run_alloc_at(sizeof *t, at);
    t->later = later_make(fn, name, args, size, at);
    timer_init(t, OBJECT_TIMER, at);
    set(t, &set_kind, ns, 0, at);
    return t;
}

time_chan timer_chan(timer *t) {
    return t->chan;
}

bool timer_stop_at(timer *t, site *at) {
    if (!t)
        panic_at(at, "time: Stop called on uninitialized Timer");
    return stop(t, at);
}

bool timer_reset_at(timer *t, int64_t ns, site *at) {
    if (!t)
        panic_at(at, "time: Reset called on uninitialized Timer");
    return set(t, &reset_kind, ns, 0, at);
}

// --- tickers --------------------------------------------------------------------------------------

ticker *ticker_start_at(int64_t ns, site *at) {
    if (ns <= 0)
        panic_at(at, "non-positive interval for NewTicker");
    ticker *t = run_alloc_at(sizeof *t, at);
    timer_init(&t->timer, OBJECT_TICKER, at);
    set(&t->timer, &set_kind, ns, ns, at);
    return t;
}

time_chan ticker_chan(ticker *t) {
    return t->timer.chan;
}

void ticker_stop_at(ticker *t, site *at) {
    if (t) // as in Go, where stopping a zero Ticker does nothing
        stop(&t->timer, at);
}

void ticker_reset_at(ticker *t, int64_t ns, site *at) {
    if (ns <= 0)
        panic_at(at, "non-positive interval for Ticker.Reset");
    if (!t)
        panic_at(at, "time: Reset called on uninitialized Ticker");
    set(&t->timer, &reset_kind, ns, ns, at);
}
