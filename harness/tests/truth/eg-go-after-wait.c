// eg-go-after-wait: a child is added when the wait has returned.
// expect: misuse
#include "harness/tests/truth/truth.h"

GROUP_TASK(child) {
    return OK;
}

void program(void) {
    static group all;
    group_go(&all, child);
    if (FIXED)
        group_go(&all, child);
    group_wait(&all);
    if (!FIXED)
        group_go(&all, child);
}
