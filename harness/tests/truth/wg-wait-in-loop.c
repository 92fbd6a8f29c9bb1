// wg-wait-in-loop: the wait is inside the loop that starts the children.
// expect: leak
// left: starter: sync.WaitGroup.Wait: all
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(child) {
    waitgroup_done(&all);
}

TASK(starter) {
    waitgroup_add(&all, 2);
    for (int i = 0; i < 2; i++) {
        go(child);
        if (!FIXED)
            waitgroup_wait(&all);
    }
    waitgroup_wait(&all);
}

void program(void) {
    go(starter);
}
