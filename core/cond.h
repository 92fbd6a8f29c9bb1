// cond: tasks that wait until others say that something has changed. Go's sync.Cond. The zero
// value is ready to use; it may not be copied.
//
//     mutex_lock(&mu);
//     while (queue_is_empty())
//         cond_wait(&filled, &mu);
//     ...
//     mutex_unlock(&mu);
//
// A signal that finds nobody waiting is lost. What was true when it came need not be true when the
// waiting task goes on, so a wait stands in a loop that looks again.
#pragma once

#include "core/base.h"
#include "core/sync.h"
#include "core/wait.h"

typedef struct cond {
    struct object object;
    struct wait_list waiters; // oldest first
} cond;

// Unlocks m and waits, in one step, so no signal falls between the two; locks m again before it
// returns. It returns only after a signal or a broadcast that came later than it. Panics "sync:
// unlock of unlocked mutex". Go names the mutex once, when the cond is made; here each wait does.
#define cond_wait(c, m) cond_wait_at((c), (m), HERE_OF(c))
void cond_wait_at(cond *c, mutex *m, site *at);

// Wakes the task that has waited longest, if there is one. The mutex need not be held.
#define cond_signal(c) cond_signal_at((c), HERE_OF(c))
void cond_signal_at(cond *c, site *at);

// Wakes all that wait.
#define cond_broadcast(c) cond_broadcast_at((c), HERE_OF(c))
void cond_broadcast_at(cond *c, site *at);
