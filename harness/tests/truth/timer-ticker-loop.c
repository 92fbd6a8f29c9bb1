// timer-loop-no-exit: a loop around a ticker that nobody stops, and that would not notice it.
// expect: outlives, resource
// left: beat: chan receive: timer.chan
#include "harness/tests/truth/truth.h"

TASK(beat, ticker *ticks; int_chan stop;) {
    while (!FIXED)
        chan_recv(ticker_chan(a->ticks), NULL);
    while (chan_select(RECV(ticker_chan(a->ticks), NULL), RECV(a->stop, NULL)) == 0)
        continue;
    ticker_stop(a->ticks);
}

void program(void) {
    int_chan stop;
    ticker *ticks = ticker_start(10 * SECOND);
    chan_make(&stop, 0);
    go(beat, .ticks = ticks, .stop = stop);
    chan_close(stop);
}
