// race-unlocked-state: a flag says that a value is there, and orders nothing.
// expect: race
#include "harness/tests/truth/truth.h"

static int value;
static bool ready;
static int_chan told;

TASK(writer) {
    value = 7;
    ready = true;
    if (FIXED)
        chan_close(told);
}

void program(void) {
    chan_make(&told, 0);
    go(writer);
    if (FIXED)
        chan_recv(told, NULL);
    if (ready)
        check(value == 7, "sees the value", "%d", value);
}
