// idea: no tasks, nothing shared
// caught by: fetches all pages at once
// comment: Right in every count, and a site of a thousand pages takes a thousand times as long as
//   one page.
#include "exercise.h"

void crawl(const int *pages, int count, struct summary *summary) {
    *summary = (struct summary){0};
    for (int i = 0; i < count; i++) {
        long bytes = fetch(pages[i]);
        summary->pages++;
        summary->bytes += bytes;
        if (bytes > summary->largest)
            summary->largest = bytes;
    }
}
