// close-twice: two tasks close one channel.
// expect: panic
// says: close of closed channel
#include "harness/tests/truth/truth.h"

static int_chan done;
static once closing;

static void close_it(void *unused) {
    (void)unused;
    chan_close(done);
}

TASK(stopper) {
    if (FIXED)
        once_do(&closing, close_it, NULL);
    else
        chan_close(done);
}

void program(void) {
    chan_make(&done, 0);
    go(stopper);
    go(stopper);
}
