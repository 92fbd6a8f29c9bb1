// idea: read the counter behind the lock, and write it behind the lock
// caught by: counts every page
// comment: Each access takes the lock and the verdict `race` is gone. The mistake is not: between
//   the read and the write the lock is free, another task counts, and its page is overwritten. What
//   must not be torn apart has to be done in one go.
#include "exercise.h"

struct tally {
    mutex mu;
    struct summary sum;
};

TASK(fetch_page, int page; struct tally *tally; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    long bytes = fetch(a->page);

    mutex_lock(&a->tally->mu);
    long pages = a->tally->sum.pages;
    mutex_unlock(&a->tally->mu);

    mutex_lock(&a->tally->mu);
    a->tally->sum.pages = pages + 1;
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
