// idea: give every task a lock for the counter
// caught by: race
// comment: A lock keeps out only those who ask for the same lock. Each task locks a door of its
//   own here and nobody ever meets anybody at it.
#include "exercise.h"

struct tally {
    mutex mu;
    struct summary sum;
};

TASK(fetch_page, int page; struct tally *tally; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    long bytes = fetch(a->page);
    mutex counter = {0};
    mutex_lock(&counter);
    a->tally->sum.pages++;
    mutex_unlock(&counter);

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
