// idea: first find out what is missing, then start exactly that
//
// Two passes: the first fills in what the cache has and lists the rest, the second knows its number
// before it starts anything. One add, as many starts, as many dones, all from the same variable.
#include "exercise.h"

TASK(render_one, int picture; int *thumb; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    *a->thumb = render(a->picture);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    int *missing = run_calloc((size_t)count, sizeof *missing);
    int missing_count = 0;
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        missing[missing_count++] = i;
    }

    waitgroup pending = {0};
    waitgroup_add(&pending, missing_count);
    for (int k = 0; k < missing_count; k++) {
        int i = missing[k];
        go(render_one, .picture = pictures[i], .thumb = &thumbs[i], .pending = &pending);
    }
    waitgroup_wait(&pending);
    run_free(missing);
}
