// send-overrun-buffer: the producer pushes more than the buffer holds and knows no cancel.
// expect: leak
// left: producer: chan send: items
#include "harness/tests/truth/truth.h"

enum { ROOM = 2 };

TASK(producer, int_chan items; ctx *request;) {
    for (int i = 0; i < ROOM + 1; i++)
        if (!FIXED)
            chan_send(a->items, i);
        else if (chan_select(SEND(a->items, i), RECV(ctx_done(a->request), NULL)) == 1)
            return;
}

TASK(consumer, int_chan items; ctx *request;) {
    int item;
    while (ctx_err(a->request) == OK)
        if (chan_select(RECV(a->items, &item), RECV(ctx_done(a->request), NULL)) == 1)
            return;
}

void program(void) {
    int_chan items;
    ctx *request = ctx_with_cancel(ctx_background());
    chan_make(&items, ROOM);
    go(producer, .items = items, .request = request);
    go(consumer, .items = items, .request = request);
    ctx_cancel(request);
}
