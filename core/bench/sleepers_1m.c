// sleepers_1m: a million tasks that sleep, each to its own instant within a second; ns of CPU time
// per task, from its start to its end.
#include "core/bench/bench.h"

TASK(sleeps, int64_t ns; waitgroup *wg;) {
    task_sleep(a->ns);
    waitgroup_done(a->wg);
}

static void work(int64_t n) {
    waitgroup wg = {0};
    waitgroup_add(&wg, (int32_t)n);
    for (int64_t i = 0; i < n; i++)
        go(sleeps, .ns = i * 7919 % n * MICROSECOND, .wg = &wg);
    waitgroup_wait(&wg);
}

static void root(void *arg) {
    (void)arg;
    work(MILLION);
}

int main(int argc, char **argv) {
    struct run_config config = bench_config(argc, argv);
    double start = bench_now();
    bench_run(&config, root);
    printf("%.3f\n", (bench_now() - start) / MILLION);
}
