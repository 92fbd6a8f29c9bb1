// race-unlocked-state: a counter that two tasks raise without a lock.
// expect: race
#include "harness/tests/truth/truth.h"

static int counter;
static mutex mu;

TASK(count) {
    if (FIXED)
        mutex_lock(&mu);
    counter++;
    if (FIXED)
        mutex_unlock(&mu);
}

void program(void) {
    go(count);
    go(count);
}
