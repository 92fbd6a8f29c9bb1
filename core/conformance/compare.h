// compare: whether the rules do in Go what they do here.
#pragma once

#include "core/conformance/conformance.h"

// Runs each rule that Go has as `program NAME`, on one processor and on several, and compares the
// outcomes; then those about what happens before what as `racing NAME`, which is built with Go's race
// detector. With UNSTUCK_LONG in the environment it does so 20 times. Prints TAP. With `x_sync` also
// those that need golang.org/x/sync. Returns how many failed.
int compare_with_go(struct rule *first, const char *program, const char *racing, bool x_sync);

// Which of the outcomes in `expected` the text is; -1: none of them.
int outcome_index(const char *expected, const char *text);
