// recv-poll-as-wait: "has it been stopped?" written as a receive that waits for it.
// expect: deadlock
// left: main: chan receive: stopped
#include "harness/tests/truth/truth.h"

void program(void) {
    int_chan stopped;
    chan_make(&stopped, 0);
    if (FIXED)
        chan_poll(RECV(stopped, NULL));
    else
        chan_recv(stopped, NULL);
    chan_close(stopped);
}
