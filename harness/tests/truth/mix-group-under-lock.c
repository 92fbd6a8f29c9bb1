// mix-group-under-lock: waits for its children with the lock that they need.
// expect: deadlock
// left: main: sync.WaitGroup.Wait: all
// left: child: sync.Mutex.Lock: mu
#include "harness/tests/truth/truth.h"

static mutex mu;
static waitgroup all;

TASK(child) {
    mutex_lock(&mu);
    mutex_unlock(&mu);
    waitgroup_done(&all);
}

void program(void) {
    waitgroup_add(&all, 1);
    go(child);
    mutex_lock(&mu);
    if (FIXED)
        mutex_unlock(&mu);
    waitgroup_wait(&all);
    if (!FIXED)
        mutex_unlock(&mu);
}
