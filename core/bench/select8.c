// select8: eight senders, each with a channel of its own, one receiver; ns per message.
#include "core/bench/produce.h"

static void work(int64_t n) {
    int64_chan c[8];
    int64_t v = 0, sum = 0;
    for (int i = 0; i < 8; i++) {
        chan_make(&c[i], 0);
        go(produce, .c = c[i], .n = n / 8);
    }
    for (int64_t i = 0; i < n; i++) {
        chan_select(RECV(c[0], &v), RECV(c[1], &v), RECV(c[2], &v), RECV(c[3], &v), RECV(c[4], &v),
                    RECV(c[5], &v), RECV(c[6], &v), RECV(c[7], &v));
        sum += v;
    }
    MUST(sum == n * (n / 8 - 1) / 2);
}

BENCH_MAIN(work, 100000)
