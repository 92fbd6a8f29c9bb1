// schedule: the short ids by which a run can be had again.
//
//     NAME@x1[t][m][.STEP:TASK[/BRANCH]]...   the default schedule but for these deviations
//     NAME@r1.SEED                         seeded random
//     NAME@p1.SEED.DEPTH                   probabilistic concurrency testing
//
// STEP counts the points with at least two ways to go on; TASK is the task's creation number in
// that run, `t` the clock; BRANCH the select arm, choose value or which of the timers that may fire, left
// out when 0. After `x1`, a `t` means that time may move early (slow-machine mode), and an `m` that
// accesses to memory are choice points too: atomic ones, and plain ones by the instructions that race.
// Which those are is not in the id: it is found out before each such run, always by the same search with
// the same bounds (harness/runner/accesses.c), so that it depends on the program and on the `t` alone.
#pragma once

#include "core/run.h"

enum { SCHEDULE_DEVIATIONS = 256, SCHEDULE_TEXT = 8704, SCHEDULE_NAME = 64 };

// How often time may move early in slow-machine mode.
enum { SCHEDULE_EARLY = 2 };

enum schedule_kind { SCHEDULE_DEFAULT, SCHEDULE_RANDOM, SCHEDULE_PCT };

struct schedule {
    char name[SCHEDULE_NAME]; // the scenario
    enum schedule_kind kind;
    bool slow;      // DEFAULT: of a slow machine
    bool memory;    // DEFAULT: accesses to memory are choice points
    uint64_t seed;  // RANDOM, PCT
    uint32_t depth; // PCT
    uint32_t count; // DEFAULT: deviations, by rising step
    struct deviation deviations[SCHEDULE_DEVIATIONS];
};

// Reads an id. False: malformed; `why` (at least 160 bytes) then says what and at which character.
bool schedule_parse(const char *text, struct schedule *s, char *why);

// Writes the id, always NUL-terminated; returns its length, as snprintf does.
size_t schedule_format(const struct schedule *s, char *out, size_t size);

// A copy whose counts and texts are within bounds, whatever `from` holds.
void schedule_copy(struct schedule *to, const struct schedule *from);
