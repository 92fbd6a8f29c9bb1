// produce: the task that most of the channel programs start.
#pragma once

#include "core/bench/bench.h"

// Sends 0 .. n-1.
TASK(produce, int64_chan c; int64_t n;) {
    for (int64_t i = 0; i < a->n; i++)
        chan_send(a->c, i);
}
