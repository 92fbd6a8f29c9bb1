// reach: how long it takes to find out whom nobody can reach, with many parked (--parked N, 100,000
// where it is left out), of whom each holds a block of 1 KB and half are leaked. The figure is the time
// for each byte looked at, as a share in percent of what copying such a byte takes in this process:
// cold, from as many blocks into one that is warm.
#include "core/bench/bench.h"

#include "core/heap.h"
#include "core/reach.h"

enum { BLOCK = 1024, TURNS = 5 };

static struct reach found;
static double look_ns, copy_ns; // for each byte
static char *blocks_first, *blocks_end;

TASK(waits, int64_chan c; char *block;) {
    chan_recv(a->c, NULL);
    MUST(a->block != NULL);
}

TASK(holds, int64_chan *all;) {
    while (a->all)
        task_sleep(HOUR);
}

static void start_all(int64_t n) {
    int64_chan *all = run_alloc((size_t)n * sizeof *all);
    for (int64_t i = 0; i < n; i++) {
        int64_chan c;
        chan_make(&c, 0);
        char *block = run_alloc(BLOCK);
        memset(block, 1, BLOCK);
        if (!blocks_first)
            blocks_first = block;
        blocks_end = block + BLOCK;
        go(waits, .c = c, .block = block);
        if (i % 2)
            all[i] = c;
    }
    go(holds, .all = all);
}

TASK(starts, int64_t n;) {
    start_all(a->n);
}

static void root(void *arg) {
    (void)arg;
    go(starts, .n = bench_parked);
    for (;;)
        task_sleep(SECOND);
}

// In the run's memory, so cold after a look at the stacks.
static double copy_once(void) {
    static char to[BLOCK];
    double begin = bench_now();
    for (const char *p = blocks_first; p < blocks_end; p += BLOCK) {
        memcpy(to, p, BLOCK);
        __asm__ volatile("" ::"r"(to) : "memory");
    }
    return (bench_now() - begin) / (double)(blocks_end - blocks_first);
}

static void ended(enum run_end end, void *user) {
    (void)end, (void)user;
    struct reach_config config = {0};
    for (int i = 0; i < TURNS; i++) {
        double begin = bench_now();
        found = reach_find(&config);
        double look = (bench_now() - begin) / (double)found.bytes, copy = copy_once();
        look_ns = i && look_ns < look ? look_ns : look;
        copy_ns = i && copy_ns < copy ? copy_ns : copy;
    }
}

int main(int argc, char **argv) {
    struct run_config config = bench_config(argc, argv);
    bench_parked = bench_parked ? bench_parked : 100000;
    config.ended = ended;
    config.max_steps = 4 * (uint64_t)bench_parked; // cut off while all are there
    run_world(&config, root, NULL);
    MUST(found.known && found.leaked == bench_parked / 2);
    if (getenv("UNSTUCK_BENCH_DETAIL"))
        fprintf(stderr, "%.1f ms, %.1f MB, %.2f ns a byte, copying %.2f\n",
                look_ns * (double)found.bytes / 1e6, (double)found.bytes / 1e6, look_ns, copy_ns);
    printf("%.2f\n", 100 * look_ns / copy_ns);
    return 0;
}
