// explain: why a task that is left can never run again, in plain words.
#pragma once

#include "harness/judge.h"

enum { EXPLAIN_LINES = 12, EXPLAIN_WIDTH = 200 };

struct explanation {
    uint32_t count;
    char lines[EXPLAIN_LINES][EXPLAIN_WIDTH]; // "main was the only task that ever received ..."
};

// Explains one task of judgement->left. The seen world must be folded to its end with
// record_touches set.
void explain_task(const struct seen *s, uint32_t task, struct explanation *out);

// One line about a left task: `worker (#1) waits in chan send on results (chan#1) at
// exercise.c:11`.
const char *explain_where(const struct seen *s, uint32_t task, char *out, size_t size);

// One sentence for the whole verdict: "leak: 1 task can never run again". Returns out.
const char *explain_verdict(const struct seen *s, const struct judgement *j, char *out,
                            size_t size);
