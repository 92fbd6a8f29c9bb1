// exercise: the crawler. It fetches the pages of a site and sums up what it found.
#pragma once

#include "core/core.h"

struct summary {
    long pages;   // how many were fetched
    long bytes;   // of all of them
    long largest; // bytes of the largest one
};

// Yours. Fetches pages[0 .. count), all at once, and fills in *summary when all are here.
void crawl(const int *pages, int count, struct summary *summary);

// The environment: fetches a page, returns its bytes. The calling task waits about 10 ms, or not
// at all when a proxy near by has the page.
long fetch(int page);
