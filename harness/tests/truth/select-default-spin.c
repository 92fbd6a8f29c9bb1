// select-default-spin: a closed channel is always ready, so the loop around it never ends.
// expect: outlives
// left: reader: runnable
#include "harness/tests/truth/truth.h"

TASK(reader, int_chan values;) {
    bool open = true;
    while (open || !FIXED)
        chan_poll(RECV_OK(a->values, NULL, &open));
}

void program(void) {
    int_chan values;
    chan_make(&values, 0);
    chan_close(values);
    go(reader, .values = values);
}
