// panic-skips-cleanup: a task recovers from its panic, but its done was never deferred.
// expect: deadlock
// left: main: sync.WaitGroup.Wait: all
#include "harness/tests/truth/truth.h"

DEFERRED(survive) {
    recover();
}

static void work(waitgroup *all) {
    deferring();
    if (FIXED)
        defer_to_return(waitgroup_done, all);
    defer_to_return(survive);
    panic("no such page");
}

TASK(child, waitgroup *all;) {
    work(a->all);
}

void program(void) {
    static waitgroup all;
    waitgroup_add(&all, 1);
    go(child, .all = &all);
    waitgroup_wait(&all);
}
