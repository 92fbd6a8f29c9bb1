// racy: code that is compiled as an exercise is for races, and has one. See probe.c.
#include "harness/runner/runner.h"

void racy_add(int *value) {
    *value += 1;
}
