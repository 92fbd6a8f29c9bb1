// defer: what a deferred call costs, and a panic that is recovered from.
#include "core/bench/bench.h"

#include "core/heap.h"

enum { CALLS = 1000000, PANICS = 100000 };
static struct run_config config;
static int made;

DEFERRED(counts, int unused;) {
    made++;
}

DEFERRED(recovers, int unused;) {
    run_free((void *)(uintptr_t)recover());
}

__attribute__((noinline)) static void calls(void) {
    counts(&(struct counts_args){0});
}

__attribute__((noinline)) static void defers(void) {
    defer(counts, .unused = 0);
}

__attribute__((noinline)) static void only_defers_to_return(void) {
    deferring();
    defer_to_return(counts, .unused = 0);
}

__attribute__((noinline)) static void has_frame(void) {
    deferring();
}

__attribute__((noinline)) static void panics(void) {
    deferring();
    defer(recovers, .unused = 0);
    panic("x");
}

static void repeat_root(void *fn) {
    for (int i = 0; i < CALLS; i++)
        ((void (*)(void))fn)();
}

static void panic_root(void *arg) {
    (void)arg;
    for (int i = 0; i < PANICS; i++)
        panics();
}

static task_fn *root;
static void *root_arg;

static void run(void) {
    if (run_world(&config, root, root_arg) != RUN_QUIESCENT)
        abort();
}

static void measure(const char *what, task_fn *fn, void *arg, double count, double floor) {
    root = fn;
    root_arg = arg;
    bench_print(what, bench_median(run, count), floor);
}

int main(void) {
    double floor = bench_floor();
    config = bench_config();
    config.policy = policy_fifo();
    measure("a plain call", repeat_root, calls, CALLS, floor);
    measure("a call deferred to the end of the block", repeat_root, defers, CALLS, floor);
    measure("a frame of a function", repeat_root, has_frame, CALLS, floor);
    measure("a frame and a call deferred to the return", repeat_root, only_defers_to_return, CALLS,
            floor);
    measure("a panic that is recovered from", panic_root, NULL, PANICS, floor);
}
