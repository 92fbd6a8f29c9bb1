// idea: share nothing: every task has a place of its own, one task adds up
//
// Each task writes one element that no other task touches, and the caller sums up after the wait.
// No lock, nothing to wait for; it costs memory for one number a page.
#include "exercise.h"

TASK(fetch_page, int page; long *bytes; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->bytes = fetch(a->page);
}

void crawl(const int *pages, int count, struct summary *summary) {
    long *bytes = run_calloc((size_t)count, sizeof *bytes);
    waitgroup pending = {0};
    for (int i = 0; i < count; i++) {
        waitgroup_add(&pending, 1);
        go(fetch_page, .page = pages[i], .bytes = &bytes[i], .pending = &pending);
    }
    waitgroup_wait(&pending);

    *summary = (struct summary){.pages = count};
    for (int i = 0; i < count; i++) {
        summary->bytes += bytes[i];
        if (bytes[i] > summary->largest)
            summary->largest = bytes[i];
    }
    run_free(bytes);
}
