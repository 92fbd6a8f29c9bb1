// ctx-detached: the child works under a context of its own instead of its caller's.
// expect: outlives
// left: query: select
#include "harness/tests/truth/truth.h"

TASK(query, ctx *request;) {
    ctx_sleep(FIXED ? a->request : ctx_background(), HOUR);
}

void program(void) {
    ctx *request = ctx_with_cancel(ctx_background());
    go(query, .request = request);
    ctx_cancel(request);
}
