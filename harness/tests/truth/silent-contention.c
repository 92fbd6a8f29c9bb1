// ctl-must-not-report: everybody wants one lock, again and again.
// expect: PASS
#include "harness/tests/truth/truth.h"

static mutex mu;
static waitgroup all;
static int turns;

TASK(worker) {
    for (int i = 0; i < 3; i++) {
        mutex_lock(&mu);
        turns++;
        mutex_unlock(&mu);
    }
    waitgroup_done(&all);
}

void program(void) {
    waitgroup_add(&all, 3);
    for (int i = 0; i < 3; i++)
        go(worker);
    waitgroup_wait(&all);
    check(turns == 9, "every turn was taken", "%d", turns);
}
