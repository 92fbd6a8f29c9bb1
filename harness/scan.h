// scan: what a compiled exercise may not hold, whatever its source looked like: code that runs before or
// beside the driver, the machine's own doors, names that are not its to define or to call.
#pragma once

#include "harness/api.h"

enum { SCAN_SYMBOL = 64 };

struct scanned {
    char symbol[SCAN_SYMBOL]; // the name it is about, "" for none
    char what[160];           // "it defines chan_send_at"
    const char *instead;      // a sentence that says why, and what to do; static
};

struct scan_terms {
    const char *runner;    // the program that will load it; one that cannot be read offers nothing
    const char *driver;    // may be NULL
    const struct api *api; // what it may call of the runner
    bool threads;          // it is instrumented by -fsanitize=thread
};

// True: there is something, the first of it in *out. Reads the files, and believes nothing they say. What
// cannot be read is found to be that.
bool scan_object(const char *object, const struct scan_terms *terms, struct scanned *out);

// Whether it was compiled with -fsanitize=thread. False too where it cannot be read.
bool scan_is_hooked(const char *object);
