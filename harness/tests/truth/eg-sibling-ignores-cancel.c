// eg-sibling-ignores-cancel: one child fails, its sibling does not hear of it.
// expect: deadlock
// left: main: errgroup.Group.Wait: all
// left: sibling: chan receive: work
#include "harness/tests/truth/truth.h"

GROUP_TASK(failing) {
    return ERR_REFUSED;
}

GROUP_TASK(sibling, int_chan work; ctx * together;) {
    if (!FIXED)
        chan_recv(a->work, NULL);
    else
        chan_select(RECV(a->work, NULL), RECV(ctx_done(a->together), NULL));
    return OK;
}

void program(void) {
    static group all;
    int_chan work;
    chan_make(&work, 0);
    ctx *together = group_with_ctx(&all, ctx_background());
    group_go(&all, failing);
    group_go(&all, sibling, .work = work, .together = together);
    group_wait(&all);
}
