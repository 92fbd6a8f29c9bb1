// capture-loopvar: the children share the variable of the loop that starts them.
// expect: race, behaviour
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(child, const int *shared; int own; int *seen;) {
    *a->seen = FIXED ? a->own : *a->shared;
    waitgroup_done(&all);
}

void program(void) {
    static int i, seen[2];
    waitgroup_add(&all, 2);
    for (i = 0; i < 2; i++)
        go(child, .shared = &i, .own = i, .seen = &seen[i]);
    waitgroup_wait(&all);
    check(seen[0] == 0 && seen[1] == 1, "each has its own", "%d and %d", seen[0], seen[1]);
}
