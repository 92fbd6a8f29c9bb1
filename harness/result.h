// result: answers as unstuck-result/v1, as JSON Lines of events, and as text for people.
//
// Nothing written here holds a wall-clock time, an address or a process number, so the same answer
// gives the same bytes. result.schema.json beside this file is the contract of the JSON.
#pragma once

#include "harness/explore.h"
#include "harness/lockorder.h"

#include <jansson.h>
#include <stdio.h>

// What an answer amounts to. Not the same as its verdicts where nothing failed but races could
// not be judged: unavailable is never a pass, so that is VERDICT_ENVIRONMENT.
unsigned answer_verdicts(const struct answer *a);

// The answer of a source that does not compile; `output` is the compiler's own text.
void answer_unbuilt(struct answer *a, const char *output);

// Whether a search failed by races alone: they show in runs under ThreadSanitizer, which are not
// among the schedules counted, and all of those hold.
bool answer_only_race(const struct answer *a);

// The events at which time moved early in the run at hand, which is then one of a slow machine. Returns how
// many there are, at most `most`.
uint32_t answer_early(const struct answer *a, uint64_t *events, uint32_t most);

// "5 of 12 schedules, exhaustive": how an answer was reached. Returns out.
const char *answer_reach(const struct answer *a, char *out, size_t size);

// What to say of code that is not a function of its schedule.
extern const char *const result_diverged;

// Locks that the run at hand took in opposite orders without getting stuck. False: there are none, or
// every schedule was tried, and none got stuck.
bool answer_lock_orders(const struct answer *a, struct lockorder *out);

// ["leak", "behaviour"] for a set of verdicts.
json_t *result_verdicts(unsigned verdicts);

// What a grade adds to an answer: points, and what is said beside it.
struct graded {
    const char *said; // by the compiler, "" nothing
    bool changed;     // whether the source is another one than was shipped
};

// One scenario of a document. `g`: NULL where nobody is graded. The caller owns it.
json_t *result_entry(const struct scenario_info *s, const struct variant *v, const struct answer *a,
                     const struct graded *g);

// An empty document; add scenarios, then print. `c` says which program it is of; NULL: nothing is said
// of that. The caller owns it (json_decref).
json_t *result_new(const struct catalogue *c);
void result_add(json_t *document, const struct scenario_info *s, const struct variant *v,
                const struct answer *a);
// "error" if any scenario is in error, else "fail" if any fails, else "pass".
const char *result_status(const json_t *document);
// Sets the overall status and writes it to `out`, nothing else. False: it could not be written.
bool result_print(json_t *document, FILE *out);

// A JSON string of any bytes: no control characters, no bytes that are not UTF-8.
json_t *result_string(const char *s);

// One JSON object a line for each event of the log.
void result_events(const event_log *log, FILE *out);

// The verdict of one variant in words, as `run` and `explore` print it. `colour` as decided.
void result_text(const struct scenario_info *s, const struct variant *v, const struct answer *a,
                 bool colour, FILE *out);

// The command that shows the answer's run again, malloc'ed.
char *result_again(const struct scenario_info *s, const struct variant *v, const struct answer *a);

// The exit code of DESIGN for a set of verdicts: 0, 1, 3, 4, 5.
int verdict_exit(unsigned verdicts);
