// ctl-must-not-report: tasks that end within the grace after the root.
// expect: PASS
#include "harness/tests/truth/truth.h"

TASK(last_words) {
    env_call("flush", 30 * SECOND);
}

void program(void) {
    go(last_words);
    go(last_words);
}
