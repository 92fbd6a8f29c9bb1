// report_exercism: the result of an exercism test runner, version 3. Its `error` means that nothing could be
// run at all, with a message; texts are bounded as its interface says.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MOST = 65535, OUTPUT_MOST = 500 };

// A string of at most `most` bytes of UTF-8; NULL for an empty one.
static json_t *bounded(const char *s, size_t most) {
    size_t length = strlen(s);
    if (length > most) {
        static const char cut[] = "\n(cut short)";
        length = most - (sizeof cut - 1);
        while (length && ((unsigned char)s[length] & 0xc0) == 0x80)
            length--;
        char *text = text_format("%.*s%s", (int)length, s, cut);
        json_t *j = json_string(text);
        free(text);
        return j;
    }
    return *s ? json_string(s) : json_null();
}

static json_t *test_json(const struct report_test *t) {
    json_t *j = json_object();
    const char *status = test_passed(t)                   ? "pass"
                         : strcmp(t->status, "fail") == 0 ? "fail"
                                                          : "error";
    char *code = text_format("unstuck verify %s", t->id);
    json_object_set_new(j, "name", json_string(t->title));
    json_object_set_new(j, "test_code", json_string(code));
    json_object_set_new(j, "status", json_string(status));
    json_object_set_new(j, "message", bounded(t->message, MESSAGE_MOST));
    json_object_set_new(j, "output", bounded(t->output, OUTPUT_MOST));
    free(code);
    return j;
}

static json_t *result_json(const char *status, json_t *message, json_t *tests) {
    json_t *j = json_object();
    json_object_set_new(j, "version", json_integer(3));
    json_object_set_new(j, "status", json_string(status));
    json_object_set_new(j, "message", message);
    json_object_set_new(j, "tests", tests);
    return j;
}

static bool was_run(const json_t *document) {
    const json_t *list = json_object_get(document, "scenarios");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_number(json_array_get(list, i), "explored"))
            return true;
    return false;
}

// Why nothing was run: the first scenario's reason, in the compiler's words where it has them.
static json_t *why_not(const struct tests *tests) {
    for (size_t i = 0; i < tests->count; i++) {
        const struct report_test *t = &tests->items[i];
        if (!test_passed(t))
            return bounded(*t->output ? t->output : t->message, MESSAGE_MOST);
    }
    return json_string("there was nothing to be run");
}

void write_exercism(const json_t *document, struct text *out) {
    struct tests tests = tests_of(document);
    if (!was_run(document)) {
        put_json(out, result_json("error", why_not(&tests), json_array()));
    } else {
        json_t *list = json_array();
        for (size_t i = 0; i < tests.count; i++)
            json_array_append_new(list, test_json(&tests.items[i]));
        bool passed = strcmp(json_words(document, "status"), "pass") == 0;
        put_json(out, result_json(passed ? "pass" : "fail", json_null(), list));
    }
    tests_free(&tests);
}

void write_exercism_skeleton(struct text *out) {
    put_json(out, result_json("error", json_string("The test runner did not come to its end."),
                              json_array()));
}
