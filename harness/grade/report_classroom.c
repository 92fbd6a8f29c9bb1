// report_classroom: GitHub Classroom. Its graders hand their result to its reporter as base64 of JSON in a
// step's output; the reporter adds up `score`, prints `test_code` of what failed (`message` only of an
// error), and ends with two notices. `line_no` must be there; 0 is no line.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void set(json_t *object, const char *key, const char *value) {
    json_object_set_new(object, key, json_string(value));
}

static void set_number(json_t *object, const char *key, int64_t value) {
    json_object_set_new(object, key, json_integer(value));
}

static const char *status_of(const struct report_test *t) {
    if (test_passed(t))
        return "pass";
    return strcmp(t->status, "fail") == 0 ? "fail" : "error";
}

static json_t *test_json(const struct report_test *t) {
    json_t *j = json_object();
    set(j, "name", t->name);
    set(j, "status", status_of(t));
    set_number(j, "score", t->score);
    set(j, "message", t->message);
    set(j, "test_code", t->message);
    set(j, "filename", t->file);
    set_number(j, "line_no", t->line);
    set_number(j, "duration", json_number(t->scenario, "duration_ms"));
    return j;
}

static json_t *result_json(const json_t *document) {
    struct tests tests = tests_of(document);
    json_t *j = json_object(), *list = json_array();
    for (size_t i = 0; i < tests.count; i++)
        json_array_append_new(list, test_json(&tests.items[i]));
    set_number(j, "version", 1);
    set(j, "status", json_words(document, "status"));
    set_number(j, "max_score", json_number(document, "max_score"));
    json_object_set_new(j, "tests", list);
    tests_free(&tests);
    return j;
}

void write_classroom(const json_t *document, struct text *out) {
    put_json(out, result_json(document));
}

// RFC 4648.
static void put_base64(struct text *out, const char *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)p[i] << 16;
        three |= i + 1 < size ? (uint32_t)p[i + 1] << 8 : 0;
        three |= i + 2 < size ? p[i + 2] : 0;
        char four[] = {digits[three >> 18], digits[three >> 12 & 63],
                       i + 1 < size ? digits[three >> 6 & 63] : '=',
                       i + 2 < size ? digits[three & 63] : '='};
        text_add(out, four, sizeof four);
    }
}

void write_classroom_output(const json_t *document, struct text *out) {
    json_t *j = result_json(document);
    char *json = json_dumps(j, JSON_COMPACT);
    text_addf(out, "result=");
    put_base64(out, json, strlen(json));
    text_addf(out, "\n");
    free(json);
    json_decref(j);
}

void write_classroom_notices(const json_t *document, struct text *out) {
    int64_t score = json_number(document, "score"), most = json_number(document, "max_score");
    text_addf(out, "::notice title=Autograding complete::Points %" PRId64 "/%" PRId64 "\n", score,
              most);
    text_addf(out,
              "::notice title=Autograding report::{\"totalPoints\":%" PRId64
              ",\"maxPoints\":%" PRId64 "}\n",
              score, most);
}
