// wg-undercount: a wait group is told of five tasks and three are started.
//
// A page with some of its pictures in the cache, with none, or with all. The thumbnails belong to
// the run, so that a task that is late by mistake has something to write to.
#include "harness/scenario.h"
#include "exercise.h"

enum { PICTURES = 5 };

#define RENDER_TIME (30 * MILLISECOND)

struct page_case {
    int count;  // pictures on the page
    int cached; // of those, the first so many are in the cache
};
static const struct page_case pages[] = {{5, 2}, {4, 0}, {2, 2}};

static const int pictures[PICTURES] = {11, 12, 13, 14, 15};

// How many of the first pictures are in the cache. Set before the page, only read afterwards.
static int cached;

static int right_thumb(int picture) {
    return picture * 10;
}

bool thumbnail_cached(int picture, int *thumb) {
    if (picture >= pictures[0] + cached)
        return false;
    *thumb = right_thumb(picture);
    return true;
}

int render(int picture) {
    env_call("renderer", RENDER_TIME);
    return right_thumb(picture);
}

static void drive(void) {
    const struct page_case *page = &pages[choose(3)];
    int count = page->count;
    cached = page->cached;
    int missing = count - cached;
    int *thumbs = run_calloc((size_t)count, sizeof *thumbs);

    int64_t start = time_now();
    make_thumbnails(pictures, thumbs, count);
    int64_t took = time_now() - start;

    int right = 0;
    for (int i = 0; i < count; i++)
        right += thumbs[i] == right_thumb(pictures[i]);
    int64_t enough = missing > 0 ? RENDER_TIME : 0;
    check(right == count, "every thumbnail is there", "%d of %d", right, count);
    check(took <= enough, "returns when the last one is rendered", "after %lld ms instead of %lld",
          (long long)(took / MILLISECOND), (long long)(enough / MILLISECOND));
    check(env_most("renderer") == missing, "renders all missing pictures at once",
          "at most %d of %d", env_most("renderer"), missing);
    check(env_calls("renderer") == missing, "renders nothing that is in the cache",
          "%d renderings of %d missing pictures", env_calls("renderer"), missing);
}

TASK(page) {
    make_thumbnails(pictures, run_calloc(PICTURES, sizeof(int)), PICTURES);
}

static void load_pages(load *l) {
    cached = 2;
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
                    "renders nothing that is in the cache"});
