// explore_rate: how many schedules of a small world run in a second, and what one step costs.
#include "core/bench/bench.h"

typedef chan_of(int) int_chan;

enum { RUNS = 20000 };
static struct run_config config;
static uint64_t steps, points;

TASK(worker, int_chan jobs; int_chan results; waitgroup *wg;) {
    defer(waitgroup_done, a->wg);
    int job;
    while (chan_recv(a->jobs, &job))
        chan_send(a->results, job * job);
}

TASK(closer, waitgroup *wg; int_chan results;) {
    waitgroup_wait(a->wg);
    chan_close(a->results);
}

static void pipeline_root(void *arg) {
    (void)arg;
    int_chan jobs, results;
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

static void explore(void) {
    struct policy_random random;
    steps = points = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        config.policy = policy_random_init(&random, seed);
        if (run_world(&config, pipeline_root, NULL) != RUN_QUIESCENT)
            abort();
        steps += run_steps();
        points += run_choice_points();
    }
}

int main(void) {
    double floor = bench_floor();
    config = bench_config();
    double run = bench_median(explore, RUNS), step = run * RUNS / (double)steps;
    bench_print("bare stack_switch", floor, floor);
    bench_print("one random schedule of a pipeline", run, floor);
    bench_print("one step of it", step, floor);
    printf("%.0f schedules a second, %.1f steps and %.1f choice points each\n", 1e9 / run,
           (double)steps / RUNS, (double)points / RUNS);
}
