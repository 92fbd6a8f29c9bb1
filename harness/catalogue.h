// catalogue: the scenarios there are, with their exercises, solutions and wrong fixes.
#pragma once

#include "harness/judge.h"
#include "harness/rubric.h"

enum variant_kind { VARIANT_EXERCISE, VARIANT_SOLUTION, VARIANT_WRONG, VARIANT_FILE };

struct variant {
    enum variant_kind kind;
    char *file;   // "exercise.c", "buffer_of_one.c"; FILE: the path as given
    char *label;  // as in results: "exercise", "solution:buffer_of_one.c", "wrong:...", path
    char *source; // absolute path of the source
    char *object; // absolute path of the shared object; NULL: not built (yet)
    char *
        shipped; // in a workspace: absolute path of the source its objects were made of; NULL: `source`
    char *tsan;      // ... of the one built with ThreadSanitizer, NULL: unavailable
    char *idea;      // solutions: the first comment's `idea:` line; wrong fixes: `idea:` as well
    char *caught_by; // wrong fixes: the verdict word or check name that must catch it
    char *comment;   // wrong fixes: what to tell the learner
};

struct expected_left {
    char *name, *reason, *object; // object may be NULL
    int count;
};

struct scenario_info {
    char *name, *title, *chapter, *brief, *goal, *remember;
    int number;
    unsigned verdict; // of the shipped exercise, a set of enum verdict
    struct expected_left *left;
    size_t left_count;
    struct judge_terms terms; // grace and check names
    uint32_t kept;            // those of the checks that are about how the work is done, a bit each
    int points[RUBRIC_COUNT]; // what each check of a grade brings
    bool slow;                // a slow machine is to be tried too
    bool has_load;
    char *pack;       // the folder of the pack it came with, absolute; NULL: it is built in
    char *pack_given; // ... as it was given; NULL: built in
    char *folder;     // scenarios/NAME, absolute
    char *driver, *driver_tsan; // shared objects
    char *guide;                // guide/NAME.md, absolute; NULL: none
    struct variant *variants;   // exercise first, then solutions, then wrong fixes, by name
    size_t variant_count;
};

struct catalogue {
    char *root;                      // share/unstuck: sources
    char *libs;                      // lib/unstuck
    char *libexec;                   // libexec/unstuck
    struct scenario_info *scenarios; // in the order of the course
    size_t count;
};

// Where this program is installed ($UNSTUCK_PREFIX, or two folders above it), malloc'ed; NULL when
// the system does not say.
char *catalogue_prefix(void);

// " --pack DIR", for a command about this scenario, as a shell takes it; "" for one that is built in.
// malloc'ed.
char *scenario_pack_words(const struct scenario_info *s);

// Finds everything relative to this program (or $UNSTUCK_PREFIX). False: `why` (at least 300
// bytes) says what is missing and what to do.
bool catalogue_open(struct catalogue *c, char *why);
void catalogue_close(struct catalogue *c);

// For those who bring scenarios from elsewhere (pack.h). `s` is empty; what is read into it belongs
// to it until scenario_clear, or until catalogue_add gives it to the catalogue, behind all others.
// Its sources are in scenarios/, solutions/ and guide/ of `root`, its scenario.json and its objects
// in `libs`. False: `why` (at least 300 bytes) gets what is to follow the name of the description.
bool scenario_read(struct scenario_info *s, const char *root, const char *libs, const char *name,
                   char *why);
void scenario_clear(struct scenario_info *s);
void catalogue_add(struct catalogue *c, const struct scenario_info *s);

// Sets idea, caught_by and comment from the first comment of its source, "" where they are not there;
// malloc'ed.
void variant_read_head(struct variant *v);

// The order of the course: by number, then by name. For qsort.
int scenario_order(const void *a, const void *b);

// A short hash of the variant's source, which stands beside the schedules found in it: eight hex
// digits of 32-bit FNV-1a (Fowler, Noll and Vo). "" when there is no source to read.
enum { SOURCE_HASH = 9 };
const char *variant_hash(const struct variant *v, char out[SOURCE_HASH]);

// NULL: no such scenario. nearest: the name most like it, for the message; NULL: none is near.
const struct scenario_info *catalogue_find(const struct catalogue *c, const char *name);
const char *catalogue_nearest(const struct catalogue *c, const char *name);

// The word of `words` most like `word` (by edit distance), NULL when none is near.
const char *nearest_word(const char *word, const char *const *words, size_t count);

// The variant a --variant argument names: "exercise", "solution" (the first), "solution:FILE",
// "wrong:FILE". NULL: none such.
const struct variant *scenario_variant(const struct scenario_info *s, const char *selector);
