// timer-loop-no-exit: a loop around a timer that nothing ends.
// expect: outlives
// left: refresher: select
#include "harness/tests/truth/truth.h"

TASK(refresher, ctx *request;) {
    while (true) {
        int arm = FIXED ? chan_select(AFTER(10 * SECOND), RECV(ctx_done(a->request), NULL))
                        : chan_select(AFTER(10 * SECOND));
        if (arm == 1)
            return;
        env_call("refresh", 0);
    }
}

void program(void) {
    ctx *request = ctx_with_cancel(ctx_background());
    go(refresher, .request = request);
    ctx_cancel(request);
}
