// buffered128: a stream through a buffer of 128; ns per item, sent and received.
#include "core/bench/produce.h"

static void work(int64_t n) {
    int64_chan c;
    int64_t v, sum = 0;
    chan_make(&c, 128);
    go(produce, .c = c, .n = n);
    for (int64_t i = 0; i < n; i++) {
        chan_recv(c, &v);
        sum += v;
    }
    MUST(sum == n * (n - 1) / 2);
}

BENCH_MAIN(work, 2 * MILLION)
