// idea: close the channel when the first answer is here
// caught by: panic
// comment: Closing wakes the second task, but only to panic: send on closed channel. A receiver must
//   not close what others still send on.
#include "exercise.h"

typedef chan_of(int) int_chan;

TASK(ask, int mirror; int_chan answers;) {
    chan_send(a->answers, mirror_ask(a->mirror));
}

int first_answer(void) {
    int_chan answers;
    int answer = 0;
    chan_make(&answers, 0);
    for (int i = 0; i < MIRRORS; i++)
        go(ask, .mirror = i, .answers = answers);
    chan_recv(answers, &answer);
    chan_close(answers);
    return answer;
}
