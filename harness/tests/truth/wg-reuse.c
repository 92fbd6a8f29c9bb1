// wg-reuse: the counter is raised again while an earlier wait has not returned. Where that wait comes
// late it waits for the second round too, which begins to end when it has returned.
// expect: deadlock
// left: main: chan receive: told
// left: waiter: sync.WaitGroup.Wait: rounds[0]
#include "harness/tests/truth/truth.h"

static waitgroup rounds[2];
static int_chan told;

TASK(waiter) {
    waitgroup_wait(&rounds[0]);
    chan_send(told, 1);
}

void program(void) {
    waitgroup *next = FIXED ? &rounds[1] : &rounds[0];
    chan_make(&told, 1);
    waitgroup_add(&rounds[0], 1);
    go(waiter);
    waitgroup_done(&rounds[0]);
    waitgroup_add(next, 1);
    chan_recv(told, NULL);
    waitgroup_done(next);
    waitgroup_wait(next);
}
