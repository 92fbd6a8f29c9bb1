// claims: what a search that did not try everything has shown all the same, with its numbers.
#pragma once

#include "harness/search.h"

enum { CLAIMS = 10, CLAIM_TEXT = 200 };

struct claims {
    uint32_t count;
    char list[CLAIMS][CLAIM_TEXT];
};

// One sentence each, without a full stop: which schedules were tried, and how likely a failure is to be
// missed where they were drawn by chance. None for a search that is exhaustive or was not begun.
void claims_of(const struct search *s, struct claims *out);

// Adds what the search of a slow machine has shown, be it all or not. `whole`: nothing beside the search says
// that there is more to try.
void claims_add_slow(const struct search *s, bool whole, struct claims *out);

// The chance, in millionths and rounded up, that so many runs of PCT miss a failure that needs `depth` steps
// in a certain order, among so many processes with so many choice points: (1 - 1/(n k^(depth-1)))^runs.
uint32_t claims_missed(uint32_t processes, uint32_t points, uint32_t depth, uint64_t runs);
