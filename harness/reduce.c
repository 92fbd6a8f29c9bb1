// reduce: happens-before, races and sleep sets of the run under way.
//
// Words. A *step* is one transition: an announced operation or a timer that fires, with all code up to the
// next choice, also of the tasks it woke. The *past* of a step are the steps that come before it in every
// equivalent order (as a set of bits, so a past is closed: it holds the pasts of its members). The *clock*
// of a task is the past of what it does next.
//
// How pasts are made (JACM 2017, section 3.1 asks for a valid happens-before assignment):
//   - the past of a step is its task's clock and the pasts of all earlier steps it conflicts with;
//   - the clock of its task is then that and the step itself, and so are those of the tasks it woke;
//   - steps that commute and yet cause each other's continuation (a send and its receive, dones and the
//     wait they end) go into the clocks of the tasks alone, never into the past of a step: the two steps
//     may change places, what follows both may not. Through a buffer each place passes values on, so its
//     next user goes on after its last; without one both go on after both.
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
// Time. That the clock moves follows everything before and precedes everything after, for any of it may
// read the clock. Where nothing else could happen that is no choice, so it is no step: all before is past.
// On a slow machine it may move early; then it is a step that conflicts with all, and is wanted wherever it
// can happen. A timer that is due is a process of its own, with one step. An arrival over the network waits
// until no task can go on, so it conflicts with all too, and is wanted wherever it can happen.
//
// A panic ends the run for everybody: the step conflicts with all, and everybody is wanted instead of it.
// In another order it may be another step that ends so (the one that completes the task), so what races
// with it must not sleep through that.
//
// Code between operations may act on shared things too (depend.h, touched). It belongs to the step it
// follows; but it is after what its task has waited for, so what conflicts with it gets the clock its task
// had by then, not only the past of the step.
//
// Where two tasks go on in one step and act on one thing in their code, who went first is up to how they
// came to wait, that is, to the order of steps that commute. Rare, so the search begins again, strictly:
// then all that is done to one object conflicts, but for looks.
//
// Sleep sets (section 4): an option that was tried sleeps in its siblings' subtrees until a step is taken
// that conflicts with what its step used. A run in which only sleepers could go on is cut.
#include "harness/reduce.h"

#include "core/internal.h"

#include <string.h>

enum {
    STEPS = 4096,
    WORDS = STEPS / 64,
    TASKS = 4096,
    TIMERS = 8192,
    THINGS = 1 << 13,
    ACCESSES = 1 << 15,
    DOINGS = 1 << 12,
    MAINS = 256,
    LATES = 1024,
    SUMS = 512,
    NO_NODE = UINT32_MAX,
    NONE = UINT32_MAX,
};

#define CLOCK_PROCESS UINT64_MAX // of early moves of the clock

typedef uint64_t bits[WORDS];

struct step {
    uint64_t process;
    uint32_t node; // where it was chosen, NO_NODE: there was no choice
    bool all;      // conflicts with everything
    bool takes;    // a lock, from those who want it
    bool special;  // can go first only where it is wanted anyway
};

// One use of one thing, by a step.
struct access {
    uint32_t step;
    uint32_t before; // the last use of the same thing before, NONE
    uint32_t late;   // which of the late clocks is to be respected too, 0: none
    uint32_t woken;  // the code of a task that the step has woken: its number + 1. 0: not so
    uint8_t how;
};

struct thing {
    uint64_t key;
    uint64_t run; // that knows it
    uint32_t head;
    uint32_t sum;  // which of the sums, 0: none
    uint32_t last; // place of a buffer: the step of its last user, NONE
    int holds;     // of a thing and a task together: how often it has entered
    bool odd; // somebody left it who had not entered: from then on who enters and leaves counts
};

// What else happened in the step under way, in order.
enum doing_kind { PASSED, MET, WOKE, STARTED, TOUCHED, SET, CLEARED };
struct doing {
    uint8_t kind;
    uint8_t how;    // TOUCHED
    bool awaits;    // WOKE: it waited for a sum
    uint32_t task;  // whose clock it is about
    uint32_t other; // MET: whom; STARTED: by whom
    uint64_t key;   // PASSED, TOUCHED, WOKE: the thing; SET, CLEARED: the timer
};

static bits past[STEPS], clocks[TASKS], set_by[TIMERS], lates[LATES], sums[SUMS];
static struct step steps[STEPS];
static uint32_t last_step[TASKS];
static struct thing things[THINGS];
static struct access accesses[ACCESSES];
static struct doing doings[DOINGS];
static uint32_t sleepers[TREE_OPTIONS];

static struct {
    struct watch watch;
    struct tree *tree;
    uint64_t number;     // of the run, from 1
    uint32_t path;       // nodes that are replayed
    uint32_t at;         // nodes passed
    uint32_t sleep_from; // the node from which on sleepers are known
    uint32_t node;       // of the choice just made, NO_NODE: none
    uint32_t count;      // steps so far
    uint32_t floor;      // all before this are in everybody's past
    uint32_t words;      // in use of each set
    uint32_t tasks, timers;
    uint32_t access_count, thing_count, late_count, sum_count;
    uint32_t last_all; // the last step that conflicts with all, NONE
    uint32_t sleeper_count;
    uint32_t check;
    bool lost, cut, unordered;
    uint64_t fallbacks;

    // The step under way.
    bool open;
    bool fires;    // it is a timer's
    bool told;     // the timer said what it is about
    bool panicked; // it has ended the run
    bool siblings; // the sleepers are other timers of the same move of the clock
    struct step step;
    struct operands about;
    bool is_lock, is_summed, awaits_sum, exhausts;
    uint64_t main_key;
    struct use mains[MAINS];
    uint32_t main_count, doing_count;
} r;

// --- sets of steps --------------------------------------------------------------------------------

static bool has(const uint64_t *set, uint32_t i) {
    return i < r.floor || (set[i / 64] >> i % 64 & 1);
}

static void put(uint64_t *set, uint32_t i) {
    set[i / 64] |= UINT64_C(1) << i % 64;
}

static void join(uint64_t *set, const uint64_t *other) {
    for (uint32_t w = r.floor / 64; w < r.words; w++)
        set[w] |= other[w];
}

static void copy(uint64_t *set, const uint64_t *other) {
    for (uint32_t w = 0; w < r.words; w++)
        set[w] = other[w];
}

static void clear(uint64_t *set) {
    for (uint32_t w = 0; w < r.words; w++)
        set[w] = 0;
}

static void join_step(uint64_t *set, uint32_t i) {
    join(set, past[i]);
    put(set, i);
}

// Room for one more step in every set that is in use.
static void widen(void) {
    uint32_t w = r.words++;
    for (uint32_t t = 0; t < r.tasks; t++)
        clocks[t][w] = 0;
    for (uint32_t t = 0; t < r.timers; t++)
        set_by[t][w] = 0;
    for (uint32_t i = 0; i < r.count; i++)
        past[i][w] = 0;
    for (uint32_t i = 1; i <= r.late_count; i++)
        lates[i][w] = 0;
    for (uint32_t i = 1; i <= r.sum_count; i++)
        sums[i][w] = 0;
}

// --- things ---------------------------------------------------------------------------------------

static struct thing *thing_of(uint64_t key) {
    uint32_t at = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 51);
    for (;; at = (at + 1) % THINGS) {
        struct thing *t = &things[at];
        if (t->run == r.number && t->key == key)
            return t;
        if (t->run != r.number) {
            if (++r.thing_count > THINGS / 2)
                reduce_give_up();
            *t = (struct thing){.key = key, .run = r.number, .head = NONE, .last = NONE};
            return t;
        }
    }
}

static void access_add(uint64_t key, struct access a) {
    struct thing *t = thing_of(key);
    if (r.access_count == ACCESSES)
        reduce_give_up();
    if (r.lost)
        return;
    a.before = t->head;
    accesses[r.access_count] = a;
    t->head = r.access_count++;
}

// --- races ----------------------------------------------------------------------------------------

// The option is tried at its node in any case, or need not be.
static bool is_settled(const struct tree_option *o) {
    return o->wanted || o->done || o->asleep;
}

// The steps of [from, to) that do not follow from step k, as a set.
static void not_after(uint32_t k, uint32_t from, uint32_t to, uint64_t *set) {
    clear(set);
    for (uint32_t i = from; i < to; i++)
        if (!has(past[i], k))
            put(set, i);
}

static bool meets(const uint64_t *a, const uint64_t *b) {
    for (uint32_t w = r.floor / 64; w < r.words; w++)
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
    struct tree_option *o = tree_find(r.tree, d->node, process);
    if (!o)
        return;
    d->settled |= is_settled(o);
    if (!d->best || preferred)
        d->best = o;
}

static struct tree_option *taken_at(uint32_t node) {
    struct tree_node *n = &r.tree->nodes[node];
    return tree_option(r.tree, n, n->current);
}

// Step k and what `process` does after it (with this past, as the step number `to`) conflict: wants a
// process at k's node that begins an order in which the later comes first.
static void race(uint32_t k, uint64_t process, const uint64_t *its_past, uint32_t to,
                 bool special) {
    static bits between;
    const struct step *early = &steps[k];
    if (early->node == NO_NODE)
        return;
    if (r.panicked)
        taken_at(early->node)->all = true;
    struct demand d = {.node = &r.tree->nodes[early->node]};
    not_after(k, k + 1, to, between);
    for (uint32_t i = k + 1; i < to && !d.settled; i++)
        if (has(between, i) && !meets(past[i], between))
            demand_add(&d, steps[i].process, false);
    if (!meets(its_past, between))
        demand_add(&d, process, true);
    if (d.settled)
        return;
    if (d.best) {
        d.best->wanted = true;
    } else if (!special && !early->special) {
        r.fallbacks++;
        tree_want_all(r.tree, d.node);
    }
}

// The last who took what a lock waits for, if it was not before the lock's task came there.
static void race_of_lock(uint64_t key, uint64_t process, const uint64_t *clock,
                         const uint64_t *its_past) {
    uint32_t a = thing_of(key)->head;
    while (a != NONE && !(accesses[a].how & USE_CHANGE && steps[accesses[a].step].takes))
        a = accesses[a].before;
    if (a != NONE && !has(clock, accesses[a].step))
        race(accesses[a].step, process, its_past, r.count, false);
}

// --- conflicts --------------------------------------------------------------------------------------

// Earlier steps that the one at hand conflicts with.
struct conflicts {
    bits steps;
    uint32_t late_count;
    struct {
        uint32_t step, late;
    } late[64];
};
static struct conflicts found;

// The code of a woken task is in the past of this step, but only by way of who woke it: had it come to wait
// later, it would have gone on later.
static bool is_detour(const struct access *e, const uint64_t *its_past) {
    uint32_t task = e->woken - 1;
    if (!e->woken || !has(its_past, e->step) || r.step.process == task)
        return false;
    for (uint32_t i = r.count; --i > e->step;)
        if (steps[i].process == task && has(its_past, i))
            return false;
    return true;
}

static void conflicts_add(uint64_t key, uint8_t how, const uint64_t *its_past) {
    uint8_t against = depend_against(how);
    for (uint32_t a = thing_of(key)->head; a != NONE; a = accesses[a].before) {
        const struct access *e = &accesses[a];
        if (e->step < r.floor)
            return;
        if (e->how & against) {
            put(found.steps, e->step);
            r.unordered |= !r.tree->strict && is_detour(e, its_past);
            if (e->late && found.late_count < 64) {
                found.late[found.late_count].step = e->step;
                found.late[found.late_count++].late = e->late;
            }
        }
        if (e->how & USE_CHANGE) // which all before it conflict with
            return;
    }
}

static void conflicts_with_all(void) {
    for (uint32_t i = r.floor; i < r.count; i++)
        put(found.steps, i);
}

static void conflicts_begin(void) {
    clear(found.steps);
    found.late_count = 0;
    if (r.last_all != NONE && r.last_all >= r.floor)
        put(found.steps, r.last_all);
}

static void join_late(uint64_t *set, uint32_t step) {
    for (uint32_t i = 0; i < found.late_count; i++)
        if (found.late[i].step == step)
            join(set, lates[found.late[i].late]);
}

// From the last to the first: adds each step found to the set with its past. Those that were not in it
// by then have nothing between them and the step at hand; they go to `near`. Returns how many.
static uint32_t conflicts_join(uint64_t *set, uint32_t *near) {
    uint32_t count = 0;
    for (uint32_t w = r.words; w-- > r.floor / 64;) {
        while (found.steps[w]) {
            uint32_t i = w * 64 + 63 - (uint32_t)__builtin_clzl(found.steps[w]);
            found.steps[w] &= ~(UINT64_C(1) << i % 64);
            if (has(set, i))
                continue;
            near[count++] = i;
            join_step(set, i);
            join_late(set, i);
        }
    }
    return count;
}

// --- the end of a step ------------------------------------------------------------------------------

static const uint64_t *clock_before(void) {
    uint64_t process = r.step.process;
    return process & TREE_TIMER ? set_by[process & ~TREE_TIMER] : clocks[process];
}

static bool is_fresh(void) {
    return r.at >= r.path;
}

// Of a lock, only what came since somebody took or left it: readers that are inside, tries that failed.
static bool is_reversible(uint32_t k) {
    if (!r.is_lock || steps[k].all)
        return true;
    for (uint32_t a = thing_of(r.main_key)->head; a != NONE; a = accesses[a].before)
        if (accesses[a].step == k)
            return accesses[a].how & (USE_SHARE | USE_LOOK);
    return true;
}

static void find_conflicts(void) {
    conflicts_begin();
    for (uint32_t i = 0; i < r.main_count; i++)
        conflicts_add(r.mains[i].key, r.mains[i].how, past[r.count]);
    for (uint32_t i = 0; i < r.doing_count; i++)
        if (doings[i].kind == TOUCHED)
            conflicts_add(doings[i].key, doings[i].how, past[r.count]);
    if (r.step.all)
        conflicts_with_all();
}

static void find_races(const uint32_t *near, uint32_t count) {
    if (!is_fresh() || r.step.special)
        return;
    uint64_t process = r.step.process;
    for (uint32_t i = 0; i < count; i++)
        if (is_reversible(near[i]))
            race(near[i], process, past[r.count], r.count, false);
    if (r.is_lock)
        race_of_lock(r.main_key, process, clock_before(), past[r.count]);
}

static uint64_t *sum_of(uint64_t key) {
    struct thing *t = thing_of(key);
    if (!t->sum && r.sum_count + 1 == SUMS)
        reduce_give_up();
    if (!t->sum && !r.lost) {
        t->sum = ++r.sum_count;
        clear(sums[t->sum]);
    }
    return sums[t->sum];
}

static void pass(const struct doing *d, uint32_t step, bool mine) {
    struct thing *place = thing_of(d->key);
    if (place->last != NONE)
        join_step(clocks[d->task], place->last);
    place->last = mine ? step : last_step[d->task];
}

static void add_touch(const struct doing *d, uint32_t step) {
    if (r.late_count + 1 == LATES) {
        reduce_give_up();
        return;
    }
    bool woken = !(r.step.process & TREE_TIMER) && d->task != r.step.process;
    copy(lates[++r.late_count], clocks[d->task]);
    access_add(d->key, (struct access){.step = step,
                                       .late = r.late_count,
                                       .woken = woken ? d->task + 1 : 0,
                                       .how = d->how});
}

// A timer that could have fired instead of this step, and now never will.
static void want_cleared(uint64_t timer) {
    if (!is_fresh() || r.step.node == NO_NODE)
        return;
    struct tree_option *o = tree_find(r.tree, &r.tree->nodes[r.step.node], TREE_TIMER | timer);
    if (o && !is_settled(o))
        o->wanted = true;
}

static void start_clock(uint32_t child, uint32_t by, uint32_t step) {
    if (by == EVENT_NOBODY) {
        copy(clocks[child], past[step]);
        put(clocks[child], step);
    } else {
        copy(clocks[child], clocks[by]);
    }
    last_step[child] = NONE;
}

static void set_clock(uint64_t timer, uint32_t by, uint32_t step) {
    if (by == EVENT_NOBODY) {
        copy(set_by[timer], past[step]);
        put(set_by[timer], step);
    } else {
        copy(set_by[timer], clocks[by]);
    }
}

static void apply(const struct doing *d, uint32_t step) {
    switch ((enum doing_kind)d->kind) {
    case PASSED:
        pass(d, step, d->task == r.step.process);
        break;
    case MET:
        if (last_step[d->other] != NONE)
            join_step(clocks[d->task], last_step[d->other]);
        break;
    case WOKE:
        join_step(clocks[d->task], step);
        if (d->awaits)
            join(clocks[d->task], sum_of(d->key));
        break;
    case STARTED:
        start_clock(d->task, d->other, step);
        break;
    case TOUCHED:
        add_touch(d, step);
        break;
    case SET:
        set_clock(d->key, d->task, step);
        break;
    case CLEARED:
        want_cleared(d->key);
        break;
    }
}

// Whether the step at hand ends the sleep of one that was tried elsewhere.
static bool wakes(const struct tree_option *o) {
    if (o->all || r.step.all || o->last || (o->moves && !r.siblings))
        return true;
    for (uint32_t i = 0; i < o->use_count; i++) {
        uint8_t against = depend_against(o->uses[i].how);
        if (r.exhausts && o->uses[i].key == r.main_key)
            return true;
        for (uint32_t k = 0; k < r.main_count; k++)
            if (r.mains[k].key == o->uses[i].key && r.mains[k].how & against)
                return true;
        for (uint32_t k = 0; k < r.doing_count; k++)
            if (doings[k].kind == TOUCHED && doings[k].key == o->uses[i].key &&
                doings[k].how & against)
                return true;
    }
    return false;
}

static void wake_sleepers(void) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r.sleeper_count; i++)
        if (!wakes(&r.tree->options[sleepers[i]]))
            sleepers[kept++] = sleepers[i];
    r.sleeper_count = kept;
}

// The option that was taken remembers what its step used, for when it sleeps.
static void note_uses(void) {
    if (!is_fresh() || r.step.node == NO_NODE)
        return;
    struct tree_option *o = taken_at(r.step.node);
    o->all |= r.step.all;
    for (uint32_t i = 0; i < r.main_count && !o->all; i++)
        tree_add_use(o, r.mains[i]);
    for (uint32_t i = 0; i < r.doing_count && !o->all; i++)
        if (doings[i].kind == TOUCHED)
            tree_add_use(o, (struct use){doings[i].key, doings[i].how});
}

static void update_clocks(uint32_t step) {
    bool task = !(r.step.process & TREE_TIMER);
    if (task) {
        copy(clocks[r.step.process], past[step]);
        put(clocks[r.step.process], step);
    }
    for (uint32_t i = 0; i < r.main_count && !r.lost; i++)
        access_add(r.mains[i].key, (struct access){.step = step, .how = r.mains[i].how});
    if (r.is_summed)
        join_step(sum_of(r.main_key), step);
    for (uint32_t i = 0; i < r.doing_count && !r.lost; i++)
        apply(&doings[i], step);
    if (task && r.awaits_sum)
        join(clocks[r.step.process], sum_of(r.main_key));
    if (task)
        last_step[r.step.process] = step;
}

static bool disagree(const struct doing *a, const struct doing *b) {
    return a->kind == TOUCHED && b->kind == TOUCHED && a->task != b->task && a->key == b->key &&
           a->how & depend_against(b->how);
}

// Whether tasks that went on in this step acted on one thing, in an order that nobody has chosen.
static bool is_unordered(void) {
    for (uint32_t i = 0; i < r.doing_count; i++)
        for (uint32_t k = i + 1; k < r.doing_count && doings[i].kind == TOUCHED; k++)
            if (disagree(&doings[i], &doings[k]))
                return true;
    return false;
}

// A step is over: its past, its races, and what its end means to the clocks of tasks.
static void settle(void) {
    static uint32_t near[STEPS];
    if (!r.open)
        return;
    r.open = false;
    r.step.all |= r.fires && !r.told;
    r.unordered |= !r.tree->strict && is_unordered();
    if (r.count == STEPS)
        reduce_give_up();
    if (r.lost)
        return;
    uint32_t step = r.count;
    steps[step] = r.step;
    if (step / 64 == r.words)
        widen();
    copy(past[step], clock_before());
    find_conflicts();
    uint32_t count = conflicts_join(past[step], near);
    find_races(near, count);
    note_uses();
    wake_sleepers();
    update_clocks(step);
    if (r.step.all)
        r.last_all = step;
    r.count++;
}

// --- what is told of a step -------------------------------------------------------------------------

static void use_add(uint64_t key, uint8_t how) {
    for (uint32_t i = 0; i < r.main_count; i++) {
        if (r.mains[i].key == key) {
            r.mains[i].how |= how;
            return;
        }
    }
    if (r.main_count == MAINS)
        r.step.all = true;
    else
        r.mains[r.main_count++] = (struct use){key, how};
}

static void uses_add(const struct uses *uses, bool looks) {
    r.step.all |= uses->all;
    for (uint32_t i = 0; i < uses->count; i++) {
        uint8_t how = uses->list[i].how;
        if (r.tree->strict && !(looks && how == USE_LOOK))
            how |= USE_CHANGE;
        use_add(uses->list[i].key, how);
    }
}

static void doing_add(struct doing d) {
    if (!r.open || r.lost)
        return;
    if (r.doing_count == DOINGS)
        reduce_give_up();
    else
        doings[r.doing_count++] = d;
}

static void digest(uint64_t word) {
    r.check = (r.check ^ (uint32_t)word ^ (uint32_t)(word >> 32)) * UINT32_C(0x9e3779b1);
    r.check ^= r.check >> 15;
}

static void step_clear(uint64_t process) {
    r.open = true;
    r.fires = r.told = r.is_lock = r.is_summed = r.awaits_sum = r.exhausts = false;
    r.main_key = 0;
    r.main_count = r.doing_count = 0;
    r.about.count = 0;
    r.step = (struct step){.process = process, .node = r.node};
}

// Whether a task could go on at the node, so that time moves early.
static bool is_early(uint32_t node) {
    if (node == NO_NODE)
        return false;
    const struct tree_node *n = &r.tree->nodes[node];
    for (uint32_t i = 0; i < n->count; i++)
        if (!(tree_option(r.tree, n, i)->process & TREE_TIMER))
            return true;
    return false;
}

// A step of the clock's own, after everything. Where it could go first it is wanted anyway; but others
// may have to go before it can (timers that are due).
static void clock_step(void) {
    static uint32_t near[STEPS];
    uint32_t step = r.count;
    if (step / 64 == r.words)
        widen();
    steps[step] = (struct step){
        .process = CLOCK_PROCESS, .node = r.node, .all = true, .special = true};
    clear(past[step]);
    clear(found.steps);
    found.late_count = 0;
    conflicts_with_all();
    uint32_t count = conflicts_join(past[step], near);
    for (uint32_t i = 0; i < count && is_fresh(); i++)
        race(near[i], CLOCK_PROCESS, past[step], step, true);
}

// ... and before everything.
static void clock_moves_early(uint64_t timer) {
    clock_step();
    r.last_all = r.count;
    join_step(set_by[timer], r.count++);
}

// A lock that waits, as if it came now. After a panic also one that could have gone on by now: the step that
// let it has ended the run.
static void look_at_waiting(const struct task *t) {
    static uint32_t near[STEPS];
    static bits its_past;
    struct operands about;
    if (!depend_is_lock(t->op) || (t->op->kind->enabled(t->op) && !r.panicked))
        return;
    depend_operands(t->op, &about);
    if (!about.count)
        return;
    uint64_t key = about.list[0].key;
    if (r.count / 64 == r.words)
        widen();
    copy(its_past, clocks[t->number]);
    conflicts_begin();
    conflicts_add(key, USE_CHANGE, its_past);
    conflicts_join(its_past, near);
    race_of_lock(key, t->number, clocks[t->number], its_past);
}

static void look_at_all_waiting(void) {
    for (struct task *t = run.announced_first; t && !r.lost; t = t->top->after)
        look_at_waiting(t);
}

static void clock_moves(const struct choice *way) {
    if (r.lost || r.count == STEPS || way->timer >= TIMERS) {
        reduce_give_up();
        return;
    }
    if (is_early(r.node)) {
        clock_moves_early(way->timer);
        return;
    }
    if (is_fresh())
        look_at_all_waiting();
    if (run.config.early)
        clock_step();
    r.floor = r.count;
}

static bool begin_timer(const struct choice *way) {
    if (way->timer >= TIMERS)
        reduce_give_up();
    if (way->moves)
        clock_moves(way);
    step_clear(tree_process(way));
    r.fires = true;
    r.step.all = r.step.special = way->last;
    digest(way->timer << 1 | 1);
    return true;
}

static bool begin_task(const struct choice *way) {
    const struct op *op = way->op;
    step_clear(way->task);
    depend_operands(op, &r.about);
    r.main_key = r.about.count ? r.about.list[0].key : 0;
    r.is_lock = depend_is_lock(op);
    digest((uint64_t)way->task << 40 | (uint64_t)op->kind->event << 32 |
           (op->object ? op->object->id : 0));
    return true;
}

static bool is_asleep(uint64_t process) {
    for (uint32_t i = 0; i < r.sleeper_count; i++)
        if (r.tree->options[sleepers[i]].process == process)
            return true;
    return false;
}

// False: only a sleeper could go on.
static bool watch_step(struct watch *w, const struct choice *way) {
    (void)w;
    settle();
    if (!r.lost && r.node == NO_NODE && is_asleep(tree_process(way))) {
        r.cut = true;
        return false;
    }
    if (way->task == CHOICE_CLOCK)
        begin_timer(way);
    else
        begin_task(way);
    r.node = NO_NODE;
    return true;
}

// What a local operation does it does at some moment of its task's code.
static void did_between(const struct op *op) {
    struct operands about;
    struct uses uses;
    depend_operands(op, &about);
    depend_did(op, &about, &uses);
    r.step.all |= uses.all;
    for (uint32_t i = 0; i < uses.count; i++)
        doing_add((struct doing){.kind = TOUCHED,
                                 .how = uses.list[i].how,
                                 .task = op->task->number,
                                 .key = uses.list[i].key});
}

// Counts who is inside of what. False: somebody leaves who is not.
static bool enter(const struct op *op) {
    int by = depend_enters(op);
    if (!by || !op->object)
        return true;
    struct thing *t = thing_of(operand_word(op->object->id | (uint64_t)op->task->number << 32));
    if (by < 0 && t->holds == 0)
        return false;
    t->holds += by;
    return true;
}

static void watch_did(struct watch *w, const struct op *op, bool parked) {
    (void)w;
    struct uses uses;
    if (!r.open || r.lost)
        return;
    if (!run.executing) {
        did_between(op);
        return;
    }
    depend_did(op, &r.about, &uses);
    uses_add(&uses, !parked);
    if (depend_enters(op)) {
        struct thing *t = thing_of(r.main_key);
        t->odd |= !parked && !enter(op);
        use_add(r.main_key, t->odd ? USE_CHANGE : USE_SHARE);
    }
    r.exhausts = depend_exhausts(op);
    r.step.takes = depend_takes(op);
    r.is_summed = depend_is_summed(op) && r.main_key;
    r.awaits_sum = depend_awaits_sum(op) && !parked && r.main_key;
}

static void watch_woke(struct watch *w, const struct op *op) {
    (void)w;
    struct uses uses;
    if (!r.open || r.lost)
        return;
    depend_woke(op, &uses);
    uses_add(&uses, false);
    enter(op);
    r.told = true;
    doing_add((struct doing){.kind = WOKE,
                             .task = op->task->number,
                             .awaits = depend_awaits_sum(op) && op->object,
                             .key = op->object ? op->object->id : 0});
}

static void watch_passed(struct watch *w, uint32_t task, const void *place) {
    (void)w;
    doing_add((struct doing){.kind = PASSED, .task = task, .key = operand_at(place)});
}

static void watch_met(struct watch *w, uint32_t task, uint32_t parked) {
    (void)w;
    doing_add((struct doing){.kind = MET, .task = task, .other = parked});
}

static void watch_started(struct watch *w, uint32_t task, uint32_t by) {
    (void)w;
    if (task >= TASKS)
        reduce_give_up();
    if (r.lost)
        return;
    clear(clocks[task]);
    last_step[task] = NONE;
    r.tasks = task + 1;
    doing_add((struct doing){.kind = STARTED, .task = task, .other = by});
}

// Who the code between operations belongs to; EVENT_NOBODY: it is the step itself.
static uint32_t toucher(void) {
    return run.current && !run.executing ? run.current->number : EVENT_NOBODY;
}

static void watch_touched(struct watch *w, struct operand what) {
    (void)w;
    uint8_t how = depend_touched(what.role);
    uint32_t task = toucher();
    if (!r.open || r.lost)
        return;
    r.told = true;
    if (!what.key)
        r.step.all = true;
    else if (task == EVENT_NOBODY)
        use_add(what.key, how);
    else
        doing_add((struct doing){.kind = TOUCHED, .how = how, .task = task, .key = what.key});
}

static void watch_timer_set(struct watch *w, uint64_t timer, bool due) {
    (void)w;
    r.step.all |= due && run.config.early;
    if (timer >= TIMERS)
        reduce_give_up();
    if (r.lost)
        return;
    clear(set_by[timer]);
    r.timers = (uint32_t)timer + 1;
    doing_add((struct doing){.kind = SET, .task = toucher(), .key = timer});
}

static void watch_timer_cleared(struct watch *w, uint64_t timer) {
    (void)w;
    r.step.all |= run.config.early > 0;
    doing_add((struct doing){.kind = CLEARED, .key = timer});
}

static void watch_ended(struct watch *w, enum run_end end) {
    (void)w;
    uint32_t node = r.open ? r.step.node : NO_NODE;
    r.panicked = end == RUN_PANICKED;
    r.step.all |= r.panicked;
    settle();
    if (r.panicked && node != NO_NODE && !r.lost)
        tree_want_all(r.tree, &r.tree->nodes[node]);
    look_at_all_waiting();
    if (run.config.early && !r.lost && r.count < STEPS) // to a timer that nobody waits for any more
        clock_step();
}

// --- for the search ---------------------------------------------------------------------------------

// Before this node nobody needs to know who sleeps: at each it is known anew.
static uint32_t last_shared_node(const struct tree *t) {
    uint32_t n = t->depth;
    while (n > 0 && t->nodes[n - 1].own)
        n--;
    return n ? n - 1 : 0;
}

struct watch *reduce_begin(struct tree *t) {
    uint64_t number = r.number + 1, fallbacks = r.fallbacks;
    memset(&r, 0, offsetof(__typeof__(r), about));
    r.number = number;
    r.fallbacks = fallbacks;
    r.tree = t;
    r.path = t->depth;
    r.sleep_from = last_shared_node(t);
    r.node = NO_NODE;
    r.last_all = NONE;
    r.words = 1;
    r.main_count = r.doing_count = 0;
    r.watch = (struct watch){.step = watch_step,
                             .did = watch_did,
                             .woke = watch_woke,
                             .passed = watch_passed,
                             .met = watch_met,
                             .started = watch_started,
                             .touched = watch_touched,
                             .timer_set = watch_timer_set,
                             .timer_cleared = watch_timer_cleared,
                             .ended = watch_ended};
    return &r.watch;
}

uint32_t reduce_arrive(void) {
    settle();
    return r.check;
}

static void copy_sleeper(struct tree_option *to) {
    for (uint32_t i = 0; i < r.sleeper_count; i++) {
        const struct tree_option *from = &r.tree->options[sleepers[i]];
        if (from->process != to->process)
            continue;
        to->asleep = true;
        to->all = from->all;
        to->use_count = from->use_count;
        memcpy(to->uses, from->uses, from->use_count * sizeof *from->uses);
        return;
    }
}

// What may happen only here, or at any time.
static bool is_always_wanted(const struct tree_node *n, uint32_t i) {
    const struct tree_option *o = tree_option(r.tree, n, i);
    bool first = i == 0 || !tree_option(r.tree, n, i - 1)->moves;
    return o->last || (o->moves && first);
}

bool reduce_enter(struct tree_node *n) {
    uint32_t taken = NONE;
    for (uint32_t i = 0; i < n->count; i++) {
        struct tree_option *o = tree_option(r.tree, n, i);
        if (!r.lost)
            copy_sleeper(o);
        o->wanted = is_always_wanted(n, i);
        bool preferred = n->preferred_task == CHOICE_CLOCK
                             ? o->process & TREE_TIMER && o->branch == n->preferred_branch
                             : o->process == n->preferred_task;
        if (!o->asleep && (taken == NONE || preferred))
            taken = i;
    }
    r.cut = taken == NONE;
    if (r.cut)
        return false;
    tree_option(r.tree, n, taken)->wanted = true;
    tree_take(r.tree, n, taken);
    return true;
}

void reduce_chose(uint32_t node) {
    struct tree_node *n = &r.tree->nodes[node];
    r.at = node + 1;
    if (n->own)
        return;
    r.node = node;
    if (node < r.sleep_from)
        return;
    const struct tree_option *taken = tree_option(r.tree, n, n->current);
    r.siblings = taken->moves;
    r.sleeper_count = 0;
    for (uint32_t i = 0; i < n->count && !r.lost; i++) {
        const struct tree_option *o = tree_option(r.tree, n, i);
        if (i != n->current && (o->asleep || o->done) && (!taken->moves || o->moves))
            sleepers[r.sleeper_count++] = n->first + i;
    }
}

void reduce_give_up(void) {
    r.lost = true;
    r.sleeper_count = 0;
}

bool reduce_was_cut(void) {
    return r.cut;
}

bool reduce_gave_up(void) {
    return r.lost;
}

bool reduce_is_too_loose(void) {
    return r.unordered;
}

uint64_t reduce_fallbacks(void) {
    return r.fallbacks;
}
