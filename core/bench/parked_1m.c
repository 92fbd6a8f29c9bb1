// parked_1m: a million tasks that wait on one channel; resident bytes per task.
#include "core/bench/bench.h"

static void root(void *arg) {
    (void)arg;
    double before = bench_resident_bytes();
    int64_chan c = bench_park(MILLION);
    printf("%.3f\n", (bench_resident_bytes() - before) / MILLION);
    chan_close(c);
}

int main(int argc, char **argv) {
    struct run_config config = bench_config(argc, argv);
    bench_run(&config, root);
}
