// tests_of: a result document as a flat list of tests, which is what most formats want: one for each
// check that brings points.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_test {
    const json_t *scenario, *check;
    const char *id; // of the scenario
    const char *check_id;
    char *name;         // "01 no_leak"
    char *title;        // "The send nobody hears: nothing is left on any schedule"
    const char *status; // "pass", "fail", "not-reached", "unavailable"
    const char *type;   // of one that does not pass: the verdict or the status that says most
    int64_t number;     // of the check in its scenario, from 1
    int64_t score, max_score;
    const char *file;   // where to look; "" nowhere
    int64_t line;       // 0: nowhere in particular
    char *message;      // of one that does not pass: the command that shows it again, then why
    const char *output; // what the student's code or its compiler said; "" nothing
};

struct tests {
    struct report_test *items;
    size_t count;
};

// What it points at belongs to the document.
struct tests tests_of(const json_t *document);
void tests_free(struct tests *t);

// Members of a document, "" and 0 where there are none.
const char *json_words(const json_t *object, const char *key);
int64_t json_number(const json_t *object, const char *key);
bool test_passed(const struct report_test *t);

// "2 of 24 schedules fail, exhaustive"; malloc'ed.
char *scenario_reach(const json_t *scenario);
