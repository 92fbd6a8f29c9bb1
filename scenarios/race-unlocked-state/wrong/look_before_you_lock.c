// idea: count behind the lock, but take it for the largest page only when needed
// caught by: race
// comment: The look at `largest` is an access too. Two tasks can both see the old value, and the
//   smaller page is written last: the summary is not only racy, it is wrong.
#include "exercise.h"

struct tally {
    mutex mu;
    struct summary sum;
};

TASK(fetch_page, int page; struct tally *tally; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    long bytes = fetch(a->page);
    mutex_lock(&a->tally->mu);
    a->tally->sum.pages++;
    a->tally->sum.bytes += bytes;
    mutex_unlock(&a->tally->mu);

    if (bytes > a->tally->sum.largest) {
        mutex_lock(&a->tally->mu);
        a->tally->sum.largest = bytes;
        mutex_unlock(&a->tally->mu);
    }
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
