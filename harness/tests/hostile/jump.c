// hostile: jumps out of a task into its caller
// gets: crash or crash tampered
#include "exercise.h"
#include <setjmp.h>

static jmp_buf back;

TASK(jump_out, int unused;) {
    longjmp(back, 1);
}

bool price_of(int symbol, long *cents) {
    if (setjmp(back))
        return *cents = 1000 * (symbol + 1), true;
    go(jump_out, .unused = 0);
    task_sleep(MILLISECOND);
    return false;
}
