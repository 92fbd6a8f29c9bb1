// vet: what the text of an exercise may not hold, because it goes round the core, the compiler's
// instrumentation or whoever judges: not calls (refused.h), and not what an object shows (scan.h).
//
// The source is looked at twice: as it was written, for what only the preprocessor sees, and as the
// preprocessor left it, for what compilers see. So no macro hides anything.
#pragma once

#include "harness/api.h"

struct vetted {
    int line;            // in the source, from 1; 0: no line of its own
    char what[120];      // "`#define chan_send`"
    const char *instead; // a sentence that says why, and what to do; static
};

// The source as written. True: it holds something that it may not, which is the first of its kind.
bool vet_source(const char *text, size_t size, const struct api *api, struct vetted *out);

// The same source preprocessed, with line markers, by who has nothing against it as written. What
// headers bring along is not looked at.
bool vet_expanded(const char *text, size_t size, struct vetted *out);

// Whether two preprocessed texts of it, for two builds, hold the same.
bool vet_same(const char *a, size_t a_size, const char *b, size_t b_size, struct vetted *out);
