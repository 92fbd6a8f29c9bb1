// tests_of: see tests_of.h.
#include "harness/grade/tests_of.h"

#include "harness/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *json_words(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

int64_t json_number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

bool test_passed(const struct report_test *t) {
    return strcmp(t->status, "pass") == 0;
}

// Races show in runs under ThreadSanitizer, which are not among the schedules counted.
static bool is_only_race(const json_t *scenario) {
    const json_t *verdicts = json_object_get(scenario, "verdicts");
    const char *first = json_string_value(json_array_get(verdicts, 0));
    return json_array_size(verdicts) == 1 && first && strcmp(first, "race") == 0;
}

char *scenario_reach(const json_t *scenario) {
    int64_t explored = json_number(scenario, "explored"),
            failing = json_number(scenario, "failing");
    bool exhaustive = json_is_true(json_object_get(scenario, "exhaustive"));
    if (!explored)
        return text_copy("no schedule was run");
    if (is_only_race(scenario))
        return text_format("a race; all %" PRId64 " schedules else hold, %sexhaustive", explored,
                           exhaustive ? "" : "not ");
    return text_format("%" PRId64 " of %" PRId64 " schedules %s, %sexhaustive",
                       failing ? failing : explored, explored, failing ? "fail" : "hold",
                       exhaustive ? "" : "not ");
}

// --- why --------------------------------------------------------------------------------------------

static void add_left(struct text *t, const json_t *left) {
    const json_t *why = json_object_get(left, "why");
    const char *object = json_words(left, "object");
    text_addf(t, "\n%s (#%" PRId64 "): %s%s%s at %s:%" PRId64, json_words(left, "name"),
              json_number(left, "task"), json_words(left, "op"), *object ? " on " : "", object,
              json_words(left, "file"), json_number(left, "line"));
    for (size_t i = 0; i < json_array_size(why); i++)
        text_addf(t, "\n  %s", json_string_value(json_array_get(why, i)));
}

static const json_t *left_of(const struct report_test *t, size_t i) {
    const json_t *evidence = json_object_get(t->check, "evidence");
    json_int_t index = json_integer_value(json_array_get(evidence, i));
    return i < json_array_size(evidence)
               ? json_array_get(json_object_get(t->scenario, "left"), (size_t)index)
               : NULL;
}

// Behind the command that shows it: how it was reached, the sentence, and who is left and why.
static char *message_of(const struct report_test *t) {
    struct text m = {0};
    const char *again = json_words(t->scenario, "again");
    char *reach = scenario_reach(t->scenario);
    bool of_schedule = strcmp(t->status, "fail") == 0 && strcmp(t->check_id, "build") != 0;
    if (*again && of_schedule)
        text_addf(&m, "%s", again);
    else
        text_addf(&m, "unstuck verify %s", t->id);
    text_addf(&m, "\n%s%s%s", of_schedule ? reach : "", of_schedule ? ": " : "",
              json_words(t->check, "detail"));
    for (size_t i = 0; left_of(t, i); i++)
        add_left(&m, left_of(t, i));
    free(reach);
    return text_take(&m);
}

// The first of the verdicts that this check is about, else what became of it.
static const char *type_of(const struct report_test *t) {
    static const struct {
        const char *check, *verdicts;
    } rows[] = {{"build", " build tampered environment "},
                {"behaves", " behaviour panic misuse "},
                {"no_leak", " leak outlives resource "},
                {"no_deadlock", " deadlock "},
                {"no_race", " race "},
                {"kept", " behaviour "}};
    const json_t *verdicts = json_object_get(t->scenario, "verdicts");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; !strcmp(rows[i].check, t->check_id) && k < json_array_size(verdicts);
             k++) {
            const char *word = json_string_value(json_array_get(verdicts, k));
            char padded[40];
            snprintf(padded, sizeof padded, " %s ", word);
            if (strstr(rows[i].verdicts, padded))
                return word;
        }
    return t->status;
}

// --- the list ---------------------------------------------------------------------------------------

static struct report_test test_make(const json_t *scenario, const json_t *check, int64_t number) {
    struct report_test t = {.scenario = scenario,
                            .check = check,
                            .id = json_words(scenario, "id"),
                            .check_id = json_words(check, "id"),
                            .status = json_words(check, "status"),
                            .number = number,
                            .score = json_number(check, "score"),
                            .max_score = json_number(check, "max_score"),
                            .file = json_words(scenario, "variant"),
                            .output = json_words(check, "student_output")};
    t.name = text_format("%02" PRId64 " %s", json_number(scenario, "number"), t.check_id);
    t.title = text_format("%s: %s", json_words(scenario, "title"), json_words(check, "title"));
    t.type = type_of(&t);
    const json_t *left = left_of(&t, 0);
    if (left && strcmp(json_words(left, "file"), t.file) == 0)
        t.line = json_number(left, "line");
    t.message = test_passed(&t) ? text_copy("") : message_of(&t);
    return t;
}

static void scenario_add(struct tests *list, const json_t *scenario) {
    const json_t *checks = json_object_get(scenario, "checks");
    int64_t number = 0;
    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *check = json_array_get(checks, i);
        if (!json_object_get(check, "max_score"))
            continue;
        list->items = more_memory(list->items, list->count + 1, sizeof *list->items);
        list->items[list->count++] = test_make(scenario, check, ++number);
    }
}

struct tests tests_of(const json_t *document) {
    struct tests list = {0};
    const json_t *scenarios = json_object_get(document, "scenarios");
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        scenario_add(&list, json_array_get(scenarios, i));
    return list;
}

void tests_free(struct tests *t) {
    for (size_t i = 0; i < t->count; i++) {
        free(t->items[i].name);
        free(t->items[i].title);
        free(t->items[i].message);
    }
    free(t->items);
    *t = (struct tests){0};
}
