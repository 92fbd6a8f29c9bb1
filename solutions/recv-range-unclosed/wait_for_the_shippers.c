// idea: wait for the tasks, not for the lines
//
// The wait group counts shippers, and a shipper is done when its loop is. So ship cannot return
// while one of them is left: had the close been forgotten, the very first test would hang instead
// of leaking quietly. One done per task is also less to count than one per line.
#include "exercise.h"

typedef chan_of(int) line_chan;

TASK(shipper, line_chan queue; waitgroup *shippers;) {
    defer(waitgroup_done, a->shippers);
    int line;
    while (chan_recv(a->queue, &line))
        collector_put(line);
}

void ship(const int *lines, int count) {
    waitgroup shippers = {0};
    line_chan queue;
    chan_make(&queue, 0);

    for (int i = 0; i < SHIPPERS; i++) {
        waitgroup_add(&shippers, 1);
        go(shipper, .queue = queue, .shippers = &shippers);
    }
    for (int i = 0; i < count; i++)
        chan_send(queue, lines[i]);
    chan_close(queue);
    waitgroup_wait(&shippers);
}
