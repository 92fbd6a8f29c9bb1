// send-double: a return is missing after the error was sent: two sends, one receive.
// expect: leak
// left: fetch: chan send: result
#include "harness/tests/truth/truth.h"

TASK(fetch, int_chan result; bool bad;) {
    if (a->bad) {
        chan_send(a->result, -1);
        if (FIXED)
            return;
    }
    chan_send(a->result, 1);
}

void program(void) {
    int_chan result;
    chan_make(&result, 0);
    go(fetch, .result = result, .bad = choose(2) == 1);
    chan_recv(result, NULL);
}
