// cohort: the results of many submissions as one table, a row each.
#pragma once

#include "harness/text.h"

#include <jansson.h>

// {"submission", "status", "exit", "score", "max_score", "scenarios"}: what of a submission's document goes
// into the table.
json_t *cohort_row(const char *submission, const json_t *document);

// The table (schemas/cohort.json). Takes all three.
json_t *cohort_document(json_t *tool, json_t *run, json_t *rows);

// The same as CSV (RFC 4180), with a column for the points of each scenario. Nothing that a spreadsheet
// would take for a formula.
void write_csv(const json_t *cohort, struct text *out);
