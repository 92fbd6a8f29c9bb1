// report_github: for a GitHub workflow: an annotation for each test that does not pass, the report as text
// in a folded group, and a step summary.
//
// A runner obeys lines that look like its commands, whoever wrote them. So annotations are escaped, and
// around the text, which quotes students, commands are switched off by a word that does not occur in it.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include "harness/cache.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// --- annotations ------------------------------------------------------------------------------------

// As the runner's toolkit escapes data, and `more` characters in properties.
static void put_escaped(struct text *out, const char *s, const char *more) {
    for (; *s; s++)
        if (strchr("%\r\n", *s) || strchr(more, *s))
            text_addf(out, "%%%02X", (unsigned char)*s);
        else
            text_add(out, s, 1);
}

static void put_annotation(struct text *out, const struct report_test *t) {
    text_addf(out, "::error file=");
    put_escaped(out, t->file, ":,");
    if (t->line)
        text_addf(out, ",line=%" PRId64, t->line);
    text_addf(out, ",title=");
    put_escaped(out, t->name, ":,");
    text_addf(out, "::");
    put_escaped(out, t->message, "");
    text_addf(out, "\n");
}

// A word that ends nothing within the text; the same for the same text.
static char *stop_word(const char *text) {
    char *word = NULL;
    for (uint64_t hash = cache_mix(CACHE_NOTHING, text); !word; hash = cache_mix(hash, "again")) {
        word = text_format("unstuck-%016" PRIx64, hash);
        if (!strstr(text, word))
            break;
        free(word);
        word = NULL;
    }
    return word;
}

void write_github(const json_t *document, struct text *out) {
    struct tests tests = tests_of(document);
    struct text report = {0};
    write_text(document, &report);
    char *word = stop_word(report.data);
    for (size_t i = 0; i < tests.count; i++)
        if (!test_passed(&tests.items[i]) && strcmp(tests.items[i].status, "not-reached") != 0)
            put_annotation(out, &tests.items[i]);
    text_addf(out, "::group::unstuck: %" PRId64 " of %" PRId64 " points\n",
              json_number(document, "score"), json_number(document, "max_score"));
    text_addf(out, "::stop-commands::%s\n%s::%s::\n::endgroup::\n", word, report.data, word);
    free(word);
    text_free(&report);
    tests_free(&tests);
}

// --- the summary ------------------------------------------------------------------------------------

// In a cell of a table nothing of Markdown or HTML is left to be seen.
static void put_cell(struct text *out, const char *s) {
    for (; *s; s++)
        if (strchr("\\`*_{}[]()#+-.!|<>&~$\n", *s))
            text_addf(out, "&#%d;", *s);
        else
            text_add(out, s, 1);
}

static void put_row(struct text *out, const struct tests *tests, const json_t *scenario) {
    text_addf(out, "| %02" PRId64 " ", json_number(scenario, "number"));
    put_cell(out, json_words(scenario, "title"));
    text_addf(out, " | %s | %" PRId64 "/%" PRId64 " |", json_words(scenario, "status"),
              json_number(scenario, "score"), json_number(scenario, "max_score"));
    const char *between = " ";
    for (size_t i = 0; i < tests->count; i++) {
        const struct report_test *t = &tests->items[i];
        if (t->scenario != scenario || test_passed(t))
            continue;
        text_addf(out, "%s%s: %s", between, t->check_id, t->status);
        between = ", ";
    }
    text_addf(out, " |\n");
}

// A block of code, behind a fence longer than any within it.
static void put_code(struct text *out, const char *code) {
    size_t longest = 2;
    for (const char *p = code; *p; p++) {
        size_t length = strspn(p, "`");
        longest = length > longest ? length : longest;
        p += length ? length - 1 : 0;
    }
    text_fill(out, '`', longest + 1);
    text_addf(out, "text\n%s\n", code);
    text_fill(out, '`', longest + 1);
    text_addf(out, "\n");
}

// What happened on the failing schedule, event by event.
static char *transcript_of(const json_t *scenario) {
    const json_t *steps = json_object_get(scenario, "steps");
    struct text t = {0};
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        text_addf(&t, "%s%5" PRId64 "  %s", i ? "\n" : "", json_number(step, "event"),
                  json_words(step, "text"));
    }
    return text_take(&t);
}

static void put_details(struct text *out, const struct tests *tests, const json_t *scenario) {
    struct text report = {0};
    for (size_t i = 0; i < tests->count; i++) {
        const struct report_test *t = &tests->items[i];
        if (t->scenario == scenario && strcmp(t->status, "fail") == 0)
            text_addf(&report, "%s%s\n%s", report.length ? "\n\n" : "", t->name, t->message);
    }
    if (report.length) {
        char *transcript = transcript_of(scenario);
        text_addf(out, "\n<details><summary>%s</summary>\n\n", json_words(scenario, "id"));
        put_code(out, report.data);
        if (*transcript)
            put_code(out, transcript);
        text_addf(out, "\n</details>\n");
        free(transcript);
    }
    text_free(&report);
}

void write_github_summary(const json_t *document, struct text *out) {
    struct tests tests = tests_of(document);
    const json_t *scenarios = json_object_get(document, "scenarios");
    text_addf(out, "## unstuck: %" PRId64 " of %" PRId64 " points\n\n",
              json_number(document, "score"), json_number(document, "max_score"));
    text_addf(out, "| scenario | status | points | what is missing |\n|---|---|---|---|\n");
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        put_row(out, &tests, json_array_get(scenarios, i));
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        put_details(out, &tests, json_array_get(scenarios, i));
    tests_free(&tests);
}
