// lock-reentrant: a callee locks what its caller holds.
// expect: deadlock
// left: main: sync.Mutex.Lock: mu
#include "harness/tests/truth/truth.h"

static mutex mu;

static int size_locked(void) {
    return 1;
}

static int size(void) {
    mutex_lock(&mu);
    int n = size_locked();
    mutex_unlock(&mu);
    return n;
}

void program(void) {
    mutex_lock(&mu);
    int n = FIXED ? size_locked() : size();
    mutex_unlock(&mu);
    check(n == 1, "counts", "%d", n);
}
