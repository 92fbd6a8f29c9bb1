// mutex_contended: two tasks want a mutex; whoever holds it gives way, so that the other always
// finds it locked; ns per lock, yield and unlock.
#include "core/bench/bench.h"

TASK(locks, mutex *mu; int64_t n; waitgroup *wg;) {
    for (int64_t i = 0; i < a->n; i++) {
        mutex_lock(a->mu);
        task_yield();
        mutex_unlock(a->mu);
    }
    waitgroup_done(a->wg);
}

static void work(int64_t n) {
    mutex mu = {0};
    waitgroup wg = {0};
    waitgroup_add(&wg, 2);
    for (int t = 0; t < 2; t++)
        go(locks, .mu = &mu, .n = n / 2, .wg = &wg);
    waitgroup_wait(&wg);
}

BENCH_MAIN(work, 200000)
