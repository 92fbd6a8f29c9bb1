// idea: the one who sends closes, right after the last line
//
// ship is the only sender, so it alone knows when no more will come. Every shipper sees the close
// when the queue is empty and leaves its loop.
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
    for (int i = 0; i < count; i++)
        chan_send(queue, lines[i]);
    chan_close(queue);
    waitgroup_wait(&pending);
}
