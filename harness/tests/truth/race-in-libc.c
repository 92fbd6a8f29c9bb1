// race-unlocked-state: nothing of what races is written by the tasks themselves: one copies a text, the
// other prints into the same buffer.
// expect: race
#include "harness/tests/truth/truth.h"

#include <stdio.h>
#include <string.h>

static char line[32];
static mutex mu;

TASK(copier, const char *text;) {
    if (FIXED)
        mutex_lock(&mu);
    strcpy(line, a->text);
    if (FIXED)
        mutex_unlock(&mu);
}

TASK(printer, const char *text;) {
    if (FIXED)
        mutex_lock(&mu);
    snprintf(line + 4, sizeof line - 4, "%s", a->text);
    if (FIXED)
        mutex_unlock(&mu);
}

void program(void) {
    go(copier, .text = "a longer text");
    go(printer, .text = "another");
}
