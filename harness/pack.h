// pack: scenarios that are kept outside of the repository.
//
// A pack is a folder that looks like the house: scenarios/NAME/ with scenario.c, exercise.h, exercise.c
// and wrong/, solutions/NAME/, and guide/NAME.md. Driver and exercise are compiled when the pack is
// opened, solutions and wrong fixes when they are wanted; what was compiled before is in the cache. The
// author's code runs in a sandboxed runner only, when it is described as when it is judged.
#pragma once

#include "harness/catalogue.h"

// A scenario of a pack that cannot be used, and why.
struct pack_fault {
    struct scenario_info scenario; // its name and pack, nothing else
    struct variant variant;        // its exercise
    unsigned verdict;              // VERDICT_BUILD or VERDICT_ENVIRONMENT
    char *why;                     // one line: what, where, what to do
    char *output;                  // what the compiler said, "" nothing
};

// The packs in use. The zero value: none.
struct packs {
    struct pack_fault *faults;
    size_t fault_count;
    struct compilation **made; // objects the catalogue points at
    size_t made_count;
};

// Called while scenarios are being built, ten times a second at most. False: give up.
typedef bool pack_tell(size_t done, size_t all);

// Adds the scenarios of a pack to the catalogue, behind all others. `only`: if the pack has this
// scenario, no other is built and added; NULL: all. One that cannot be used becomes a fault, and
// the others are added all the same. False: `why` (at least 300 bytes) says what is wrong with the
// whole pack, or it was given up, and nothing was added.
bool packs_add(struct packs *p, struct catalogue *c, const char *folder, const char *only,
               pack_tell *tell, char *why);

// The fault of that name; NULL: none.
const struct pack_fault *packs_fault(const struct packs *p, const char *name);

// To be called after catalogue_close: removes objects that the cache could not take.
void packs_close(struct packs *p);
