// progress: what a learner tried, and which hints were opened, one JSON object a line.
//
//     {"exercise":"send-no-receiver","at":"2026-01-02T03:04:05Z","source":"1f2e3d4c","status":"fail",
//      "verdicts":["leak"],"checks":[],"explored":79,"failing":5,"exhaustive":true,
//      "schedule":"send-no-receiver@x1.3:2"}
//     {"exercise":"send-no-receiver","at":"2026-01-02T03:05:06Z","hint":2}
//
// Lines are added at the end and never changed, so that two copies are joined by keeping the lines of
// both. What is no such line (the marks of a merge, a torn or foreign line, one with a verdict that is not
// known) is left out, counted, and the file as it was is kept aside the next time something is written.
#pragma once

#include "harness/explore.h"
#include "harness/text.h"

struct attempt {
    char *exercise;
    char *at; // UTC, ISO 8601
    char source[SOURCE_HASH];
    unsigned verdicts; // a set of enum verdict; 0: passed
    char *checks;      // names of those that failed, each with a newline; "" none
    uint64_t explored, failing;
    bool exhaustive;
    char *schedule; // a failing one; "" none
};

struct hint_seen {
    char *exercise;
    int rung;
};

struct progress {
    char *path;
    struct attempt *attempts; // in the order of the file
    size_t attempt_count;
    struct hint_seen *hints;
    size_t hint_count;
    size_t broken; // lines that are none
    char *lines;   // the good ones, as the file held them when it was last read
    char *
        unwritten; // those of this program that could not be written, and go with the next; NULL: none
};

// Reads it; a file that is not there is empty. False: it is there and cannot be read; `why` (at least 300
// bytes) says why, and it is as if empty.
bool progress_open(struct progress *p, const char *path, char *why);
void progress_close(struct progress *p);

// Adds an attempt that was judged, or a hint that was opened, for now and in the file. False: it was not
// written; `why` says why, and it counts all the same until the program ends.
bool progress_attempt(struct progress *p, const struct scenario_info *s, const struct variant *v,
                      const struct answer *a, char *why);
bool progress_hint(struct progress *p, const struct scenario_info *s, int rung, char *why);

// The last attempt at an exercise, NULL: none.
const struct attempt *progress_last(const struct progress *p, const char *exercise);
// Whether any attempt at it passed, and whether the last one did.
bool progress_passed(const struct progress *p, const char *exercise);
bool progress_solved(const struct progress *p, const char *exercise);
// The highest hint opened, 0: none.
int progress_hints(const struct progress *p, const char *exercise);
// Failed attempts since the last that passed.
size_t progress_failures(const struct progress *p, const char *exercise);

// What changed from one attempt to the next, in a sentence: "before, 5 of 12 schedules failed; now 2 of 12;
// new: in time". malloc'ed; "" where there is nothing to say.
char *attempt_change(const struct attempt *before, const struct attempt *now);
