// wg-undercount: a wait group is told of five tasks and three are started.
//
// A page with some of its pictures in the cache, between the others or at both ends, with none, or
// with all; alone, or with a smaller page of the same pictures after it or beside it. Renderings
// take equally long, or the first or the last of them longest, so that no fixed time is right. The
// thumbnails belong to the run, so that a task that is late by mistake has something to write to.
#include "harness/scenario.h"
#include "core/run.h"
#include "exercise.h"

enum { PICTURES = 5, SMALL_PAGE = 2 };
enum { NONE = 0, SECOND_AND_FOURTH = 0xa, FIRST_AND_THIRD = 0x5, ALL = 0x1f };

#define HEAD_START (2 * MILLISECOND) // of the page beside

struct page_case {
    int count;       // pictures on the page
    unsigned cached; // bit i: picture i is in the cache
};
static const struct page_case pages[] = {
    {5, SECOND_AND_FOURTH}, {4, NONE}, {2, ALL}, {3, FIRST_AND_THIRD}};

enum company { ALONE, ONE_AFTER, ONE_BESIDE };

struct day {
    int64_t slope; // how much longer each picture takes than the one before it
    enum company company;
};
static const struct day days[] = {{0, ALONE},
                                  {5 * MILLISECOND, ALONE},
                                  {-5 * MILLISECOND, ALONE},
                                  {5 * MILLISECOND, ONE_AFTER},
                                  {5 * MILLISECOND, ONE_BESIDE}};

static const int pictures[PICTURES] = {11, 12, 13, 14, 15};

// Which pictures are in the cache. Set before the page, only read afterwards, as is the next.
static unsigned cached;

// Of the day's renderings; the third picture always takes 30 ms.
static int64_t slope;

static int right_thumb(int picture) {
    return picture * 10;
}

static bool in_cache(int picture) {
    int i = picture - pictures[0];
    return i >= 0 && i < PICTURES && cached >> i & 1;
}

static int64_t render_time(int picture) {
    return 30 * MILLISECOND + (picture - pictures[2]) * slope;
}

bool thumbnail_cached(int picture, int *thumb) {
    if (!in_cache(picture))
        return false;
    *thumb = right_thumb(picture);
    return true;
}

int render(int picture) {
    env_call("renderer", render_time(picture));
    return right_thumb(picture);
}

static int missing(int count) {
    int n = 0;
    for (int i = 0; i < count; i++)
        n += !in_cache(pictures[i]);
    return n;
}

static int64_t longest_rendering(int count) {
    int64_t longest = 0;
    for (int i = 0; i < count; i++)
        if (!in_cache(pictures[i]) && render_time(pictures[i]) > longest)
            longest = render_time(pictures[i]);
    return longest;
}

// The page of the first `count` pictures.
static void show_page(int count) {
    int *thumbs = run_calloc((size_t)count, sizeof *thumbs);
    int64_t start = time_now();
    make_thumbnails(pictures, thumbs, count);
    int64_t took = time_now() - start;

    int right = 0;
    for (int i = 0; i < count; i++)
        right += thumbs[i] == right_thumb(pictures[i]);
    check(right == count, "every thumbnail is there", "%d of %d", right, count);
    check(took <= longest_rendering(count), "returns when the last one is rendered",
          "after %lld ms instead of %lld", (long long)(took / MILLISECOND),
          (long long)(longest_rendering(count) / MILLISECOND));
}

TASK(page_beside) {
    show_page(SMALL_PAGE);
}

static void check_renderer(int at_once, int in_all) {
    check(env_most("renderer") == at_once, "renders all missing pictures at once",
          "at most %d of %d", env_most("renderer"), at_once);
    check(env_calls("renderer") == in_all, "renders what is missing and nothing else",
          "%d renderings of %d missing pictures", env_calls("renderer"), in_all);
}

static void drive(void) {
    const struct page_case *page = &pages[choose(sizeof pages / sizeof *pages)];
    const struct day *day = &days[choose(sizeof days / sizeof *days)];
    cached = page->cached;
    slope = day->slope;

    if (day->company == ONE_BESIDE) {
        go(page_beside);
        task_sleep(HEAD_START);
    }
    show_page(page->count);
    if (day->company == ONE_AFTER)
        show_page(SMALL_PAGE);

    int of_page = missing(page->count), of_small = missing(SMALL_PAGE);
    check_renderer(of_page + (day->company == ONE_BESIDE ? of_small : 0),
                   of_page + (day->company == ALONE ? 0 : of_small));
    check(!run_was_pressed(), "waits without spinning",
          "time had to pass while a task did nothing but look again");
}

TASK(page) {
    make_thumbnails(pictures, run_calloc(PICTURES, sizeof(int)), PICTURES);
}

static void load_pages(load *l) {
    cached = SECOND_AND_FOURTH;
    while (load_next(l))
        go(page);
}

SCENARIO(.name = "wg-undercount", .number = 4, .title = "Waiting for five, starting three",
         .chapter = "group",
         .brief = "A photo album renders the missing thumbnails of a page, one task each, and\n"
                  "waits for as many tasks as there are pictures. Some pictures were in the\n"
                  "cache. Nobody is rendering those.",
         .goal = "The page must be shown as soon as its last missing thumbnail is rendered.",
         .remember = "Add one where you start one: the two lines belong next to each other.",
         .driver = drive, .load = load_pages, .load_every = 10 * MILLISECOND, .verdict = "deadlock",
         .left = {{.name = "main", .reason = "sync.WaitGroup.Wait", .object = "pending"}},
         .checks = {"every thumbnail is there", "returns when the last one is rendered",
                    "renders all missing pictures at once",
                    "renders what is missing and nothing else", "waits without spinning"},
         .kept = {"renders all missing pictures at once", "waits without spinning"}, .slow = true,
         .timed = {"returns when the last one is rendered", "renders all missing pictures at once",
                   "renders what is missing and nothing else"},
         .grace = NANOSECOND);
