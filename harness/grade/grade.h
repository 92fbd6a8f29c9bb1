// grade: the judgement of a learner's folder, as one canonical document.
//
// The work is a list of samplings: every scenario with every seed, in that order. Each is one
// examination, up to `jobs` of them side by side; what comes of one depends on nothing but its source,
// its seed and its budget, and all budgets are counts. So the document has the same bytes whatever else
// the machine does, and a shard, which takes every so-manieth of the list, can be put together again with
// the others (merge.h).
#pragma once

#include "harness/explore.h"

#include <jansson.h>

// Which part of the list: those numbered index - 1, index - 1 + of, ... The zero value: all of it.
struct shard {
    uint32_t index, of;
};

// What is asked for.
struct grading {
    const struct catalogue *catalogue;
    const struct scenario_info *const *scenarios; // to be judged, in this order
    size_t count;
    const char *mode; // "grade", "verify"
    uint64_t seed;    // 0: 1
    uint64_t seeds;   // samplings of each scenario, with this seed and the next ones; 0: 1
    uint64_t budget;  // schedules of a sampling at most; 0: the usual number
    struct shard shard;
    uint32_t jobs; // examinations side by side; 0: as many as there are processors
    bool timing;   // with times, which are not the same each time
    bool (*tell)(size_t done, size_t all,
                 const char *under_way); // called now and then; false: give up
};

// Judges DIR/exercises. Blocks. NULL: it was given up. The caller owns the document.
json_t *grade(const struct grading *g, const char *folder);

// The exit code that a document amounts to: 0, 1, 3, 4 or 5.
int grade_exit(const json_t *document);
