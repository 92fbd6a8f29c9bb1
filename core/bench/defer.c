// defer: what a deferred call costs, and a panic that is recovered from.
#include "core/bench/bench.h"

#include "core/heap.h"

enum { CALLS = 1000000, PANICS = 100000 };
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

static void repeat(void (*fn)(void), int64_t n) {
    while (n--)
        fn();
}

static void work_calls(int64_t n) {
    repeat(calls, n);
}

static void work_defers(int64_t n) {
    repeat(defers, n);
}

static void work_frame(int64_t n) {
    repeat(has_frame, n);
}

static void work_defers_to_return(int64_t n) {
    repeat(only_defers_to_return, n);
}

static void work_panics(int64_t n) {
    repeat(panics, n);
}

static void measure(const char *what, void (*do_work)(int64_t n), int64_t n) {
    printf("%-44s %9.1f ns\n", what, bench_median(do_work, n));
}

static void root(void *arg) {
    (void)arg;
    measure("a plain call", work_calls, CALLS);
    measure("a call deferred to the end of the block", work_defers, CALLS);
    measure("a frame of a function", work_frame, CALLS);
    measure("a frame and a call deferred to the return", work_defers_to_return, CALLS);
    measure("a panic that is recovered from", work_panics, PANICS);
}

int main(int argc, char **argv) {
    struct run_config config = bench_config(argc, argv);
    bench_run(&config, root);
}
