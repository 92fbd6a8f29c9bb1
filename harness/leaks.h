// leaks: which tasks are leaked while others still run, as the runner tells it and as people read it.
//
// Decided by reachability (core/reach.h), so nothing of it is ever a verdict: what is named is leaked,
// what is not may be.
#pragma once

#include "core/event.h"

enum { LEAKS_GROUPS = 8, LEAKS_NAME = 32, LEAKS_TEXT = 200 };

// Leaked tasks of one name that wait at one place for one reason.
struct leaks_group {
    uint32_t count, first; // how many; the lowest number
    uint16_t at;           // site in the log
    uint8_t reason;        // enum wait_reason
    char name[LEAKS_NAME];
};

// Read from memory that code under test can write: so no bool, of which only two values may be looked at.
struct leaks {
    uint8_t known;           // 0: not looked for yet, or it could not be found out
    uint8_t ignores_globals; // what only globals lead to counts as out of reach
    uint8_t root;            // the root is one of them
    uint32_t waiting;        // tasks that wait for somebody
    uint32_t leaked;         // of those: nobody who runs can reach what they wait for
    uint32_t by_globals;     // of those: only globals lead there, so it is not decided
    int64_t at;              // the run's clock then
    uint32_t group_count;
    struct leaks_group
        groups[LEAKS_GROUPS]; // in order of their first task; the rest is only counted
};

// In memory that a runner shares: `version` is odd while it is written.
struct leaks_shown {
    _Atomic uint32_t version;
    struct leaks leaks;
};

// Writer's and reader's side. False: it is being written just now, *out is unchanged.
void leaks_publish(struct leaks_shown *shown, const struct leaks *leaks);
bool leaks_read(const struct leaks_shown *shown, struct leaks *out);

// "leaked 320 (decided by reachability)"; with `held`, who waits beside them: ", 12 held by globals or
// live tasks". Empty where nothing is known. Returns out.
const char *leaks_words(const struct leaks *leaks, bool held, char *out, size_t size);

// "320 ask_exchange in chan send at exercise.c:13". Returns out.
const char *leaks_group_words(const event_log *log, const struct leaks_group *g, char *out,
                              size_t size);
