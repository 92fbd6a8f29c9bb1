// ctl-must-not-report: tasks that each use bytes of their own, side by side, and all read what nobody
// writes any more; and one that hands over a pointer to its stack, and waits.
// expect: PASS
#include "harness/tests/truth/truth.h"

#include <string.h>

static struct {
    char first, second;
    short third;
    char name[4];
} packed;
static const char *word;

TASK(first, waitgroup *wg;) {
    packed.first = word[0];
    waitgroup_done(a->wg);
}

TASK(second, waitgroup *wg;) {
    packed.second = word[1];
    packed.third = 3;
    waitgroup_done(a->wg);
}

TASK(third, waitgroup *wg; int *length;) {
    memcpy(packed.name, word, 4);
    *a->length = (int)strlen(word);
    waitgroup_done(a->wg);
}

void program(void) {
    waitgroup wg = {0};
    int length = 0;
    word = "abc";
    waitgroup_add(&wg, 3);
    go(first, .wg = &wg);
    go(second, .wg = &wg);
    go(third, .wg = &wg, .length = &length);
    waitgroup_wait(&wg);
    check(length == 3 && packed.second == 'b', "all is there", "%d", length);
}
