// sem-return-without-join: the loop returns when it gets no permit, and nobody waits for the group.
// expect: outlives
// left: 2 job: sleep
#include "harness/tests/truth/truth.h"

static sema permits = {.size = 2};

TASK(job, waitgroup *all;) {
    env_call("job", 2 * MINUTE);
    sema_release(&permits, 1);
    waitgroup_done(a->all);
}

static void run_all(ctx *request, waitgroup *all) {
    for (int i = 0; i < 3; i++) {
        if (sema_acquire(&permits, request, 1) != OK)
            break;
        waitgroup_add(all, 1);
        go(job, .all = all);
    }
    if (FIXED)
        waitgroup_wait(all);
}

void program(void) {
    static waitgroup all;
    ctx *request = ctx_with_timeout(ctx_background(), SECOND);
    defer(ctx_cancel, request);
    run_all(request, &all);
}
