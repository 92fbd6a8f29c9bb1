// race-unlocked-state: two tasks make the same thing when it is first needed.
// expect: race
#include "harness/tests/truth/truth.h"

static int *table;
static once made;

static void make(void *unused) {
    (void)unused;
    table = run_calloc(4, sizeof *table);
}

TASK(user) {
    if (FIXED)
        once_do(&made, make, NULL);
    else if (!table)
        make(NULL);
    check(table[0] == 0, "is empty at first", "%d", table[0]);
}

void program(void) {
    go(user);
    go(user);
}
