// refused: what code under test may not call, and what to use in its place.
//
// A run is a function of its schedule alone, so nothing in it may ask the machine: not for the time, not
// for a random number, a file, a thread. What may be called is the core, the functions of the driver, and
// those of libc that only compute; every other function of libc is refused before anything runs.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { REFUSED_SYMBOL = 64 };

// One thing that an object may not do.
struct refused {
    char symbol[REFUSED_SYMBOL]; // the function, as the source calls it; "" where it is no function
    const char *instead;         // a sentence that names the alternative; static
};

// What is said of a function of libc: the alternative, in a sentence; NULL: nothing is known against it.
const char *refused_instead(const char *symbol);

// Whether a function of libc, or a symbol that compilers bring along, only computes.
bool refused_never(const char *symbol);

// Looks through the symbols that a shared object takes from elsewhere, but for those that `driver` (may
// be NULL) defines, for the first that is refused, or for variables of a thread's own. Where `offered` is
// given, a symbol that it has not (the runner's own) and that is not known to compute only is refused
// too if `elsewhere` has it (libc); else only what is known by name is. Reads the files, and believes
// nothing they say. False: there is nothing to refuse, or no such object to read.
bool refused_find(const char *object, const char *driver, bool (*offered)(const char *symbol),
                  bool (*elsewhere)(const char *symbol), struct refused *out);

// The line of a source on which a name is called, from 1, comments and strings left out; 0: on none.
int refused_line(const char *source, const char *symbol);
