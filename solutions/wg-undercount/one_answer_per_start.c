// idea: each task sends its thumbnail, the caller takes as many as it started
//
// No counter is shared. The number of receives is a local variable of the one who starts the tasks,
// so it cannot be wrong in another place. The channel has room for all answers, which is why no
// task waits on its way out.
#include "exercise.h"

struct rendered {
    int index;
    int thumb;
};
typedef chan_of(struct rendered) rendered_chan;

TASK(render_one, int index; int picture; rendered_chan answers;) {
    struct rendered answer = {a->index, render(a->picture)};
    chan_send(a->answers, answer);
}

void make_thumbnails(const int *pictures, int *thumbs, int count) {
    rendered_chan answers;
    chan_make(&answers, (size_t)count);
    int started = 0;
    for (int i = 0; i < count; i++) {
        if (thumbnail_cached(pictures[i], &thumbs[i]))
            continue;
        go(render_one, .index = i, .picture = pictures[i], .answers = answers);
        started++;
    }

    for (; started > 0; started--) {
        struct rendered answer;
        chan_recv(answers, &answer);
        thumbs[answer.index] = answer.thumb;
    }
}
