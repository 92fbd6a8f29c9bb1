// cond-waker-blocked: the only one who would signal waits on a channel.
// expect: leak
// left: waiter: sync.Cond.Wait: changed
// left: waker: chan send: news
#include "harness/tests/truth/truth.h"

static mutex mu;
static cond changed;
static bool ready;
static int_chan news;

TASK(waiter) {
    mutex_lock(&mu);
    while (!ready)
        cond_wait(&changed, &mu);
    mutex_unlock(&mu);
}

static void signal_it(void) {
    mutex_lock(&mu);
    ready = true;
    mutex_unlock(&mu);
    cond_signal(&changed);
}

TASK(waker) {
    if (FIXED)
        signal_it();
    else {
        chan_send(news, 1);
        signal_it();
    }
}

void program(void) {
    chan_make(&news, 0);
    go(waiter);
    go(waker);
}
