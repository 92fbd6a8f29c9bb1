// race: which orders of two steps may be turned round, and who is then to be tried where.
//
// A race is a pair of conflicting steps with nothing between them. It can be reversed if the later one
// could have gone first; then the steps after the earlier that do not follow from it, and the later, form a
// sequence of which some process must be tried first at the earlier's node, unless one of those that could
// be is wanted there already (a source set, section 5).
//
// Locks wait by not being enabled, so the pair (unlock, lock) is never a race; what may be reversed is the
// pair of the last lock and this one. A lock that is still waiting at the end of a run, also of one that
// was cut, or when time moves, is looked at as if it had come then: else an order in which it came first
// would be missed.
//
// Early moves of the clock, and arrivals over the network, which wait until no task can go on, are wanted
// wherever they can happen, so nothing is to be added for them. But others may have to go before they can.
#include "harness/trace.h"

// The option is tried at its node in any case, or need not be.
static bool is_settled(const struct tree_option *o) {
    return o->wanted || o->done || o->asleep;
}

// The steps of [from, to) that do not follow from step k, as a set.
static void not_after(uint32_t k, uint32_t from, uint32_t to, uint64_t *set) {
    past_clear(set);
    for (uint32_t i = from; i < to; i++)
        if (!past_has(trace->past[i], k))
            past_add(set, i);
}

static bool meets(const uint64_t *a, const uint64_t *b) {
    for (uint32_t w = trace->floor / 64; w < trace->words; w++)
        if (a[w] & b[w])
            return true;
    return false;
}

// What one race asks for at the node of its earlier step.
struct demand {
    struct tree_node *node;
    struct tree_option *best; // to be wanted, NULL: none yet
    bool settled;
};

static void demand_add(struct demand *d, uint64_t process, bool preferred) {
    struct tree_option *o = tree_find(trace->tree, d->node, process);
    if (!o)
        return;
    d->settled |= is_settled(o);
    if (!d->best || preferred)
        d->best = o;
}

struct tree_option *race_taken(uint32_t node) {
    struct tree_node *n = &trace->tree->nodes[node];
    return tree_option(trace->tree, n, n->current);
}

// Step k and what `process` does after it (with this past, as the step number `to`) conflict: wants a
// process at k's node that begins an order in which the later comes first.
static void race(uint32_t k, uint64_t process, const uint64_t *its_past, uint32_t to,
                 bool special) {
    static bits between;
    const struct step *early = &trace->steps[k];
    if (early->node == NO_NODE)
        return;
    if (trace->panicked)
        race_taken(early->node)->all = true;
    struct demand d = {.node = &trace->tree->nodes[early->node]};
    not_after(k, k + 1, to, between);
    for (uint32_t i = k + 1; i < to && !d.settled; i++)
        if (past_has(between, i) && !meets(trace->past[i], between))
            demand_add(&d, trace->steps[i].process, false);
    if (!meets(its_past, between))
        demand_add(&d, process, true);
    if (d.settled)
        return;
    if (d.best) {
        d.best->wanted = true;
    } else if (!special && !early->special) {
        trace->fallbacks++;
        tree_want_all(trace->tree, d.node);
    }
}

// The last who took what a lock waits for, if it was not before the lock's task came there.
static void race_of_lock(uint64_t key, uint64_t process, const uint64_t *clock,
                         const uint64_t *its_past) {
    uint32_t a = trace_thing(key)->head;
    while (a != NONE &&
           !(trace->accesses[a].how & USE_CHANGE && trace->steps[trace->accesses[a].step].takes))
        a = trace->accesses[a].before;
    if (a != NONE && !past_has(clock, trace->accesses[a].step))
        race(trace->accesses[a].step, process, its_past, trace->count, false);
}

// Of a lock, only what came since somebody took or left it: readers that are inside, tries that failed.
static bool is_reversible(uint32_t k) {
    if (!trace->is_lock || trace->steps[k].all)
        return true;
    for (uint32_t a = trace_thing(trace->main_key)->head; a != NONE; a = trace->accesses[a].before)
        if (trace->accesses[a].step == k)
            return trace->accesses[a].how & (USE_SHARE | USE_LOOK);
    return true;
}

// A timer that could have fired instead of this step, and now never will.
static void want_cleared(uint64_t timer) {
    if (trace->step.node == NO_NODE)
        return;
    struct tree_option *o = tree_find(trace->tree, &trace->tree->nodes[trace->step.node],
                                      TREE_TIMER | timer);
    if (o && !is_settled(o))
        o->wanted = true;
}

// What waits until no task can go on may come before any of what it does not follow from: each task that
// went on kept it waiting, not only the last.
static void find_before_last(void) {
    for (uint32_t i = trace->floor; i < trace->count; i++)
        if (!past_has(trace_clock(), i))
            race(i, trace->step.process, trace->past[trace->count], trace->count, true);
}

void race_find(const uint32_t *near, uint32_t count) {
    if (!trace_is_new())
        return;
    for (uint32_t i = 0; i < trace->doing_count; i++)
        if (trace->doings[i].kind == CLEARED)
            want_cleared(trace->doings[i].key);
    if (trace->step.special) {
        find_before_last();
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        if (is_reversible(near[i]))
            race(near[i], trace->step.process, trace->past[trace->count], trace->count, false);
    if (trace->is_lock)
        race_of_lock(trace->main_key, trace->step.process, trace_clock(),
                     trace->past[trace->count]);
}

// A lock that waits, as if it came now.
static void look_at_waiting(const struct waiting *w) {
    static uint32_t near[STEPS];
    static bits its_past;
    if (trace->count / 64 == trace->words)
        trace_widen();
    past_copy(its_past, trace->clocks[w->task]);
    conflicts_begin();
    conflicts_add(w->key, USE_CHANGE);
    conflicts_join(its_past, near);
    race_of_lock(w->key, w->task, trace->clocks[w->task], its_past);
}

void race_of_all_waiting(void) {
    for (uint32_t i = 0; i < trace->waiting_count && !trace->lost; i++) {
        if (trace->count == STEPS)
            reduce_give_up();
        else
            look_at_waiting(&trace->waiting[i]);
    }
}

// A step of the clock's own, after everything. Where it could go first it is wanted anyway; but others
// may have to go before it can (timers that are due).
void race_with_clock(void) {
    static uint32_t near[STEPS];
    uint32_t step = trace->count;
    if (step / 64 == trace->words)
        trace_widen();
    trace->steps[step] = (struct step){
        .process = CLOCK_PROCESS, .node = trace->node, .all = true, .special = true};
    past_clear(trace->past[step]);
    conflicts_begin();
    conflicts_with_all();
    uint32_t count = conflicts_join(trace->past[step], near);
    for (uint32_t i = 0; i < count && trace_is_new(); i++)
        race(near[i], CLOCK_PROCESS, trace->past[step], step, true);
}
