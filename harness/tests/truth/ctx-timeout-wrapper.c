// ctx-timeout-wrapper: a wrapper gives up on the function that it runs, which goes on.
// expect: outlives
// left: run_it: select
#include "harness/tests/truth/truth.h"

TASK(run_it, int_chan done; ctx *limit;) {
    ctx_sleep(FIXED ? a->limit : ctx_background(), HOUR);
    chan_close(a->done);
}

static void with_timeout(int64_t ns) {
    int_chan done;
    ctx *limit = ctx_with_timeout(ctx_background(), ns);
    defer(ctx_cancel, limit);
    chan_make(&done, 0);
    go(run_it, .done = done, .limit = limit);
    chan_select(RECV(done, NULL), RECV(ctx_done(limit), NULL));
}

void program(void) {
    with_timeout(SECOND);
}
