// ctl-must-report: a leak on a wait group that a global is.
// expect: leak
// left: worker: sync.WaitGroup.Wait: all
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(worker) {
    waitgroup_wait(&all);
}

void program(void) {
    waitgroup_add(&all, 1);
    go(worker);
    if (FIXED)
        waitgroup_done(&all);
}
