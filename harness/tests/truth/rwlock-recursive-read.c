// rwlock-recursive-read: a read lock inside a read lock, with a writer that queued in between.
// expect: leak
// left: reader: sync.RWMutex.RLock: mu
// left: writer: sync.RWMutex.Lock: mu
#include "harness/tests/truth/truth.h"

static rwmutex mu;

TASK(reader) {
    rwmutex_rlock(&mu);
    if (!FIXED) {
        rwmutex_rlock(&mu);
        rwmutex_runlock(&mu);
    }
    rwmutex_runlock(&mu);
}

TASK(writer) {
    rwmutex_lock(&mu);
    rwmutex_unlock(&mu);
}

void program(void) {
    go(reader);
    go(writer);
}
