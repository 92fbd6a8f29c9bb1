// hostile: writes from a variable of its own upwards, on and on
// gets: crash or tampered or crash tampered
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static long mine;

bool price_of(int symbol, long *cents) {
    price_chan reply;
    for (volatile long *p = &mine;; p++)
        *p = 0;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
