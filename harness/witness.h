// witness: the parent follows every run of a search itself.
//
// While people learn, a search is held and judged by the runner that does it, in the process that the learner's
// code is in, too: fast, and good enough for who would only deceive themselves. In a grade the parent holds the
// search. The runner has a copy, by which it knows what to run next without asking, and writes each run on a
// tape (tape.h): what happened, which choices there were, which way it took, and its log. The parent asks its own
// search for each of those choices, judges each log, and counts. A runner whose copy says anything else has been
// tampered with, and what it claims of its search counts for nothing.
//
// What is on the tape is bounded, and looked at as if an enemy had written it: nothing there makes the parent crash,
// wait, or allocate more than a run could need.
#pragma once

#include "harness/judge.h"
#include "harness/shared.h"

struct witness;

// What a search is about to be judged by.
struct witness_terms {
    struct judge_terms judge;
    unsigned counts; // the verdicts that are looked for
    unsigned until;  // a run with one of these is enough; 0: all are made
};

// `capacity`: events in the log of the children to come.
struct witness *witness_new(uint32_t capacity);
void witness_free(struct witness *w);

// Before a child is started for this search, or one that goes on with it. The search is the caller's; until the
// child has ended, only to be looked at.
void witness_begin(struct witness *w, struct search *search, const struct witness_terms *terms);

// Reads on, for a few milliseconds at most; never blocks. Returns whether there was anything to be read. What is found in
// the end, and that it is enough, is said in the shared memory.
bool witness_look(struct witness *w, struct shared *shared);

// Whether the runner was likely to wait for the last look; how many runs, also of those that count for nothing, were over by then.
bool witness_was_awaited(const struct witness *w);
uint64_t witness_runs(const struct witness *w);

// The caller has asked the runner to stop: from here on the search may end at any run.
void witness_stop(struct witness *w);

// Whether the search came to its end.
bool witness_searched(const struct witness *w);

// What cannot be about what the runner wrote, NULL: nothing. Then nothing more is read.
const char *witness_wrong(const struct witness *w);
