// kernels: small programs whose classes of equivalent schedules are known, and how to count them.
//
//     kernel_explore(&counts, lockers, true, 1000000);   // reduced; counts.runs, .cut
//
// Where both counts are known by a formula it is beside the kernel.
#pragma once

#include "core/core.h"
#include "core/run.h"
#include "harness/search.h"

#include <stdlib.h>
#include <string.h>

enum { KERNEL_EVENTS = 1 << 12, KERNEL_LOCKS = 8 };

static struct {
    mutex locks[KERNEL_LOCKS];
    waitgroup all;
    chan_of(int) values, pairs[KERNEL_LOCKS];
    int counter;
} kernel;
static int kernel_tasks, kernel_rounds; // of `lockers`

// --- one lock, n tasks, r rounds: (nr)! / (r!)^n ----------------------------------------------------

TASK(locker, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        mutex_lock(&kernel.locks[0]);
        mutex_unlock(&kernel.locks[0]);
    }
}

static void lockers(void) {
    for (int i = 0; i < kernel_tasks; i++)
        go(locker, .rounds = kernel_rounds);
}

// Three tasks that count under one lock, and one that waits for them: 3!.
TASK(counting, int unused;) {
    (void)a;
    mutex_lock(&kernel.locks[0]);
    kernel.counter++;
    mutex_unlock(&kernel.locks[0]);
    waitgroup_done(&kernel.all);
}

static void three_lockers(void) {
    waitgroup_add(&kernel.all, 3);
    for (int i = 0; i < 3; i++)
        go(counting);
    waitgroup_wait(&kernel.all);
}

// --- several locks ----------------------------------------------------------------------------------

TASK(both, int first; int second;) {
    mutex_lock(&kernel.locks[a->first]);
    mutex_lock(&kernel.locks[a->second]);
    mutex_unlock(&kernel.locks[a->second]);
    mutex_unlock(&kernel.locks[a->first]);
}

static void philosophers(int n) {
    for (int i = 0; i < n; i++)
        go(both, .first = i, .second = (i + 1) % n);
}

static void three_philosophers(void) {
    philosophers(3);
}

static void five_philosophers(void) {
    philosophers(5);
}

static void abba(void) {
    go(both, .first = 0, .second = 1);
    go(both, .first = 1, .second = 0);
    go(both, .first = 0, .second = 1);
}

// --- channels ---------------------------------------------------------------------------------------

TASK(produce, int from;) {
    for (int i = 0; i < 2; i++)
        chan_send(kernel.values, a->from + i);
    waitgroup_done(&kernel.all);
}

TASK(close_after, int unused;) {
    (void)a;
    waitgroup_wait(&kernel.all);
    chan_close(kernel.values);
}

// Two that send two values each through room for one, and one that takes them all.
static void pipeline(void) {
    int value;
    chan_make(&kernel.values, 1);
    waitgroup_add(&kernel.all, 2);
    go(produce, .from = 10);
    go(produce, .from = 20);
    go(close_after);
    while (chan_recv(kernel.values, &value))
        continue;
}

TASK(answer, int value;) {
    chan_send(kernel.values, a->value);
}

// Three answers, the first is heard: which, and in which order the others wait, 3!.
static void first_wins(void) {
    chan_make(&kernel.values, 0);
    for (int i = 0; i < 3; i++)
        go(answer, .value = i);
    chan_recv(kernel.values, NULL);
}

TASK(send_pair, int pair;) {
    for (int i = 0; i < 3; i++)
        chan_send(kernel.pairs[a->pair], i);
}

TASK(recv_pair, int pair;) {
    for (int i = 0; i < 3; i++)
        chan_recv(kernel.pairs[a->pair], NULL);
}

// Three pairs that have nothing to do with each other: 1.
static void independent_pairs(void) {
    for (int i = 0; i < 3; i++) {
        chan_make(&kernel.pairs[i], 0);
        go(send_pair, .pair = i);
        go(recv_pair, .pair = i);
    }
}

// --- counting ---------------------------------------------------------------------------------------

struct kernel_counts {
    uint64_t runs, cut;
    bool exhaustive;
};

static struct search *kernel_search;
static event_log *kernel_log;

static void kernel_root(void *body) {
    ((void (*)(void))body)();
}

static enum run_end kernel_run(void (*body)(void), struct policy *policy) {
    struct run_config config = {.log = kernel_log, .policy = policy};
    memset(&kernel, 0, sizeof kernel);
    return run_world(&config, kernel_root, (void *)(uintptr_t)body);
}

static void kernel_begin(void) {
    if (kernel_log)
        return;
    kernel_search = calloc(1, sizeof *kernel_search);
    kernel_log = calloc(1, event_log_size(KERNEL_EVENTS));
    event_log_init(kernel_log, KERNEL_EVENTS, false);
}

// Every schedule of it, or one of each class.
static struct kernel_counts kernel_explore(void (*body)(void), bool reduce, uint64_t most) {
    kernel_begin();
    search_init(
        kernel_search,
        &(struct search_plan){.scenario = "kernel", .runs[SEARCH_TREE] = most, .reduce = reduce});
    while (search_begin(kernel_search)) {
        enum run_end end = kernel_run(body, &kernel_search->policy);
        bool counts = search_counts(kernel_search);
        search_end(kernel_search, 0, counts && end != RUN_QUIESCENT);
    }
    return (struct kernel_counts){kernel_search->explored, kernel_search->cut,
                                  search_exhaustive(kernel_search)};
}
