// yield2: two tasks hand over to each other; ns per yield.
#include "core/bench/bench.h"

TASK(yields, int64_t n; waitgroup *wg;) {
    for (int64_t i = 0; i < a->n; i++)
        task_yield();
    waitgroup_done(a->wg);
}

static void work(int64_t n) {
    waitgroup wg = {0};
    waitgroup_add(&wg, 2);
    for (int t = 0; t < 2; t++)
        go(yields, .n = n / 2, .wg = &wg);
    waitgroup_wait(&wg);
}

BENCH_MAIN(work, MILLION)
