// recv-nil-or-empty-select: a task starts before its channel is made.
// expect: leak
// left: subscriber: chan receive (nil chan)
#include "harness/tests/truth/truth.h"

static struct { int_chan news; } board;

TASK(subscriber) {
    chan_recv(board.news, NULL);
}

void program(void) {
    if (FIXED)
        chan_make(&board.news, 1);
    go(subscriber);
    if (!FIXED)
        task_sleep(MILLISECOND);
    if (FIXED)
        chan_send(board.news, 1);
}
