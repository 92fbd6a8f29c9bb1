// minimise: from a failing schedule to one with as few deviations as will do.
#pragma once

#include "harness/schedule.h"

// Runs one schedule and judges it. Returns the verdicts, 0 where a deviation did not fit; *as_run
// is set to the deviations that really were taken.
typedef unsigned minimise_try(void *user, const struct schedule *wanted, struct schedule *as_run);

enum {
    MINIMISE_TRIES = 2000,     // runs at most
    MINIMISE_EVENTS = 5000000, // no further run once all of them together were so long
};

// Replaces *s by a schedule that still gets exactly `verdicts`, and of which no single deviation
// can be left out. Returns whether *s was confirmed to get them; if not, it is left as it was.
// Seeds, and schedules that ended their process, are left alone.
bool minimise(struct schedule *s, unsigned verdicts, minimise_try *attempt, void *user);
