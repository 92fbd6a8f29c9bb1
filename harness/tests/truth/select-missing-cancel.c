// select-missing-cancel: a select without the case for the cancel.
// expect: leak
// left: watcher: select
#include "harness/tests/truth/truth.h"

TASK(watcher, int_chan one; int_chan other; ctx *request;) {
    if (FIXED)
        chan_select(RECV(a->one, NULL), RECV(a->other, NULL), RECV(ctx_done(a->request), NULL));
    else
        chan_select(RECV(a->one, NULL), RECV(a->other, NULL));
}

void program(void) {
    int_chan one, other;
    ctx *request = ctx_with_cancel(ctx_background());
    chan_make(&one, 0);
    chan_make(&other, 0);
    go(watcher, .one = one, .other = other, .request = request);
    ctx_cancel(request);
}
