// main-exits-early: main returns while its children work.
// expect: outlives
// left: 2 child: sleep
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(child) {
    env_call("work", HOUR);
    waitgroup_done(&all);
}

void program(void) {
    waitgroup_add(&all, 2);
    for (int i = 0; i < 2; i++)
        go(child);
    if (FIXED)
        waitgroup_wait(&all);
}
