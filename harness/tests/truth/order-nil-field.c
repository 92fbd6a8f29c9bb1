// order-init-publish: what is published first is used before it is complete. Only where the user
// goes first.
// expect: panic, race
// says: close of nil channel
#include "harness/tests/truth/truth.h"

static int_chan published, done;

TASK(user) {
    chan_recv(published, NULL);
    chan_close(done);
}

void program(void) {
    chan_make(&published, 0);
    go(user);
    if (FIXED)
        chan_make(&done, 0);
    chan_close(published);
    task_yield();
    if (!FIXED)
        chan_make(&done, 0);
}
