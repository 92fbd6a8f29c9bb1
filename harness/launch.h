// launch: one program in a process of its own that holds nothing of its parent's but what it is
// given: three descriptors, a folder, limits and four environment variables.
#pragma once

#include "harness/limits.h"

#include <sys/types.h>

struct launch {
    char *const *argv;  // NULL at the end; argv[0] is the program's path
    const char *folder; // where it works
    int input, output;  // become its 0, and its 1 and 2
    int memory;         // becomes its 3
    struct limits limits;
};

// Starts it as the leader of its own process group; it dies with the calling thread. Waits for the
// exec alone. Returns 0 and its number in *pid, or the errno of what failed.
int launch(const struct launch *l, pid_t *pid);

// fork(2) for a child that is to exec at once: there it returns 0, in a process that leads its own group, dies with
// the calling thread, and has every signal at its default and none pending.
pid_t launch_fork(void);
