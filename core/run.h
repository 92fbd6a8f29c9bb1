// run: one execution of a root function and all it starts, from start to quiescence.
//
// A run is a function of its schedule: the policy decides at each choice point, the clock decides
// what time means, and the same decisions give the same events, byte for byte.
#pragma once

#include "core/event.h"
#include "core/task.h"

// One way to go on at a choice point.
struct choice {
    uint32_t task;       // creation number, or CHOICE_CLOCK: a timer fires
    uint32_t branch;     // select arm or choose value among those possible now; which of the
                         // timers that may fire, in the order they were set; else 0
    const struct op *op; // what the task would do; NULL for the clock
    uint64_t timer;      // the clock: its timer, by the order in which all were set
    bool local;          // one of a task's own alternatives: nobody else could go on instead
    bool goes_on;        // the task that went last, and not in vain
    bool moves;          // the clock: time moves on to it
    bool last;           // the clock: it may not while tasks can go on
};

enum { CHOICE_CLOCK = EVENT_CLOCK };

struct watch;

// Decides among the ways to go on. Called only where there are at least two.
struct policy {
    // Announce every visible operation before it happens, so that each is a choice point. Without
    // it tasks run until they park or look in vain (inline).
    bool announce;
    // The index of the way to take. `preferred` is what the default schedule would do. Returning
    // POLICY_STOP ends the run with RUN_STOPPED, POLICY_DIVERGED with RUN_DIVERGED.
    size_t (*pick)(struct policy *self, const struct choice *ways, size_t count, size_t preferred);
    struct watch *watch; // told what happens (watch.h), NULL: nobody. Announced runs only
    // Inline: the state of the generator that picks the next ready task, and advances with each
    // pick. NULL: the ready queue is first in, first out.
    uint64_t *shuffle;
};

#define POLICY_STOP     SIZE_MAX
#define POLICY_DIVERGED (SIZE_MAX - 1)

// fifo: inline. Run until parked, the task that has been ready longest next; choose gives 0.
struct policy *policy_fifo(void);

// The default schedule: always the preferred way.
struct policy *policy_default(void);

// Every way with equal chance, from a seed. The generator is splitmix64 (Steele, Lea, Flood: Fast
// Splittable Pseudorandom Number Generators, OOPSLA 2014).
struct policy_random {
    struct policy policy;
    uint64_t state;
};
struct policy *policy_random_init(struct policy_random *p, uint64_t seed);

// The same chances without announcing: at a tenth of the price, whoever comes next, which ready arm
// of a select happens and what `choose` says are drawn by the seed; but a task goes on until it
// parks. For load that runs long; such a run has no schedule id.
struct policy *policy_shuffle_init(struct policy_random *p, uint64_t seed);

// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010): each
// task gets a random priority, and the highest that can go on does; at depth - 1 random steps of
// the first `steps` choice points the one that would go on falls below all others. Select arms and
// choose values are random. Finds a failure that needs `depth` steps in a certain order, in a run
// with n tasks and at most `steps` choice points, with a chance of at least 1 / (n steps^(depth-1)).
enum { PCT_DEPTH_MOST = 8 };
struct policy_pct {
    struct policy policy;
    uint64_t seed, state;
    uint32_t step, depth;
    uint32_t changes[PCT_DEPTH_MOST - 1]; // the steps at which priorities fall
    uint32_t fallen[PCT_DEPTH_MOST - 1];  // whose did, in that order
    uint32_t fallen_count;
};
struct policy *policy_pct_init(struct policy_pct *p, uint64_t seed, uint32_t depth, uint32_t steps);

// The default schedule but for stated deviations, in the order of their steps. A step counts
// choice points. Where a deviation is not among the ways the run ends with RUN_DIVERGED and
// `diverged_step` says at which; deviations past the end of the run are left over in `next`.
struct deviation {
    uint32_t step;
    uint32_t task; // or CHOICE_CLOCK
    uint32_t branch;
};
struct policy_replay {
    struct policy policy;
    const struct deviation *deviations;
    size_t count;
    size_t next;   // the first not yet taken
    uint32_t step; // choice points met so far
    uint32_t diverged_step;
};
struct policy *policy_replay_init(struct policy_replay *p, const struct deviation *deviations,
                                  size_t count);

// What time means.
enum clock_kind {
    CLOCK_VIRTUAL, // jumps to the next timer when nothing is runnable
    CLOCK_PACED,   // the same, slowed to `pace` virtual ns per real second
    // Live: the wall's, with real sockets (net.h). Only with policy_fifo, since nothing that real
    // time decides could be replayed. Such a run also goes on while tasks wait for sockets; when the
    // root has ended, daemons that do no longer count.
    CLOCK_WALL,
};

struct run_config {
    struct policy *policy;
    enum clock_kind clock;
    int64_t pace;          // CLOCK_PACED: virtual ns per real second; 0: 1 s per s
    event_log *log;        // never NULL
    uint32_t early;        // a slow machine: so often time may move though tasks could go on
    uint32_t max_tasks;    // alive at once; 0: 10,000
    uint64_t max_steps;    // operations before the run is cut off; 0: 1,000,000
    uint64_t grace_steps;  // operations allowed after the root ended; 0: 10,000
    size_t heap_quota;     // bytes; 0: 256 MB
    const char *root_name; // NULL: "main"
    // For tests. Where nothing is announced every task gives way at each go, and before and after
    // each operation.
    bool restless;
    // For tests: the allocation that fails, 1 the first of the run; 0: none. What then becomes of
    // the run is what would if the machine refused.
    uint64_t fail_allocation;
    bool (*tick)(void *user); // called now and then from the scheduler; false stops the run
    // Called when the run is over, with its tasks still there to be looked at (inspect.h).
    void (*ended)(enum run_end end, void *user);
    void *user;
};

// Runs root(arg) as task 0 until nothing can happen any more, or a bound is met. Writes the log,
// its last record EV_END. Tasks still parked are killed; everything the run made is freed. Only
// one run at a time; the next may follow at once in the same process.
enum run_end run_world(const struct run_config *config, task_fn *root, void *arg);

// Where the memory of a run lies, as far as it was handed out so far: its arena, and the stacks of tasks. Who
// has it now is not asked. Returns how many ranges there are.
enum { RUN_MEMORY = 3 };
struct run_memory {
    const char *at;
    size_t size;
};
size_t run_memory_ranges(struct run_memory out[RUN_MEMORY]);

// Number of choice points met by the last run, and operations executed.
uint32_t run_choice_points(void);
uint64_t run_steps(void);

// Allocations asked for in the last run, the machine's memory and blocks of the run alike.
uint64_t run_allocations(void);

// True when the last run moved the clock although tasks were ready, because all of them had long
// done nothing but look in vain. Such a run is never part of an exhaustive answer.
bool run_was_pressed(void);

// Notes for reports, from the code around the exercise (the scenario's driver).
void note_check(bool passed, const char *name, const char *detail, site *at);
void note_call(const char *name, site *at);
void note_return(const char *name, site *at);
void note_print(const char *text, size_t length, int stream, site *at);
// The current task's access races with one that `with` (EVENT_NOBODY: nobody knows who) made when there were
// `events` events (RACE_WHENEVER: nobody knows). `text` says so in words, `stacks` is for who reads the log.
void note_race(uint32_t with, uint32_t events, const char *text, const char *stacks, site *at);

// A site that no macro made (a race report's, say). `operand`: what it is about, "" nothing. Returns its
// index in the log, 0: no room.
uint16_t note_site(const char *file, const char *function, const char *operand, int line);

// Which guard the stacks have: "guard page (madvise)", "guard page (mprotect)", "canary".
const char *stack_guard_name(void);
// Forces one of them for tests: 0 best available, 1 madvise, 2 mprotect, 3 canary. Before any run.
void stack_guard_force(int which);

// Whether a fault at `address` is a task's guard, or the core has given up for a dead canary: then
// *name and *number tell whose, *kilobytes of which stack. For signal handlers.
bool stack_fault(const void *address, const char **name, uint32_t *number, uint32_t *kilobytes);
