// before: whether the log of a run orders two accesses to memory.
//
// An access lies between two events of its task. It happens before another task's access when a chain of
// operations leads from the one to the other: what the first task did after its access, and what every task
// that heard of it did then. Those chains are followed here, from what the operations mean (a send happens
// before its receive, an unlock before the next lock), not from what was announced to the race engines. So
// a false report shows, whether its engine was at fault, the core in what it announced to it, or
// somebody who wrote into the log.
//
// Only what is certain counts as order: whatever this does not follow can leave a false report standing, never
// refute a true one. Not followed are: atomic accesses, values of concurrent maps, connections, what a context
// learns from one that had ended before it was made. After what a log cannot contain (a receive
// from an empty buffer) that buffer orders nothing.
#pragma once

#include "harness/seen.h"

enum { BEFORE_MOST = 64 };

// Asked of a RACE event in the log that `seen` has been folded over to its end: for each of the first
// BEFORE_MOST of them a bit, in the order of the log, which is set where the two accesses are ordered. One pass
// over the log. 0 for a log of which a part was overwritten.
uint64_t before_refutes(const struct seen *seen);
