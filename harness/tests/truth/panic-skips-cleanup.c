// panic-skips-cleanup: a task panics before its done; nobody recovers.
// expect: panic
// says: no such page
#include "harness/tests/truth/truth.h"

TASK(child, waitgroup *all;) {
    deferring();
    defer_to_return(waitgroup_done, a->all);
    if (!FIXED)
        panic("no such page");
}

void program(void) {
    static waitgroup all;
    waitgroup_add(&all, 1);
    go(child, .all = &all);
    waitgroup_wait(&all);
}
