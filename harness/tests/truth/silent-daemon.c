// ctl-must-not-report: a declared daemon that waits for ever, as one does that waits for a signal.
// expect: PASS
#include "harness/tests/truth/truth.h"

static int_chan signals;

static void wait_for_signals(void) {
    while (chan_recv(signals, NULL))
        continue;
}

void program(void) {
    chan_make(&signals, 0);
    environment_daemon(wait_for_signals);
}
