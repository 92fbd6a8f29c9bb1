// idea: whoever comes second hears that nobody listens any more
#include "exercise.h"

typedef chan_of(int) int_chan;

TASK(ask, int mirror; int_chan answers; int_chan over;) {
    int answer = mirror_ask(a->mirror), nothing;
    chan_select(SEND(a->answers, answer), RECV(a->over, &nothing));
}

int first_answer(void) {
    int_chan answers, over;
    int answer = 0;
    chan_make(&answers, 0);
    chan_make(&over, 0);
    for (int i = 0; i < MIRRORS; i++)
        go(ask, .mirror = i, .answers = answers, .over = over);
    chan_recv(answers, &answer);
    chan_close(over);
    return answer;
}
