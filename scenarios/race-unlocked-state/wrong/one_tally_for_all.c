// idea: one tally with one lock, set to zero when a crawl begins
// caught by: counts every page
// comment: Every access is behind the lock, the zeroing too. But two crawls share it: the second
//   one zeroes what the first has counted, and then both count into one sum. A lock makes each step
//   whole; it does not make a shared thing your own.
#include "exercise.h"

static struct {
    mutex mu;
    struct summary sum;
} tally;

TASK(fetch_page, int page; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    long bytes = fetch(a->page);

    mutex_lock(&tally.mu);
    tally.sum.pages++;
    tally.sum.bytes += bytes;
    if (bytes > tally.sum.largest)
        tally.sum.largest = bytes;
    mutex_unlock(&tally.mu);
}

void crawl(const int *pages, int count, struct summary *summary) {
    mutex_lock(&tally.mu);
    tally.sum = (struct summary){0};
    mutex_unlock(&tally.mu);

    waitgroup pending = {0};
    for (int i = 0; i < count; i++) {
        waitgroup_add(&pending, 1);
        go(fetch_page, .page = pages[i], .pending = &pending);
    }
    waitgroup_wait(&pending);

    mutex_lock(&tally.mu);
    *summary = tally.sum;
    mutex_unlock(&tally.mu);
}
