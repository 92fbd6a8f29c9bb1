// internal: what the core's files share: tasks, operations, and the two doors to the scheduler.
//
// How a blocking primitive is made (all of it, for any primitive):
//   1. embed an `object` in the thing, a `struct op` in the operation;
//   2. write one `try`: do it now and return OP_DONE, or change nothing and return OP_BLOCKED;
//   3. name it in a `struct op_kind` and call op_perform.
// The operation then appears in the log, the snapshot, the verdicts and the schedules by itself.
#pragma once

#include "core/event.h"
#include "core/inspect.h"
#include "core/run.h"
#include "core/switch.h"
#include "core/table.h"
#include "core/wait.h"
#include "core/watch.h"

// Nothing here is for the code that a program loads.
#pragma GCC visibility push(hidden)

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

enum op_result { OP_DONE, OP_BLOCKED };

// An operation of the public API under way. Lives on the stack of its task.
struct op {
    const struct op_kind *kind;
    struct object *object; // what it acts on, NULL: nothing (or several: select)
    site *at;
    struct task *task;    // who performs it; set by op_perform
    const char *panic;    // set by try or by whoever completes it: raised in the task itself
    struct waiter *wakes; // set by try: whom it completes, last of all
    int64_t value;        // for the record
    uint32_t branch;      // which alternative to take, below branches()
    uint8_t flags;        // for the record
    bool fatal;           // `panic` is one that nobody recovers from
    bool done;            // set by whoever completes it while it was parked
    bool shown_waiting;   // its record with EVENT_PARKED is in the log
    bool watched;         // ThreadSanitizer or a watch is to be told; never in a quick operation
};

struct op_kind {
    enum event_kind event;
    enum wait_reason reason;
    // Not a choice point between tasks: it commutes with whatever others do. Only its own
    // branches are choices.
    bool local;
    // Whether attempt would find nothing now and change nothing (a poll, a yield). NULL: never.
    bool (*in_vain)(const struct op *op);
    // Attempts the operation; must not park. On the scheduler's stack when announced, so it marks
    // a panic with op_panic. With EVENT_FRUITLESS in flags it says that it found nothing; the
    // default schedule then hands over to the next task.
    enum op_result (*attempt)(struct op *op);
    // The alternatives possible now (ready arms, choose values) as a set of bits, never empty;
    // NULL: only 0.
    uint64_t (*branches)(const struct op *op);
    // Whether attempt would not block. Given for operations that wait by not being enabled
    // (locks): announced, they stay announced. NULL: always executable, and may park.
    bool (*enabled)(const struct op *op);
    // Joins the queues of its objects; given when attempt can return OP_BLOCKED.
    void (*enqueue)(struct op *op);
    // Leaves them all. NULL: it stands in no other queue than that of the waiter which is completed.
    void (*dequeue)(struct op *op);
    // Why it waits, where that depends on the operands; NULL: `reason`.
    enum wait_reason (*why)(const struct op *op);
    // What it is about, where that is not just `object`; for who watches. NULL: just that.
    void (*operands)(const struct op *op, struct operands *out);
};

// What the scheduler and whoever looks at tasks need of one: two cache lines. They lie side by side,
// away from the stacks: to look at a million costs little more each than to look at ten.
struct task {
    // What a switch touches.
    struct resume resume;  // where it goes on, while not running
    struct stack_top *top; // the rest
    struct op *op;         // announced or parked on
    site *at;              // its last operation
    int64_t since;         // when it came into its state
    uint32_t number;       // creation number in this run
    uint8_t state;         // enum task_state; of the one that runs: TASK_READY
    uint8_t reason;        // enum wait_reason, while parked
    bool dying : 1;        // being resumed only to be killed
    bool canary : 1;       // its stack has no guard page
    bool is_small : 1;     // its stack
    bool daemon : 1;
    bool announced : 1; // in the announced list
    bool reached : 1;   // by reach_find, which sets it anew each time
    bool looked : 1;    // ... and its stack was looked at

    // What looking at it and its end touch.
    struct task *older, *younger; // all tasks alive, by creation number
    const struct object *object;  // what it waits for, while parked. NULL: nothing, or several
    const struct labels *labels;  // shared with whoever inherited them, NULL: none (task.c)
    const char *name;
    site *started_at;
    int64_t born;
    uint32_t slot;   // which stack of its class
    uint32_t parent; // creation number of the starter
};
_Static_assert(sizeof(struct task) == 128, "a task is two cache lines");

// The rest, at the top of its stack: what only its own code needs, or few runs.
struct stack_top {
    task_fn *fn;
    void *args;
    struct deferred *deferred;   // its deferred calls, newest first (panic.c)
    struct panicking *panics;    // its panics under way, newest first (panic.c)
    struct task *roomy;          // another: where a panic of a small task went on (room.c)
    struct task *before, *after; // announced tasks, by creation number
    uint64_t vain_at;            // announced: progress of the run at its last operation in vain
    void *fiber;                 // ThreadSanitizer's, NULL without it
    void *fake_stack;            // AddressSanitizer's
    void *unwind;                // jmp_buf of its entry, to be killed through; NULL: not needed
    uint32_t vain;               // announced: how many operations in vain since `vain_at`
    char sync_in, sync_out;      // ThreadSanitizer: hand-over to and from this task
};

struct timer_node {
    uint64_t seq; // order among equals
    void (*fire)(struct timer_node *);
    bool (*idle)(const struct timer_node *); // whether firing now would find nobody. NULL: never
    uint32_t ticket;                         // what the heap knows it by, 0: not set
    bool last;                               // fires only when no task can go on at its instant
    struct task *task;                       // who waits, NULL: nobody in particular
};

// The run under way. One thread, so one of it.
struct run {
    // What every operation touches.
    struct task *current; // the task whose code runs; NULL: the scheduler's
    event_log *log;
    uint64_t event_mask;  // of an event's number: its place in the log
    uint64_t quick_until; // operations may be done the quick way (quick.h) up to this event
    uint64_t tick_at;     // the scheduler is due from this event on
    int64_t now;
    uint32_t woken;   // by the operation under way: the first task, EVENT_NOBODY: none yet
    uint32_t pending; // events written, or reserved, that are not published
    uint32_t alive;   // tasks that have not ended
    bool announce;
    bool executing; // an attempt runs on the scheduler's stack
    bool sanitized; // some sanitizer wants to be told of switches
    bool stopping;

    // The ready queue: a ring of ready_mask + 1 places, of which ready_count from ready_first on.
    uint32_t ready_first, ready_count, ready_mask;
    uint64_t *shuffle;       // picks from it, state of a generator; NULL: the first
    struct task *ended;      // its stack is given back by whoever runs next
    struct resume scheduler; // where the scheduler goes on while a task runs

    struct run_config config;
    struct policy *policy;
    struct watch *watch;            // the policy's, NULL: nobody watches
    struct task *oldest, *youngest; // all tasks alive
    struct task *announced_first, *announced_last;
    struct op *attempting; // the operation whose attempt is under way, but for quick ones
    struct place *places;  // the network in memory: who can be dialled (net_memory.c)
    uint32_t io_waits[2];  // tasks that wait for a network; [1]: daemons
    uint64_t notes;        // events that are no step of their own
    uint64_t fruitless;    // steps in vain
    uint64_t clock_moves;
    uint64_t vain_at; // progress at the last step in vain,
    uint32_t vain;    // and how many of them since then
    uint32_t next_task, next_object;
    uint32_t choice_points;
    uint32_t early;    // times that time moved although tasks could go on
    bool moving_early; // it does now
    uint64_t root_end_step;
    int64_t root_end_time;
    uint64_t executed; // all steps, known at the end
    uint32_t last;     // who executed the last announced operation
    bool unwinding;    // tasks are killed by longjmp, for a sanitizer's sake
    bool active, root_ended, pressed;
    enum run_end end;
};
extern struct run run;

// By the wall's clock and with real sockets. Never where code is judged.
static inline bool run_is_live(void) {
    return run.config.clock == CLOCK_WALL;
}

// The number of the next event that is published. Nobody else writes it, so a plain load will do.
static inline uint64_t head_now(void) {
    return *(const uint64_t *)&run.log->head;
}

// Operations executed: every event is one but those written by event_write.
static inline uint64_t run_steps_now(void) {
    return head_now() - run.notes;
}

// --- sched.c: the doors -------------------------------------------------------------------

// Performs the operation for the calling task: at once, or parked until someone completes it.
void op_perform(struct op *op);

// Completes the parked operation of a waiter: unlinks it (a select: all its arms) and makes its
// task ready. Call it from within attempt; the record of that attempt then names the task.
void op_complete(struct waiter *w);

// Wakes the first waiter so that it tries again (locks).
void op_retry_first(struct wait_list *list);

// A timer fired for this waiter: completes it; the record says the clock did, at which arm.
void op_complete_by_clock(struct waiter *w, uint32_t object);

// Marks the operation as a panic to be raised in its own task, and done. The fatal one is what Go
// calls a fatal error.
static inline enum op_result op_panic(struct op *op, const char *sentence) {
    op->panic = sentence;
    return OP_DONE;
}
static inline enum op_result op_fatal(struct op *op, const char *sentence) {
    op->fatal = true;
    return op_panic(op, sentence);
}

// The two doors. park: the calling task stops until somebody calls ready on it.
void park(enum wait_reason reason, struct op *op);
void ready(struct task *t);

// Whether some task could go on now.
bool run_has_ready(void);
// Raises the panic that an operation was marked with.
_Noreturn void op_raise(site *at, const char *sentence, bool fatal);

// Ends the run from inside a task, which is never resumed.
_Noreturn void run_abandon(enum run_end end);

// Ends the run at the scheduler's next look.
void run_stop(enum run_end end);

// In what is no operation and yet may be called for ever (notes, go): does not return when the run
// is over.
void run_check(void);

// A sign of life for the parent, and its chance to say stop.
void run_tick(void);

// Ends the calling task from anywhere on its stack (goexit). A root that ends so never counts as
// ended.
_Noreturn void task_exit(void);

// For op_kind.in_vain.
bool op_always_in_vain(const struct op *op);

// What both loops of the scheduler do: one attempt with its record; why it waits then; the task goes on
// until it stops; the tie-th of the timers with the earliest deadline fires, at which time arrives;
// whether the run's steps are used up, which ends it.
enum op_result op_attempt(struct op *op);
enum wait_reason op_reason(const struct op *op);
void task_resume(struct task *t);
void clock_fire(uint32_t tie, int64_t when);
bool run_over_budget(void);
// Whether the root ended longer ago than a minute before `when`, when the clock would move next, and
// nobody is left but daemons, whom alone it would wake. Then a run is over: they could go on for ever.
bool run_only_serves(int64_t when);

// --- announce.c ---------------------------------------------------------------------------
// The calling task stops before its operation until that was picked and has happened.
void announce(struct op *op);
// Which of its own alternatives a local operation takes.
void choose_branch(struct op *op);
// Runs all there is to run.
void loop_announced(void);

// --- for who watches ----------------------------------------------------------------------
// Tells whoever watches. What they do then is not the doing of the task that ThreadSanitizer sees.
#define TELL(what, ...)                                                                            \
    do {                                                                                           \
        if (unlikely(run.watch != NULL)) {                                                         \
            sanitize_as(NULL);                                                                     \
            run.watch->what(run.watch, __VA_ARGS__);                                               \
            sanitize_as(run.current);                                                              \
        }                                                                                          \
    } while (0)
// Code that is no operation, or a part of one, acts on something.
static inline void touch(uint64_t key, enum operand_role role) {
    if (unlikely(run.watch != NULL))
        run_touch(key, role);
}
// For op_kind.operands. An object without a number is nothing.
void operands_add(struct operands *out, uint64_t key, enum operand_role role);

// --- task.c ---------------------------------------------------------------------------------
struct task *task_make(task_fn *fn, const char *name, const void *args, size_t size, site *at,
                       bool is_small, void (*entry)(void));
void task_unlist(struct task *t);
const char *labels_words(const struct labels *labels);

// --- wait.c -------------------------------------------------------------------------------
static inline void wait_list_append(struct wait_list *list, struct waiter *w) {
    w->list = list;
    w->next = NULL;
    w->prev = list->last;
    if (list->last)
        list->last->next = w;
    else
        list->first = w;
    list->last = w;
}

void wait_list_prepend(struct wait_list *list, struct waiter *w);

static inline void waiter_unlink(struct waiter *w) {
    struct wait_list *list = w->list;
    if (!list)
        return;
    if (w->prev)
        w->prev->next = w->next;
    else
        list->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        list->last = w->prev;
    w->list = NULL;
}

// Gives the object its number in this run, recorded as EV_MAKE, at its first use.
void object_register(struct object *o, enum object_kind kind, const char *name, site *at);
// The same for a channel with room for `capacity` elements.
void object_register_sized(struct object *o, enum object_kind kind, const char *name, site *at,
                           uint32_t capacity);
// The same for what users declare (mutexes, wait groups): panics when it is not what it was at its
// first use, because it was copied or its memory has another owner now.
void object_first_use(struct object *o, enum object_kind kind, site *at);
static inline bool object_known(const struct object *o) {
    return o->self == o;
}
static inline void object_use(struct object *o, enum object_kind kind, site *at) {
    if (unlikely(!object_known(o)))
        object_first_use(o, kind, at);
}

// --- timer.c ------------------------------------------------------------------------------
// Panics when too many are pending; to be called before an operation that sets one.
void timer_check_room(site *at);
// `ns` from now, within what the clock can tell.
int64_t timer_deadline(int64_t ns);
void timer_set(struct timer_node *t, int64_t when);
bool timer_clear(struct timer_node *t);
// The earliest deadline, INT64_MAX: none. How many share it, and the i-th of those in order. Idle
// ones count only while tasks spin; else the clock is about to move, and passes them by.
int64_t timer_next(bool spinning);
enum { TIES_MAX = 64 };
uint32_t timer_ties(const struct timer_node **ties); // room for TIES_MAX
// Whether the next is due at this instant already, and would find somebody.
bool timer_due(void);
void timer_fire_tie(uint32_t i);
void timers_reset(void);
// The i-th of all timers that are set, in no order. NULL: there are no more.
const struct timer_node *timer_at(uint32_t i);

// What a timer's channel asks: whether its time is there to be received, and to take it; and tells:
// that a task parks on it.
struct timer;
bool timer_is_due(const struct timer *t);
void timer_take(struct timer *t, void *out);
void timer_awaited(struct timer *t);

// A task to be started later, by the clock or by an operation under way.
struct later {
    task_fn *fn;
    const char *name;
    void *args; // the run's own copy
    size_t size;
    site *at; // who asked for it
};
struct later later_make(task_fn *fn, const char *name, const void *args, size_t size, site *at);
// Starts it, in an attempt or when a timer fires. `cell`: ThreadSanitizer's, of those who asked.
void timer_go(const struct later *l, void *cell);

// --- clock.c ------------------------------------------------------------------------------
void clock_begin(void);
// The run's time; live, read anew.
int64_t clock_now(void);
// It is `when`, or later: not before that is due, where the clock is paced.
void clock_reach(int64_t when);
// Live: waits until some task is ready, a socket's doing or a timer's; looks in if one is. False:
// nobody waits for either.
bool clock_live_step(void);

// --- event.c ------------------------------------------------------------------------------
// The last records of a log that is no ring: only the run's end may use them.
enum { LOG_SPARE = 8 };
// Writes one record for the current task.
void event_write(enum event_kind kind, uint32_t object, site *at, uint32_t peer, int64_t value,
                 uint8_t flags);
// The same for another task or the clock.
void event_write_for(uint32_t task, enum event_kind kind, uint32_t object, site *at, uint32_t peer,
                     int64_t value, uint8_t flags);
// Reserves the record of an operation before it is attempted, so that what it causes comes after.
// From here to the commit the operation is under way, and nothing is published.
event *event_reserve(enum event_kind kind);
void event_commit(event *e, struct op *op, bool parked);
void event_drop(void); // the reserved record turned out not to be needed
// Publishes what there is of an operation that is given up half-way.
void event_settle(void);
uint16_t site_register(site *at);
// The number of a site in the log.
static inline uint16_t event_site(site *at) {
    if (unlikely(!at))
        return 0;
    return likely(at->id) ? at->id : site_register(at);
}
uint32_t event_string(const char *text, size_t length); // copied
uint32_t event_literal(const char *text);               // interned by pointer
void event_reset(void);

// --- heap.c -------------------------------------------------------------------------------
void heap_reset(size_t quota);
// The run's memory in use: blocks, each behind its header, from *base on.
void heap_bounds(char **base, size_t *size);
// The block whose header lies at this offset: the next header begins where it ends.
struct heap_block {
    size_t from, size; // of what its owner uses, by offset
    bool live;         // not freed
};
struct heap_block heap_block_at(size_t offset);

// --- inspect.c ----------------------------------------------------------------------------
task_info task_info_of(const struct task *t);

// --- table.c ------------------------------------------------------------------------------
// `keys` says how keys are compared, NULL: bit by bit; always the same for one table.
// The entry of a key, NULL: there is none. It stays where it is until one is added.
struct table_entry *table_find(const struct table *t, const table_keys *keys, uint64_t key);
// Adds one for a key that has none.
struct table_entry *table_add(struct table *t, const table_keys *keys, uint64_t key);
void table_remove(struct table *t, struct table_entry *e);
// The one added last, NULL: the table is empty.
struct table_entry *table_newest(const struct table *t);
// The first that was added after the one with this seq (0: the first of all), NULL: none was.
struct table_entry *table_after(const struct table *t, uint64_t seq);
void table_clear(struct table *t);

// --- stack.c ------------------------------------------------------------------------------
enum { STACK_USABLE = 64 * 1024, STACKS_MAX = 1 << 20 };
// A task with a fresh stack, both zeroed but for which stack it is; NULL: no memory. Small where asked
// for and possible.
struct task *stack_take(bool is_small);
void stack_give(struct task *t);
// The stack proper is what lies below its top.
void stack_bounds(const struct task *t, void **low, size_t *size);
// The task whose stack or stack_top holds the address. NULL: none that has not ended.
struct task *stack_owner(const void *address);
// Does not return if the stack's canary is dead. For tasks that have one.
void stack_check(const struct task *t);
void stacks_reset(void);

// --- room.c -------------------------------------------------------------------------------
// Calls fn(arg) where there is room for anything: at once, but in a task on its small stack
// elsewhere. fn may leave the task for ever, but not park.
void room_call(void (*fn)(void *arg), void *arg);
// The same for what may park: an ordinary stack is the task's from here on, until a jump to a frame
// of its small one, of which room_leave is told first.
void room_call_parking(void (*fn)(void *arg), void *arg);
void room_leave(const void *frame);

// --- sanitize.c ---------------------------------------------------------------------------
extern bool sanitize_threads; // ThreadSanitizer's runtime is in this process
void sanitize_run_begin(void);
bool sanitize_task_made(struct task *t); // false: no further task can be told apart
void sanitize_as(struct task *t);        // whose accesses follow, without a switch; NULL: scheduler
void sanitize_leave(struct task *from, struct task *to); // just before a stack switch
void sanitize_arrive(struct task *me);                   // just after, on the new stack
void sanitize_run_end(void);
void sanitize_stack_made(const void *low, size_t size); // memory that will be tasks' stacks
void sanitize_unpoison(void *p, size_t size);
void sanitize_poison(void *p, size_t size);
bool sanitize_addresses(void); // AddressSanitizer or Valgrind watches this process
void sanitize_acquire_(void *cell);
void sanitize_release_(void *cell);
void sanitize_wrote_(void *p, size_t size, void *caller);
static inline void sanitize_acquire(void *cell) {
    if (unlikely(sanitize_threads))
        sanitize_acquire_(cell);
}
static inline void sanitize_release(void *cell) {
    if (unlikely(sanitize_threads))
        sanitize_release_(cell);
}
// The same in what may be a quick operation.
static inline void op_acquire(const struct op *op, void *cell) {
    if (unlikely(op->watched))
        sanitize_acquire(cell);
}
static inline void op_release(const struct op *op, void *cell) {
    if (unlikely(op->watched))
        sanitize_release(cell);
}
// The core wrote or freed what belongs to its caller, which a report then shows.
#define CALLER __builtin_return_address(0)
static inline void sanitize_wrote(void *p, size_t size, void *caller) {
    if (unlikely(sanitize_threads) && p)
        sanitize_wrote_(p, size, caller);
}

// Copies an element; never instrumented, never a library call that a sanitizer intercepts.
static inline void copy_elem(void *to, const void *from, size_t size) {
    if (likely(size == 8)) {
        __builtin_memcpy(to, from, 8);
        return;
    }
    if (likely(size == 4)) {
        __builtin_memcpy(to, from, 4);
        return;
    }
    char *t = to;
    const char *f = from;
    for (; size >= 8; size -= 8, t += 8, f += 8) {
        __builtin_memcpy(t, f, 8);
        __asm__ volatile("" ::: "memory");
    }
    for (; size; size--) {
        *t++ = *f++;
        __asm__ volatile("" ::: "memory");
    }
}

// A broken invariant of the core itself: says so and aborts.
_Noreturn void bug(const char *format, ...) __attribute__((format(printf, 1, 2)));

// --- sync.c ---------------------------------------------------------------------------------
struct mutex;
// What unlock does to a mutex that is locked; for attempts and enqueues that do it on the way.
void mutex_release(struct mutex *m);

// --- ctx.c ----------------------------------------------------------------------------------
struct ctx;
// Why the context has ended, OK while it lives; for attempts.
err ctx_err_now(const struct ctx *c);
// The contexts whose end would be its end.
void ctx_operands(const struct ctx *c, struct operands *out);
// ThreadSanitizer: what led to its end happens before what the caller does next.
void ctx_saw_end(const struct ctx *c);

// --- chan.c: for what ends waits from outside of a task ----------------------------------------
struct chan;
// A channel that reports call `name`.
struct chan *chan_make_named(size_t elem_size, size_t capacity, const char *name, site *at);
// A channel of times that a timer gives (timer.c), and who has waited longest for one, NULL: nobody.
struct chan *chan_make_timed(struct timer *t, site *at);
struct waiter *chan_first_receiver(const struct chan *c);
// A channel that is closed when the context ends.
struct chan *chan_make_done(const struct ctx *of, site *at);
// The channel as something that an operation is about; nil is nothing.
void chan_operands(const struct chan *c, enum operand_role role, struct operands *out);
// Joins the queue at one of its ends.
void chan_wait(struct chan *c, bool sending, struct waiter *w);
// Closes an open channel, waking its receivers.
void chan_end(struct chan *c);
void chan_check_size(const struct chan *c, size_t size, site *at);

#pragma GCC visibility pop
