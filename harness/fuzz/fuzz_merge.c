// Result files: those that `unstuck merge` is given, from any machine. What is read is merged, and what comes
// of it is written in every format. An input is one file or several, with a line of `%` between them.
#include "harness/fuzz/fuzz.h"
#include "harness/grade/cohort.h"
#include "harness/grade/formats.h"
#include "harness/grade/merge.h"
#include "harness/result.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MOST = 4 };

static void (*const writers[])(const json_t *document, struct text *out) = {
    write_text,
    write_github,
    write_github_summary,
    write_tap,
    write_classroom,
    write_classroom_output,
    write_classroom_notices,
    write_gradescope,
    write_exercism,
    write_sarif,
    write_csv,
    write_json,
};

static char *written(void (*write)(const json_t *document, struct text *out),
                     const json_t *document) {
    struct text t = {0};
    write(document, &t);
    return text_take(&t);
}

static void is_xml(const char *text) {
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "", NULL,
                                XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
    fuzz_must(doc, "JUnit is XML, whatever strings are in it");
    xmlFreeDoc(doc);
}

static void write_all(const json_t *document) {
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        free(written(writers[i], document));
    char *junit = written(write_junit, document), *json = written(write_json, document),
         why[MERGE_WHY];
    is_xml(junit);
    json_t *again = merge_read(json, why);
    fuzz_must(again && json_equal(again, (json_t *)document), "what is written can be read");
    json_decref(again);
    free(junit);
    free(json);
    fuzz_must(grade_exit(document) >= 0 && grade_exit(document) <= 6,
              "an exit code is one of seven");
}

// Reads what the text holds. False: one of them is none.
static bool read_all(char *text, json_t **documents, size_t *count) {
    char why[MERGE_WHY] = "";
    for (char *next = text; next && *count < FILES_MOST; *count += 1) {
        char *end = strstr(next, "\n%\n");
        if (end)
            *end = '\0';
        documents[*count] = merge_read(next, why);
        if (!documents[*count]) {
            fuzz_must(strncmp(why, "line ", 5) == 0, "a complaint says where");
            return false;
        }
        next = end ? end + 3 : NULL;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[FILES_MOST] = {"a.json", "b.json", "c.json", "d.json"};
    char *text = fuzz_text(data, size), why[MERGE_WHY] = "";
    json_t *documents[FILES_MOST] = {0};
    size_t count = 0;
    if (read_all(text, documents, &count)) {
        json_t *whole = merge_shards(documents, names, count, why);
        fuzz_must(whole || strstr(why, ".json "), "a complaint names the file");
        if (whole)
            write_all(whole);
        json_decref(whole);
    }
    for (size_t i = 0; i < FILES_MOST; i++)
        json_decref(documents[i]);
    free(text);
    return 0;
}
