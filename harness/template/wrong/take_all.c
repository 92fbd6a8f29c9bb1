// idea: receive every answer, so that nobody is left behind
// caught by: returns the first answer
// comment: Nobody is left behind, but now the caller waits for the slowest, and what it returns is the
//   answer that came last.
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
    for (int i = 0; i < MIRRORS; i++)
        chan_recv(answers, &answer);
    return answer;
}
