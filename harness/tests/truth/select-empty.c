// recv-nil-or-empty-select: a select without any case.
// expect: leak
// left: server: select (no cases)
#include "harness/tests/truth/truth.h"

TASK(server) {
    if (!FIXED)
        select_at(NULL, 0, HERE);
}

void program(void) {
    go(server);
}
