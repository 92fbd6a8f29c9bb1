// handle-not-closed: a handle is not closed, and the two tasks that serve it stay.
// expect: leak, resource
// left: read_loop: chan receive: gone
// left: write_loop: chan receive: gone
#include "harness/tests/truth/truth.h"

struct handle {
    resource held;
    int_chan gone;
};

TASK(read_loop, int_chan gone;) {
    chan_recv(a->gone, NULL);
}

TASK(write_loop, int_chan gone;) {
    chan_recv(a->gone, NULL);
}

static void handle_open(struct handle *h) {
    resource_open_at(&h->held, "handle", HERE);
    int_chan gone;
    chan_make(&gone, 0);
    h->gone = gone;
    go(read_loop, .gone = gone);
    go(write_loop, .gone = gone);
}

static void handle_close(struct handle *h) {
    resource_close_at(&h->held, HERE);
    chan_close(h->gone);
}

void program(void) {
    static struct handle h;
    handle_open(&h);
    if (FIXED)
        handle_close(&h);
}
