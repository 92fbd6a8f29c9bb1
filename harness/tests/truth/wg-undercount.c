// wg-undercount: the error path skips a done.
// expect: deadlock
// left: main: sync.WaitGroup.Wait: all
#include "harness/tests/truth/truth.h"

TASK(child, waitgroup *all; bool bad;) {
    if (a->bad && !FIXED)
        return;
    waitgroup_done(a->all);
}

void program(void) {
    waitgroup all = {0};
    waitgroup_add(&all, 2);
    go(child, .all = &all, .bad = false);
    go(child, .all = &all, .bad = true);
    waitgroup_wait(&all);
}
