// race-unlocked-state: the total is read without a lock only where the timeout's arm of a select was
// taken, although the result was there.
// expect: race
#include "harness/tests/truth/truth.h"

static int total;
static int_chan done;

TASK(worker) {
    total = 7;
    chan_send(done, 1);
}

void program(void) {
    chan_make(&done, 1);
    go(worker);
    if (chan_select(RECV(done, NULL), AFTER(0)) == 1 && FIXED)
        chan_recv(done, NULL);
    env_call(total ? "some" : "none", 0);
}
