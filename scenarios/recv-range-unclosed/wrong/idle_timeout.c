// idea: a shipper that has had nothing to do for a while goes home
// caught by: outlives
// comment: They do go home, long after their batch. Until then every batch keeps its shippers,
//   and under load that is the same pile. And on the day the service pauses for longer than the
//   timeout in the middle of a batch, the sender waits for receivers that have gone.
#include "exercise.h"

typedef chan_of(int) line_chan;

#define IDLE (5 * SECOND)

TASK(shipper, line_chan queue; waitgroup *pending;) {
    int line;
    while (chan_select(RECV(a->queue, &line), AFTER(IDLE)) == 0) {
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
    waitgroup_wait(&pending);
}
