// trace: the run under way as a partial order of its steps.
//
// What the parts of the reduction share (trace.c, race.c, reduce.c); nobody else includes it.
//
// Words. A *step* is one transition: an announced operation or a timer that fires, with all code up to the
// next choice, also of the tasks it woke. The *past* of a step are the steps that come before it in every
// equivalent order (as a set of bits, so a past is closed: it holds the pasts of its members). The *clock*
// of a task is the past of what it does next.
#pragma once

#include "harness/reduce.h"

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

// What steps act on, by the key of an operand.
struct thing {
    uint64_t key;
    uint64_t run;  // that knows it
    uint32_t head; // its last use, NONE
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

// A lock that waits.
struct waiting {
    uint32_t task;
    uint64_t key; // what it waits for
};

struct trace {
    struct tree *tree;
    uint64_t number;   // of the run, from 1
    uint32_t path, at; // nodes that are replayed, nodes passed
    uint32_t node;     // of the choice just made, NO_NODE: none
    uint32_t count;    // steps so far
    uint32_t floor;    // all before this are in everybody's past
    uint32_t words;    // in use of each set
    uint32_t tasks, timers;
    uint32_t access_count, thing_count, late_count, sum_count;
    uint32_t last_all;  // the last step that conflicts with all, NONE
    bool lost;          // not followed any more
    bool unordered;     // tasks act on one thing in an order that the relation does not know
    bool panicked;      // the step under way has ended the run
    uint64_t fallbacks; // see reduce_fallbacks
    uint64_t waits;     // locks that wait, told so far

    // Who sleeps.
    uint32_t sleep_from; // the node from which on sleepers are known
    uint32_t check;      // a digest of all that happened
    uint32_t sleeper_count;
    bool siblings; // the sleepers are other timers of the same move of the clock
    bool cut;

    // The step under way.
    bool open;
    bool fires; // it is a timer's
    bool told;  // the timer said what it is about
    struct step step;
    bool is_lock, is_summed, awaits_sum, exhausts; // of its operation, as depend.h says
    uint64_t main_key;                             // the first that the operation is about
    uint32_t main_count, doing_count;
    uint32_t waiting_count; // locks that wait, told since the last step

    // From here on only as far as counted above.
    struct use mains[MAINS];
    struct doing doings[DOINGS];
    struct step steps[STEPS];
    bits past[STEPS];
    bits clocks[TASKS];  // by task
    bits set_by[TIMERS]; // by timer: the clock of whoever set it
    bits lates[LATES];   // clocks of tasks as they acted between operations
    bits sums[SUMS];     // steps that are waited for together
    uint32_t last_step[TASKS];
    struct thing things[THINGS];
    struct access accesses[ACCESSES];
    uint32_t sleepers[TREE_OPTIONS]; // options of the tree
    struct waiting waiting[TASKS];
};
extern struct trace trace_own, *trace; // a process's own; the one in use

// A run begins.
void trace_begin(struct tree *t);

// Whether the step under way was not in the run before.
bool trace_is_new(void);

// --- sets of steps ----------------------------------------------------------------------------------

static inline bool past_has(const uint64_t *set, uint32_t i) {
    return i < trace->floor || (set[i / 64] >> i % 64 & 1);
}

static inline void past_add(uint64_t *set, uint32_t i) {
    set[i / 64] |= UINT64_C(1) << i % 64;
}

static inline void past_join(uint64_t *set, const uint64_t *other) {
    for (uint32_t w = trace->floor / 64; w < trace->words; w++)
        set[w] |= other[w];
}

static inline void past_copy(uint64_t *set, const uint64_t *other) {
    for (uint32_t w = 0; w < trace->words; w++)
        set[w] = other[w];
}

static inline void past_clear(uint64_t *set) {
    for (uint32_t w = 0; w < trace->words; w++)
        set[w] = 0;
}

static inline void past_join_step(uint64_t *set, uint32_t i) {
    past_join(set, trace->past[i]);
    past_add(set, i);
}
// Room for one more step in every set that is in use.
void trace_widen(void);

// --- trace.c ----------------------------------------------------------------------------------------

struct thing *trace_thing(uint64_t key);

// What is waited for together at this thing.
uint64_t *trace_sum(uint64_t key);

// The clock of whoever makes the step under way.
const uint64_t *trace_clock(void);

// Earlier steps that the one at hand conflicts with: begin, add, then join.
void conflicts_begin(void);
void conflicts_add(uint64_t key, uint8_t how);
void conflicts_with_all(void);
// From the last to the first: adds each to the set with its past. Those that were not in it by then have
// nothing between them and the step at hand; they go to `near`. Returns how many.
uint32_t conflicts_join(uint64_t *set, uint32_t *near);

// The step under way is step number `step`: what it means to the clocks of tasks and timers.
void trace_extend(uint32_t step);

// --- race.c -----------------------------------------------------------------------------------------

// The option that was taken at a node.
struct tree_option *race_taken(uint32_t node);

// Of the step under way with those that are near before it.
void race_find(const uint32_t *near, uint32_t count);

// Of locks that wait, as if they came now.
void race_of_all_waiting(void);

// Of the clock with all before, as if it moved now.
void race_with_clock(void);
