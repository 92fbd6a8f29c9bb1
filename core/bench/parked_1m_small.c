// parked_1m_small: a million tasks on small stacks that wait on one channel; resident bytes per task.
#include "core/bench/bench.h"

static void root(void *arg) {
    (void)arg;
    int64_chan c;
    double before = bench_resident_bytes();
    chan_make(&c, 0);
    for (int64_t i = 0; i < MILLION; i++)
        go_small(bench_waits, .c = c);
    task_sleep(1); // until all have come to rest
    printf("%.3f\n", (bench_resident_bytes() - before) / MILLION);
    chan_close(c);
}

int main(int argc, char **argv) {
    struct run_config config = bench_config(argc, argv);
    bench_run(&config, root);
}
