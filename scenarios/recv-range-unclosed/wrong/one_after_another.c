// idea: no shippers, no idle shippers
// caught by: two lines are on their way at once
// comment: Nothing is left behind because nothing was started. A batch now takes twice as long.
#include "exercise.h"

void ship(const int *lines, int count) {
    for (int i = 0; i < count; i++)
        collector_put(lines[i]);
}
