// idea: do not count the pictures that are in the cache
// caught by: deadlock
// comment: This counts those at the beginning of the page. One that stands between two new ones is
//   counted and not started. A second way of counting is right as long as it agrees with the
//   first; count where you start, and there is only one.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    int cached = 0;
    while (cached < count && thumbnail_cached(pictures[cached], &thumbs[cached]))
        cached++;

    waitgroup pending = {0};
    waitgroup_add(&pending, count - cached);
    for (int i = cached; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = &pending);
    }
    waitgroup_wait(&pending);
}
