// mix-recv-under-lock: receives while it holds the lock that the sender needs.
// expect: leak
// left: receiver: chan receive: news
// left: sender: sync.Mutex.Lock: mu
#include "harness/tests/truth/truth.h"

static mutex mu;
static int_chan news;

TASK(receiver) {
    mutex_lock(&mu);
    if (FIXED)
        mutex_unlock(&mu);
    chan_recv(news, NULL);
    if (!FIXED)
        mutex_unlock(&mu);
}

TASK(sender) {
    mutex_lock(&mu);
    mutex_unlock(&mu);
    chan_send(news, 1);
}

void program(void) {
    chan_make(&news, 0);
    go(sender);
    go(receiver);
}
