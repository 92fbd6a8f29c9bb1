// sync: mutex and wait group. The zero value of each is ready to use; neither may be copied.
#pragma once

#include "core/base.h"
#include "core/task.h"
#include "core/wait.h"

// Mutual exclusion. Not reentrant: a task that locks it twice waits for itself for ever.
typedef struct mutex {
    struct object object;
    uint32_t owner;           // creation number + 1 of the task that locked it, 0: free
    struct wait_list waiters; // tasks to wake at unlock, oldest first
} mutex;

// Parks until the mutex is free, then takes it.
#define mutex_lock(m) mutex_lock_at((m), HERE_OF(m))
void mutex_lock_at(mutex *m, site *at);

// Takes it if it is free; never parks. True: taken.
#define mutex_trylock(m) mutex_trylock_at((m), HERE_OF(m))
bool mutex_trylock_at(mutex *m, site *at);

// Gives it back. Any task may, as in Go. Panics "sync: unlock of unlocked mutex".
#define mutex_unlock(m) mutex_unlock_at((m), HERE_OF(m))
void mutex_unlock_at(mutex *m, site *at);
DEFERRABLE(mutex_unlock, mutex *)

// Counts work outstanding: add before starting it, done when it ends, wait until none is left.
typedef struct waitgroup {
    struct object object;
    int32_t count;            // adds minus dones
    struct wait_list waiters; // tasks in wait
} waitgroup;

// Adds n, which may be negative. Panics "sync: negative WaitGroup counter".
#define waitgroup_add(wg, n) waitgroup_add_at((wg), (n), HERE_OF(wg))
void waitgroup_add_at(waitgroup *wg, int32_t n, site *at);

// Adds -1.
#define waitgroup_done(wg) waitgroup_done_at((wg), HERE_OF(wg))
void waitgroup_done_at(waitgroup *wg, site *at);
DEFERRABLE(waitgroup_done, waitgroup *)

// Parks until the counter is 0; returns at once when it is.
#define waitgroup_wait(wg) waitgroup_wait_at((wg), HERE_OF(wg))
void waitgroup_wait_at(waitgroup *wg, site *at);
DEFERRABLE(waitgroup_wait, waitgroup *)
