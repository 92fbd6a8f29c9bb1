// idea: a last line that means "go home"
// caught by: leak
// comment: A stop line is taken by one shipper, and there are two. A message reaches one
//   receiver; only a close reaches all of them.
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
    chan_send(queue, STOP);
    waitgroup_wait(&pending);
}
