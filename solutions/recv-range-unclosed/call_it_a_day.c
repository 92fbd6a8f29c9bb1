// idea: a second channel says that the day is over
//
// Shippers wait for a line or for the end of the batch's context, whichever comes first. The queue
// is never closed, so any number of senders may share it. The context must end only after the last
// line has arrived, or lines could be left in the queue.
#include "exercise.h"

typedef chan_of(int) line_chan;

TASK(shipper, line_chan queue; waitgroup *pending; ctx *batch;) {
    int line;
    while (chan_select(RECV(a->queue, &line), RECV(ctx_done(a->batch), NULL)) == 0) {
        collector_put(line);
        waitgroup_done(a->pending);
    }
}

void ship(const int *lines, int count) {
    ctx *batch = ctx_with_cancel(ctx_background());
    defer(ctx_cancel, batch);
    waitgroup pending = {0};
    line_chan queue;
    chan_make(&queue, 0);

    waitgroup_add(&pending, count);
    for (int i = 0; i < SHIPPERS; i++)
        go(shipper, .queue = queue, .pending = &pending, .batch = batch);
    for (int i = 0; i < count; i++)
        chan_send(queue, lines[i]);
    waitgroup_wait(&pending);
}
