// idea: every picture is accounted for, by its task or on the spot
//
// The count stays "one per picture", which is easy to check against the page, and the branch that
// starts nobody says done itself. It takes one more such line for each new branch: an early return
// added next year brings the bug back.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    waitgroup pending = {0};
    waitgroup_add(&pending, count);
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i])) {
            waitgroup_done(&pending);
            continue;
        }
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = &pending);
    }
    waitgroup_wait(&pending);
}
