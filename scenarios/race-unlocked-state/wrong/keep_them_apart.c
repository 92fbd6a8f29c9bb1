// idea: let the tasks come one by one in time, so that they never meet
// caught by: race
// comment: They do not meet today. Time is a habit and not a promise: nothing orders one
//   increment after the other, and on a slow machine a microsecond is nothing.
#include "exercise.h"

struct tally {
    mutex mu;
    struct summary sum;
};

TASK(fetch_page, int page; int place; struct tally *tally; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    task_sleep((a->place + 1) * MICROSECOND);
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
        go(fetch_page, .page = pages[i], .place = i, .tally = &tally, .pending = &pending);
    }
    waitgroup_wait(&pending);
    *summary = tally.sum;
}
