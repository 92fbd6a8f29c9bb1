// race-unlocked-state: a counter that several tasks increase, outside the lock beside it.
//
// Three pages that take 10 ms each; two that a proxy has at hand, whose tasks meet at the lock in
// every possible order; no page at all; or one page while another site is crawled.
#include "harness/scenario.h"
#include "core/run.h"
#include "exercise.h"

enum { PAGES = 3 };

#define FETCH_TIME (10 * MILLISECOND)
#define HEAD_START (3 * MILLISECOND) // of the crawl beside

struct site_case {
    int from, count; // which of the pages
    int64_t fetch_time;
    bool beside; // another site, of the last page, is being crawled
};
static const struct site_case sites[] = {
    {0, PAGES, FETCH_TIME, false},
    {1, PAGES - 1, 0, false},
    {0, 0, FETCH_TIME, false},
    {0, 1, FETCH_TIME, true},
};

// The largest is neither the first nor the last of three, and the first of the two at hand.
static const int pages[PAGES] = {200, 300, 100};

// Set before the crawl, only read while it runs.
static int64_t fetch_time;

long fetch(int page) {
    env_call("site", fetch_time);
    return page;
}

static struct summary right_summary(const int *first, int count) {
    struct summary right = {.pages = count};
    for (int i = 0; i < count; i++) {
        right.bytes += first[i];
        if (first[i] > right.largest)
            right.largest = first[i];
    }
    return right;
}

static void crawl_and_check(const int *first, int count) {
    struct summary right = right_summary(first, count), s = {-1, -1, -1};
    int64_t start = time_now();
    crawl(first, count, &s);
    int64_t took = time_now() - start;

    check(s.pages == right.pages, "counts every page", "%ld of %ld", s.pages, right.pages);
    check(s.bytes == right.bytes, "sums up all bytes", "%ld of %ld", s.bytes, right.bytes);
    check(s.largest == right.largest, "finds the largest page", "%ld instead of %ld", s.largest,
          right.largest);
    check(took < fetch_time + MILLISECOND, "takes no longer than one page",
          "%lld ms instead of %lld", (long long)(took / MILLISECOND),
          (long long)(fetch_time / MILLISECOND));
}

TASK(site_beside) {
    crawl_and_check(&pages[PAGES - 1], 1);
}

static void drive(void) {
    const struct site_case *c = &sites[choose(sizeof sites / sizeof *sites)];
    fetch_time = c->fetch_time;
    if (c->beside) {
        go(site_beside);
        task_sleep(HEAD_START);
    }
    crawl_and_check(&pages[c->from], c->count);

    int at_once = c->count + c->beside;
    check(fetch_time == 0 || env_most("site") == at_once, "fetches all pages at once",
          "at most %d of %d", env_most("site"), at_once);
    check(!run_was_pressed(), "waits without spinning",
          "time had to pass while a task did nothing but look again");
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
                    "fetches all pages at once", "takes no longer than one page",
                    "waits without spinning"},
         .kept = {"fetches all pages at once", "waits without spinning"}, .slow = true,
         .timed = {"fetches all pages at once", "takes no longer than one page"},
         .grace = NANOSECOND);
