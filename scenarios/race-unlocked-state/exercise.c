// The crawler. crawl starts one task per page; each adds what it fetched to a summary they share.
//
// Every test passes. Once in a few million sites the summary counts a page less than it should,
// and nobody has ever seen why. Change this file so that the count is right whatever the tasks do.
// The pages must still be fetched at once.
#include "exercise.h"

struct tally {
    mutex mu;
    struct summary sum;
};

TASK(fetch_page, int page; struct tally *tally; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    long bytes = fetch(a->page);
    a->tally->sum.pages++;

    mutex_lock(&a->tally->mu);
    a->tally->sum.bytes += bytes;
    if (bytes > a->tally->sum.largest)
        a->tally->sum.largest = bytes;
    mutex_unlock(&a->tally->mu);
}

void crawl(const int *pages, int count, struct summary *summary) {
    struct tally tally = {0};
    waitgroup pending = {0};
    for (int i = 0; i < count; i++) {
        waitgroup_add(&pending, 1);
        go(fetch_page, .page = pages[i], .tally = &tally, .pending = &pending);
    }
    waitgroup_wait(&pending);
    *summary = tally.sum;
}
