// report_tap: the Test Anything Protocol, version 14, with a YAML block for each test that does not pass.
//
// What could not be judged is `not ok`, never a skip: consumers count skips as passes.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// In a description `#` would begin a directive.
static void put_description(struct text *out, const char *words) {
    for (; *words; words++)
        text_addf(out, "%s%c", strchr("#\\", *words) ? "\\" : "", *words);
}

// A JSON string is a YAML string.
static void put_quoted(struct text *out, const char *value) {
    json_t *string = json_string(value);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    text_addf(out, "%s\n", quoted ? quoted : "\"\"");
    free(quoted);
    json_decref(string);
}

static void put_scalar(struct text *out, const char *key, const char *value) {
    text_addf(out, "  %s: ", key);
    put_quoted(out, value);
}

// Several lines as they are; the first is not indented.
static void put_block(struct text *out, const char *key, const char *text) {
    text_addf(out, "  %s: |\n", key);
    while (*text) {
        size_t length = strcspn(text, "\n");
        text_addf(out, "    %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

// Who is left behind, one a line.
static void put_left(struct text *out, const struct report_test *t) {
    const json_t *left = json_object_get(t->scenario, "left");
    if (!json_object_get(t->check, "evidence"))
        return;
    text_addf(out, "  left:\n");
    for (size_t i = 0; i < json_array_size(left); i++) {
        const json_t *task = json_array_get(left, i);
        text_addf(out, "    - ");
        char *words = text_format("%s (#%" PRId64 "): %s at %s:%" PRId64, json_words(task, "name"),
                                  json_number(task, "task"), json_words(task, "op"),
                                  json_words(task, "file"), json_number(task, "line"));
        put_quoted(out, words);
        free(words);
    }
}

static void put_diagnosis(struct text *out, const struct report_test *t) {
    text_addf(out, "  ---\n");
    put_block(out, "message", t->message);
    put_scalar(out, "severity", t->status);
    put_scalar(out, "type", t->type);
    put_scalar(out, "schedule", json_words(t->scenario, "schedule"));
    text_addf(out, "  at:\n  ");
    put_scalar(out, "file", t->file);
    text_addf(out, "    line: %" PRId64 "\n", t->line);
    text_addf(out, "  score: %" PRId64 "\n  max_score: %" PRId64 "\n", t->score, t->max_score);
    put_left(out, t);
    if (*t->output)
        put_scalar(out, "student_output", t->output);
    text_addf(out, "  ...\n");
}

void write_tap(const json_t *document, struct text *out) {
    struct tests tests = tests_of(document);
    text_addf(out, "TAP version 14\n1..%zu\n", tests.count);
    for (size_t i = 0; i < tests.count; i++) {
        const struct report_test *t = &tests.items[i];
        text_addf(out, "%sok %zu - ", test_passed(t) ? "" : "not ", i + 1);
        put_description(out, t->name);
        text_addf(out, "\n");
        if (!test_passed(t))
            put_diagnosis(out, t);
    }
    tests_free(&tests);
}
