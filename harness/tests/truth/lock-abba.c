// lock-abba: two locks in two orders.
// expect: leak
// left: 2 mover: sync.Mutex.Lock: locks[first]
#include "harness/tests/truth/truth.h"

static mutex locks[2];

TASK(mover, int from; int to;) {
    int first = a->from, second = a->to;
    if (FIXED && first > second) {
        first = a->to;
        second = a->from;
    }
    mutex_lock(&locks[first]);
    mutex_lock(&locks[second]);
    mutex_unlock(&locks[second]);
    mutex_unlock(&locks[first]);
}

void program(void) {
    go(mover, .from = 0, .to = 1);
    go(mover, .from = 1, .to = 0);
}
