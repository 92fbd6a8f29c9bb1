// pool-slots-exhausted: a slow user holds the only connection, and the next waits without a deadline.
// expect: leak, resource
// left: slow: chan receive: answer
// left: quick: semaphore acquire: slots
#include "harness/tests/truth/truth.h"

static sema slots = {.size = 1};
static int_chan answer;

TASK(slow, ctx *request;) {
    sema_acquire(&slots, ctx_background(), 1);
    if (FIXED)
        chan_select(RECV(answer, NULL), RECV(ctx_done(a->request), NULL));
    else
        chan_recv(answer, NULL);
    sema_release(&slots, 1);
}

TASK(quick) {
    sema_acquire(&slots, ctx_background(), 1);
    sema_release(&slots, 1);
}

void program(void) {
    ctx *request = ctx_with_timeout(ctx_background(), SECOND);
    chan_make(&answer, 0);
    go(slow, .request = request);
    task_sleep(MILLISECOND);
    go(quick);
}
