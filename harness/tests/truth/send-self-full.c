// send-self-full: sends into its own full buffer before the drainer is started.
// expect: deadlock
// left: main: chan send: queue
#include "harness/tests/truth/truth.h"

enum { ROOM = 1 };

TASK(drainer, int_chan queue;) {
    while (chan_recv(a->queue, NULL))
        continue;
}

void program(void) {
    int_chan queue;
    chan_make(&queue, ROOM);
    if (FIXED)
        go(drainer, .queue = queue);
    for (int i = 0; i < ROOM + 1; i++)
        chan_send(queue, i);
    if (!FIXED)
        go(drainer, .queue = queue);
    chan_close(queue);
}
