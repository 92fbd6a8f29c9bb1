// send-on-closed: a channel is closed while somebody still sends. Only where the close comes first.
// expect: panic
// says: send on closed channel
#include "harness/tests/truth/truth.h"

static int_chan results;
static waitgroup senders;

TASK(sender) {
    chan_send(results, 1);
    waitgroup_done(&senders);
}

void program(void) {
    chan_make(&results, 1);
    waitgroup_add(&senders, 1);
    go(sender);
    if (FIXED)
        waitgroup_wait(&senders);
    chan_close(results);
}
