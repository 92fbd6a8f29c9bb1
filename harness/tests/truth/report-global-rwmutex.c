// ctl-must-report: leaks on a global rwmutex: a reader never leaves, a writer waits for it, and a second
// reader for the writer.
// expect: leak
// left: writer: sync.RWMutex.Lock: mu
// left: reader: sync.RWMutex.RLock: mu
#include "harness/tests/truth/truth.h"

static rwmutex mu;

TASK(writer) {
    rwmutex_lock(&mu);
    rwmutex_unlock(&mu);
}

TASK(reader) {
    rwmutex_rlock(&mu);
    rwmutex_runlock(&mu);
}

void program(void) {
    rwmutex_rlock(&mu);
    go(writer);
    task_sleep(MILLISECOND);
    go(reader);
    if (FIXED)
        rwmutex_runlock(&mu);
}
