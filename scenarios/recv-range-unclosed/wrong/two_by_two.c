// idea: a task for each line, two at a time, wait for both, then the next two
// caught by: a batch takes no longer than its lines
// comment: Nobody is left, and two lines are on their way at once. But the quick one of two waits
//   for the slow one before the next line may start. A queue gives the next line to whoever is free
//   first.
#include "exercise.h"

TASK(put, int line; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    collector_put(a->line);
}

void ship(const int *lines, int count) {
    for (int i = 0; i < count; i += SHIPPERS) {
        waitgroup pending = {0};
        for (int k = i; k < i + SHIPPERS && k < count; k++) {
            waitgroup_add(&pending, 1);
            go(put, .line = lines[k], .pending = &pending);
        }
        waitgroup_wait(&pending);
    }
}
