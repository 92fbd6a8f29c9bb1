// mix-send-under-lock: sends while it holds the lock that the receiver needs.
// expect: leak
// left: sender: chan send: news
// left: receiver: sync.Mutex.Lock: mu
#include "harness/tests/truth/truth.h"

static mutex mu;
static int_chan news;

TASK(sender) {
    mutex_lock(&mu);
    if (FIXED)
        mutex_unlock(&mu);
    chan_send(news, 1);
    if (!FIXED)
        mutex_unlock(&mu);
}

TASK(receiver) {
    mutex_lock(&mu);
    mutex_unlock(&mu);
    chan_recv(news, NULL);
}

void program(void) {
    chan_make(&news, 0);
    go(receiver);
    go(sender);
}
