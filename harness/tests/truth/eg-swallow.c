// eg-swallow: a child of a group notes its error down and returns none.
// expect: behaviour
#include "harness/tests/truth/truth.h"

GROUP_TASK(child, bool bad;) {
    err e = a->bad ? ERR_REFUSED : OK;
    return FIXED ? e : OK;
}

void program(void) {
    static group all;
    group_go(&all, child, .bad = false);
    group_go(&all, child, .bad = true);
    err e = group_wait(&all);
    check(e == ERR_REFUSED, "tells the error", "%s", err_text(e));
}
