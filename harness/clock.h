// clock: the machine's own time, for bounds and for what a person watches; no verdict depends on it.
#pragma once

#include "core/base.h"

#include <time.h>

// Nanoseconds since some moment, never going back.
static inline int64_t clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}
