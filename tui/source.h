// source: files of the scenarios, read once, for showing the line where something waits.
#pragma once

#include "harness/catalogue.h"
#include "tui/cells.h"

enum { SOURCE_FILES = 8 };

// One file in memory.
struct source_file {
    char *path;
    char *text;   // its lines, each NUL-terminated; NULL: could not be read
    char **lines; // into text
    int count;
};

struct source_cache {
    struct source_file files[SOURCE_FILES];
    int count;
};

// The file that a log's site names (as the compiler was given it): the variant's own source, or a
// file of the scenario's folder. NULL: none such. It belongs to the cache.
const struct source_file *source_find(struct source_cache *c, const struct scenario_info *s,
                                      const struct variant *v, const char *name);
void source_free(struct source_cache *c);

// A line to be marked.
struct source_mark {
    uint32_t line; // from 1
    enum role role;
    char sign; // before the line: '>' or '!'
};

// Draws the lines around the first mark (around the top when there is none).
void source_draw(struct cells *c, struct rect in, const struct source_file *f,
                 const struct source_mark *marks, int count);
