// ctl-must-not-report: the workers of a pool are parked for hours, until it is closed.
// expect: PASS
#include "harness/tests/truth/truth.h"

static int_chan jobs;
static waitgroup all;

TASK(worker) {
    while (chan_recv(jobs, NULL))
        continue;
    waitgroup_done(&all);
}

void program(void) {
    chan_make(&jobs, 0);
    waitgroup_add(&all, 2);
    for (int i = 0; i < 2; i++)
        go(worker);
    task_sleep(3 * HOUR);
    chan_close(jobs);
    waitgroup_wait(&all);
}
