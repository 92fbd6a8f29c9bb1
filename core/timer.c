// timer: all deadlines of the run, in one 4-ary heap, and the public one-shot timer.
//
// Invariants: heap[0] is the earliest; equal deadlines are ordered by `seq`, the order in which
// they were set, so virtual time is deterministic; a node's `index` is its place + 1, 0 when it is
// not in the heap. Four children a node instead of two: half the levels, and the four lie in one
// or two cache lines (LaMarca and Ladner: The Influence of Caches on the Performance of Heaps,
// JEA 1996).
#include "core/timer.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"

enum { TIMERS_MAX = 1 << 20, TIES_MAX = 64 };

// Every task may come with one more after timer_check_room let it pass.
static struct timer_node *heap[TIMERS_MAX + STACKS_MAX];
static uint32_t count;
static uint64_t next_seq;

static bool earlier(const struct timer_node *a, const struct timer_node *b) {
    return a->when < b->when || (a->when == b->when && a->seq < b->seq);
}

static void place(struct timer_node *t, uint32_t i) {
    heap[i] = t;
    t->index = i + 1;
}

static void sift_up(struct timer_node *t, uint32_t i) {
    while (i > 0 && earlier(t, heap[(i - 1) / 4])) {
        place(heap[(i - 1) / 4], i);
        i = (i - 1) / 4;
    }
    place(t, i);
}

static void sift_down(struct timer_node *t, uint32_t i) {
    for (;;) {
        uint32_t best = i * 4 + 1;
        if (best >= count)
            break;
        for (uint32_t c = best + 1; c < i * 4 + 5 && c < count; c++)
            if (earlier(heap[c], heap[best]))
                best = c;
        if (!earlier(heap[best], t))
            break;
        place(heap[best], i);
        i = best;
    }
    place(t, i);
}

void timer_check_room(site *at) {
    if (count >= TIMERS_MAX)
        panic_at(at, "too many timers: %d are pending", TIMERS_MAX);
}

int64_t timer_deadline(int64_t ns) {
    int64_t longest = INT64_MAX - 1 - run.now;
    return run.now + (ns < 0 ? 0 : ns < longest ? ns : longest);
}

void timer_set(struct timer_node *t, int64_t when) {
    if (count == TIMERS_MAX + STACKS_MAX)
        bug("a timer is set without having asked for room");
    t->when = when;
    t->seq = next_seq++;
    sift_up(t, count++);
}

bool timer_clear(struct timer_node *t) {
    if (!t->index)
        return false;
    uint32_t i = t->index - 1;
    t->index = 0;
    struct timer_node *last = heap[--count];
    if (last == t)
        return true;
    if (i > 0 && earlier(last, heap[(i - 1) / 4]))
        sift_up(last, i);
    else
        sift_down(last, i);
    return true;
}

int64_t timer_next(void) {
    return count ? heap[0]->when : INT64_MAX;
}

// Collects the nodes with the earliest deadline below heap[i], at most TIES_MAX, in order of seq.
static uint32_t ties_collect(uint32_t i, struct timer_node **out, uint32_t n) {
    if (i >= count || heap[i]->when != heap[0]->when || n == TIES_MAX)
        return n;
    uint32_t at = n++;
    while (at > 0 && heap[i]->seq < out[at - 1]->seq) {
        out[at] = out[at - 1];
        at--;
    }
    out[at] = heap[i];
    for (uint32_t c = i * 4 + 1; c < i * 4 + 5; c++)
        n = ties_collect(c, out, n);
    return n;
}

uint32_t timer_ties(void) {
    struct timer_node *ties[TIES_MAX];
    return ties_collect(0, ties, 0);
}

void timer_fire_tie(uint32_t i) {
    struct timer_node *ties[TIES_MAX];
    if (i >= ties_collect(0, ties, 0))
        bug("timer %u of those due does not exist", i);
    timer_clear(ties[i]);
    ties[i]->fire(ties[i]);
}

void timers_reset(void) {
    count = 0;
    next_seq = 0;
}

// --- the public timer -------------------------------------------------------------------------

struct timer {
    struct object object;
    struct timer_node node;
    time_chan chan;
    site *at;
};

// Sends the time on the channel if nobody waits, else hands it over. Never blocks: room for one.
static void timer_fired(struct timer_node *node) {
    timer *t = (timer *)((char *)node - offsetof(timer, node));
    event_write(EV_FIRE, t->object.id, t->at, EVENT_NOBODY, 0, 0);
    chan_deliver(t->chan.raw, &run.now);
}

static enum op_result timer_set_attempt(struct op *op) {
    timer *t = (timer *)((char *)op->object - offsetof(timer, object));
    timer_set(&t->node, timer_deadline(op->value));
    return OP_DONE;
}

static const struct op_kind timer_set_kind = {
    .event = EV_TIMER_SET, .local = true, .attempt = timer_set_attempt};

timer *timer_start_at(int64_t ns, site *at) {
    timer_check_room(at);
    timer *t = run_alloc(sizeof *t);
    t->at = at;
    t->node.fire = timer_fired;
    t->chan.raw = chan_make_named(sizeof(int64_t), 1, "timer.chan", at);
    object_register(&t->object, OBJECT_TIMER, "", at);
    struct op op = {
        .kind = &timer_set_kind, .object = &t->object, .at = at, .value = ns > 0 ? ns : 0};
    op_perform(&op);
    return t;
}

time_chan timer_chan(timer *t) {
    return t->chan;
}

static enum op_result timer_stop_attempt(struct op *op) {
    timer *t = (timer *)((char *)op->object - offsetof(timer, object));
    op->value = timer_clear(&t->node);
    return OP_DONE;
}

// Not local: of two tasks that stop one timer only the first is told that it had not fired.
static const struct op_kind timer_stop_kind = {.event = EV_TIMER_STOP,
                                               .attempt = timer_stop_attempt};

bool timer_stop_at(timer *t, site *at) {
    struct op op = {.kind = &timer_stop_kind, .object = &t->object, .at = at};
    op_perform(&op);
    return op.value;
}
