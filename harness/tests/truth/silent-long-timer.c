// ctl-must-not-report: a task that sleeps for a day inside a scope that is still open.
// expect: PASS
#include "harness/tests/truth/truth.h"

SCOPE_TASK(nightly) {
    return ctx_sleep(a->ctx, 24 * HOUR);
}

static void serve(void) {
    SCOPE(service, ctx_background());
    scope_go(service, nightly);
    check(scope_wait(service) == OK, "slept to the end", "no");
}

void program(void) {
    serve();
}
