// announce: the scheduler's loop for runs in which each visible operation is a choice point.
//
// Invariants: when something is picked, no task is ready: each that lives is announced with its next
// operation, or parked; so all that could happen next is among the ways. The announced tasks are in the
// order of their numbers, and the ways are too, those of the clock last, so that the same schedule
// finds the same ways.
//
// Rejected: picking among tasks rather than among their branches (a select's ready arms would be
// chosen by something that no schedule records); asking the policy where there is but one way (ids
// would be longer by what cannot be otherwise).
#include "core/handover.h"

enum { WAYS_MAX = 16384 };

static struct choice ways[WAYS_MAX];

// --- announcing -------------------------------------------------------------------------------------

// Enters the task into the announced list, which is ordered by creation number.
static void announced_insert(struct task *t) {
    struct task *before = run.announced_last;
    while (before && before->number > t->number)
        before = before->top->before;
    t->top->before = before;
    t->top->after = before ? before->top->after : run.announced_first;
    if (t->top->after)
        t->top->after->top->before = t;
    else
        run.announced_last = t;
    if (before)
        before->top->after = t;
    else
        run.announced_first = t;
    t->announced = true;
}

static void announced_remove(struct task *t) {
    if (t->top->before)
        t->top->before->top->after = t->top->after;
    else
        run.announced_first = t->top->after;
    if (t->top->after)
        t->top->after->top->before = t->top->before;
    else
        run.announced_last = t->top->before;
    t->announced = false;
}

void announce(struct op *op) {
    struct task *t = op->task;
    t->state = TASK_READY;
    announced_insert(t);
    sanitize_release(&t->top->sync_out);
    leave(t);
    sanitize_acquire(&t->top->sync_in);
}

// --- which ways there are -----------------------------------------------------------------------------

static bool op_enabled(const struct op *op) {
    return !op->kind->enabled || op->kind->enabled(op);
}

// An announced operation that cannot go is shown as waiting, once, with its reason.
static void show_waiting(struct task *t) {
    struct op *op = t->op;
    if (op->shown_waiting)
        return;
    op->shown_waiting = true;
    event_write_for(t->number, op->kind->event, op->object ? op->object->id : 0, op->at,
                    EVENT_NOBODY, 0, EVENT_PARKED);
    mark_parked(t, op_reason(op), op);
}

static size_t ways_of_task(struct task *t, size_t count) {
    uint64_t mask = t->op->kind->branches ? t->op->kind->branches(t->op) : 1;
    for (; mask && count < WAYS_MAX; mask &= mask - 1)
        ways[count++] = (struct choice){
            .task = t->number, .branch = (uint32_t)__builtin_ctzl(mask), .op = t->op};
    return count;
}

// It has long been doing nothing but operations in vain, and its next would be another.
static bool only_waits(const struct task *t) {
    return t->top->vain_at == progress() && t->top->vain >= PATIENCE && t->op->kind->in_vain &&
           t->op->kind->in_vain(t->op);
}

// Every way to go on by a task. *fruitful: some task does not only wait for time to pass.
static size_t collect_ways(bool *fruitful) {
    size_t count = 0;
    *fruitful = false;
    for (struct task *t = run.announced_first; t; t = t->top->after) {
        if (!op_enabled(t->op)) {
            show_waiting(t);
            continue;
        }
        if (!*fruitful && !only_waits(t))
            *fruitful = true;
        count = ways_of_task(t, count);
    }
    return count;
}

// What the default schedule does: go on with the last task; if its operation was in vain, with the
// next in turn; if it cannot go on, with the lowest number.
static size_t preferred_way(size_t count, bool last_in_vain) {
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (!last_in_vain && ways[i].task == run.last) {
            ways[i].goes_on = true;
            return i;
        }
        if (last_in_vain && ways[i].task > run.last) {
            next = i;
            break;
        }
    }
    return next;
}

// The timers with the earliest deadline, each a way. More of them than can be told apart are never
// all tried.
static size_t ways_of_clock(size_t tasks, int64_t when) {
    const struct timer_node *ties[TIES_MAX];
    uint32_t n = timer_ties(ties);
    size_t count = tasks;
    run.pressed |= n == TIES_MAX;
    for (uint32_t i = 0; i < n && count < WAYS_MAX; i++)
        if (!tasks || !ties[i]->last || when > run.now)
            ways[count++] = (struct choice){.task = CHOICE_CLOCK,
                                            .branch = i,
                                            .timer = ties[i]->seq,
                                            .moves = when > run.now,
                                            .last = ties[i]->last};
    return count;
}

// When the clock may go on, INT64_MAX: not now. At once, for timers that are due; to the next where
// no task can go on, or each only waits for time to pass; early, as often as may be.
static int64_t clock_when(size_t tasks, bool spinning) {
    if (timer_due())
        return run.now;
    if (!tasks) {
        int64_t when = timer_next(spinning);
        return !spinning && run_only_serves(when) ? INT64_MAX : when;
    }
    return run.early < run.config.early ? timer_next(true) : INT64_MAX;
}

// --- picking one ------------------------------------------------------------------------------------

static size_t pick(size_t count, size_t preferred) {
    if (count < 2)
        return 0;
    size_t taken = run.policy->pick(run.policy, ways, count, preferred);
    if (taken < count)
        run.choice_points++;
    else
        run_stop(taken == POLICY_DIVERGED ? RUN_DIVERGED : RUN_STOPPED);
    return taken;
}

void choose_branch(struct op *op) {
    uint64_t mask = op->kind->branches ? op->kind->branches(op) : 1;
    size_t count = 0;
    for (; mask && count < WAYS_MAX; mask &= mask - 1)
        ways[count++] = (struct choice){.task = op->task->number,
                                        .branch = (uint32_t)__builtin_ctzl(mask),
                                        .op = op,
                                        .local = true};
    if (count < 2)
        return;
    sanitize_as(NULL); // whatever the policy does is not the task's doing
    size_t taken = run.policy->pick(run.policy, ways, count, 0);
    sanitize_as(op->task);
    if (taken >= count)
        run_abandon(taken == POLICY_DIVERGED ? RUN_DIVERGED : RUN_STOPPED);
    run.choice_points++;
    op->branch = ways[taken].branch;
}

// --- and it happens ---------------------------------------------------------------------------------

// The task's pending operation happens. It goes on with its local code before those it woke.
static void execute(struct task *t, uint32_t branch, bool *in_vain) {
    struct op *op = t->op;
    announced_remove(t);
    if (op->shown_waiting) {
        mark_ready(t);
        op->shown_waiting = false;
    }
    op->branch = branch;
    run.last = t->number;
    run.current = t;
    sanitize_as(t);
    sanitize_acquire(&t->top->sync_out);
    run.executing = true;
    enum op_result result = op_attempt(op);
    run.executing = false;
    *in_vain = op->flags & EVENT_FRUITLESS;
    if (result == OP_BLOCKED) {
        mark_parked(t, op_reason(op), op);
    } else {
        sanitize_release(&t->top->sync_in);
        t->state = TASK_READY;
        ready_push_front(t);
    }
    run.current = NULL;
    sanitize_as(NULL);
}

static struct task *announced_find(uint32_t number) {
    struct task *t = run.announced_first;
    while (t && t->number != number)
        t = t->top->after;
    return t;
}

// What was picked happens. False: who watches wants no more of it.
static bool take(const struct choice *way, int64_t when, bool *in_vain) {
    if (run.watch && !run.watch->step(run.watch, way))
        return false;
    if (way->task == CHOICE_CLOCK) {
        *in_vain = false;
        clock_fire(way->branch, when);
    } else {
        execute(announced_find(way->task), way->branch, in_vain);
    }
    return true;
}

// One step: a task's operation, or a timer's. False: nothing can happen any more.
static bool step_announced(bool *in_vain) {
    bool fruitful;
    size_t tasks = collect_ways(&fruitful);
    bool idle = tasks && !fruitful;
    bool spinning = idle && !timer_due() && timer_next(true) != INT64_MAX;
    if (spinning)
        tasks = 0;
    int64_t when = clock_when(tasks, spinning);
    size_t count = when == INT64_MAX ? tasks : ways_of_clock(tasks, when);
    if (!count)
        return false;
    bool to_clock = count > tasks && (!tasks || idle);
    size_t taken = pick(count, to_clock ? tasks : preferred_way(tasks, *in_vain));
    if (taken >= count)
        return true;
    struct choice way = ways[taken];
    run.pressed |= spinning;
    run.moving_early = way.moves && tasks;
    run.early += run.moving_early;
    if (!take(&way, when, in_vain))
        run_stop(RUN_STOPPED);
    run.moving_early = false;
    return true;
}

void loop_announced(void) {
    bool in_vain = false;
    while (!run.stopping) {
        for (struct task *t; !run.stopping && (t = ready_pop());)
            task_resume(t);
        if (run.stopping || run_over_budget())
            return;
        if (scheduler_due())
            run_tick();
        if (!step_announced(&in_vain)) {
            run_stop(RUN_QUIESCENT);
            return;
        }
    }
}
