// select-callback-waits-self: a callback that a loop runs waits for that loop to stop.
// expect: deadlock
// left: main: chan receive: stopped
// left: loop: chan receive: stopped
#include "harness/tests/truth/truth.h"

static int_chan events, stopped;

static void stop_and_wait(void) {
    chan_close(events);
    if (!FIXED)
        chan_recv(stopped, NULL);
}

TASK(loop) {
    while (chan_recv(events, NULL))
        stop_and_wait();
    chan_close(stopped);
}

void program(void) {
    chan_make(&events, 0);
    chan_make(&stopped, 0);
    go(loop);
    chan_send(events, 1);
    chan_recv(stopped, NULL);
}
