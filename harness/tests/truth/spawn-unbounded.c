// spawn-unbounded: a task for each item, however many there are.
// expect: behaviour
#include "harness/tests/truth/truth.h"

enum { ITEMS = 4, BUDGET = 2 };
static sema permits = {.size = BUDGET};
static waitgroup all;

TASK(item) {
    if (FIXED)
        sema_acquire(&permits, ctx_background(), 1);
    env_call("fetch", MILLISECOND);
    if (FIXED)
        sema_release(&permits, 1);
    waitgroup_done(&all);
}

void program(void) {
    waitgroup_add(&all, ITEMS);
    for (int i = 0; i < ITEMS; i++)
        go(item);
    waitgroup_wait(&all);
    check(env_most("fetch") <= BUDGET, "stays within the budget", "%d at once", env_most("fetch"));
}
