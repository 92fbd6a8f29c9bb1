// idea: the sender closes when it has sent the last line
// caught by: leak
// comment: Right for every batch that has a last line. An empty batch has none, the loop body
//   never runs, and both shippers wait for ever. Close after the loop, not in it.
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
        chan_send(queue, lines[i]);
        if (i == count - 1)
            chan_close(queue);
    }
    waitgroup_wait(&pending);
}
