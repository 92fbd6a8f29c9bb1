// pool-submit-or-drain-stuck: the pool is awaited before anybody takes its results.
// expect: deadlock
// left: main: sync.WaitGroup.Wait: all
// left: 2 worker: chan send: results
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(worker, int_chan results;) {
    chan_send(a->results, 1);
    waitgroup_done(&all);
}

void program(void) {
    int_chan results;
    chan_make(&results, 0);
    waitgroup_add(&all, 2);
    for (int i = 0; i < 2; i++)
        go(worker, .results = results);
    if (!FIXED)
        waitgroup_wait(&all);
    for (int i = 0; i < 2; i++)
        chan_recv(results, NULL);
    waitgroup_wait(&all);
}
