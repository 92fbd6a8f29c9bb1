// limits: what a process that will run a learner's code may use, and what it gets to see.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits {
    uint64_t cpu_seconds; // a backstop: budgets are counts; 0: none
    uint64_t data_bytes;  // heap and private memory; 0: none (sanitizers reserve terabytes)
    uint64_t file_bytes;  // the largest file it may write
    uint64_t files;       // open at once
    bool fixed_addresses; // no address space randomisation: old ThreadSanitizers need that
};

// For a runner with room for `tasks` tasks and `heap` bytes of learner memory.
struct limits limits_for_runner(bool sanitized, bool endless, uint32_t tasks, size_t heap);

// How many tasks a load with at most `tasks` alive at a time starts in all. The memory of a run, and of
// whoever reads its log, grows with every task that ever was: without this bound a load that leaks
// nothing would fill the machine all the same.
uint32_t limits_started(uint32_t tasks);

// Sets them for the calling process, for good. Async-signal-safe: for use between fork and exec.
// Returns 0, or the errno of the first that could not be set.
int limits_apply(const struct limits *l);

// Its whole environment, for execve. Static.
char *const *limits_environment(void);
