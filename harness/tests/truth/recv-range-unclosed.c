// recv-range-unclosed: workers range over a channel that its producer never closes.
// expect: leak
// left: 2 worker: chan receive: jobs
#include "harness/tests/truth/truth.h"

TASK(worker, int_chan jobs;) {
    int job;
    while (chan_recv(a->jobs, &job))
        env_call("job", 0);
}

void program(void) {
    int_chan jobs;
    chan_make(&jobs, 0);
    for (int i = 0; i < 2; i++)
        go(worker, .jobs = jobs);
    for (int i = 0; i < 2; i++)
        chan_send(jobs, i);
    if (FIXED)
        chan_close(jobs);
}
