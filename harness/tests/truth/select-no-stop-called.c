// select-no-stop-called: a worker that can be stopped, and an owner that forgets to.
// expect: leak
// left: worker: select
#include "harness/tests/truth/truth.h"

TASK(worker, int_chan work; int_chan stop;) {
    while (chan_select(RECV(a->work, NULL), RECV(a->stop, NULL)) == 0)
        env_call("work", 0);
}

void program(void) {
    int_chan work, stop;
    chan_make(&work, 0);
    chan_make(&stop, 0);
    go(worker, .work = work, .stop = stop);
    chan_send(work, 1);
    if (FIXED)
        chan_close(stop);
}
