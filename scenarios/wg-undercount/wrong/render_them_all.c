// idea: start five, then waiting for five is right
// caught by: renders what is missing and nothing else
// comment: The counts agree again, and the cache is a decoration: pictures that were ready are
//   rendered anew. Make the count fit the work, not the work the count.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    waitgroup pending = {0};
    waitgroup_add(&pending, count);
    for (int i = 0; i < count; i++) {
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = &pending);
    }
    waitgroup_wait(&pending);
}
