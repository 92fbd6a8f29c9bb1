// idea: a shipper that finds nothing to do goes home, after the shortest wait there is
// caught by: deadlock
// comment: As long as the sender is always faster than a nanosecond nobody notices. On a slow machine
//   both shippers have gone before the first line is there, and the sender waits for ever. A short
//   wait is no sign that nothing will come; only who sends knows that.
#include "exercise.h"

typedef chan_of(int) line_chan;

TASK(shipper, line_chan queue; waitgroup *pending;) {
    int line;
    while (chan_select(RECV(a->queue, &line), AFTER(NANOSECOND)) == 0) {
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
