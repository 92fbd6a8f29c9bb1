// idea: one queue for the whole service, closed after the last line
// caught by: panic
// comment: Closed means closed for everybody: the next batch sends on a closed channel. Who closes
//   must know that nobody will ever send again, and one batch cannot know that of another. A queue
//   of its own for each batch can be closed with it.
#include "exercise.h"

typedef chan_of(int) line_chan;

static line_chan queue;

TASK(shipper, waitgroup *pending;) {
    int line;
    while (chan_recv(queue, &line)) {
        collector_put(line);
        waitgroup_done(a->pending);
    }
}

void ship(const int *lines, int count) {
    waitgroup pending = {0};
    if (queue.raw == NULL)
        chan_make(&queue, 0);

    waitgroup_add(&pending, count);
    for (int i = 0; i < SHIPPERS; i++)
        go(shipper, .pending = &pending);
    for (int i = 0; i < count; i++)
        chan_send(queue, lines[i]);
    chan_close(queue);
    waitgroup_wait(&pending);
}
