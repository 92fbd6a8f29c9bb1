// idea: the whole task behind the lock
// caught by: fetches all pages at once
// comment: No race is left, and no concurrency either: while one task waits for its page, the
//   others wait for the lock. Hold a lock for the update, never for the slow call before it.
#include "exercise.h"

struct tally {
    mutex mu;
    struct summary sum;
};

TASK(fetch_page, int page; struct tally *tally; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    mutex_lock(&a->tally->mu);
    long bytes = fetch(a->page);
    a->tally->sum.pages++;
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
