// idea: there are three tasks, so add three
// caught by: panic
// comment: Three is what this page needs, not what a page needs. With nothing in the cache the
//   fourth task is one too many: negative WaitGroup counter. Count what you start, do not guess it.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    waitgroup pending = {0};
    waitgroup_add(&pending, 3);
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = &pending);
    }
    waitgroup_wait(&pending);
}
