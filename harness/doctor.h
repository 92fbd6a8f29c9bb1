// doctor: what works on this machine, found out by doing it: a source is compiled, a runner
// started, a known race looked for. Nothing is believed for being installed.
#pragma once

#include "harness/catalogue.h"

enum doctor_status {
    DOCTOR_FINE,
    DOCTOR_LIMITED,  // something is missing; the rest works without it
    DOCTOR_UNUSABLE, // no scenario can be judged here
};

enum { DOCTOR_CHECKS = 16, DOCTOR_TEXT = 300 };

struct doctor_check {
    const char *id;    // "compiler"
    const char *title; // "a compiler for your fixes"
    enum doctor_status status;
    char detail[DOCTOR_TEXT]; // what was found
    char advice[DOCTOR_TEXT]; // not FINE: what to do; "" when nothing can be
};

struct doctor_report {
    enum doctor_status status; // the worst of any check
    size_t count;
    struct doctor_check checks[DOCTOR_CHECKS];
};

// Makes every check. `c` NULL: the catalogue could not be opened, `why` says why. Takes a few
// seconds at most.
void doctor_examine(const struct catalogue *c, const char *why, struct doctor_report *out);

// "fine", "limited", "unusable".
const char *doctor_word(enum doctor_status status);
