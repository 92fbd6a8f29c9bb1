// fanin-never-closed: what the workers send is merged, and the merged channel is never closed.
// expect: deadlock
// left: main: chan receive: merged
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(worker, int_chan merged;) {
    chan_send(a->merged, 1);
    waitgroup_done(&all);
}

TASK(closer, int_chan merged;) {
    waitgroup_wait(&all);
    chan_close(a->merged);
}

void program(void) {
    int_chan merged;
    chan_make(&merged, 0);
    waitgroup_add(&all, 2);
    for (int i = 0; i < 2; i++)
        go(worker, .merged = merged);
    if (FIXED)
        go(closer, .merged = merged);
    while (chan_recv(merged, NULL))
        continue;
}
