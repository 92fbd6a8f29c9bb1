// bench: medians, and the floor that all figures are compared with: a bare switch of stacks.
#pragma once

#include "core/chan.h"
#include "core/run.h"
#include "core/switch.h"
#include "core/sync.h"
#include "core/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SAMPLES = 11, EVENTS = 1 << 14 };

static inline double bench_now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static inline int bench_compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The median of what `work` takes, in ns, for each of its `count` pieces.
static inline double bench_median(void (*work)(void), double count) {
    double samples[SAMPLES];
    work(); // warm
    for (int i = 0; i < SAMPLES; i++) {
        double start = bench_now();
        work();
        samples[i] = (bench_now() - start) / count;
    }
    qsort(samples, SAMPLES, sizeof *samples, bench_compare);
    return samples[SAMPLES / 2];
}

// --- the floor ------------------------------------------------------------------------------------

enum { SWITCHES = 1000000 };
static void *bench_main, *bench_other;

static inline void bench_bounce(void *arg) {
    (void)arg;
    for (;;)
        stack_switch(&bench_other, bench_main);
}

static inline void bench_switch(void) {
    for (int i = 0; i < SWITCHES / 2; i++)
        stack_switch(&bench_main, bench_other);
}

// ns of one bare switch.
static inline double bench_floor(void) {
    static char room[1 << 16] __attribute__((aligned(64)));
    bench_other = stack_prepare(room + sizeof room, bench_bounce, NULL);
    return bench_median(bench_switch, SWITCHES);
}

static inline void bench_print(const char *what, double ns, double floor) {
    printf("%-44s %9.1f ns  %6.1f x\n", what, ns, ns / floor);
}

// A configuration whose log never fills up.
static inline struct run_config bench_config(void) {
    struct run_config config = {.log = calloc(1, event_log_size(EVENTS)), .max_steps = UINT64_MAX};
    if (!config.log)
        abort();
    event_log_init(config.log, EVENTS, true);
    return config;
}
