// ctl-must-not-report: a timer that nobody waits for, and that starts nothing, outlives nobody.
// expect: PASS
#include "harness/tests/truth/truth.h"

void program(void) {
    timer_start(HOUR);
}
