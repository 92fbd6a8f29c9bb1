// ctl-must-report: a leak on a channel that a global names, which whoever asks for reachability spares.
// expect: leak
// left: worker: chan receive: jobs
#include "harness/tests/truth/truth.h"

static int_chan jobs;

TASK(worker) {
    chan_recv(jobs, NULL);
}

void program(void) {
    chan_make(&jobs, 0);
    go(worker);
    if (FIXED)
        chan_close(jobs);
}
