// hostile: starts tasks without end
// gets: panic
// long
#include "exercise.h"

TASK(start_another, int unused;) {
    for (;;)
        go(start_another, .unused = 0);
}

bool price_of(int symbol, long *cents) {
    go(start_another, .unused = 0);
    *cents = exchange_quote(symbol);
    return true;
}
