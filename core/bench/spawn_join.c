// spawn_join: a task started, run and waited for, one at a time; ns per task.
#include "core/bench/bench.h"

TASK(nothing, waitgroup *wg;) {
    waitgroup_done(a->wg);
}

static void work(int64_t n) {
    waitgroup wg = {0};
    for (int64_t i = 0; i < n; i++) {
        waitgroup_add(&wg, 1);
        go(nothing, .wg = &wg);
        waitgroup_wait(&wg);
    }
}

BENCH_MAIN(work, 200000)
