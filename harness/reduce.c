// reduce: follows a run step by step, and who sleeps meanwhile.
//
// The steps, their order and what may be turned round are in trace.c and race.c. Here is what the core tells
// of a run, made into steps, and the sleep sets (section 4): an option that was tried sleeps in its siblings'
// subtrees until a step is taken that conflicts with what its step used. A run in which only sleepers could
// go on is cut.
//
// A timer that is due is a process of its own, with one step. An arrival over the network waits until no task
// can go on, so it conflicts with all. What makes a timer due, or clears one, does so too on a slow machine,
// for it decides whether the clock may move early.
//
// A panic ends the run for everybody: the step conflicts with all, and everybody is wanted instead of it.
// In another order it may be another step that ends so (the one that completes the task), so what races
// with it must not sleep through that.
#include "harness/trace.h"

#include <string.h>

// --- the end of a step -------------------------------------------------------------------------------

static void find_conflicts(void) {
    conflicts_begin();
    for (uint32_t i = 0; i < trace->main_count; i++)
        conflicts_add(trace->mains[i].key, trace->mains[i].how);
    for (uint32_t i = 0; i < trace->doing_count; i++)
        if (trace->doings[i].kind == TOUCHED)
            conflicts_add(trace->doings[i].key, trace->doings[i].how);
    if (trace->step.all)
        conflicts_with_all();
}

// Whether the step at hand ends the sleep of one that was tried elsewhere.
static bool wakes(const struct tree_option *o) {
    if (o->all || trace->step.all || o->last || (o->moves && !trace->siblings))
        return true;
    for (uint32_t i = 0; i < o->use_count; i++) {
        uint8_t against = depend_against(o->uses[i].how);
        if (trace->exhausts && o->uses[i].key == trace->main_key)
            return true;
        for (uint32_t k = 0; k < trace->main_count; k++)
            if (trace->mains[k].key == o->uses[i].key && trace->mains[k].how & against)
                return true;
        for (uint32_t k = 0; k < trace->doing_count; k++)
            if (trace->doings[k].kind == TOUCHED && trace->doings[k].key == o->uses[i].key &&
                trace->doings[k].how & against)
                return true;
    }
    return false;
}

static void wake_sleepers(void) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < trace->sleeper_count; i++)
        if (!wakes(&trace->tree->options[trace->sleepers[i]]))
            trace->sleepers[kept++] = trace->sleepers[i];
    trace->sleeper_count = kept;
}

// The option that was taken remembers what its step used, for when it sleeps.
static void note_uses(void) {
    if (!trace_is_new() || trace->step.node == NO_NODE)
        return;
    struct tree_option *o = race_taken(trace->step.node);
    o->all |= trace->step.all;
    for (uint32_t i = 0; i < trace->main_count && !o->all; i++)
        tree_add_use(o, trace->mains[i]);
    for (uint32_t i = 0; i < trace->doing_count && !o->all; i++)
        if (trace->doings[i].kind == TOUCHED)
            tree_add_use(o, (struct use){trace->doings[i].key, trace->doings[i].how});
}

static bool disagree(const struct doing *a, const struct doing *b) {
    return a->kind == TOUCHED && b->kind == TOUCHED && a->task != b->task && a->key == b->key &&
           a->how & depend_against(b->how);
}

// Whether tasks that went on in this step acted on one thing, in an order that nobody has chosen; or one of
// them ended the run, before or after the others.
static bool is_unordered(void) {
    uint32_t went_on = !trace->fires;
    for (uint32_t i = 0; i < trace->doing_count; i++)
        went_on += trace->doings[i].kind == WOKE;
    if (trace->panicked && went_on > 1)
        return true;
    for (uint32_t i = 0; i < trace->doing_count; i++)
        for (uint32_t k = i + 1; k < trace->doing_count && trace->doings[i].kind == TOUCHED; k++)
            if (disagree(&trace->doings[i], &trace->doings[k]))
                return true;
    return false;
}

static bool is_pair(uint8_t a, uint8_t b) {
    return (a & USE_SEND && b & USE_RECV) || (a & USE_DONE && b & USE_WAIT);
}

// Whether an earlier step that the one at hand conflicts with could have been the one that ends its wait. By
// themselves the two commute, so they conflict in the code that follows; and had this one come first and
// waited, that code would be in the other's step.
static bool is_partner(uint32_t step) {
    for (uint32_t i = 0; i < trace->main_count; i++) {
        uint32_t a = trace_thing(trace->mains[i].key)->head;
        for (; a != NONE && trace->accesses[a].step >= step; a = trace->accesses[a].before)
            if (trace->accesses[a].step == step &&
                (is_pair(trace->accesses[a].how, trace->mains[i].how) ||
                 is_pair(trace->mains[i].how, trace->accesses[a].how)))
                return true;
    }
    return false;
}

// A step is over: its past, its races, and what its end means to the clocks of tasks.
static void settle(void) {
    static uint32_t near[STEPS];
    if (!trace->open)
        return;
    trace->open = false;
    trace->step.all |= trace->fires && !trace->told;
    trace->unordered |= is_unordered();
    if (trace->count == STEPS)
        reduce_give_up();
    if (trace->lost)
        return;
    uint32_t step = trace->count;
    trace->steps[step] = trace->step;
    if (step / 64 == trace->words)
        trace_widen();
    past_copy(trace->past[step], trace_clock());
    find_conflicts();
    uint32_t count = conflicts_join(trace->past[step], near);
    for (uint32_t i = 0; i < count && !trace->step.all && !trace->unordered; i++)
        trace->unordered = !trace->steps[near[i]].all && is_partner(near[i]);
    race_find(near, count);
    note_uses();
    wake_sleepers();
    trace_extend(step);
    if (trace->step.all)
        trace->last_all = step;
    trace->count++;
}

// --- what is told of a step --------------------------------------------------------------------------

static void use_add(uint64_t key, uint8_t how) {
    for (uint32_t i = 0; i < trace->main_count; i++) {
        if (trace->mains[i].key == key) {
            trace->mains[i].how |= how;
            return;
        }
    }
    if (trace->main_count == MAINS)
        trace->step.all = true;
    else
        trace->mains[trace->main_count++] = (struct use){key, how};
}

static void doing_add(struct doing d) {
    if (!reduce_listens())
        return;
    if (trace->doing_count == DOINGS)
        reduce_give_up();
    else
        trace->doings[trace->doing_count++] = d;
}

static void digest(uint64_t word) {
    trace->check = (trace->check ^ (uint32_t)word ^ (uint32_t)(word >> 32)) * UINT32_C(0x9e3779b1);
    trace->check ^= trace->check >> 15;
}

static void step_clear(uint64_t process) {
    trace->open = true;
    trace->fires = trace->told = trace->is_lock = trace->is_summed = trace->awaits_sum =
        trace->exhausts = false;
    trace->main_key = 0;
    trace->main_count = trace->doing_count = 0;
    trace->step = (struct step){.process = process, .node = trace->node};
}

// Whether a task could go on at the node, so that time moves early.
static bool is_early(uint32_t node) {
    if (node == NO_NODE)
        return false;
    const struct tree_node *n = &trace->tree->nodes[node];
    for (uint32_t i = 0; i < n->count; i++)
        if (!(tree_option(trace->tree, n, i)->process & TREE_TIMER))
            return true;
    return false;
}

// It comes after all that was done, and before all that will be.
static void clock_moves_early(uint64_t timer) {
    race_with_clock();
    trace->last_all = trace->count;
    past_join_step(trace->set_by[timer], trace->count++);
}

static void clock_moves(const struct telling *t) {
    if (trace->lost || trace->count == STEPS || t->key >= TIMERS) {
        reduce_give_up();
        return;
    }
    if (is_early(trace->node)) {
        clock_moves_early(t->key);
        return;
    }
    race_of_all_waiting();
    if (t->flags & TELLING_EARLY)
        race_with_clock();
    trace->floor = trace->count;
}

static void hear_timer(const struct telling *t) {
    if (t->key >= TIMERS)
        reduce_give_up();
    if (t->flags & TELLING_MOVES)
        clock_moves(t);
    trace->waiting_count = 0;
    step_clear(TREE_TIMER | t->key);
    trace->fires = true;
    trace->step.all = trace->step.special = t->flags & TELLING_LAST;
    digest(t->key << 1 | 1);
}

static void hear_task(const struct telling *t) {
    step_clear(t->task);
    trace->main_key = t->key;
    trace->is_lock = t->flags & TELLING_LOCK;
    digest((uint64_t)t->task << 40 | (uint64_t)t->how << 32 | t->other);
}

static bool is_asleep(uint64_t process) {
    for (uint32_t i = 0; i < trace->sleeper_count; i++)
        if (trace->tree->options[trace->sleepers[i]].process == process)
            return true;
    return false;
}

// False: only a sleeper could go on.
static bool hear_step(const struct telling *t) {
    uint64_t process = t->kind == TELL_TIMER ? TREE_TIMER | t->key : t->task;
    settle();
    if (!trace->lost && trace->node == NO_NODE && is_asleep(process)) {
        trace->cut = true;
        return false;
    }
    if (t->kind == TELL_TIMER)
        hear_timer(t);
    else
        hear_task(t);
    trace->node = NO_NODE;
    return true;
}

static void hear_use(const struct telling *t) {
    bool looks = t->flags & TELLING_LOOKS && t->how == USE_LOOK;
    use_add(t->key, trace->tree->strict && !looks ? t->how | USE_CHANGE : t->how);
}

// Counts who is inside of what. False: somebody leaves who is not.
static bool enter(const struct telling *t) {
    if (!(t->flags & (TELLING_ENTERS | TELLING_LEAVES)) || !t->other)
        return true;
    struct thing *inside = trace_thing(operand_word(t->other | (uint64_t)t->task << 32));
    if (t->flags & TELLING_LEAVES && inside->holds == 0)
        return false;
    inside->holds += t->flags & TELLING_ENTERS ? 1 : -1;
    return true;
}

static void hear_enter(const struct telling *t) {
    struct thing *lock = trace_thing(trace->main_key);
    lock->odd |= !(t->flags & TELLING_PARKED) && !enter(t);
    use_add(trace->main_key, lock->odd ? USE_CHANGE : USE_SHARE);
}

static void hear_did(const struct telling *t) {
    trace->exhausts = t->flags & TELLING_EXHAUSTS;
    trace->step.takes = t->flags & TELLING_TAKES;
    trace->is_summed = t->flags & TELLING_SUMMED && trace->main_key;
    trace->awaits_sum = t->flags & TELLING_AWAITS && trace->main_key;
}

static void hear_woke(const struct telling *t) {
    enter(t);
    trace->told = true;
    doing_add((struct doing){.kind = WOKE,
                             .task = t->task,
                             .awaits = t->flags & TELLING_AWAITS && t->other,
                             .key = t->other});
}

static void hear_started(const struct telling *t) {
    if (t->task >= TASKS)
        reduce_give_up();
    if (trace->lost)
        return;
    past_clear(trace->clocks[t->task]);
    trace->last_step[t->task] = NONE;
    trace->tasks = t->task + 1;
    doing_add((struct doing){.kind = STARTED, .task = t->task, .other = t->other});
}

static void hear_acted(const struct telling *t) {
    doing_add((struct doing){.kind = TOUCHED, .how = t->how, .task = t->task, .key = t->key});
}

static void hear_touched(const struct telling *t) {
    trace->told = true;
    if (!t->key)
        trace->step.all = true;
    else if (t->task == EVENT_NOBODY)
        use_add(t->key, t->how);
    else
        hear_acted(t);
}

static void hear_set(const struct telling *t) {
    trace->step.all |= (t->flags & TELLING_EARLY) != 0;
    if (t->key >= TIMERS)
        reduce_give_up();
    if (trace->lost)
        return;
    past_clear(trace->set_by[t->key]);
    trace->timers = (uint32_t)t->key + 1;
    doing_add((struct doing){.kind = SET, .task = t->task, .key = t->key});
}

static void hear_cleared(const struct telling *t) {
    trace->step.all |= (t->flags & TELLING_EARLY) != 0;
    doing_add((struct doing){.kind = CLEARED, .key = t->key});
}

static void hear_waits(const struct telling *t) {
    trace->waits++;
    if (t->task >= TASKS || trace->waiting_count == TASKS)
        reduce_give_up();
    else
        trace->waiting[trace->waiting_count++] = (struct waiting){t->task, t->key};
}

static void hear_ended(const struct telling *t) {
    uint32_t node = trace->open ? trace->step.node : NO_NODE;
    trace->panicked = t->flags & TELLING_PANICKED;
    trace->step.all |= trace->panicked;
    settle();
    if (trace->panicked && node != NO_NODE && !trace->lost)
        tree_want_all(trace->tree, &trace->tree->nodes[node]);
    race_of_all_waiting();
    if (t->flags & TELLING_EARLY && !trace->lost &&
        trace->count < STEPS) // to a timer that nobody waits for any more
        race_with_clock();
}

// What belongs to the operation of the step under way is heard only while that is followed.
static void hear_of_step(const struct telling *t) {
    if (!reduce_listens())
        return;
    switch ((enum telling_kind)t->kind) {
    case TELL_USE:
        hear_use(t);
        break;
    case TELL_ENTER:
        hear_enter(t);
        break;
    case TELL_DID:
        hear_did(t);
        break;
    case TELL_WOKE:
        hear_woke(t);
        break;
    case TELL_TOUCHED:
        hear_touched(t);
        break;
    case TELL_ACTED:
        hear_acted(t);
        break;
    case TELL_PASSED:
        doing_add((struct doing){.kind = PASSED, .task = t->task, .key = t->key});
        break;
    case TELL_MET:
        doing_add((struct doing){.kind = MET, .task = t->task, .other = t->other});
        break;
    default:
        break;
    }
}

bool reduce_hear(const struct telling *t) {
    switch ((enum telling_kind)t->kind) {
    case TELL_TASK:
    case TELL_TIMER:
        return hear_step(t);
    case TELL_ALL:
        trace->step.all = true;
        break;
    case TELL_STARTED:
        hear_started(t);
        break;
    case TELL_SET:
        hear_set(t);
        break;
    case TELL_CLEARED:
        hear_cleared(t);
        break;
    case TELL_WAITS:
        hear_waits(t);
        break;
    case TELL_ENDED:
        hear_ended(t);
        break;
    default:
        hear_of_step(t);
        break;
    }
    return true;
}

// Who is named has been started, or nobody follows any more.
bool reduce_can_be(const struct telling *t) {
    bool task = t->task < TASKS, other = t->other < TASKS;
    if (trace->lost)
        return t->kind < TELL_KINDS;
    switch ((enum telling_kind)t->kind) {
    case TELL_TIMER:
    case TELL_ALL:
    case TELL_USE:
    case TELL_DID:
    case TELL_CLEARED:
    case TELL_ENDED:
        return true;
    case TELL_TASK:
    case TELL_ENTER:
    case TELL_WOKE:
    case TELL_PASSED:
    case TELL_ACTED:
    case TELL_WAITS:
        return task;
    case TELL_MET:
        return task && other;
    case TELL_STARTED:
        return other || t->other == EVENT_NOBODY;
    case TELL_TOUCHED:
    case TELL_SET:
        return task || t->task == EVENT_NOBODY;
    case TELL_KINDS:
        break;
    }
    return false;
}

bool reduce_listens(void) {
    return trace->open && !trace->lost;
}

bool reduce_wants_waiting(void) {
    return trace_is_new() && !trace->lost;
}

// --- for the search ----------------------------------------------------------------------------------

// Before this node nobody needs to know who sleeps: at each it is known anew.
static uint32_t last_shared_node(const struct tree *t) {
    uint32_t n = t->depth;
    while (n > 0 && t->nodes[n - 1].own)
        n--;
    return n ? n - 1 : 0;
}

void reduce_begin(struct tree *t) {
    trace_begin(t);
    trace->sleep_from = last_shared_node(t);
}

uint32_t reduce_arrive(void) {
    settle();
    return trace->check;
}

static void copy_sleeper(struct tree_option *to) {
    for (uint32_t i = 0; i < trace->sleeper_count; i++) {
        const struct tree_option *from = &trace->tree->options[trace->sleepers[i]];
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
    const struct tree_option *o = tree_option(trace->tree, n, i);
    bool first = i == 0 || !tree_option(trace->tree, n, i - 1)->moves;
    return o->last || (o->moves && first);
}

bool reduce_enter(struct tree_node *n) {
    uint32_t taken = NONE;
    for (uint32_t i = 0; i < n->count; i++) {
        struct tree_option *o = tree_option(trace->tree, n, i);
        if (!trace->lost)
            copy_sleeper(o);
        o->wanted = is_always_wanted(n, i);
        bool preferred = n->preferred_task == CHOICE_CLOCK
                             ? o->process & TREE_TIMER && o->branch == n->preferred_branch
                             : o->process == n->preferred_task;
        if (!o->asleep && (taken == NONE || preferred))
            taken = i;
    }
    trace->cut = taken == NONE;
    if (trace->cut)
        return false;
    tree_option(trace->tree, n, taken)->wanted = true;
    tree_take(trace->tree, n, taken);
    return true;
}

void reduce_chose(uint32_t node) {
    struct tree_node *n = &trace->tree->nodes[node];
    trace->at = node + 1;
    if (n->own)
        return;
    trace->node = node;
    if (node < trace->sleep_from)
        return;
    const struct tree_option *taken = tree_option(trace->tree, n, n->current);
    trace->siblings = taken->moves;
    trace->sleeper_count = 0;
    for (uint32_t i = 0; i < n->count && !trace->lost; i++) {
        const struct tree_option *o = tree_option(trace->tree, n, i);
        if (i != n->current && (o->asleep || o->done) && (!taken->moves || o->moves))
            trace->sleepers[trace->sleeper_count++] = n->first + i;
    }
}

void reduce_give_up(void) {
    trace->lost = true;
    trace->sleeper_count = 0;
}

bool reduce_was_cut(void) {
    return trace->cut;
}

bool reduce_gave_up(void) {
    return trace->lost;
}

bool reduce_is_too_loose(void) {
    return trace->unordered && !trace->tree->strict;
}

uint64_t reduce_waits(void) {
    return trace->waits;
}

uint64_t reduce_fallbacks(void) {
    return trace->fallbacks;
}

size_t reduce_size(void) {
    return sizeof(struct trace);
}

void reduce_use(struct trace *t) {
    trace = t ? t : &trace_own;
}
