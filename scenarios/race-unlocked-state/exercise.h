// exercise: the crawler. It fetches the pages of a site and sums up what it found.
#pragma once

#include "core/core.h"

struct summary {
    long pages;   // how many were fetched
    long bytes;   // of all of them
    long largest; // bytes of the largest one, 0 without any
};

// Yours. Fetches pages[0 .. count), each once and all at once, and fills in *summary when all are
// here, whatever was in it. `count` may be 0.
//
// Several sites may be crawled at the same time, each with its own summary, and none waits for
// another. As in every exercise, who waits is parked and does not look again and again, and no task
// is a daemon.
void crawl(const int *pages, int count, struct summary *summary);

// The environment: fetches a page, returns its bytes. The calling task waits about 10 ms, or not
// at all when a proxy near by has the page.
long fetch(int page);
