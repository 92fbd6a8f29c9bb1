// bench: what the programs of this folder share. Each is one figure: it does the same work as the
// function of that name in go/bench.go, and prints one number, ns per piece unless it says
// otherwise. `unstuck dev bench` runs them in turn with Go and threads and prints the table.
//
//     build/release/libexec/unstuck/bench/pingpong [--fifo] [--parked N]
//
// The log is a ring, sites and seeded scheduling are on; --fifo takes the ready queue in order, and
// --parked has N more tasks wait all the while. NAME.no-log is the same program on a core that
// writes no log. Time is the CPU time of this thread, so that others on the machine hardly matter.
#pragma once

#include "core/core.h"
#include "core/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef chan_of(int64_t) int64_chan;

enum { BENCH_EVENTS = 1 << 14, BENCH_TIMES = 5, MILLION = 1000000 };

static inline double bench_now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static inline double bench_resident_bytes(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        abort();
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static inline void bench_must(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "bench: the work was not done right: %s\n", what);
    exit(1);
}
#define MUST(condition) bench_must((condition), #condition)

// --- a run ----------------------------------------------------------------------------------------

static struct policy_random bench_seeded;
static int64_t bench_parked;

static _Noreturn void bench_usage(const char *program) {
    fprintf(stderr, "usage: %s [--fifo] [--parked N]\n", program);
    exit(2);
}

// Reads the options. Returns whether the ready queue is to be taken in order.
static inline bool bench_options(int argc, char **argv) {
    bool fifo = false;
    for (int i = 1; i < argc; i++) {
        char *end = NULL;
        if (strcmp(argv[i], "--fifo") == 0)
            fifo = true;
        else if (strcmp(argv[i], "--parked") == 0 && i + 1 < argc)
            bench_parked = strtol(argv[++i], &end, 10);
        else
            bench_usage(argv[0]);
        if (end && (*end || bench_parked < 0 || bench_parked > MILLION))
            bench_usage(argv[0]);
    }
    return fifo;
}

static inline struct run_config bench_config(int argc, char **argv) {
    bool fifo = bench_options(argc, argv);
    struct run_config config = {
        .policy = fifo ? policy_fifo() : policy_shuffle_init(&bench_seeded, 1),
        .log = calloc(1, event_log_size(BENCH_EVENTS)),
        .max_tasks = 2 * MILLION,
        .max_steps = UINT64_MAX,
        .grace_steps = UINT64_MAX,
        .heap_quota = (size_t)2 << 30,
    };
    MUST(config.log != NULL);
    event_log_init(config.log, BENCH_EVENTS, true);
    return config;
}

static inline void bench_run(const struct run_config *config, task_fn *root) {
    MUST(run_world(config, root, NULL) == RUN_QUIESCENT);
}

// --- ns per piece ------------------------------------------------------------------------------------

static inline int bench_compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// ns for each of n pieces: the median of several times, after one to get warm.
static inline double bench_median(void (*work)(int64_t n), int64_t n) {
    double ns[BENCH_TIMES];
    work(n);
    for (int i = 0; i < BENCH_TIMES; i++) {
        double start = bench_now();
        work(n);
        ns[i] = bench_now() - start;
    }
    qsort(ns, BENCH_TIMES, sizeof *ns, bench_compare);
    return ns[BENCH_TIMES / 2] / (double)n;
}

static struct bench {
    void (*work)(int64_t n);
    int64_t n;
} bench;

TASK(bench_waits, int64_chan c;) {
    chan_recv(a->c, NULL);
}

// Has `n` tasks wait on one channel until it is closed.
static inline int64_chan bench_park(int64_t n) {
    int64_chan c;
    chan_make(&c, 0);
    for (int64_t i = 0; i < n; i++)
        go(bench_waits, .c = c);
    task_sleep(1); // until all have come to rest
    return c;
}

static inline void bench_root(void *arg) {
    (void)arg;
    int64_chan parked = bench_park(bench_parked);
    printf("%.3f\n", bench_median(bench.work, bench.n));
    chan_close(parked);
}

// main of a program whose figure is ns per piece of work, `pieces` at a time, in a root task.
#define BENCH_MAIN(do_work, pieces)                                                                \
    int main(int argc, char **argv) {                                                              \
        struct run_config config = bench_config(argc, argv);                                       \
        bench = (struct bench){do_work, (pieces)};                                                 \
        bench_run(&config, bench_root);                                                            \
    }
