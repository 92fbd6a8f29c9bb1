// race-unlocked-state: two requests are counted, but for the one that is lost where both read the counter
// before either has written it.
// expect: race
#include "harness/tests/truth/truth.h"

static int counter;
static mutex mu;

TASK(request, waitgroup *wg;) {
    if (FIXED)
        mutex_lock(&mu);
    counter++;
    if (FIXED)
        mutex_unlock(&mu);
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
