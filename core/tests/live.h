// live: runs a root function by the wall clock, with real sockets.
//
// What is tested never depends on how long anything takes: ports are free ones, and whoever must be
// waited for says so. Every test has a timeout of its own, for what would hang instead.
#pragma once

#include "core/net.h"
#include "core/tests/aftermath.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIVE_TIMEOUT 60

__attribute__((unused)) static const event_log *world_live(task_fn *root) {
    world.config.clock = CLOCK_WALL;
    world.seed = WORLD_INLINE;
    world_run(root, policy_fifo());
    world.config.clock = CLOCK_VIRTUAL;
    return world.log;
}

// File descriptors that are open in this process.
__attribute__((unused)) static int open_files(void) {
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    closedir(d);
    return n - 3; // ".", "..", and the folder's own
}

// From here on this process can open `n` more files, no matter what was said before.
__attribute__((unused)) static bool limit_files(int n) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int next = dup(0);
    close(next);
    limit.rlim_cur = (rlim_t)(next + n);
    return next >= 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

// Tasks that are parked for this reason now.
__attribute__((unused)) static bool count_reason(const task_info *t, void *user) {
    uint32_t *n = user;
    n[t->reason] += t->state == TASK_PARKED;
    return true;
}

__attribute__((unused)) static uint32_t parked_now(enum wait_reason reason) {
    uint32_t n[WAIT_REASON_COUNT] = {0};
    inspect_tasks(count_reason, n);
    return n[reason];
}
