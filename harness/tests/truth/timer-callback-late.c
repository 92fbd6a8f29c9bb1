// timer-callback-late: a timer's callback begins long after the owner of its data has ended.
// expect: outlives
// left: expire: runnable
#include "harness/tests/truth/truth.h"

TASK(expire) {
    env_call("expire", 0);
}

void program(void) {
    timer *t = after_func(HOUR, expire);
    if (FIXED)
        timer_stop(t);
}
