// idea: wait in a helper task, and give up after a second
// caught by: leak
// comment: The caller gets away and the helper takes its place: it waits for ever for the two
//   that were never started, one such task for every page. A timeout around a wait hides a wrong
//   count.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

TASK(wait_for_all, waitgroup *pending; signal_chan all_done;) {
    waitgroup_wait(a->pending);
    chan_close(a->all_done);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    waitgroup *pending = run_alloc(sizeof *pending);
    waitgroup_add(pending, count);
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = pending);
    }
    signal_chan all_done;
    chan_make(&all_done, 0);
    go(wait_for_all, .pending = pending, .all_done = all_done);
    chan_select(RECV(all_done, NULL), AFTER(SECOND));
}
