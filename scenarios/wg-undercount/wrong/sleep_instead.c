// idea: do not wait for tasks, wait for time
// caught by: returns when the last one is rendered
// comment: A second is far too long for three pictures and too short for three hundred. And time
//   orders nothing: the caller reads thumbnails that, for all the rules say, may still be being
//   written.
#include "exercise.h"

TASK(render_one, int picture; int *thumb;) {
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i]);
    }
    task_sleep(SECOND);
}
