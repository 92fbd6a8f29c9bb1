// lock-no-unlock-path: a return without the unlock.
// expect: leak
// left: reader: sync.Mutex.Lock: mu
#include "harness/tests/truth/truth.h"

static mutex mu;

TASK(writer, bool bad;) {
    mutex_lock(&mu);
    if (a->bad && !FIXED)
        return;
    mutex_unlock(&mu);
}

TASK(reader) {
    mutex_lock(&mu);
    mutex_unlock(&mu);
}

void program(void) {
    go(reader);
    go(writer, .bad = true);
}
