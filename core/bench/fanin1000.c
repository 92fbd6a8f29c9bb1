// fanin1000: a thousand senders, one receiver, one unbuffered channel; ns per message.
#include "core/bench/produce.h"

static void work(int64_t n) {
    int64_chan c;
    int64_t v, sum = 0, each = n / 1000;
    chan_make(&c, 0);
    for (int i = 0; i < 1000; i++)
        go(produce, .c = c, .n = each);
    for (int64_t i = 0; i < n; i++) {
        chan_recv(c, &v);
        sum += v;
    }
    MUST(sum == n * (each - 1) / 2);
}

BENCH_MAIN(work, MILLION)
