// send-ncast: three children send, only the first result is taken.
// expect: leak
// left: 2 replica: chan send: results
#include "harness/tests/truth/truth.h"

enum { REPLICAS = 3 };

TASK(replica, int_chan results;) {
    chan_send(a->results, 1);
}

void program(void) {
    int_chan results;
    chan_make(&results, FIXED ? REPLICAS : 0);
    for (int i = 0; i < REPLICAS; i++)
        go(replica, .results = results);
    chan_recv(results, NULL);
}
