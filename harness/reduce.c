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

#include "core/internal.h"

#include <string.h>

static struct {
    struct watch watch;
    uint32_t sleep_from; // the node from which on sleepers are known
    uint32_t check;      // a digest of all that happened
    uint32_t sleeper_count;
    bool siblings; // the sleepers are other timers of the same move of the clock
    bool cut;
} follow;
static uint32_t sleepers[TREE_OPTIONS];

// --- the end of a step -------------------------------------------------------------------------------

static void find_conflicts(void) {
    conflicts_begin();
    for (uint32_t i = 0; i < trace.main_count; i++)
        conflicts_add(trace.mains[i].key, trace.mains[i].how);
    for (uint32_t i = 0; i < trace.doing_count; i++)
        if (trace.doings[i].kind == TOUCHED)
            conflicts_add(trace.doings[i].key, trace.doings[i].how);
    if (trace.step.all)
        conflicts_with_all();
}

// Whether the step at hand ends the sleep of one that was tried elsewhere.
static bool wakes(const struct tree_option *o) {
    if (o->all || trace.step.all || o->last || (o->moves && !follow.siblings))
        return true;
    for (uint32_t i = 0; i < o->use_count; i++) {
        uint8_t against = depend_against(o->uses[i].how);
        if (trace.exhausts && o->uses[i].key == trace.main_key)
            return true;
        for (uint32_t k = 0; k < trace.main_count; k++)
            if (trace.mains[k].key == o->uses[i].key && trace.mains[k].how & against)
                return true;
        for (uint32_t k = 0; k < trace.doing_count; k++)
            if (trace.doings[k].kind == TOUCHED && trace.doings[k].key == o->uses[i].key &&
                trace.doings[k].how & against)
                return true;
    }
    return false;
}

static void wake_sleepers(void) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < follow.sleeper_count; i++)
        if (!wakes(&trace.tree->options[sleepers[i]]))
            sleepers[kept++] = sleepers[i];
    follow.sleeper_count = kept;
}

// The option that was taken remembers what its step used, for when it sleeps.
static void note_uses(void) {
    if (!trace_is_new() || trace.step.node == NO_NODE)
        return;
    struct tree_option *o = race_taken(trace.step.node);
    o->all |= trace.step.all;
    for (uint32_t i = 0; i < trace.main_count && !o->all; i++)
        tree_add_use(o, trace.mains[i]);
    for (uint32_t i = 0; i < trace.doing_count && !o->all; i++)
        if (trace.doings[i].kind == TOUCHED)
            tree_add_use(o, (struct use){trace.doings[i].key, trace.doings[i].how});
}

static bool disagree(const struct doing *a, const struct doing *b) {
    return a->kind == TOUCHED && b->kind == TOUCHED && a->task != b->task && a->key == b->key &&
           a->how & depend_against(b->how);
}

// Whether tasks that went on in this step acted on one thing, in an order that nobody has chosen; or one of
// them ended the run, before or after the others.
static bool is_unordered(void) {
    uint32_t went_on = !trace.fires;
    for (uint32_t i = 0; i < trace.doing_count; i++)
        went_on += trace.doings[i].kind == WOKE;
    if (trace.panicked && went_on > 1)
        return true;
    for (uint32_t i = 0; i < trace.doing_count; i++)
        for (uint32_t k = i + 1; k < trace.doing_count && trace.doings[i].kind == TOUCHED; k++)
            if (disagree(&trace.doings[i], &trace.doings[k]))
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
    for (uint32_t i = 0; i < trace.main_count; i++) {
        uint32_t a = trace_thing(trace.mains[i].key)->head;
        for (; a != NONE && trace.accesses[a].step >= step; a = trace.accesses[a].before)
            if (trace.accesses[a].step == step &&
                (is_pair(trace.accesses[a].how, trace.mains[i].how) ||
                 is_pair(trace.mains[i].how, trace.accesses[a].how)))
                return true;
    }
    return false;
}

// A step is over: its past, its races, and what its end means to the clocks of tasks.
static void settle(void) {
    static uint32_t near[STEPS];
    if (!trace.open)
        return;
    trace.open = false;
    trace.step.all |= trace.fires && !trace.told;
    trace.unordered |= is_unordered();
    if (trace.count == STEPS)
        reduce_give_up();
    if (trace.lost)
        return;
    uint32_t step = trace.count;
    trace.steps[step] = trace.step;
    if (step / 64 == trace.words)
        trace_widen();
    past_copy(trace.past[step], trace_clock());
    find_conflicts();
    uint32_t count = conflicts_join(trace.past[step], near);
    for (uint32_t i = 0; i < count && !trace.step.all && !trace.unordered; i++)
        trace.unordered = !trace.steps[near[i]].all && is_partner(near[i]);
    race_find(near, count);
    note_uses();
    wake_sleepers();
    trace_extend(step);
    if (trace.step.all)
        trace.last_all = step;
    trace.count++;
}

// --- what is told of a step --------------------------------------------------------------------------

static void use_add(uint64_t key, uint8_t how) {
    for (uint32_t i = 0; i < trace.main_count; i++) {
        if (trace.mains[i].key == key) {
            trace.mains[i].how |= how;
            return;
        }
    }
    if (trace.main_count == MAINS)
        trace.step.all = true;
    else
        trace.mains[trace.main_count++] = (struct use){key, how};
}

static void uses_add(const struct uses *uses, bool looks) {
    trace.step.all |= uses->all;
    for (uint32_t i = 0; i < uses->count; i++) {
        uint8_t how = uses->list[i].how;
        if (trace.tree->strict && !(looks && how == USE_LOOK))
            how |= USE_CHANGE;
        use_add(uses->list[i].key, how);
    }
}

static void doing_add(struct doing d) {
    if (!trace.open || trace.lost)
        return;
    if (trace.doing_count == DOINGS)
        reduce_give_up();
    else
        trace.doings[trace.doing_count++] = d;
}

static void digest(uint64_t word) {
    follow.check = (follow.check ^ (uint32_t)word ^ (uint32_t)(word >> 32)) * UINT32_C(0x9e3779b1);
    follow.check ^= follow.check >> 15;
}

static void step_clear(uint64_t process) {
    trace.open = true;
    trace.fires = trace.told = trace.is_lock = trace.is_summed = trace.awaits_sum = trace.exhausts =
        false;
    trace.main_key = 0;
    trace.main_count = trace.doing_count = 0;
    trace.about.count = 0;
    trace.step = (struct step){.process = process, .node = trace.node};
}

// Whether a task could go on at the node, so that time moves early.
static bool is_early(uint32_t node) {
    if (node == NO_NODE)
        return false;
    const struct tree_node *n = &trace.tree->nodes[node];
    for (uint32_t i = 0; i < n->count; i++)
        if (!(tree_option(trace.tree, n, i)->process & TREE_TIMER))
            return true;
    return false;
}

// It comes after all that was done, and before all that will be.
static void clock_moves_early(uint64_t timer) {
    race_with_clock();
    trace.last_all = trace.count;
    past_join_step(trace.set_by[timer], trace.count++);
}

static void clock_moves(const struct choice *way) {
    if (trace.lost || trace.count == STEPS || way->timer >= TIMERS) {
        reduce_give_up();
        return;
    }
    if (is_early(trace.node)) {
        clock_moves_early(way->timer);
        return;
    }
    if (trace_is_new())
        race_of_all_waiting();
    if (run.config.early)
        race_with_clock();
    trace.floor = trace.count;
}

static bool begin_timer(const struct choice *way) {
    if (way->timer >= TIMERS)
        reduce_give_up();
    if (way->moves)
        clock_moves(way);
    step_clear(tree_process(way));
    trace.fires = true;
    trace.step.all = trace.step.special = way->last;
    digest(way->timer << 1 | 1);
    return true;
}

static bool begin_task(const struct choice *way) {
    const struct op *op = way->op;
    step_clear(way->task);
    depend_operands(op, &trace.about);
    trace.main_key = trace.about.count ? trace.about.list[0].key : 0;
    trace.is_lock = depend_is_lock(op);
    digest((uint64_t)way->task << 40 | (uint64_t)op->kind->event << 32 |
           (op->object ? op->object->id : 0));
    return true;
}

static bool is_asleep(uint64_t process) {
    for (uint32_t i = 0; i < follow.sleeper_count; i++)
        if (trace.tree->options[sleepers[i]].process == process)
            return true;
    return false;
}

// False: only a sleeper could go on.
static bool watch_step(struct watch *w, const struct choice *way) {
    (void)w;
    settle();
    if (!trace.lost && trace.node == NO_NODE && is_asleep(tree_process(way))) {
        follow.cut = true;
        return false;
    }
    if (way->task == CHOICE_CLOCK)
        begin_timer(way);
    else
        begin_task(way);
    trace.node = NO_NODE;
    return true;
}

// What a local operation does it does at some moment of its task's code.
static void did_between(const struct op *op) {
    struct operands about;
    struct uses uses;
    depend_operands(op, &about);
    depend_did(op, &about, &uses);
    trace.step.all |= uses.all;
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
    struct thing *t = trace_thing(operand_word(op->object->id | (uint64_t)op->task->number << 32));
    if (by < 0 && t->holds == 0)
        return false;
    t->holds += by;
    return true;
}

static void watch_did(struct watch *w, const struct op *op, bool parked) {
    (void)w;
    struct uses uses;
    if (!trace.open || trace.lost)
        return;
    if (!run.executing) {
        did_between(op);
        return;
    }
    depend_did(op, &trace.about, &uses);
    uses_add(&uses, !parked);
    if (depend_enters(op)) {
        struct thing *t = trace_thing(trace.main_key);
        t->odd |= !parked && !enter(op);
        use_add(trace.main_key, t->odd ? USE_CHANGE : USE_SHARE);
    }
    trace.exhausts = depend_exhausts(op);
    trace.step.takes = depend_takes(op);
    trace.is_summed = depend_is_summed(op) && trace.main_key;
    trace.awaits_sum = depend_awaits_sum(op) && !parked && trace.main_key;
}

static void watch_woke(struct watch *w, const struct op *op) {
    (void)w;
    struct uses uses;
    if (!trace.open || trace.lost)
        return;
    depend_woke(op, &uses);
    uses_add(&uses, false);
    enter(op);
    trace.told = true;
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
    if (trace.lost)
        return;
    past_clear(trace.clocks[task]);
    trace.last_step[task] = NONE;
    trace.tasks = task + 1;
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
    if (!trace.open || trace.lost)
        return;
    trace.told = true;
    if (!what.key)
        trace.step.all = true;
    else if (task == EVENT_NOBODY)
        use_add(what.key, how);
    else
        doing_add((struct doing){.kind = TOUCHED, .how = how, .task = task, .key = what.key});
}

static void watch_timer_set(struct watch *w, uint64_t timer, bool due) {
    (void)w;
    trace.step.all |= due && run.config.early;
    if (timer >= TIMERS)
        reduce_give_up();
    if (trace.lost)
        return;
    past_clear(trace.set_by[timer]);
    trace.timers = (uint32_t)timer + 1;
    doing_add((struct doing){.kind = SET, .task = toucher(), .key = timer});
}

static void watch_timer_cleared(struct watch *w, uint64_t timer) {
    (void)w;
    trace.step.all |= run.config.early > 0;
    doing_add((struct doing){.kind = CLEARED, .key = timer});
}

static void watch_ended(struct watch *w, enum run_end end) {
    (void)w;
    uint32_t node = trace.open ? trace.step.node : NO_NODE;
    trace.panicked = end == RUN_PANICKED;
    trace.step.all |= trace.panicked;
    settle();
    if (trace.panicked && node != NO_NODE && !trace.lost)
        tree_want_all(trace.tree, &trace.tree->nodes[node]);
    race_of_all_waiting();
    if (run.config.early && !trace.lost &&
        trace.count < STEPS) // to a timer that nobody waits for any more
        race_with_clock();
}

// --- for the search ----------------------------------------------------------------------------------

// Before this node nobody needs to know who sleeps: at each it is known anew.
static uint32_t last_shared_node(const struct tree *t) {
    uint32_t n = t->depth;
    while (n > 0 && t->nodes[n - 1].own)
        n--;
    return n ? n - 1 : 0;
}

struct watch *reduce_begin(struct tree *t) {
    trace_begin(t);
    memset(&follow, 0, sizeof follow);
    follow.sleep_from = last_shared_node(t);
    follow.watch = (struct watch){.step = watch_step,
                                  .did = watch_did,
                                  .woke = watch_woke,
                                  .passed = watch_passed,
                                  .met = watch_met,
                                  .started = watch_started,
                                  .touched = watch_touched,
                                  .timer_set = watch_timer_set,
                                  .timer_cleared = watch_timer_cleared,
                                  .ended = watch_ended};
    return &follow.watch;
}

uint32_t reduce_arrive(void) {
    settle();
    return follow.check;
}

static void copy_sleeper(struct tree_option *to) {
    for (uint32_t i = 0; i < follow.sleeper_count; i++) {
        const struct tree_option *from = &trace.tree->options[sleepers[i]];
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
    const struct tree_option *o = tree_option(trace.tree, n, i);
    bool first = i == 0 || !tree_option(trace.tree, n, i - 1)->moves;
    return o->last || (o->moves && first);
}

bool reduce_enter(struct tree_node *n) {
    uint32_t taken = NONE;
    for (uint32_t i = 0; i < n->count; i++) {
        struct tree_option *o = tree_option(trace.tree, n, i);
        if (!trace.lost)
            copy_sleeper(o);
        o->wanted = is_always_wanted(n, i);
        bool preferred = n->preferred_task == CHOICE_CLOCK
                             ? o->process & TREE_TIMER && o->branch == n->preferred_branch
                             : o->process == n->preferred_task;
        if (!o->asleep && (taken == NONE || preferred))
            taken = i;
    }
    follow.cut = taken == NONE;
    if (follow.cut)
        return false;
    tree_option(trace.tree, n, taken)->wanted = true;
    tree_take(trace.tree, n, taken);
    return true;
}

void reduce_chose(uint32_t node) {
    struct tree_node *n = &trace.tree->nodes[node];
    trace.at = node + 1;
    if (n->own)
        return;
    trace.node = node;
    if (node < follow.sleep_from)
        return;
    const struct tree_option *taken = tree_option(trace.tree, n, n->current);
    follow.siblings = taken->moves;
    follow.sleeper_count = 0;
    for (uint32_t i = 0; i < n->count && !trace.lost; i++) {
        const struct tree_option *o = tree_option(trace.tree, n, i);
        if (i != n->current && (o->asleep || o->done) && (!taken->moves || o->moves))
            sleepers[follow.sleeper_count++] = n->first + i;
    }
}

void reduce_give_up(void) {
    trace.lost = true;
    follow.sleeper_count = 0;
}

bool reduce_was_cut(void) {
    return follow.cut;
}

bool reduce_gave_up(void) {
    return trace.lost;
}

bool reduce_is_too_loose(void) {
    return trace.unordered && !trace.tree->strict;
}

uint64_t reduce_fallbacks(void) {
    return trace.fallbacks;
}
