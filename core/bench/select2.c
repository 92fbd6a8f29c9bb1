// select2: two senders, each with a channel of its own, one receiver; ns per message.
#include "core/bench/produce.h"

static void work(int64_t n) {
    int64_chan c[2];
    int64_t v = 0, sum = 0;
    for (int i = 0; i < 2; i++) {
        chan_make(&c[i], 0);
        go(produce, .c = c[i], .n = n / 2);
    }
    for (int64_t i = 0; i < n; i++) {
        chan_select(RECV(c[0], &v), RECV(c[1], &v));
        sum += v;
    }
    MUST(sum == n / 2 * (n / 2 - 1));
}

BENCH_MAIN(work, 200000)
