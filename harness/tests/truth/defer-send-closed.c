// defer-send-closed: clean-up sends on a channel that was closed before.
// expect: panic
// says: send on closed channel
#include "harness/tests/truth/truth.h"

static int_chan done;

DEFERRED(tell) {
    chan_send(done, 1);
}

static void work(void) {
    defer(tell);
    if (!FIXED)
        chan_close(done);
}

void program(void) {
    chan_make(&done, 1);
    work();
}
