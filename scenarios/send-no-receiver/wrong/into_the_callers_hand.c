// idea: no channel for the price: the helper writes it where the customer wants it
// caught by: leaves *cents alone when it has returned
// comment: A close never waits, so nothing is left behind. But the customer who gave up has gone,
//   and *cents with it: the late price is written into whatever lies there now, in C without a
//   word. What two tasks share must live as long as the longer of them.
#include "exercise.h"

TASK(ask_exchange, int symbol; long *cents; signal_chan here;) {
    *a->cents = exchange_quote(a->symbol);
    chan_close(a->here);
}

bool price_of(int symbol, long *cents) {
    signal_chan here;
    chan_make(&here, 0);
    go(ask_exchange, .symbol = symbol, .cents = cents, .here = here);

    switch (chan_select(RECV(here, NULL), AFTER(PATIENCE))) {
    case 0:
        return true;
    default:
        return false;
    }
}
