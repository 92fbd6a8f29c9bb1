// idea: one message per shipper that says the work is over
//
// A message has one receiver, so there must be as many as there are shippers, and no shipper may
// take two: each leaves at its first. It works where a channel has many senders and none of them
// may close it. It breaks when the number of shippers changes in one place and not in the other.
#include "exercise.h"

typedef chan_of(int) line_chan;

enum { STOP = -1 };

TASK(shipper, line_chan queue; waitgroup *pending;) {
    int line;
    while (chan_recv(a->queue, &line) && line != STOP) {
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
    for (int i = 0; i < SHIPPERS; i++)
        chan_send(queue, STOP);
    waitgroup_wait(&pending);
}
