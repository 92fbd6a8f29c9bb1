// pool-submit-or-drain-stuck: a job is submitted when the pool's only worker has been cancelled.
// expect: leak
// left: submitter: chan send: jobs
#include "harness/tests/truth/truth.h"

TASK(worker, int_chan jobs; ctx *request;) {
    while (chan_select(RECV(a->jobs, NULL), RECV(ctx_done(a->request), NULL)) == 0)
        continue;
}

TASK(submitter, int_chan jobs; ctx *request;) {
    if (FIXED)
        chan_select(SEND(a->jobs, 1), RECV(ctx_done(a->request), NULL));
    else
        chan_send(a->jobs, 1);
}

void program(void) {
    int_chan jobs;
    ctx *request = ctx_with_cancel(ctx_background());
    chan_make(&jobs, 0);
    go(worker, .jobs = jobs, .request = request);
    go(submitter, .jobs = jobs, .request = request);
    ctx_cancel(request);
}
