// parked_1m_small: a million tasks on small stacks that wait on one channel; resident bytes per task.
#include "core/bench/bench.h"

TASK(waits, int64_chan c;) {
    chan_recv(a->c, NULL);
}

static double bytes;

static void work(int64_t n) {
    int64_chan c;
    double before = bench_resident_bytes();
    chan_make(&c, 0);
    for (int64_t i = 0; i < n; i++)
        go_small(waits, .c = c);
    task_sleep(1); // until all have come to rest
    bytes = (bench_resident_bytes() - before) / (double)n;
    chan_close(c);
}

static void root(void *arg) {
    (void)arg;
    work(MILLION);
}

int main(int argc, char **argv) {
    struct run_config config = bench_config(argc, argv);
    bench_run(&config, root);
    printf("%.3f\n", bytes);
}
