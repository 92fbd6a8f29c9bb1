// send-no-receiver: a send on a channel that nobody reads.
// expect: leak
// left: ask: chan send: reply
#include "harness/tests/truth/truth.h"

TASK(ask, int_chan reply;) {
    env_call("exchange", MILLISECOND);
    chan_send(a->reply, 1);
}

void program(void) {
    int_chan reply;
    chan_make(&reply, FIXED ? 1 : 0);
    go(ask, .reply = reply);
}
