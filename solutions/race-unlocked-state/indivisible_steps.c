// idea: let the machine do each update in one step
//
// Atomic adds cannot be torn apart, and the maximum is a loop of compare-and-exchange. No lock and
// no waiting, but only each number is safe by itself: whoever needs two of them to agree at every
// moment needs a lock after all.
#include "exercise.h"

#include <stdatomic.h>

struct tally {
    atomic_long pages, bytes, largest;
};

static void raise_to(atomic_long *largest, long bytes) {
    long seen = atomic_load(largest);
    while (bytes > seen && !atomic_compare_exchange_weak(largest, &seen, bytes))
        ;
}

TASK(fetch_page, int page; struct tally *tally; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    long bytes = fetch(a->page);
    atomic_fetch_add(&a->tally->pages, 1);
    atomic_fetch_add(&a->tally->bytes, bytes);
    raise_to(&a->tally->largest, bytes);
}

void crawl(const int *pages, int count, struct summary *summary) {
    struct tally tally = {0};
    waitgroup pending = {0};
    for (int i = 0; i < count; i++) {
        waitgroup_add(&pending, 1);
        go(fetch_page, .page = pages[i], .tally = &tally, .pending = &pending);
    }
    waitgroup_wait(&pending);

    summary->pages = atomic_load(&tally.pages);
    summary->bytes = atomic_load(&tally.bytes);
    summary->largest = atomic_load(&tally.largest);
}
