// author: for those who write scenarios. Proves that one teaches what it claims, and begins a new one.
//
// The proof is a matrix of rows: the shipped exercise fails by the declared verdict and leaves exactly the
// declared tasks; every solution passes; every wrong fix fails, and by what its author said; every cheat is
// blocked; an empty file fails; brief, goal, hints and chapter are there and within their sizes; every
// exploration ends within its budget, and 20 seeds get one and the same answer.
#pragma once

#include "harness/catalogue.h"
#include "harness/text.h"

enum { AUTHOR_WHY = 300, AUTHOR_SEEDS = 20, AUTHOR_WRONG_LEAST = 3 };

enum author_state {
    AUTHOR_GOOD,
    AUTHOR_BROKEN,
    AUTHOR_UNAVAILABLE, // cannot be told on this machine: never counts as good
};

// One row. `detail`: of a broken one what is wrong, and what to do; else how it was reached. False: give up.
typedef bool author_tell(void *user, const struct scenario_info *s, enum author_state state,
                         const char *row, const char *detail);

// Tells every row of one scenario. Blocks; minutes where a search is large. False: was given up.
bool author_check(const struct catalogue *c, const struct scenario_info *s, author_tell *tell,
                  void *user);

// Begins a scenario in a folder that looks like the house (or becomes one): a small whole one, to be changed,
// which passes the proof as it is. A line for each file goes to `said`. False: `why` (at least AUTHOR_WHY
// bytes), and nothing that was there has changed.
bool author_new(const struct catalogue *c, const char *folder, const char *name, struct text *said,
                char *why);
