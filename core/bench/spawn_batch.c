// spawn_batch: 100,000 tasks started, then all waited for, not the first time; ns per task.
#include "core/bench/bench.h"

TASK(nothing, waitgroup *wg;) {
    waitgroup_done(a->wg);
}

static void work(int64_t n) {
    waitgroup wg = {0};
    waitgroup_add(&wg, (int32_t)n);
    for (int64_t i = 0; i < n; i++)
        go(nothing, .wg = &wg);
    waitgroup_wait(&wg);
}

BENCH_MAIN(work, 100000)
