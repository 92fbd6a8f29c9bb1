// select-cross-send: two loops send to each other from inside their handlers.
// expect: leak
// left: left: chan send: to_right
// left: right: chan send: to_left
#include "harness/tests/truth/truth.h"

TASK(left, int_chan to_right; int_chan to_left;) {
    chan_send(a->to_right, 1);
    chan_recv(a->to_left, NULL);
}

TASK(right, int_chan to_right; int_chan to_left;) {
    chan_send(a->to_left, 1);
    chan_recv(a->to_right, NULL);
}

void program(void) {
    int_chan to_right, to_left;
    chan_make(&to_right, FIXED ? 1 : 0);
    chan_make(&to_left, FIXED ? 1 : 0);
    go(left, .to_right = to_right, .to_left = to_left);
    go(right, .to_right = to_right, .to_left = to_left);
}
