// sem-not-released: a permit is taken, and the error path does not give it back.
// expect: leak, resource
// left: later: semaphore acquire: permits
#include "harness/tests/truth/truth.h"

static sema permits = {.size = 1};

static void work(bool bad) {
    sema_acquire(&permits, ctx_background(), 1);
    if (bad && !FIXED)
        return;
    sema_release(&permits, 1);
}

TASK(later) {
    work(false);
}

void program(void) {
    work(true);
    go(later);
}
