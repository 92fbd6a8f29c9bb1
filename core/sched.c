// sched: who runs next, and the two doors (park, ready) that everything blocking is built on.
//
// There are two ways to run the same operations:
//   - announced (announce.c; explore, replay, seeds): a task stops before each visible operation; the
//     scheduler collects every way to go on, the policy picks one, and the operation is executed
//     on the scheduler's stack. Whoever it completed then runs its local code up to its own next
//     operation before the next choice, so at each choice point all that could happen is known.
//   - inline (live): the task attempts the operation itself and parks only if it must; the next
//     ready task is the first in the queue, or any of them by a seed, and a parking task switches
//     straight to it. A task gives way after an operation in vain, and to the scheduler every so
//     often. What can be done at once is done by a shorter way still (quick.h).
// All call the same attempt functions; there is one semantics.
//
// Invariants: a task is in exactly one place: running, in the ready queue, announced, or parked
// with its operation known. The clock moves only when nothing is ready and nothing announced is
// enabled, so a run that ends quiescent is decided: what is parked is parked for ever.
//
// Rejected: preempting by signal (a choice the log could not replay); executing announced
// operations on the task's stack (two switches more where it completes others, and the set of
// possible next steps would not be known before the choice).
#include "core/handover.h"
#include "core/memory.h"
#include "core/panic.h"
#include "core/poll.h"
#include "core/probe.h"

#include <setjmp.h>
#include <string.h>

enum {
    TICK_EVENTS = 2000, // from one look of the scheduler to the next
    READY_AT_FIRST = 256,
    ARGS_MAX = STACK_USABLE / 4,
    SMALL_ARGS_MAX = 256,
};

static const uint32_t DEFAULT_TASKS = 10000;
static const uint64_t DEFAULT_STEPS = 1000000, DEFAULT_GRACE_STEPS = 10000;

struct run run;
static jmp_buf scheduler_escape; // from a panic in an attempt on the scheduler's stack
struct task *ready_queue[READY_MAX];

// --- the ready queue --------------------------------------------------------------------------

// A full ring goes on in the places behind it.
void ready_grow(void) {
    uint32_t size = run.ready_mask + 1;
    for (uint32_t i = 0; i < run.ready_first; i++)
        ready_queue[size + i] = ready_queue[i];
    run.ready_mask = 2 * size - 1;
}

// --- switching --------------------------------------------------------------------------------

// Quick operations are done by tasks, until the next tick; never under ThreadSanitizer, which is
// told of each in op_perform.
static void quick_set(void) {
    bool quick = run.current && !run.announce && !run.config.restless && !sanitize_threads;
    uint64_t room = run.log->ring ? UINT64_MAX : run.log->capacity - LOG_SPARE;
    run.quick_until = !quick ? 0 : run.tick_at < room ? run.tick_at : room;
}

// --- the two doors ------------------------------------------------------------------------------

void park(enum wait_reason reason, struct op *op) {
    struct task *t = run.current;
    mark_parked(t, reason, op);
    leave(t);
}

void ready(struct task *t) {
    mark_ready(t);
    ready_push(t);
}

bool run_has_ready(void) {
    return run.ready_count;
}

// --- completing and failing operations ------------------------------------------------------------

// Says in the log whom the operation under way has woken.
static void note_woken(const struct task *t, const struct waiter *w) {
    bool selecting = w->op->kind->event == EV_SELECT, by_clock = !run.current;
    if (!by_clock && !run.pending && !run.attempting)
        bug("task %s is woken by no operation", t->name);
    if (!by_clock && run.woken == EVENT_NOBODY && !selecting)
        run.woken = t->number;
    else
        event_write_for(t->number, EV_WAKE, 0, w->op->at, EVENT_NOBODY, w->arm, 0);
}

static void complete(struct waiter *w) {
    struct op *op = w->op;
    TELL(woke, op);
    if (op->kind->dequeue)
        op->kind->dequeue(op);
    else
        waiter_unlink(w);
    op->done = true;
    if (op->kind->event == EV_SELECT)
        op->value = w->arm;
    sanitize_release(&op->task->top->sync_in);
    ready(op->task);
}

void op_complete(struct waiter *w) {
    note_woken(w->op->task, w);
    complete(w);
}

// A select leaves more than one queue, and its wake-up has a record of its own.
void op_quick_wake(struct waiter *w) {
    uint64_t number = head_now();
    event *e = event_at(number);
    struct op *op = w->op;
    if (likely(!op->kind->dequeue)) {
        if (LOGGED)
            e->peer = op->task->number;
        waiter_unlink(w);
        op->done = true;
        mark_ready(op->task);
        ready_push(op->task);
        event_publish(number + 1);
        return;
    }
    run.pending = 1;
    op_complete(w);
    if (LOGGED)
        e->peer = run.woken;
    run.woken = EVENT_NOBODY;
    event_settle();
}

void op_complete_by_clock(struct waiter *w, uint32_t object) {
    event_write_for(EVENT_CLOCK, EV_FIRE, object, w->op->at, w->op->task->number, w->arm, 0);
    complete(w);
}

void op_retry_first(struct wait_list *list) {
    struct waiter *w = list->first;
    if (!w)
        return;
    waiter_unlink(w);
    ready(w->op->task);
}

void run_stop(enum run_end end) {
    if (run.stopping)
        return;
    run.stopping = true;
    run.end = end;
    run.tick_at = run.quick_until = 0;
}

// On its own stack the task leaves for ever; on the scheduler's (in an attempt, or before there is a
// task) the loop is left.
void run_abandon(enum run_end end) {
    run_stop(end);
    event_settle();
    struct task *me = run.current;
    if (run.executing || !me) {
        sanitize_as(NULL);
        longjmp(scheduler_escape, 1);
    }
    switch_stacks(me, NULL);
    if (me->dying)
        longjmp(*(jmp_buf *)me->top->unwind, 1);
    bug("task %s was resumed after the run was over", me->name);
}

void run_check(void) {
    if (unlikely(run.stopping) && run.current && !run.attempting)
        run_abandon(run.end);
}

void op_raise(site *at, const char *sentence, bool fatal) {
    if (fatal)
        panic_fatal_at(at, "%s", sentence);
    panic_at(at, "%s", sentence);
}

bool op_always_in_vain(const struct op *op) {
    (void)op;
    return true;
}

// --- performing operations ----------------------------------------------------------------------

enum wait_reason op_reason(const struct op *op) {
    return op->kind->why ? op->kind->why(op) : op->kind->reason;
}

// One attempt with its record. The record is reserved first, so that what it causes comes after.
enum op_result op_attempt(struct op *op) {
    event *e = event_reserve(op->kind->event);
    run.attempting = op;
    enum op_result result = op->kind->attempt(op);
    if (result == OP_BLOCKED && op->kind->enqueue)
        op->kind->enqueue(op);
    if (op->wakes)
        op_complete(op->wakes);
    run.attempting = NULL;
    if (result == OP_BLOCKED && op->shown_waiting) {
        event_drop();
        return result;
    }
    event_commit(e, op, result == OP_BLOCKED);
    op->shown_waiting = result == OP_BLOCKED;
    if (op->flags & EVENT_FRUITLESS)
        note_vain(op->task);
    TELL(did, op, result == OP_BLOCKED);
    return result;
}

// Inline: attempt, park, and where the wake-up was no completion (locks) attempt again.
static void perform_here(struct op *op) {
    while (op_attempt(op) == OP_BLOCKED) {
        sanitize_release(&op->task->top->sync_out);
        park(op_reason(op), op);
        sanitize_acquire(&op->task->top->sync_in);
        if (op->done)
            return;
    }
}

// Inline nobody interrupts a task, so it gives way by itself.
static void give_way(struct task *t, const struct op *op) {
    if ((op->flags & EVENT_FRUITLESS) || run.config.restless || scheduler_due())
        step_aside(t);
}

// After an operation that was executed on the task's own stack.
static void performed_here(struct task *t, const struct op *op) {
    t->op = NULL;
    if (!run.announce)
        give_way(t, op);
    else if (!op->panic && (run.stopping || run_over_budget()))
        run_abandon(run.end);
}

void op_perform(struct op *op) {
    struct task *t = run.current;
    if (unlikely(!t))
        bug("%s called outside of a task", event_word(op->kind->event));
    op->task = t;
    op->watched = sanitize_threads || run.watch;
    t->op = op;
    t->at = op->at;
    atomic_store_explicit(&run.log->last_site, event_site(op->at), memory_order_relaxed);
    if (run.announce && !op->kind->local) {
        announce(op);
    } else {
        if (op->kind->local)
            choose_branch(op);
        if (unlikely(run.config.restless) && !run.announce)
            step_aside(t);
        perform_here(op);
        performed_here(t, op);
    }
    t->op = NULL;
    if (unlikely(op->panic != NULL))
        op_raise(op->at, op->panic, op->fatal);
}

// --- starting and ending tasks --------------------------------------------------------------------

static void count_alive(int by) {
    run.alive += (uint32_t)by;
    atomic_store_explicit(&run.log->alive, run.alive, memory_order_relaxed);
}

static void finish(struct task *t, bool by_goexit) {
    event_write(EV_EXIT, 0, t->at, EVENT_NOBODY, by_goexit, 0);
    probe_exit(t);
    if (t->number == 0 && !by_goexit) {
        run.root_ended = true;
        run.root_end_step = run_steps_now();
        run.root_end_time = run.now;
    }
    t->state = TASK_ENDED;
    count_alive(-1);
    task_unlist(t);
    run.ended = t;
}

ALWAYS_INLINE void live(struct task *t) {
    sanitize_acquire(&t->top->sync_in);
    const struct stack_top *top = t->top;
    top->fn(top->args);
    finish(t, false);
}

// Under a sanitizer: a killed task comes back here by longjmp.
SLOW void live_until_killed(struct task *t) {
    jmp_buf unwind;
    t->top->unwind = &unwind;
    if (!setjmp(unwind))
        live(t);
}

// The first frame of every task.
static void entry(void) {
    STACK_BOTTOM;
    struct task *t = run.current;
    arrive(t);
    REGISTERS_FORGET;
    if (unlikely(run.unwinding))
        live_until_killed(t);
    else
        live(t);
    t->state = TASK_ENDED;
    leave(t);
    bug("task %s was resumed after its end", t->name);
}

// Its frames are simply left behind, but for the sanitizers' sake.
void task_exit(void) {
    struct task *t = run.current;
    finish(t, true);
    if (run.unwinding)
        longjmp(*(jmp_buf *)t->top->unwind, 1);
    leave(t);
    bug("task %s was resumed after its end", t->name);
}

enum kind_of_task { PLAIN, DAEMON, SMALL };

static void check_start(size_t size, enum kind_of_task kind, site *at) {
    uint32_t limit = run.config.max_tasks ? run.config.max_tasks : DEFAULT_TASKS;
    int most = kind == SMALL ? SMALL_ARGS_MAX : ARGS_MAX;
    if (run.alive >= limit)
        panic_fatal_at(at, "too many tasks: %u are alive, which is this run's limit", run.alive);
    if (run.alive >= STACKS_MAX)
        panic_fatal_at(at, "too many tasks: %u are alive, more are never possible", run.alive);
    if (size > (size_t)most)
        panic_at(at, "%zu bytes of arguments for a %stask, at most %d are possible", size,
                 kind == SMALL ? "small " : "", most);
}

static void start(task_fn *fn, const char *name, const void *args, size_t size, site *at,
                  enum kind_of_task kind) {
    check_start(size, kind, at);
    run_check();
    struct task *t = task_make(fn, name, args, size, at, kind == SMALL, entry);
    if (!t)
        panic_fatal_at(at, "out of memory: no stack for task %u", run.next_task);
    if (!sanitize_task_made(t))
        run_abandon(RUN_STOPPED);
    TELL(started, t->number, t->parent);
    count_alive(1);
    atomic_store_explicit(&run.log->started, run.next_task, memory_order_relaxed);
    if (run.current)
        event_write(EV_GO, 0, at, t->number, event_literal(name), 0);
    probe_create(t);
    t->daemon = kind == DAEMON;
    if (t->daemon)
        event_write_for(t->number, EV_DAEMON, 0, at, EVENT_NOBODY, 0, 0);
    ready(t);
}

// A child may be there before its parent goes on.
static void let_child_run(void) {
    if (unlikely(run.config.restless) && !run.announce && run.current && !run.attempting)
        step_aside(run.current);
}

void task_start_at(task_fn *fn, const char *name, const void *args, size_t size, site *at) {
    start(fn, name, args, size, at, PLAIN);
    let_child_run();
}

void task_start_daemon_at(task_fn *fn, const char *name, const void *args, size_t size, site *at) {
    start(fn, name, args, size, at, DAEMON);
    let_child_run();
}

void task_start_small_at(task_fn *fn, const char *name, const void *args, size_t size, site *at) {
    start(fn, name, args, size, at, SMALL);
    let_child_run();
}

// --- what both loops do --------------------------------------------------------------------------

void task_resume(struct task *t) {
    run.current = t;
    quick_set();
    switch_stacks(NULL, t);
    quick_set();
}

// A timer with the earliest deadline fires, at which time arrives.
void clock_fire(uint32_t tie, int64_t when) {
    clock_reach(when);
    run.clock_moves++;
    timer_fire_tie(tie);
}

bool run_over_budget(void) {
    uint64_t most = run.config.max_steps ? run.config.max_steps : DEFAULT_STEPS;
    uint64_t grace = run.config.grace_steps ? run.config.grace_steps : DEFAULT_GRACE_STEPS;
    uint64_t steps = run_steps_now();
    if (steps <= most && !(run.root_ended && steps - run.root_end_step > grace))
        return false;
    run_stop(RUN_STEPS);
    return true;
}

// The timers of who sleeps, or waits in a select, lie on the stack of that task.
static bool only_daemons_sleep(void) {
    const struct timer_node *node;
    for (const struct task *t = run.oldest; t; t = t->younger)
        if (!t->daemon)
            return false;
    for (uint32_t i = 0; (node = timer_at(i)); i++)
        if (!stack_owner(node))
            return false;
    return true;
}

bool run_only_serves(int64_t when) {
    return run.root_ended && when != INT64_MAX && when - run.root_end_time > MINUTE &&
           !run_is_live() && only_daemons_sleep();
}

void run_tick(void) {
    run.tick_at = run.stopping ? 0 : head_now() + TICK_EVENTS;
    atomic_store_explicit(&run.log->steps,
                          atomic_load_explicit(&run.log->steps, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    if (run.config.tick && !run.config.tick(run.config.user))
        run_stop(RUN_STOPPED);
}

// --- the scheduler's loop: inline ------------------------------------------------------------------

// Inline: time moves. False: there is nothing to move to. Tasks that spin may see what nobody waits
// for.
static bool clock_step(bool spinning) {
    if (run_is_live())
        return clock_live_step();
    int64_t when = timer_next(spinning);
    if (when == INT64_MAX || (!spinning && run_only_serves(when)))
        return false;
    clock_fire(0, when);
    return true;
}

// Nobody has found anything to do for a whole round and longer: only time can help. Live it passes
// by itself.
static void press_clock(void) {
    run.vain = 0;
    if (run.ready_count && clock_step(true) && !run_is_live())
        run.pressed = true;
}

static void loop_inline(void) {
    while (!run.stopping) {
        run_tick();
        if (run_is_live() || vain_now() > PATIENCE + run.alive)
            press_clock();
        struct task *t = ready_pop();
        if (t)
            task_resume(t);
        else if (!clock_step(false))
            run_stop(RUN_QUIESCENT);
        if (!run.stopping)
            run_over_budget();
    }
}

// --- a whole run ----------------------------------------------------------------------------------

static void begin(const struct run_config *config) {
    if (run.active)
        bug("a run inside a run");
    memset(&run, 0, sizeof run);
    run.config = *config;
    struct policy *usual = run_is_live() ? policy_fifo() : policy_default();
    run.policy = config->policy ? config->policy : usual;
    run.watch = run.policy->announce ? run.policy->watch : NULL;
    run.log = config->log;
    run.announce = run.policy->announce;
    if (run.announce && run_is_live())
        bug("a live run with a policy that announces: nobody could replay its schedule");
    run.shuffle = run.policy->shuffle;
    run.ready_mask = READY_AT_FIRST - 1;
    run.tick_at = TICK_EVENTS;
    run.last = EVENT_NOBODY;
    run.active = true;
    clock_begin();
    memory_begin(config->fail_allocation);
    event_reset();
    timers_reset();
    sanitize_run_begin();
    run.unwinding = run.sanitized = sanitize_threads || sanitize_addresses();
    for (int i = 0; i < WAIT_REASON_COUNT; i++)
        atomic_store_explicit(&run.log->waiting[i], 0, memory_order_relaxed);
    atomic_store_explicit(&run.log->now, 0, memory_order_relaxed);
}

// ThreadSanitizer keeps a shadow call stack per fiber, AddressSanitizer may keep a fake stack: a
// task is killed by resuming it into longjmp. Otherwise its stack is simply used again.
static void kill_tasks(void) {
    if (run.unwinding) {
        for (struct task *t; (t = run.oldest);) {
            t->dying = true;
            task_unlist(t);
            if (t->top->unwind)
                switch_stacks(NULL, t);
        }
    }
    sanitize_run_end();
}

// What needs memory, which may not be there.
static void start_root(task_fn *root, void *arg) {
    const char *name = run.config.root_name ? run.config.root_name : "main";
    heap_reset(run.config.heap_quota);
    stacks_reset();
    start(root, name, &arg, sizeof arg, NULL, PLAIN);
    run.oldest->top->args = arg;
}

enum run_end run_world(const struct run_config *config, task_fn *root, void *arg) {
    begin(config);
    if (!setjmp(scheduler_escape)) {
        start_root(root, arg);
        if (run.announce)
            loop_announced();
        else
            loop_inline();
    }
    TELL(ended, run.end);
    run.watch = NULL;
    run.executed = run_steps_now();
    event_write_for(EVENT_CLOCK, EV_END, 0, NULL, EVENT_NOBODY, run.end, 0);
    run_tick();
    if (run.config.ended)
        run.config.ended(run.end, run.config.user);
    kill_tasks();
    run.current = NULL;
    poll_reset();
    note_current(NULL);
    run.active = false;
    return run.end;
}

uint32_t run_choice_points(void) {
    return run.choice_points;
}

uint64_t run_steps(void) {
    return run.executed;
}

bool run_was_pressed(void) {
    return run.pressed;
}

// --- for who watches --------------------------------------------------------------------------

void run_touch(uint64_t key, enum operand_role role) {
    const struct operand what = {key, (uint8_t)role};
    TELL(touched, what);
}

void operands_add(struct operands *out, uint64_t key, enum operand_role role) {
    if (!key)
        return;
    if (out->count < OPERANDS_MAX)
        out->list[out->count++] = (struct operand){key, (uint8_t)role};
    else
        out->more = true;
}
