// idea: close it by defer, so that it cannot be forgotten
// caught by: panic
// comment: The right thought in the wrong block. This defer runs at the end of the block it
//   stands in, and that is the body of the loop: the queue is closed after the first line. (In Go a
//   defer waits for the end of the function.)
#include "exercise.h"

typedef chan_of(int) line_chan;

TASK(shipper, line_chan queue; waitgroup *pending;) {
    int line;
    while (chan_recv(a->queue, &line)) {
        collector_put(line);
        waitgroup_done(a->pending);
    }
}

void ship(const int *lines, int count) {
    waitgroup pending = {0};
    line_chan queue;
    chan_make(&queue, 0);

    waitgroup_add(&pending, count);
    for (int i = 0; i < SHIPPERS; i++)
        go(shipper, .queue = queue, .pending = &pending);
    for (int i = 0; i < count; i++) {
        defer(chan_close, queue.raw);
        chan_send(queue, lines[i]);
    }
    waitgroup_wait(&pending);
}
