// race-unlocked-state: whoever comes second takes the lock, the first does without it: it saw nobody. Only
// where the closer comes first nothing orders the two.
// expect: race
#include "harness/tests/truth/truth.h"

static int entries;
static bool closed;
static mutex mu;

static bool is_closed(void) {
    mutex_lock(&mu);
    bool is = closed;
    mutex_unlock(&mu);
    return is;
}

TASK(writer) {
    bool late = is_closed();
    if (late && FIXED)
        mutex_lock(&mu);
    if (late)
        entries--;
    if (late && FIXED)
        mutex_unlock(&mu);
}

TASK(closer) {
    mutex_lock(&mu);
    closed = true;
    mutex_unlock(&mu);
    mutex_lock(&mu);
    entries++;
    mutex_unlock(&mu);
}

void program(void) {
    go(writer);
    go(closer);
}
