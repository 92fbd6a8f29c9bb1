// search_rate: what the search gets through, kernel by kernel.
//
//     build/release/libexec/unstuck/bench/search_rate
//
// For each: how many schedules there are (of those that fit 300,000 runs) and how many runs a second that is;
// then one run of each class of schedules that cannot differ, those that were cut short beside them, and the
// same figure. search_rate-hooks, beside it, is the same with every access judged by our own race runtime. Time is CPU time of this thread. A run is what a search needs of it: from a clean world to its
// end, with its log, not judged.
#include "harness/tests/kernels.h"

#include <stdio.h>
#include <time.h>

enum { RUNS_MOST = 300000, MILLION = 1000000 };

static const double SECONDS_LEAST = 0.3;

static double now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct rate {
    struct kernel_counts counts; // of one search
    double per_second;           // runs, those cut short among them
};

// Searches again and again until there is something to be measured.
static struct rate rate_of(void (*body)(void), bool reduce) {
    struct rate r = {0};
    uint64_t runs = 0;
    double began = now(), took;
    do {
        r.counts = kernel_explore(body, reduce, RUNS_MOST);
        runs += r.counts.runs + r.counts.cut;
        took = now() - began;
    } while (took < SECONDS_LEAST);
    r.per_second = (double)runs / took;
    return r;
}

static void print(const char *name, void (*body)(void)) {
    struct rate all = rate_of(body, false), reduced = rate_of(body, true);
    printf("%-20s %7llu%s %9.0f %9llu%s %6llu %9.0f\n", name, (unsigned long long)all.counts.runs,
           all.counts.exhaustive ? " " : "+", all.per_second,
           (unsigned long long)reduced.counts.runs, reduced.counts.exhaustive ? " " : "+",
           (unsigned long long)reduced.counts.cut, reduced.per_second);
}

#define KERNEL(name) print(#name, name)

int main(void) {
    kernel_tasks = kernel_rounds = 3;
    printf("%-20s %8s %9s %10s %6s %9s\n", "kernel", "all", "runs/s", "classes", "cut", "runs/s");
    KERNEL(three_lockers);
    KERNEL(abba);
    KERNEL(three_philosophers);
    KERNEL(five_philosophers);
    KERNEL(first_wins);
    KERNEL(pipeline);
    KERNEL(independent_pairs);
    KERNEL(lockers);
}
