// idea: a queue with room for every line
// caught by: leak
// comment: A buffer frees those who send. These tasks receive, and an empty buffer keeps them
//   waiting just as long as no buffer at all. They wait for a line or for the end, and the end
//   never comes.
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
    chan_make(&queue, 1024);

    waitgroup_add(&pending, count);
    for (int i = 0; i < SHIPPERS; i++)
        go(shipper, .queue = queue, .pending = &pending);
    for (int i = 0; i < count; i++)
        chan_send(queue, lines[i]);
    waitgroup_wait(&pending);
}
