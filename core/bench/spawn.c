// spawn: what starting, running and ending a task costs, with few and with many alive.
#include "core/bench/bench.h"

enum { SPAWNED = 100000, ALIVE = 50000 };
static struct run_config config;

TASK(nothing, int number;) {
    (void)a->number;
}

static void one_by_one_root(void *arg) {
    (void)arg;
    for (int i = 0; i < SPAWNED; i++) {
        go(nothing, .number = i);
        task_yield();
    }
}

static void bursts_root(void *arg) {
    (void)arg;
    for (int i = 0; i < SPAWNED / 1000; i++) {
        for (int k = 0; k < 1000; k++)
            go(nothing, .number = k);
        task_yield();
    }
}

TASK(waits, signal_chan never;) {
    chan_recv(a->never, NULL);
}

static void parked_root(void *arg) {
    (void)arg;
    signal_chan never;
    chan_make(&never, 0);
    for (int i = 0; i < ALIVE; i++)
        go(waits, .never = never);
}

static void empty_root(void *arg) {
    (void)arg;
}

static task_fn *root;

static void run(void) {
    run_world(&config, root, NULL);
}

static void measure(const char *what, task_fn *fn, double count, double floor) {
    root = fn;
    bench_print(what, bench_median(run, count), floor);
}

int main(void) {
    double floor = bench_floor();
    config = bench_config();
    config.policy = policy_fifo();
    config.max_tasks = ALIVE + 1;
    printf("stacks: %s\n", stack_guard_name());
    bench_print("bare stack_switch", floor, floor);
    measure("go, run and exit, one at a time", one_by_one_root, SPAWNED, floor);
    measure("go, run and exit, in bursts of 1,000", bursts_root, SPAWNED, floor);
    measure("go and park, 50,000 left, all dropped", parked_root, ALIVE, floor);
    measure("a whole run of an empty root", empty_root, 1, floor);
}
