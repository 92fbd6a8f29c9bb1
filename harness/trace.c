// trace: how pasts are made.
//
// JACM 2017, section 3.1, asks for a valid happens-before assignment:
//   - the past of a step is its task's clock and the pasts of all earlier steps it conflicts with;
//   - the clock of its task is then that and the step itself, and so are those of the tasks it woke;
//   - steps that commute and yet cause each other's continuation (a send and its receive, dones and the
//     wait they end) go into the clocks of the tasks alone, never into the past of a step: the two steps
//     may change places, what follows both may not. Through a buffer each place passes values on, so its
//     next user goes on after its last; without one both go on after both.
//
// Time. That the clock moves follows everything before and precedes everything after, for any of it may
// read the clock. Where nothing else could happen that is no choice, so it is no step: all before is past.
// On a slow machine it may move early; then it is a step that conflicts with all.
//
// Code between operations may act on shared things too (depend.h, touched). It belongs to the step it
// follows; but it is after what its task has waited for, so what conflicts with it gets the clock its task
// had by then, not only the past of the step.
//
// Where two tasks go on in one step and act on one thing in their code, who went first is up to how they
// came to wait, that is, to the order of steps that commute. So is when a woken task acts on what others act
// on later, who know of it only by way of the one who woke it; when the two that met conflict so; and when one of several that go on ends the run.
// All that is rare; the search then begins again, strictly: all that is done to one object conflicts, but for
// looks.
#include "harness/trace.h"

#include <string.h>

struct trace trace_own, *trace = &trace_own;

// Earlier steps that the one at hand conflicts with.
enum { LATE_CONFLICTS = 64 };
static struct {
    bits steps;
    uint32_t late_count;
    struct access late[LATE_CONFLICTS]; // those of them that are in code between operations
} conflicts;

void trace_begin(struct tree *t) {
    uint64_t number = trace->number + 1, fallbacks = trace->fallbacks;
    memset(trace, 0, offsetof(struct trace, mains));
    trace->number = number;
    trace->fallbacks = fallbacks;
    trace->tree = t;
    trace->path = t->depth;
    trace->node = NO_NODE;
    trace->last_all = NONE;
    trace->words = 1;
}

bool trace_is_new(void) {
    return trace->at >= trace->path;
}

void trace_widen(void) {
    uint32_t w = trace->words++;
    for (uint32_t t = 0; t < trace->tasks; t++)
        trace->clocks[t][w] = 0;
    for (uint32_t t = 0; t < trace->timers; t++)
        trace->set_by[t][w] = 0;
    for (uint32_t i = 0; i < trace->count; i++)
        trace->past[i][w] = 0;
    for (uint32_t i = 1; i <= trace->late_count; i++)
        trace->lates[i][w] = 0;
    for (uint32_t i = 1; i <= trace->sum_count; i++)
        trace->sums[i][w] = 0;
}

// --- things ------------------------------------------------------------------------------------------

// From here on the run is not followed, so nobody cares what it is.
static struct thing *trace_thing_too_many(void) {
    static struct thing any;
    reduce_give_up();
    any = (struct thing){.head = NONE, .last = NONE};
    return &any;
}

struct thing *trace_thing(uint64_t key) {
    uint32_t at = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 51);
    for (;; at = (at + 1) % THINGS) {
        struct thing *t = &trace->things[at];
        if (t->run == trace->number && t->key == key)
            return t;
        if (t->run != trace->number) {
            if (++trace->thing_count > THINGS / 2)
                return trace_thing_too_many();
            *t = (struct thing){.key = key, .run = trace->number, .head = NONE, .last = NONE};
            return t;
        }
    }
}

static void trace_use(uint64_t key, struct access a) {
    struct thing *t = trace_thing(key);
    if (trace->access_count == ACCESSES)
        reduce_give_up();
    if (trace->lost)
        return;
    a.before = t->head;
    trace->accesses[trace->access_count] = a;
    t->head = trace->access_count++;
}

// --- conflicts ---------------------------------------------------------------------------------------

void conflicts_add(uint64_t key, uint8_t how) {
    uint8_t against = depend_against(how);
    for (uint32_t a = trace_thing(key)->head; a != NONE; a = trace->accesses[a].before) {
        const struct access *e = &trace->accesses[a];
        if (e->step < trace->floor)
            return;
        if (e->how & against) {
            past_add(conflicts.steps, e->step);
            if (e->late && conflicts.late_count < LATE_CONFLICTS)
                conflicts.late[conflicts.late_count++] = *e;
            else if (e->late)
                trace->unordered = true;
        }
        if (e->how & USE_CHANGE) // which all before it conflict with
            return;
    }
}

void conflicts_with_all(void) {
    for (uint32_t i = trace->floor; i < trace->count; i++)
        past_add(conflicts.steps, i);
}

void conflicts_begin(void) {
    past_clear(conflicts.steps);
    conflicts.late_count = 0;
    if (trace->last_all != NONE && trace->last_all >= trace->floor)
        past_add(conflicts.steps, trace->last_all);
}

static void join_late(uint64_t *set, uint32_t step) {
    for (uint32_t i = 0; i < conflicts.late_count; i++)
        if (conflicts.late[i].step == step)
            past_join(set, trace->lates[conflicts.late[i].late]);
}

// The code of a woken task is in the past of this step, but only by way of who woke it: had it come to wait
// later, it would have gone on later.
static bool is_detour(const struct access *e, const uint64_t *its_past) {
    uint32_t task = e->woken - 1;
    if (!e->woken || trace->step.process == task)
        return false;
    for (uint32_t i = trace->count; --i > e->step;)
        if (trace->steps[i].process == task && past_has(its_past, i))
            return false;
    return true;
}

static void look_for_detours(const uint64_t *its_past, uint32_t step) {
    for (uint32_t i = 0; i < conflicts.late_count; i++)
        if (conflicts.late[i].step == step)
            trace->unordered |= is_detour(&conflicts.late[i], its_past);
}

uint32_t conflicts_join(uint64_t *set, uint32_t *near) {
    uint32_t count = 0;
    for (uint32_t w = trace->words; w-- > trace->floor / 64;) {
        while (conflicts.steps[w]) {
            uint32_t i = w * 64 + 63 - (uint32_t)__builtin_clzl(conflicts.steps[w]);
            conflicts.steps[w] &= ~(UINT64_C(1) << i % 64);
            if (past_has(set, i)) {
                look_for_detours(set, i);
                continue;
            }
            near[count++] = i;
            past_join_step(set, i);
            join_late(set, i);
        }
    }
    return count;
}

// --- clocks ------------------------------------------------------------------------------------------

const uint64_t *trace_clock(void) {
    uint64_t process = trace->step.process;
    return process & TREE_TIMER ? trace->set_by[process & ~TREE_TIMER] : trace->clocks[process];
}

uint64_t *trace_sum(uint64_t key) {
    struct thing *t = trace_thing(key);
    if (!t->sum && trace->sum_count + 1 == SUMS)
        reduce_give_up();
    if (!t->sum && !trace->lost) {
        t->sum = ++trace->sum_count;
        past_clear(trace->sums[t->sum]);
    }
    return trace->sums[t->sum];
}

static void pass(const struct doing *d, uint32_t step, bool mine) {
    struct thing *place = trace_thing(d->key);
    if (place->last != NONE)
        past_join_step(trace->clocks[d->task], place->last);
    place->last = mine ? step : trace->last_step[d->task];
}

static void add_touch(const struct doing *d, uint32_t step) {
    if (trace->late_count + 1 == LATES) {
        reduce_give_up();
        return;
    }
    bool woken = !(trace->step.process & TREE_TIMER) && d->task != trace->step.process;
    past_copy(trace->lates[++trace->late_count], trace->clocks[d->task]);
    trace_use(d->key, (struct access){.step = step,
                                      .late = trace->late_count,
                                      .woken = woken ? d->task + 1 : 0,
                                      .how = d->how});
}

static void start_clock(uint32_t child, uint32_t by, uint32_t step) {
    if (by == EVENT_NOBODY) {
        past_copy(trace->clocks[child], trace->past[step]);
        past_add(trace->clocks[child], step);
    } else {
        past_copy(trace->clocks[child], trace->clocks[by]);
    }
    trace->last_step[child] = NONE;
}

static void set_clock(uint64_t timer, uint32_t by, uint32_t step) {
    if (by == EVENT_NOBODY) {
        past_copy(trace->set_by[timer], trace->past[step]);
        past_add(trace->set_by[timer], step);
    } else {
        past_copy(trace->set_by[timer], trace->clocks[by]);
    }
}

static void apply(const struct doing *d, uint32_t step) {
    switch ((enum doing_kind)d->kind) {
    case PASSED:
        pass(d, step, d->task == trace->step.process);
        break;
    case MET:
        if (trace->last_step[d->other] != NONE)
            past_join_step(trace->clocks[d->task], trace->last_step[d->other]);
        break;
    case WOKE:
        past_join_step(trace->clocks[d->task], step);
        if (d->awaits)
            past_join(trace->clocks[d->task], trace_sum(d->key));
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
        break;
    }
}

void trace_extend(uint32_t step) {
    bool task = !(trace->step.process & TREE_TIMER);
    if (task) {
        past_copy(trace->clocks[trace->step.process], trace->past[step]);
        past_add(trace->clocks[trace->step.process], step);
    }
    for (uint32_t i = 0; i < trace->main_count && !trace->lost; i++)
        trace_use(trace->mains[i].key, (struct access){.step = step, .how = trace->mains[i].how});
    if (trace->is_summed)
        past_join_step(trace_sum(trace->main_key), step);
    for (uint32_t i = 0; i < trace->doing_count && !trace->lost; i++)
        apply(&trace->doings[i], step);
    if (task && trace->awaits_sum)
        past_join(trace->clocks[trace->step.process], trace_sum(trace->main_key));
    if (task)
        trace->last_step[trace->step.process] = step;
}
