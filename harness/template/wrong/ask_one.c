// idea: ask only one mirror
// caught by: asks all mirrors at the same time
// comment: Nobody is left behind, but the quick mirror may not be the one that is asked.
#include "exercise.h"

int first_answer(void) {
    return mirror_ask(0);
}
