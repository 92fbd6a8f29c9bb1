// report_text: as xv6's `make grade`: a line for each test, what is wrong with it below, the score at the
// end.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// The text, each line begun by four spaces.
static void put_indented(struct text *out, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        text_addf(out, "    %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static const char *word_of(const struct report_test *t) {
    if (test_passed(t))
        return "OK";
    return strcmp(t->status, "unavailable") == 0 ? "UNAVAILABLE" : "FAIL";
}

static void put_test(struct text *out, const struct report_test *t) {
    text_addf(out, "== Test %s == %s %s: %s (%" PRId64 "/%" PRId64 ")\n", t->name, t->id,
              t->check_id, word_of(t), t->score, t->max_score);
    if (strcmp(t->status, "not-reached") == 0) {
        put_indented(out, json_words(t->check, "detail"));
    } else if (!test_passed(t)) {
        put_indented(out, t->message);
        if (*t->output && strcmp(t->check_id, "build") == 0)
            put_indented(out, t->output);
    }
}

void write_text(const json_t *document, struct text *out) {
    struct tests tests = tests_of(document);
    const json_t *took = json_object_get(document, "duration_ms");
    for (size_t i = 0; i < tests.count; i++)
        put_test(out, &tests.items[i]);
    if (took)
        text_addf(out, "Time: %" PRId64 " ms\n", (int64_t)json_integer_value(took));
    text_addf(out, "Score: %" PRId64 "/%" PRId64 "\n", json_number(document, "score"),
              json_number(document, "max_score"));
    tests_free(&tests);
}

void write_json(const json_t *document, struct text *out) {
    put_json(out, json_incref((json_t *)document));
}
