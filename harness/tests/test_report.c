// Every format says what the document says, and quotes what students say, whatever they say.
#include "harness/grade/cohort.h"
#include "harness/grade/formats.h"
#include "harness/grade/report.h"
#include "harness/grade/tests_of.h"

#include <criterion/criterion.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVIL                                                                                                 \
    "::error::x\\n::stop-commands::y\\n]]></failure>&amp;\\n...\\n---\\nnot ok 9 # SKIP\\n```\\n|</details>" \
    "\\uffff"

// A document of two scenarios: one leaks, and what its student says is evil; the other passes.
static const char source[] =
    "{\"schema\": \"unstuck-result/v1\", \"tool\": {\"version\": \"1.2.3\"}, \"status\": \"fail\","
    " \"score\": 7, \"max_score\": 12, \"scenarios\": ["
    "{\"id\": \"evil\", \"number\": 3, \"title\": \"" EVIL "\", \"variant\": \"exercises/evil.c\","
    " \"status\": \"fail\", \"score\": 2, \"max_score\": 7, \"verdicts\": [\"leak\"],"
    " \"explored\": 24, \"failing\": 5, \"exhaustive\": true, \"schedule\": \"evil@x1.0:1\","
    " \"again\": \"unstuck replay evil@x1.0:1\", \"left\": [{\"task\": 1, \"name\": \"" EVIL "\","
    " \"op\": \"chan send\", \"object\": \"c\", \"file\": \"exercises/evil.c\", \"line\": 7,"
    " \"why\": [\"" EVIL "\"]}], \"steps\": ["
    "{\"event\": 1, \"task\": 0, \"name\": \"main\", \"file\": \"a.c\", \"line\": 3, \"text\": \"go\"},"
    "{\"event\": 2, \"file\": \"\", \"line\": 0, \"text\": \"the clock\"},"
    "{\"event\": 3, \"task\": 1, \"name\": \"w\", \"file\": \"b.c\", \"line\": 4, \"text\": \"" EVIL
    "\"},"
    "{\"event\": 4, \"task\": 0, \"name\": \"main\", \"file\": \"a.c\", \"line\": 5, \"text\": \"end\"}],"
    " \"checks\": ["
    "{\"id\": \"build\", \"title\": \"builds\", \"status\": \"pass\", \"detail\": \"\", \"score\": 1,"
    " \"max_score\": 1, \"student_output\": \"" EVIL "\"},"
    "{\"id\": \"no_leak\", \"title\": \"left\", \"status\": \"fail\", \"detail\": \"" EVIL "\","
    " \"score\": 1, \"max_score\": 4, \"evidence\": [0]},"
    "{\"id\": \"no_race\", \"title\": \"race\", \"status\": \"unavailable\", \"detail\": \"none here\","
    " \"score\": 0, \"max_score\": 1},"
    "{\"id\": \"kept\", \"title\": \"at once\", \"status\": \"not-reached\", \"detail\": \"too soon\","
    " \"score\": 0, \"max_score\": 1},"
    "{\"id\": \"behaves:x\", \"title\": \"x\", \"status\": \"pass\", \"detail\": \"\"}]},"
    "{\"id\": \"good\", \"number\": 4, \"title\": \"Good\", \"variant\": \"exercises/good.c\","
    " \"status\": \"pass\", \"score\": 5, \"max_score\": 5, \"verdicts\": [], \"explored\": 3,"
    " \"failing\": 0, \"exhaustive\": true, \"schedule\": null, \"left\": [], \"checks\": ["
    "{\"id\": \"no_leak\", \"title\": \"left\", \"status\": \"pass\", \"detail\": \"\", \"score\": 5,"
    " \"max_score\": 5}]}]}";

static json_t *document;

static void start(void) {
    json_error_t error;
    document = json_loads(source, 0, &error);
    cr_assert(document, "%s", error.text);
}

static void end(void) {
    json_decref(document);
}

TestSuite(report, .init = start, .fini = end);

static char *written(void (*write)(const json_t *, struct text *)) {
    struct text t = {0};
    write(document, &t);
    return text_take(&t);
}

static json_t *written_json(void (*write)(const json_t *, struct text *)) {
    json_error_t error;
    char *text = written(write);
    json_t *j = json_loads(text, 0, &error);
    cr_assert(j, "%s in %s", error.text, text);
    free(text);
    return j;
}

static const json_t *at(const json_t *list, size_t i) {
    cr_assert_lt(i, json_array_size(list));
    return json_array_get(list, i);
}

// How many lines begin with these words.
static int lines_with(const char *text, const char *words) {
    int count = 0;
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        count += strncmp(line, words, strlen(words)) == 0;
    return count;
}

// --- the list of tests ------------------------------------------------------------------------------

Test(report, a_test_is_a_check_with_points) {
    struct tests tests = tests_of(document);
    cr_assert_eq(tests.count, 5u);
    const struct report_test *leak = &tests.items[1];
    cr_assert_str_eq(leak->name, "03 no_leak");
    cr_assert_str_eq(leak->type, "leak");
    cr_assert_str_eq(leak->file, "exercises/evil.c");
    cr_assert_eq(leak->line, 7);
    cr_assert_eq(lines_with(leak->message, "unstuck replay evil@x1.0:1"), 1);
    cr_assert(strstr(leak->message, "5 of 24 schedules fail, exhaustive: "));
    cr_assert_str_eq(tests.items[2].type, "unavailable");
    cr_assert_eq(strncmp(tests.items[2].message, "unstuck verify evil\n", 20), 0);
    cr_assert_str_eq(tests.items[4].message, "");
    tests_free(&tests);
}

// --- formats ----------------------------------------------------------------------------------------

Test(report, text_has_a_line_for_each_test_and_the_score_last) {
    char *text = written(write_text);
    cr_assert_eq(lines_with(text, "== Test "), 5);
    cr_assert(strstr(text, "== Test 03 no_leak == evil no_leak: FAIL (1/4)\n    unstuck replay "));
    cr_assert(strstr(text, "no_race: UNAVAILABLE (0/1)\n"));
    cr_assert(strstr(text, "\nScore: 7/12\n"));
    cr_assert_eq(lines_with(text, "::"), 0, "quoted lines are indented");
    free(text);
}

Test(report, junit_is_xml_whatever_is_said) {
    char *text = written(write_junit);
    xmlDocPtr xml = xmlReadMemory(text, (int)strlen(text), "x", NULL, 0);
    cr_assert(xml, "%s", text);
    xmlNodePtr root = xmlDocGetRootElement(xml);
    xmlChar *failures = xmlGetProp(root, BAD_CAST "failures");
    xmlChar *errors = xmlGetProp(root, BAD_CAST "errors");
    cr_assert_str_eq((char *)failures, "1");
    cr_assert_str_eq((char *)errors, "2", "unavailable and not reached");
    xmlFree(failures);
    xmlFree(errors);
    xmlFreeDoc(xml);
    free(text);
}

Test(report, tap_counts_what_could_not_be_judged_as_failed) {
    char *text = written(write_tap);
    cr_assert_eq(strncmp(text, "TAP version 14\n1..5\n", 20), 0);
    cr_assert_eq(lines_with(text, "not ok "), 3);
    cr_assert_eq(lines_with(text, "ok "), 2);
    cr_assert_eq(lines_with(text, "  ---"), 3);
    cr_assert_eq(lines_with(text, "  ..."), 3);
    cr_assert_null(strstr(text, "\nnot ok 9"));
    free(text);
}

Test(report, github_obeys_nobody_but_us) {
    char *text = written(write_github);
    char *stop = strstr(text, "\n::stop-commands::");
    cr_assert(stop++);
    char *word = text_format("\n::%.*s::\n", (int)strcspn(stop + 17, "\n"), stop + 17);
    char *go_on = strstr(stop, word);
    cr_assert(go_on);
    cr_assert_null(strstr(go_on + 1, word), "and only there");
    for (const char *line = text; line && line < stop; line = strchr(line, '\n') + 1)
        cr_assert(!strncmp(line, "::error file=exercises/evil.c", 29) ||
                      !strncmp(line, "::group::", 9) || !strncmp(line, "::stop-commands::", 17),
                  "%.60s", line);
    cr_assert_str_eq(go_on + strlen(word), "::endgroup::\n");
    cr_assert_eq(lines_with(text, "::error "), 2, "what was not reached has a reason elsewhere");
    free(word);
    free(text);
}

Test(report, the_summary_is_markdown_of_ours_alone) {
    char *text = written(write_github_summary);
    cr_assert_eq(lines_with(text, "| 03 "), 1);
    cr_assert_eq(lines_with(text, "</details>"), 1);
    cr_assert_eq(lines_with(text, "````"), 4, "a longer fence than any within: %s", text);
    free(text);
}

Test(report, classroom_points_add_up_and_each_line_is_a_number) {
    json_t *j = written_json(write_classroom);
    const json_t *list = json_object_get(j, "tests");
    int64_t score = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        score += json_number(at(list, i), "score");
        cr_assert(json_is_integer(json_object_get(at(list, i), "line_no")));
        cr_assert_str_eq(json_words(at(list, i), "test_code"), json_words(at(list, i), "message"));
    }
    cr_assert_eq(score, 7);
    cr_assert_eq(json_number(j, "max_score"), 12);
    cr_assert_str_eq(json_words(at(list, 2), "status"), "error");
    json_decref(j);
}

static void base64_is(const char *title, size_t length) {
    json_object_set_new(document, "status", json_string(title));
    char *text = written(write_classroom_output);
    cr_assert_eq(strncmp(text, "result=", 7), 0);
    size_t digits = strcspn(text + 7, "=\n"), all = strcspn(text + 7, "\n");
    cr_assert_eq(all % 4, 0u);
    cr_assert_eq(all - digits, (3 - length % 3) % 3, "padding");
    free(text);
}

Test(report, base64_is_padded_as_it_must_be) {
    static const char *const titles[] = {"fail", "fails", "failed"};
    for (size_t i = 0; i < 3; i++) {
        json_object_set_new(document, "status", json_string(titles[i]));
        json_t *j = written_json(write_classroom);
        char *compact = json_dumps(j, JSON_COMPACT);
        base64_is(titles[i], strlen(compact));
        free(compact);
        json_decref(j);
    }
}

Test(report, gradescope_takes_nothing_for_markdown) {
    json_t *j = written_json(write_gradescope);
    const json_t *list = json_object_get(j, "tests");
    cr_assert_null(json_object_get(j, "score"), "it would override those of the tests");
    cr_assert_eq(json_array_size(list), 5u);
    cr_assert_str_eq(json_words(at(list, 1), "number"), "3.2");
    for (size_t i = 0; i < 5; i++) {
        cr_assert_str_eq(json_words(at(list, i), "output_format"), "text");
        cr_assert_str_eq(json_words(at(list, i), "name_format"), "text");
    }
    cr_assert(json_equal(json_object_get(json_object_get(j, "extra_data"), "unstuck"), document));
    json_decref(j);
}

Test(report, exercism_bounds_what_was_printed) {
    char *long_output = zero_alloc(3001, 1);
    for (size_t i = 0; i + 1 < 3001; i += 2)
        memcpy(long_output + i, "\xc3\xb6", 2);
    json_t *check = json_array_get(
        json_object_get(json_array_get(json_object_get(document, "scenarios"), 0), "checks"), 0);
    json_object_set_new(check, "student_output", json_string(long_output));
    json_t *j = written_json(write_exercism);
    cr_assert_leq(strlen(json_words(at(json_object_get(j, "tests"), 0), "output")), 500u);
    cr_assert_str_eq(json_words(j, "status"), "fail");
    cr_assert(json_is_null(json_object_get(j, "message")));
    free(long_output);
    json_decref(j);
}

Test(report, exercism_calls_it_an_error_where_nothing_was_run) {
    json_t *list = json_object_get(document, "scenarios");
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(json_array_get(list, i), "explored", json_integer(0));
    json_t *j = written_json(write_exercism);
    cr_assert_str_eq(json_words(j, "status"), "error");
    cr_assert_str_neq(json_words(j, "message"), "");
    cr_assert_eq(json_array_size(json_object_get(j, "tests")), 0u);
    json_decref(j);
}

Test(report, sarif_has_a_flow_for_each_task_in_the_order_of_events) {
    json_t *j = written_json(write_sarif);
    const json_t *results = json_object_get(at(json_object_get(j, "runs"), 0), "results");
    cr_assert_eq(json_array_size(results), 1u, "only what failed");
    const json_t *flows = json_object_get(at(json_object_get(at(results, 0), "codeFlows"), 0),
                                          "threadFlows");
    static const int64_t orders[2][2] = {{1, 4}, {3, 0}};
    cr_assert_eq(json_array_size(flows), 2u);
    for (size_t i = 0; i < 2; i++) {
        const json_t *steps = json_object_get(at(flows, i), "locations");
        cr_assert_eq(json_array_size(steps), 2 - i);
        for (size_t k = 0; k < json_array_size(steps); k++)
            cr_assert_eq(json_number(at(steps, k), "executionOrder"), orders[i][k]);
    }
    json_decref(j);
}

Test(report, a_table_is_quoted_and_holds_no_formula) {
    json_t *rows = json_array();
    json_array_append_new(rows, cohort_row("=cmd|'x'!A1", document));
    json_array_append_new(rows, cohort_row("a \"b\", c", document));
    json_t *table = cohort_document(json_object(), json_object(), rows);
    struct text t = {0};
    write_csv(table, &t);
    cr_assert_str_eq(t.data, "submission,status,score,max_score,\"evil\",\"good\"\r\n"
                             "\"'=cmd|'x'!A1\",fail,7,12,2,5\r\n"
                             "\"a \"\"b\"\", c\",fail,7,12,2,5\r\n");
    text_free(&t);
    json_decref(table);
}

// --- where it goes ----------------------------------------------------------------------------------

Test(report, what_is_asked_for_is_a_format_and_perhaps_a_file) {
    struct report r;
    char why[REPORT_WHY];
    cr_assert(report_parse("tap", &r, why) && !r.file);
    cr_assert_str_eq(r.format->name, "tap");
    cr_assert(report_parse("sarif=a=b", &r, why));
    cr_assert_str_eq(r.file, "a=b");
    cr_assert_not(report_parse("tapp", &r, why));
    cr_assert(strstr(why, "the nearest is `tap`"), "%s", why);
    cr_assert_not(report_parse("tap=", &r, why));
    cr_assert_not(report_parse("", &r, why));
}

// Somebody else may have put the link there: what it leads to is not written over.
Test(report, a_link_is_replaced_and_a_device_written_into) {
    char folder[] = "/tmp/unstuck-report-XXXXXX", why[REPORT_WHY];
    struct stat info;
    cr_assert(mkdtemp(folder) && chdir(folder) == 0);
    cr_assert_eq(symlink("target", "link"), 0);
    cr_assert(report_save("link", "words", 5, why), "%s", why);
    cr_assert(lstat("link", &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 5);
    cr_assert(stat("target", &info) != 0);
    cr_assert(report_save("/dev/null", "words", 5, why), "%s", why);
    cr_assert(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
    cr_assert_not(report_save("/dev/full", "words", 5, why));
    cr_assert(strstr(why, "/dev/full"), "%s", why);
    unlink("link");
    cr_assert(chdir("/") == 0 && rmdir(folder) == 0);
}
