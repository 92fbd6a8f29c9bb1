// result: answers as unstuck-result/v1, as JSON Lines of events, and as text for people.
#pragma once

#include "harness/explore.h"

#include <jansson.h>
#include <stdio.h>

// An empty document; add scenarios, then print. The caller owns it (json_decref).
json_t *result_new(void);
void result_add(json_t *document, const struct scenario_info *s, const struct variant *v,
                const struct answer *a);
// Sets the overall status and writes it to `out`, nothing else.
bool result_print(json_t *document, FILE *out);

// One JSON object a line for each event of the log.
void result_events(const event_log *log, FILE *out);

// The verdict of one variant in words, as `run` and `explore` print it. `colour` as decided.
void result_text(const struct scenario_info *s, const struct variant *v, const struct answer *a,
                 bool colour, FILE *out);

// The exit code of DESIGN for a set of verdicts: 0, 1, 3, 4, 5.
int verdict_exit(unsigned verdicts);
