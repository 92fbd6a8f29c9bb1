// report_junit: JUnit XML, one testsuite a scenario, one testcase a check (junit.xsd beside this file).
//
// What could not be judged is an <error>, what failed a <failure>; the counts at suites and document are
// those of these elements.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

// XML has no place for U+FFFE and U+FFFF, the only ones left that it has none for. malloc'ed.
static char *xml_text(const char *s) {
    char *clean = text_copy(s);
    for (char *p = clean; (p = strstr(p, "\xef\xbf")); p += 3)
        if (p[2] == '\xbe' || p[2] == '\xbf')
            p[2] = '\xbd';
    return clean;
}

static void attribute(xmlTextWriterPtr w, const char *name, const char *value) {
    char *clean = xml_text(value);
    xmlTextWriterWriteAttribute(w, BAD_CAST name, BAD_CAST clean);
    free(clean);
}

static void attribute_number(xmlTextWriterPtr w, const char *name, int64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    attribute(w, name, digits);
}

static void element_text(xmlTextWriterPtr w, const char *s) {
    char *clean = xml_text(s);
    xmlTextWriterWriteString(w, BAD_CAST clean);
    free(clean);
}

// Seconds, of times that are there.
static void attribute_time(xmlTextWriterPtr w, const json_t *of) {
    char seconds[40];
    int64_t ms = json_number(of, "duration_ms");
    if (!json_object_get(of, "duration_ms"))
        return;
    snprintf(seconds, sizeof seconds, "%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000);
    attribute(w, "time", seconds);
}

static bool is_error(const struct report_test *t) {
    return !test_passed(t) && strcmp(t->status, "fail") != 0;
}

// Tests, failures and errors of one scenario, or of all of them for NULL.
static void counts(xmlTextWriterPtr w, const struct tests *tests, const json_t *scenario) {
    int64_t all = 0, failures = 0, errors = 0;
    for (size_t i = 0; i < tests->count; i++) {
        const struct report_test *t = &tests->items[i];
        if (scenario && t->scenario != scenario)
            continue;
        all++;
        errors += is_error(t);
        failures += !test_passed(t) && !is_error(t);
    }
    attribute_number(w, "tests", all);
    attribute_number(w, "failures", failures);
    attribute_number(w, "errors", errors);
}

static void put_complaint(xmlTextWriterPtr w, const struct report_test *t) {
    xmlTextWriterStartElement(w, BAD_CAST(is_error(t) ? "error" : "failure"));
    attribute(w, "type", t->type);
    char *first = text_format("%.*s", (int)strcspn(t->message, "\n"), t->message);
    attribute(w, "message", first);
    free(first);
    element_text(w, t->message);
    xmlTextWriterEndElement(w);
}

static void put_test(xmlTextWriterPtr w, const struct report_test *t) {
    xmlTextWriterStartElement(w, BAD_CAST "testcase");
    attribute(w, "classname", t->id);
    attribute(w, "name", t->check_id);
    attribute(w, "file", t->file);
    if (t->line)
        attribute_number(w, "line", t->line);
    if (!test_passed(t))
        put_complaint(w, t);
    if (*t->output) {
        xmlTextWriterStartElement(w, BAD_CAST "system-out");
        element_text(w, t->output);
        xmlTextWriterEndElement(w);
    }
    xmlTextWriterEndElement(w);
}

static void put_suite(xmlTextWriterPtr w, const struct tests *tests, const json_t *scenario) {
    char *name = text_format("%02" PRId64 " %s", json_number(scenario, "number"),
                             json_words(scenario, "id"));
    xmlTextWriterStartElement(w, BAD_CAST "testsuite");
    attribute(w, "name", name);
    counts(w, tests, scenario);
    attribute_time(w, scenario);
    for (size_t i = 0; i < tests->count; i++)
        if (tests->items[i].scenario == scenario)
            put_test(w, &tests->items[i]);
    xmlTextWriterEndElement(w);
    free(name);
}

static void put_document(xmlTextWriterPtr w, const json_t *document) {
    struct tests tests = tests_of(document);
    const json_t *scenarios = json_object_get(document, "scenarios");
    xmlTextWriterSetIndent(w, 1);
    xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    xmlTextWriterStartElement(w, BAD_CAST "testsuites");
    attribute(w, "name", "unstuck");
    counts(w, &tests, NULL);
    attribute_time(w, document);
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        put_suite(w, &tests, json_array_get(scenarios, i));
    xmlTextWriterEndDocument(w);
    tests_free(&tests);
}

void write_junit(const json_t *document, struct text *out) {
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr w = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    if (w)
        put_document(w, document);
    xmlFreeTextWriter(w);
    if (buffer)
        text_add(out, (const char *)xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer));
    xmlBufferFree(buffer);
}
