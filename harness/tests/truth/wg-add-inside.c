// wg-add-inside: the children count themselves, so the wait may be over before they do.
// expect: behaviour
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(child) {
    if (!FIXED)
        waitgroup_add(&all, 1);
    env_call("job", 0);
    waitgroup_done(&all);
}

void program(void) {
    for (int i = 0; i < 2; i++) {
        if (FIXED)
            waitgroup_add(&all, 1);
        go(child);
    }
    waitgroup_wait(&all);
    check(env_calls("job") == 2, "waits for both", "%d jobs were done", env_calls("job"));
}
