// formats: the writers behind report.h, one file each.
#pragma once

#include "harness/text.h"

#include <jansson.h>

void write_text(const json_t *document, struct text *out);   // as xv6's `make grade`
void write_json(const json_t *document, struct text *out);   // the document itself
void write_junit(const json_t *document, struct text *out);  // JUnit XML
void write_tap(const json_t *document, struct text *out);    // TAP 14
void write_github(const json_t *document, struct text *out); // annotations of a GitHub workflow
void write_github_summary(const json_t *document,
                          struct text *out); // its step summary, in Markdown
void write_classroom(const json_t *document,
                     struct text *out); // GitHub Classroom: what its graders say
void write_classroom_output(const json_t *document, struct text *out); // ... as a step's output
void write_classroom_notices(const json_t *document,
                             struct text *out);                  // ... as its reporter says it
void write_gradescope(const json_t *document, struct text *out); // Gradescope's results.json
void write_gradescope_skeleton(struct text *out);
void write_exercism(const json_t *document, struct text *out); // exercism's test runner, version 3
void write_exercism_skeleton(struct text *out);
void write_sarif(const json_t *document, struct text *out); // SARIF 2.1.0

// A JSON value as these formats have it: indented by two, with a newline. Takes it.
void put_json(struct text *out, json_t *value);
