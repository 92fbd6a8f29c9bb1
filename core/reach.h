// reach: which parked tasks nobody can ever reach again, while others still run.
//
// A run whose root never ends is never quiescent, so who is parked for ever is not decided by its end.
// But a task waits on an object, and only who can get at the object can end the wait: if no task that
// can go on has a way of pointers to it, the wait lasts for ever. That is how Go 1.27's goroutine
// leak profile finds leaks, after GOLF (Saioc, Shirchenko, Chabbi: Dynamic Partial Deadlock Detection and
// Recovery via Garbage Collection, ASPLOS 2025).
//
// What is found is a proof, as long as the program hides no pointer: every word that lies at a multiple
// of 8 in what is looked at counts as a pointer if it could be one, anywhere into a block or just past
// its end. Hidden is what is encoded, misaligned (a packed struct), or kept outside of the run's
// memory, the stacks and the globals: none of that is C that a lesson holds.
//
// What is not found is no proof of anything. It depends on the compiler: a channel that a live task
// will never use again may still lie in one of its stack slots. So nothing here is ever a verdict.
#pragma once

#include "core/inspect.h"

#include <stddef.h>

// Memory in which code that was loaded keeps its global variables.
typedef struct reach_range {
    const void *at;
    size_t size;
} reach_range;

struct reach_config {
    const reach_range *globals;
    size_t global_count;
    // As if globals held nothing: also finds who waits on an object that only a global leads to. No
    // proof then, if some task looks at that global later.
    bool ignore_globals;
    // Called for each task that is leaked, in creation order. NULL: only counts.
    void (*leaked)(const task_info *task, void *user);
    void *user;
};

struct reach {
    bool known;       // false: it could not be found out (no memory, AddressSanitizer's fake
                      // stacks, no run), and the rest is 0
    uint32_t waiting; // tasks that wait for somebody; daemons, here and below, do not count
    uint32_t leaked;  // of those: nobody can reach what they wait for
    uint32_t
        by_globals; // of those: only globals lead there. Leaked too if no task looks at these again
    uint64_t bytes; // looked at
};

// Looks at the run as it is. On the scheduler's stack only: from run_config.tick or .ended. Changes
// nothing; takes time in proportion to what is looked at, the number of tasks and the run's memory.
struct reach reach_find(const struct reach_config *config);
