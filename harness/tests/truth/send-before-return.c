// send-before-return: a function sends on a channel that it has not returned yet.
// expect: leak
// left: caller: chan send: answers
#include "harness/tests/truth/truth.h"

static int_chan ask(void) {
    int_chan answers;
    chan_make(&answers, FIXED ? 1 : 0);
    chan_send(answers, 1);
    return answers;
}

TASK(caller) {
    chan_recv(ask(), NULL);
}

void program(void) {
    go(caller);
}
