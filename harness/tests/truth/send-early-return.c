// send-early-return: the parent returns on an error before it receives its child's result.
// expect: leak
// left: child: chan send: result
#include "harness/tests/truth/truth.h"

TASK(child, int_chan result;) {
    chan_send(a->result, 1);
}

static void parent(bool bad) {
    int_chan result;
    chan_make(&result, FIXED ? 1 : 0);
    go(child, .result = result);
    if (bad)
        return;
    chan_recv(result, NULL);
}

void program(void) {
    parent(choose(2) == 1);
}
