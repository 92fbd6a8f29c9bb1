// cohort: see cohort.h.
#include "harness/grade/cohort.h"

#include "harness/grade/grade.h"
#include "harness/grade/tests_of.h"
#include "harness/result.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// --- JSON -------------------------------------------------------------------------------------------

static json_t *scenario_row(const json_t *scenario) {
    static const char *const keys[] = {"id", "status", "score", "max_score", "verdicts"};
    json_t *j = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(j, keys[i], json_object_get(scenario, keys[i]));
    return j;
}

json_t *cohort_row(const char *submission, const json_t *document) {
    const json_t *scenarios = json_object_get(document, "scenarios");
    json_t *j = json_object(), *list = json_array();
    json_object_set_new(j, "submission", result_string(submission));
    json_object_set(j, "status", json_object_get(document, "status"));
    json_object_set_new(j, "exit", json_integer(grade_exit(document)));
    json_object_set(j, "score", json_object_get(document, "score"));
    json_object_set(j, "max_score", json_object_get(document, "max_score"));
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        json_array_append_new(list, scenario_row(json_array_get(scenarios, i)));
    json_object_set_new(j, "scenarios", list);
    return j;
}

json_t *cohort_document(json_t *tool, json_t *run, json_t *rows) {
    json_t *j = json_object();
    json_object_set_new(j, "schema", json_string("unstuck-cohort/v1"));
    json_object_set_new(j, "tool", tool);
    json_object_set_new(j, "run", run);
    json_object_set_new(j, "submissions", rows);
    return j;
}

// --- CSV --------------------------------------------------------------------------------------------

// What begins like a formula gets a quotation mark before it, which spreadsheets do not show.
static void put_field(struct text *out, const char *s) {
    text_addf(out, "\"%s", *s && strchr("=+-@\t", *s) ? "'" : "");
    for (; *s; s++)
        text_addf(out, "%s%c", *s == '"' ? "\"" : "", *s);
    text_addf(out, "\"");
}

static void put_heads(struct text *out, const json_t *row) {
    const json_t *scenarios = json_object_get(row, "scenarios");
    text_addf(out, "submission,status,score,max_score");
    for (size_t i = 0; i < json_array_size(scenarios); i++) {
        text_addf(out, ",");
        put_field(out, json_words(json_array_get(scenarios, i), "id"));
    }
    text_addf(out, "\r\n");
}

static void put_row(struct text *out, const json_t *row) {
    const json_t *scenarios = json_object_get(row, "scenarios");
    put_field(out, json_words(row, "submission"));
    text_addf(out, ",%s,%" PRId64 ",%" PRId64, json_words(row, "status"), json_number(row, "score"),
              json_number(row, "max_score"));
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        text_addf(out, ",%" PRId64, json_number(json_array_get(scenarios, i), "score"));
    text_addf(out, "\r\n");
}

void write_csv(const json_t *cohort, struct text *out) {
    const json_t *rows = json_object_get(cohort, "submissions");
    put_heads(out, json_array_get(rows, 0));
    for (size_t i = 0; i < json_array_size(rows); i++)
        put_row(out, json_array_get(rows, i));
}
