// race-unlocked-state: no access races, but whoever finds the number changed since it looked gives up.
// expect: behaviour
#include "harness/tests/truth/truth.h"

#include <stdatomic.h>

static atomic_int counter;

static bool raise_by_one(void) {
    int seen = atomic_load(&counter);
    return atomic_compare_exchange_strong(&counter, &seen, seen + 1);
}

TASK(request, waitgroup *wg;) {
    while (!raise_by_one() && FIXED)
        ;
    waitgroup_done(a->wg);
}

void program(void) {
    waitgroup wg = {0};
    waitgroup_add(&wg, 2);
    go(request, .wg = &wg);
    go(request, .wg = &wg);
    waitgroup_wait(&wg);
    check(counter == 2, "counts every request", "%d of 2", counter);
}
