// send-consumer-gone: the consumer left after its first item; producers fill the buffer and wait.
// expect: leak
// left: 2 producer: chan send: items
#include "harness/tests/truth/truth.h"

enum { PRODUCERS = 4 };

TASK(producer, int_chan items;) {
    chan_send(a->items, 1);
}

TASK(consumer, int_chan items;) {
    int left = FIXED ? PRODUCERS : 1;
    while (left-- > 0)
        chan_recv(a->items, NULL);
}

void program(void) {
    int_chan items;
    chan_make(&items, 1);
    go(consumer, .items = items);
    for (int i = 0; i < PRODUCERS; i++)
        go(producer, .items = items);
}
