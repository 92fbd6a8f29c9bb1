// cond-no-signal: the predicate becomes true on one path only, and nobody signals on the other.
// expect: deadlock
// left: main: sync.WaitGroup.Wait: all
// left: waiter: sync.Cond.Wait: changed
#include "harness/tests/truth/truth.h"

static mutex mu;
static cond changed;
static bool ready;

TASK(waiter, waitgroup *all;) {
    mutex_lock(&mu);
    while (!ready)
        cond_wait(&changed, &mu);
    mutex_unlock(&mu);
    waitgroup_done(a->all);
}

static void prepare(bool bad) {
    if (bad && !FIXED)
        return;
    mutex_lock(&mu);
    ready = true;
    mutex_unlock(&mu);
    cond_broadcast(&changed);
}

void program(void) {
    static waitgroup all;
    waitgroup_add(&all, 1);
    go(waiter, .all = &all);
    prepare(choose(2) == 1);
    waitgroup_wait(&all);
}
