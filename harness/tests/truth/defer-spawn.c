// defer-spawn: clean-up starts a task that goes on when its caller has returned.
// expect: outlives
// left: write_log: sleep
#include "harness/tests/truth/truth.h"

static waitgroup all;

TASK(write_log) {
    env_call("log", HOUR);
    waitgroup_done(&all);
}

DEFERRED(log_it) {
    waitgroup_add(&all, 1);
    go(write_log);
    if (FIXED)
        waitgroup_wait(&all);
}

static void serve(void) {
    defer(log_it);
    env_call("serve", MILLISECOND);
}

void program(void) {
    serve();
}
