// idea: count each task where it is started
//
// Add and go stand next to each other, so no path can take one without the other. The add comes
// first: were it in the child, the wait could find a count of zero before the child has begun.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    waitgroup pending = {0};
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        waitgroup_add(&pending, 1);
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = &pending);
    }
    waitgroup_wait(&pending);
}
