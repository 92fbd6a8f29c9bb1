// ctl-must-report: a leak on a mutex that a global is, and whose owner has ended.
// expect: leak
// left: worker: sync.Mutex.Lock: mu
#include "harness/tests/truth/truth.h"

static mutex mu;

TASK(worker) {
    mutex_lock(&mu);
    mutex_unlock(&mu);
}

void program(void) {
    mutex_lock(&mu);
    go(worker);
    if (FIXED)
        mutex_unlock(&mu);
}
