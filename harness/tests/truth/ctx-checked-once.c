// ctx-checked-once: the cancel is looked at when the job starts, and never again.
// expect: outlives
// left: job: sleep
#include "harness/tests/truth/truth.h"

TASK(job, ctx *request;) {
    if (ctx_err(a->request) != OK)
        return;
    for (int step = 0; step < 30; step++) {
        if (FIXED && ctx_err(a->request) != OK)
            return;
        task_sleep(10 * SECOND);
    }
}

void program(void) {
    ctx *request = ctx_with_timeout(ctx_background(), SECOND);
    defer(ctx_cancel, request);
    go(job, .request = request);
    chan_recv(ctx_done(request), NULL);
}
