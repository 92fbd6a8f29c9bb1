// pingpong: a value there and back over unbuffered channels; ns per round trip.
#include "core/bench/bench.h"

TASK(echo, int64_chan there; int64_chan back;) {
    int64_t v;
    while (chan_recv(a->there, &v))
        chan_send(a->back, v);
}

static void work(int64_t n) {
    int64_chan there, back;
    int64_t v, sum = 0;
    chan_make(&there, 0);
    chan_make(&back, 0);
    go(echo, .there = there, .back = back);
    for (int64_t i = 0; i < n; i++) {
        chan_send(there, i);
        chan_recv(back, &v);
        sum += v;
    }
    chan_close(there);
    MUST(sum == n * (n - 1) / 2);
}

BENCH_MAIN(work, 200000)
