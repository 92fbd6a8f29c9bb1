// ctx-not-cancelled: a derived context whose cancel is never called.
// expect: leak
// left: watcher: chan receive: ctx.done
#include "harness/tests/truth/truth.h"

TASK(watcher, ctx *request;) {
    chan_recv(ctx_done(a->request), NULL);
}

void program(void) {
    ctx *request = ctx_with_cancel(ctx_background());
    go(watcher, .request = request);
    if (FIXED)
        ctx_cancel(request);
}
