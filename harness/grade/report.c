// report: see report.h.
#include "harness/grade/report.h"

#include "harness/catalogue.h"
#include "harness/file.h"
#include "harness/grade/cohort.h"
#include "harness/grade/formats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct report_format formats[] = {
    {.name = "text", .write = write_text},
    {.name = "json", .write = write_json},
    {.name = "junit", .write = write_junit},
    {.name = "tap", .write = write_tap},
    {.name = "github",
     .write = write_github,
     .variable = "GITHUB_STEP_SUMMARY",
     .append = write_github_summary},
    {.name = "classroom",
     .write = write_classroom,
     .variable = "GITHUB_OUTPUT",
     .append = write_classroom_output,
     .beside = write_classroom_notices},
    {.name = "gradescope", .write = write_gradescope},
    {.name = "exercism", .write = write_exercism},
    {.name = "sarif", .write = write_sarif},
    {.name = "csv", .write = write_csv, .of_cohort = true},
};
enum { FORMATS = sizeof formats / sizeof *formats };

// --- reading what is asked for ----------------------------------------------------------------------

static bool unknown(const char *name, char *why) {
    const char *names[FORMATS];
    struct text all = {0};
    for (size_t i = 0; i < FORMATS; i++) {
        names[i] = formats[i].name;
        text_addf(&all, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = nearest_word(name, names, FORMATS);
    snprintf(why, REPORT_WHY, "no format `%.40s`; %s%s%sthere are %s", name,
             near ? "the nearest is `" : "", near ? near : "", near ? "`; " : "", all.data);
    text_free(&all);
    return false;
}

bool report_parse(const char *words, struct report *out, char *why) {
    size_t length = strcspn(words, "=");
    char *name = text_format("%.*s", (int)length, words);
    *out = (struct report){.file = words[length] ? words + length + 1 : NULL};
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0)
            out->format = &formats[i];
    bool good = out->format || unknown(name, why);
    if (good && out->file && !*out->file) {
        snprintf(why, REPORT_WHY, "`%.60s` names no file", words);
        good = false;
    }
    free(name);
    return good;
}

// --- writing ----------------------------------------------------------------------------------------

void put_json(struct text *out, json_t *value) {
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    text_addf(out, "%s\n", text ? text : "null");
    free(text);
    json_decref(value);
}

static bool pour(const char *file, const char *bytes, size_t size, char *why) {
    FILE *out = fopen(file, "we");
    bool good = out && fwrite(bytes, 1, size, out) == size;
    int error = errno;
    good = out && fclose(out) == 0 && good;
    if (!good)
        snprintf(why, REPORT_WHY, "%.200s: %.60s", file, strerror(error ? error : errno));
    return good;
}

// Written into as it is: a pipe, a terminal; and what the system itself calls by a link (/dev/stdout).
static bool is_of_system(const char *file) {
    struct stat info;
    bool there = lstat(file, &info) == 0;
    bool own = strncmp(file, "/dev/", 5) == 0 || strncmp(file, "/proc/", 6) == 0;
    return there && !S_ISREG(info.st_mode) && (own || !S_ISLNK(info.st_mode));
}

bool report_save(const char *file, const char *bytes, size_t size, char *why) {
    return is_of_system(file) ? pour(file, bytes, size, why) : file_write(file, bytes, size, why);
}

static bool put_out(const struct text *t, char *why) {
    if (fwrite(t->data, 1, t->length, stdout) == t->length && fflush(stdout) == 0)
        return true;
    snprintf(why, REPORT_WHY, "stdout: %.60s", strerror(errno));
    return false;
}

// The file of the variable gets what belongs there. False: `why`.
static bool append(const struct report_format *f, const char *file, const json_t *document,
                   char *why) {
    struct text more = {0};
    f->append(document, &more);
    bool good = file_append(file, more.data, more.length, why);
    text_free(&more);
    return good;
}

bool report_write(const struct report *r, const json_t *document, char *why) {
    const struct report_format *f = r->format;
    const char *more = f->variable ? getenv(f->variable) : NULL;
    bool appends = more && *more && !r->file;
    struct text t = {0};
    text_add(&t, "", 0);
    (appends && f->beside ? f->beside : f->write)(document, &t);
    bool good = r->file ? report_save(r->file, t.data, t.length, why) : put_out(&t, why);
    text_free(&t);
    return good && (!appends || append(f, more, document, why));
}

bool report_skeleton(const struct report *r, char *why) {
    struct text t = {0};
    if (r->file && r->format->write == write_gradescope)
        write_gradescope_skeleton(&t);
    else if (r->file && r->format->write == write_exercism)
        write_exercism_skeleton(&t);
    bool good = !t.length || report_save(r->file, t.data, t.length, why);
    text_free(&t);
    return good;
}
