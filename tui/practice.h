// practice: a learner at work in a workspace. What is saved is judged, what comes of it is kept, and what
// there is to say about it beside the verdict is found: what changed since the last attempt, whose mistake
// this is, and after a pass what the solutions do. Both the screens and `watch` are built on it.
//
// Everything goes on in practice_tick, which never blocks.
#pragma once

#include "harness/progress.h"
#include "tui/lab.h"
#include "tui/watcher.h"

struct practice;

// `root` is that of a workspace whose files the catalogue has adopted; all given must outlive it. Never
// NULL. `why` (at least 300 bytes): what of it cannot be read, "" nothing.
struct practice *practice_open(const struct catalogue *c, struct lab *lab, const char *root,
                               char *why);
void practice_close(struct practice *p);

// Moves it on. True: there is something new to show.
bool practice_tick(struct practice *p, int64_t now);

// The exercise that was saved last and not asked for yet, NULL: none was.
const struct scenario_info *practice_saved(struct practice *p);

// Whether all there is to say about the exercise as it is now has been found.
bool practice_settled(const struct practice *p, const struct scenario_info *s);

// What there is to say, a line each, as far as it is known by now; malloc'ed, "" nothing.
char *practice_words(const struct practice *p, const struct scenario_info *s);

// The first exercise whose last attempt did not pass; NULL: all passed. And how many did.
const struct scenario_info *practice_next(const struct practice *p);
size_t practice_solved(const struct practice *p);

// Hints of an exercise that were opened; and one more that was. It is kept.
int practice_hints(const struct practice *p, const struct scenario_info *s);
void practice_hint(struct practice *p, const struct scenario_info *s, int rung);
// Whether it is time to point at the hints: after three attempts in a row that failed.
bool practice_stuck(const struct practice *p, const struct scenario_info *s);

// What could not be kept, and why; "" everything was. Goes with the next that can.
const char *practice_trouble(const struct practice *p);

const char *practice_root(const struct practice *p);
int practice_fd(const struct practice *p); // as watcher_fd

// What a learner's own run shows, as the first hint: Markdown, malloc'ed; NULL: it fails in no way that can
// be told, or not yet.
char *practice_symptom(const struct answer *a);
