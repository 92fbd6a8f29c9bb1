// idea: who ships a line closes the queue behind it
// caught by: panic
// comment: A receiver cannot know that it took the last line. Here the sender still has some, and
//   a send on a closed channel panics. The one who knows that no more will come is the sender.
#include "exercise.h"

typedef chan_of(int) line_chan;

TASK(shipper, line_chan queue; waitgroup *pending;) {
    int line;
    while (chan_recv(a->queue, &line)) {
        collector_put(line);
        waitgroup_done(a->pending);
        chan_close(a->queue);
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
    waitgroup_wait(&pending);
}
