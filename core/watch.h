// watch: what a policy that explores is told of a run while it happens.
//
// A search that leaves out schedules which cannot differ has to know of each transition (what
// happens between two choices of who goes on) what it acted upon, whom it woke and what it started.
// The core tells facts; which of them matter to each other is the explorer's business. Costs one
// test of a pointer per operation where nobody watches.
//
// All calls come from the scheduler or from the code of a task, between two calls of `step`; what
// they are told may be looked at only during the call.
#pragma once

#include "core/run.h"

struct op;

// How something is used. Which uses commute is said in harness/depend.c.
enum operand_role {
    ROLE_MAIN,    // what the operation is on, used as its kind says
    ROLE_ARM,     // the channel of a select's arm
    ROLE_TIMED,   // the channel of a timer, or the timer that has none
    ROLE_DONE,    // the channel that says that a context has ended
    ROLE_CTX,     // a context whose end ends the wait, or is asked for
    ROLE_MUTEX,   // the mutex that a cond's wait unlocks
    ROLE_LIMITED, // a group with a limit
    ROLE_LOOK,    // looked at
    ROLE_CHANGE,  // changed
    ROLE_RAISE,   // a counter that is raised, and looked at then
    ROLE_LOWER,   // ... or lowered
    ROLE_TAKE,    // one side of a connection: its inbox is read
    ROLE_PUT,     // ... it is written to
    ROLE_APPEND,  // ... something is on its way to it
};

// One thing that something acts on: the number of an object, or operand_word of what has no number.
struct operand {
    uint64_t key;
    uint8_t role;
};

// The key of what an address or a hash stands for; never that of an object.
static inline uint64_t operand_word(uint64_t word) {
    return (word & ((UINT64_C(1) << 54) - 1)) | UINT64_C(1) << 54;
}
static inline uint64_t operand_at(const void *p) {
    return operand_word((uint64_t)(uintptr_t)p);
}

// All that an operation is about.
enum { OPERANDS_MAX = 32 };
struct operands {
    uint32_t count;
    bool more; // there are more than fit: it may be about anything
    struct operand list[OPERANDS_MAX];
};

struct watch {
    // The next transition begins: after each choice of the policy, and where there was none to
    // make. False ends the run with RUN_STOPPED.
    bool (*step)(struct watch *w, const struct choice *way);
    // An operation was attempted; `parked`: it waits from here on. Within the transition that it
    // is the choice of, or for a local one within whatever its task does.
    void (*did)(struct watch *w, const struct op *op, bool parked);
    // A parked operation is being completed.
    void (*woke)(struct watch *w, const struct op *op);
    // The task used a place of a buffer through which values pass, each to the next who uses it.
    void (*passed)(struct watch *w, uint32_t task, const void *place);
    // The task met one that was parked, with nothing buffered between them.
    void (*met)(struct watch *w, uint32_t task, uint32_t parked);
    // A task was started; `by` EVENT_NOBODY: by the clock.
    void (*started)(struct watch *w, uint32_t task, uint32_t by);
    // Code between operations acted on something that others may act on.
    void (*touched)(struct watch *w, struct operand what);
    // A timer was set, `due`: to fire at this very instant; it was cleared before it fired, or would
    // find nobody any more.
    void (*timer_set)(struct watch *w, uint64_t timer, bool due);
    void (*timer_cleared)(struct watch *w, uint64_t timer);
    // The run is over; tasks and their operations are still there.
    void (*ended)(struct watch *w, enum run_end end);
};

// For code around the exercise that keeps state of its own between tasks (counters of calls):
// whoever watches is told that the calling task acts on it now.
void run_touch(uint64_t key, enum operand_role role);
