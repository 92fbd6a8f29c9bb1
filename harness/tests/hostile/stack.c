// hostile: calls itself without end
// gets: crash
// says: overflowed its
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static long deeper(volatile long *above) {
    volatile long here = *above + 1;
    return deeper(&here) + here;
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    volatile long top = 0;
    *cents = deeper(&top);
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
