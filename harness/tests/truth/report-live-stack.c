// ctl-must-report: a leak on a channel that lies on the stack of a task which is alive, and allowed to.
// expect: leak
// left: worker: chan send: results
#include "harness/tests/truth/truth.h"

TASK(worker, int_chan results;) {
    chan_send(a->results, 1);
}

static void serve_for_ever(void) {
    int_chan results, requests;
    chan_make(&results, FIXED ? 1 : 0);
    chan_make(&requests, 0);
    go(worker, .results = results);
    chan_recv(requests, NULL);
    chan_recv(results, NULL);
}

void program(void) {
    environment_daemon(serve_for_ever);
}
