// idea: no tasks, nothing to count
// caught by: renders all missing pictures at once
// comment: Nobody waits for anybody, and a page takes three times as long. The tasks were there
//   so that the renderings overlap.
#include "exercise.h"

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    for (int i = 0; i < count; i++) {
        if (!thumbnail_cached(pictures[i], &thumbs[i]))
            thumbs[i] = render(pictures[i]);
    }
}
