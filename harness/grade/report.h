// report: a result document, written for those who read it.
//
// Every writer reads the document (result.schema.json) and nothing else, so what a result file holds can be
// written in any format later on. What students wrote or printed is only quoted, never obeyed: each format
// escapes it in its own way.
#pragma once

#include "harness/text.h"

#include <jansson.h>
#include <stdbool.h>

enum { REPORT_WHY = 400 };

struct report_format {
    const char *name;
    bool of_cohort; // it is of a table of submissions (cohort.h), not of one result
    void (*write)(const json_t *document, struct text *out);
    // What goes to the file that $`variable` names, behind what is there, when there is such a variable;
    // and what is written to stdout then, if it is not the same. NULL: nothing of that.
    const char *variable;
    void (*append)(const json_t *document, struct text *out);
    void (*beside)(const json_t *document, struct text *out);
};

// One --format F[=FILE].
struct report {
    const struct report_format *format;
    const char *file; // NULL: stdout
};

// Reads "F" or "F=FILE". False: `why` (at least REPORT_WHY bytes) says what is wrong with it.
bool report_parse(const char *words, struct report *out, char *why);

// Writes it: a file whole or not at all. False: `why` says what could not be written.
bool report_write(const struct report *r, const json_t *document, char *why);

// For who must find a file there even if this program is killed: a result without any points. Only for
// formats that such a reader has, and with a file.
bool report_skeleton(const struct report *r, char *why);

// Writes bytes to a file as file_write does, but into what is no regular file (a pipe, a terminal, and what
// the system calls by a link: /dev/stdout) as it is.
bool report_save(const char *file, const char *bytes, size_t size, char *why);
