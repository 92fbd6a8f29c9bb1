// recv-done-unclosed: the owner of a done channel closes it on one path only.
// expect: deadlock
// left: main: chan receive: done
#include "harness/tests/truth/truth.h"

TASK(owner, int_chan done; bool bad;) {
    if (a->bad && !FIXED)
        return;
    chan_close(a->done);
}

void program(void) {
    int_chan done;
    chan_make(&done, 0);
    go(owner, .done = done, .bad = choose(2) == 1);
    chan_recv(done, NULL);
}
