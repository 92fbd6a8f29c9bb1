// idea: count each task where it is started, in one wait group for the whole album
// caught by: returns when the last one is rendered
// comment: Every add has its done, the count is right. But it is everybody's count: a page waits
//   for the pictures of all others too, and in a busy album it never comes back to zero. One job,
//   one wait group.
#include "exercise.h"

static waitgroup pending;

TASK(render_one, int picture; int *thumb;) {
    defer(waitgroup_done, &pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        waitgroup_add(&pending, 1);
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i]);
    }
    waitgroup_wait(&pending);
}
