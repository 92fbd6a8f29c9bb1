// wg-negative: more done than was added.
// expect: panic
// says: sync: negative WaitGroup counter
#include "harness/tests/truth/truth.h"

TASK(child, waitgroup *all;) {
    waitgroup_done(a->all);
    if (!FIXED)
        waitgroup_done(a->all);
}

void program(void) {
    static waitgroup all;
    waitgroup_add(&all, 1);
    go(child, .all = &all);
    waitgroup_wait(&all);
}
