// race-unlocked-state: a counter that several tasks increase, outside the lock beside it.
//
// Three pages that take 10 ms each, or two that a proxy has at hand: then their tasks meet at the
// lock in every possible order.
#include "harness/scenario.h"
#include "exercise.h"

enum { PAGES = 3 };

#define FETCH_TIME (10 * MILLISECOND)

// The largest comes first: a page that overwrites it by mistake shows.
static const int pages[PAGES] = {300, 200, 100};

// Set before the crawl, only read while it runs.
static int64_t fetch_time;

long fetch(int page) {
    env_call("site", fetch_time);
    return page;
}

static void drive(void) {
    bool far = choose(2) == 0;
    int count = far ? PAGES : PAGES - 1;
    fetch_time = far ? FETCH_TIME : 0;
    struct summary s = {0};
    int64_t start = time_now();
    crawl(pages, count, &s);
    int64_t took = time_now() - start;

    struct summary right = {.pages = count, .largest = pages[0]};
    for (int i = 0; i < count; i++)
        right.bytes += pages[i];
    check(s.pages == right.pages, "counts every page", "%ld of %ld", s.pages, right.pages);
    check(s.bytes == right.bytes, "sums up all bytes", "%ld of %ld", s.bytes, right.bytes);
    check(s.largest == right.largest, "finds the largest page", "%ld instead of %ld", s.largest,
          right.largest);
    check(!far || env_most("site") == PAGES, "fetches all pages at once", "at most %d of %d",
          env_most("site"), PAGES);
    check(took < fetch_time + MILLISECOND, "takes no longer than one page",
          "%lld ms instead of %lld", (long long)(took / MILLISECOND),
          (long long)(fetch_time / MILLISECOND));
}

TASK(visit_site) {
    struct summary s;
    crawl(pages, PAGES, &s);
}

static void load_sites(load *l) {
    fetch_time = FETCH_TIME;
    while (load_next(l))
        go(visit_site);
}

SCENARIO(.name = "race-unlocked-state", .number = 6, .title = "The counter beside the lock",
         .chapter = "safety",
         .brief = "A crawler fetches pages in tasks of their own and adds them up. There is a\n"
                  "lock, and most of the summary is behind it. The page counter looked too\n"
                  "small to need one.",
         .goal = "Every access to the shared summary must be ordered with every other one.",
         .remember =
             "A lock protects data only when every access to it, reads too, takes the lock.",
         .driver = drive, .load = load_sites, .load_every = 5 * MILLISECOND, .verdict = "race",
         .checks = {"counts every page", "sums up all bytes", "finds the largest page",
                    "fetches all pages at once", "takes no longer than one page"});
