// idea: let each task count itself
// caught by: every thumbnail is there
// comment: The count is right in the end, but the caller may ask before the first task has run.
//   Then it is still 0, the wait is over before it began, and the page is shown with holes in it.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    waitgroup_add(a->pending, 1);
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    waitgroup *pending = run_alloc(sizeof *pending);
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = pending);
    }
    waitgroup_wait(pending);
}
