// schedule: the short ids by which a run can be had again.
//
//     NAME@x1[t][.STEP:TASK[/BRANCH]]...   the default schedule but for these deviations
//     NAME@r1.SEED                         seeded random
//
// STEP counts the points with at least two ways to go on; TASK is the task's creation number in
// that run, `t` the clock; BRANCH the select arm or choose value, left out when 0. After `x1`, a
// `t` means that time may move early (slow-machine mode).
#pragma once

#include "core/run.h"

enum { SCHEDULE_DEVIATIONS = 256, SCHEDULE_TEXT = 8704, SCHEDULE_NAME = 64 };

enum schedule_kind { SCHEDULE_DEFAULT, SCHEDULE_RANDOM };

struct schedule {
    char name[SCHEDULE_NAME]; // the scenario
    enum schedule_kind kind;
    uint64_t seed;  // RANDOM
    uint32_t count; // DEFAULT: deviations, by rising step
    struct deviation deviations[SCHEDULE_DEVIATIONS];
};

// Reads an id. False: malformed; `why` (at least 160 bytes) then says what and at which character.
bool schedule_parse(const char *text, struct schedule *s, char *why);

// Writes the id, always NUL-terminated; returns its length, as snprintf does.
size_t schedule_format(const struct schedule *s, char *out, size_t size);
