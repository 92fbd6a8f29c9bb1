// race-unlocked-state: what is written under a lock is read without it. Only where the reader comes
// between two sections of the writer's do the accesses meet in time.
// expect: race
#include "harness/tests/truth/truth.h"

static int balance;
static mutex mu;

TASK(writer) {
    mutex_lock(&mu);
    balance = 7;
    mutex_unlock(&mu);
}

TASK(reader) {
    if (FIXED)
        mutex_lock(&mu);
    int seen = balance;
    if (FIXED)
        mutex_unlock(&mu);
    env_call(seen ? "rich" : "poor", 0);
}

void program(void) {
    go(writer);
    go(reader);
}
