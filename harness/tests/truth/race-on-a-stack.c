// race-unlocked-state: a task is given a pointer to a variable on the stack of the one that started it,
// who goes on using it.
// expect: race
#include "harness/tests/truth/truth.h"

TASK(adder, int *sum; int_chan done;) {
    *a->sum += 1;
    chan_send(a->done, 1);
}

void program(void) {
    int sum = 0;
    int_chan done;
    chan_make(&done, 1);
    go(adder, .sum = &sum, .done = done);
    if (FIXED)
        chan_recv(done, NULL);
    sum += 1;
    if (!FIXED)
        chan_recv(done, NULL);
    env_call(sum == 2 ? "both" : "one", 0);
}
