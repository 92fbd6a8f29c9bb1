// recv-never-sent: a subscriber on a channel that is never written.
// expect: leak
// left: subscriber: chan receive: news
#include "harness/tests/truth/truth.h"

TASK(subscriber, int_chan news;) {
    chan_recv(a->news, NULL);
}

void program(void) {
    int_chan news;
    chan_make(&news, 0);
    go(subscriber, .news = news);
    if (FIXED)
        chan_close(news);
}
