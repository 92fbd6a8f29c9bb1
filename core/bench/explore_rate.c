// explore_rate: how long one schedule of a small pipeline takes, of 20,000 random ones; ns per run.
#include "core/bench/bench.h"

enum { RUNS = 20000 };

TASK(worker, int64_chan jobs; int64_chan results; waitgroup *wg;) {
    defer(waitgroup_done, a->wg);
    int64_t job;
    while (chan_recv(a->jobs, &job))
        chan_send(a->results, job * job);
}

TASK(closer, waitgroup *wg; int64_chan results;) {
    waitgroup_wait(a->wg);
    chan_close(a->results);
}

static void pipeline(void *arg) {
    (void)arg;
    int64_chan jobs, results;
    waitgroup wg = {0};
    chan_make(&jobs, 0);
    chan_make(&results, 2);
    for (int i = 0; i < 2; i++) {
        waitgroup_add(&wg, 1);
        go(worker, .jobs = jobs, .results = results, .wg = &wg);
    }
    go(closer, .wg = &wg, .results = results);
    for (int i = 1; i <= 2; i++)
        chan_send(jobs, i);
    chan_close(jobs);
    while (chan_recv(results, NULL))
        continue;
}

static struct run_config config;

static void work(int64_t n) {
    for (int64_t seed = 0; seed < n; seed++) {
        config.policy = policy_random_init(&bench_seeded, (uint64_t)seed);
        bench_run(&config, pipeline);
    }
}

int main(int argc, char **argv) {
    config = bench_config(argc, argv);
    printf("%.3f\n", bench_median(work, RUNS));
}
