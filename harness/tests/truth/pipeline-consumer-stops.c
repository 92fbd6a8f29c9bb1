// pipeline-consumer-stops: the consumer stops early, and the stages before it know no cancel.
// expect: leak
// left: generate: chan send: numbers
// left: square: chan send: squares
#include "harness/tests/truth/truth.h"

TASK(generate, int_chan numbers; ctx *request;) {
    for (int i = 0; i < 4; i++)
        if (!FIXED)
            chan_send(a->numbers, i);
        else if (chan_select(SEND(a->numbers, i), RECV(ctx_done(a->request), NULL)) == 1)
            break;
    chan_close(a->numbers);
}

TASK(square, int_chan numbers; int_chan squares; ctx *request;) {
    int n;
    while (chan_recv(a->numbers, &n))
        if (!FIXED)
            chan_send(a->squares, n * n);
        else if (chan_select(SEND(a->squares, n * n), RECV(ctx_done(a->request), NULL)) == 1)
            break;
    chan_close(a->squares);
}

void program(void) {
    int_chan numbers, squares;
    ctx *request = ctx_with_cancel(ctx_background());
    chan_make(&numbers, 0);
    chan_make(&squares, 0);
    go(generate, .numbers = numbers, .request = request);
    go(square, .numbers = numbers, .squares = squares, .request = request);
    chan_recv(squares, NULL);
    ctx_cancel(request);
}
