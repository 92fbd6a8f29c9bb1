// report_gradescope: Gradescope's results.json. Points are those of its tests, so there is no `score` of
// the whole, which would override them. What students wrote is plain text, never Markdown.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void set(json_t *object, const char *key, const char *value) {
    json_object_set_new(object, key, json_string(value));
}

static char *output_of(const struct report_test *t) {
    if (!*t->output)
        return text_copy(t->message);
    return text_format("%s%s%s", t->message, *t->message ? "\n\n" : "", t->output);
}

static json_t *test_json(const struct report_test *t) {
    char *number = text_format("%" PRId64 ".%" PRId64, json_number(t->scenario, "number"),
                               t->number);
    char *output = output_of(t);
    json_t *j = json_object(), *tags = json_array(), *extra = json_object();
    json_object_set_new(j, "score", json_integer(t->score));
    json_object_set_new(j, "max_score", json_integer(t->max_score));
    set(j, "status", test_passed(t) ? "passed" : "failed");
    set(j, "name", t->title);
    set(j, "name_format", "text");
    set(j, "number", number);
    set(j, "output", output);
    set(j, "output_format", "text");
    json_array_append_new(tags, json_string(t->check_id));
    json_object_set_new(j, "tags", tags);
    set(j, "visibility", "visible");
    json_object_set(extra, "schedule", json_object_get(t->scenario, "schedule"));
    json_object_set_new(j, "extra_data", extra);
    free(number);
    free(output);
    return j;
}

static json_t *whole(const char *output) {
    json_t *j = json_object();
    set(j, "output", output);
    set(j, "output_format", "text");
    set(j, "visibility", "visible");
    set(j, "stdout_visibility", "hidden");
    return j;
}

void write_gradescope(const json_t *document, struct text *out) {
    struct tests tests = tests_of(document);
    char *words = text_format("%" PRId64 " of %" PRId64 " points", json_number(document, "score"),
                              json_number(document, "max_score"));
    json_t *j = whole(words), *list = json_array(), *extra = json_object();
    for (size_t i = 0; i < tests.count; i++)
        json_array_append_new(list, test_json(&tests.items[i]));
    if (json_object_get(document, "duration_ms"))
        json_object_set_new(j, "execution_time",
                            json_integer(json_number(document, "duration_ms") / 1000));
    json_object_set_new(j, "tests", list);
    json_object_set(extra, "unstuck", (json_t *)document);
    json_object_set_new(j, "extra_data", extra);
    put_json(out, j);
    free(words);
    tests_free(&tests);
}

void write_gradescope_skeleton(struct text *out) {
    json_t *j = whole("The grader did not come to its end. Ask your instructor to run it again.");
    json_object_set_new(j, "score", json_integer(0));
    json_object_set_new(j, "tests", json_array());
    put_json(out, j);
}
