// select-default-spin: the default branch hides that nobody sends any more.
// expect: outlives
// left: reader: sleep
#include "harness/tests/truth/truth.h"

TASK(reader, int_chan values; ctx *request;) {
    while (chan_poll(RECV(a->values, NULL)) < 0) {
        if (FIXED && ctx_err(a->request) != OK)
            return;
        task_sleep(10 * SECOND);
    }
}

void program(void) {
    int_chan values;
    ctx *request = ctx_with_cancel(ctx_background());
    chan_make(&values, 0);
    go(reader, .values = values, .request = request);
    ctx_cancel(request);
}
