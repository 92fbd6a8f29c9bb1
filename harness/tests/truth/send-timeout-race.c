// send-timeout-race: the parent's select takes the timeout, the child sends all the same. Only the
// schedules in which the answer comes as late as the timeout fail.
// expect: leak
// left: ask: chan send: reply
#include "harness/tests/truth/truth.h"

TASK(ask, int_chan reply;) {
    env_call("exchange", 50 * MILLISECOND);
    chan_send(a->reply, 1);
}

void program(void) {
    int_chan reply;
    int price;
    chan_make(&reply, FIXED ? 1 : 0);
    go(ask, .reply = reply);
    chan_select(RECV(reply, &price), AFTER(50 * MILLISECOND));
}
