// fan_in: jobs dealt out to some workers, their results gathered on one channel, which is closed
// when the last worker is done.
// prints: of 1 to 1000, 840 has most divisors: 32
#include "core/core.h"
#include "core/main.h"

#include <stdio.h>

typedef struct {
    int number, divisors;
} result;
typedef chan_of(int) int_chan;
typedef chan_of(result) result_chan;

enum { WORKERS = 4, JOBS = 1000 };

TASK(worker, int_chan jobs; result_chan results; waitgroup *wg;) {
    defer(waitgroup_done, a->wg);
    for (int n; chan_recv(a->jobs, &n);) {
        result r = {.number = n};
        for (int d = 1; d <= n; d++)
            r.divisors += n % d == 0;
        chan_send(a->results, r);
    }
}

TASK(close_after, result_chan results; waitgroup *wg;) {
    waitgroup_wait(a->wg);
    chan_close(a->results);
}

TASK(deal, int_chan jobs;) {
    for (int n = 1; n <= JOBS; n++)
        chan_send(a->jobs, n);
    chan_close(a->jobs);
}

static void root(void *arg) {
    (void)arg;
    int_chan jobs;
    result_chan results;
    waitgroup wg = {0};
    chan_make(&jobs, 0);
    chan_make(&results, WORKERS);
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        go(worker, .jobs = jobs, .results = results, .wg = &wg);
    go(close_after, .results = results, .wg = &wg);
    go(deal, .jobs = jobs);
    result best = {0};
    for (result r; chan_recv(results, &r);)
        if (r.divisors > best.divisors || (r.divisors == best.divisors && r.number < best.number))
            best = r;
    printf("of 1 to %d, %d has most divisors: %d\n", JOBS, best.number, best.divisors);
}

int main(void) {
    return run_main(root, NULL);
}
