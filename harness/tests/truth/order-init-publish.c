// order-init-publish: a task is started before the field that it needs is set.
// expect: race
#include "harness/tests/truth/truth.h"

static struct { int limit; } server;

TASK(serve) {
    env_call(server.limit ? "limited" : "without a limit", 0);
}

void program(void) {
    if (FIXED)
        server.limit = 10;
    go(serve);
    if (!FIXED)
        server.limit = 10;
}
