// mutex_free: a mutex that nobody else wants; ns per lock and unlock.
#include "core/bench/bench.h"

static void work(int64_t n) {
    mutex mu = {0};
    for (int64_t i = 0; i < n; i++) {
        mutex_lock(&mu);
        mutex_unlock(&mu);
    }
}

BENCH_MAIN(work, 5 * MILLION)
