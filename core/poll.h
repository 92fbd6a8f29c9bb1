// poll: what the kernel has to say about the file descriptors of a live run. Private to the core.
#pragma once

#include "core/base.h"

#pragma GCC visibility push(hidden)

// A file descriptor that somebody may wait for. Embedded in what owns it; open ones belong to the
// run and are closed with it.
struct poll_source {
    int fd;                               // -1: not open
    void (*ready)(struct poll_source *s); // something has changed: try what is waited for again
    struct poll_source *next, *prev;      // all that are open
};

// What an errno of a socket means as an err.
err poll_err(int number);

// Takes over fd, and calls `ready` from poll_wait whenever it becomes readable or writable, or
// fails: on the scheduler's stack. An err: the kernel refuses, and fd is closed.
err poll_open(struct poll_source *s, int fd);

// Closes the descriptor. Fine when it is not open.
void poll_close(struct poll_source *s);

// Waits at most `ns` (INT64_MAX: for ever) and calls `ready` of all that changed.
void poll_wait(int64_t ns);

// Closes what a run has left open.
void poll_reset(void);

#pragma GCC visibility pop
