// hostile: has variables that are too large to be reset
// gets: build
// says: too large to be reset
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static volatile char large[64 << 20];

bool price_of(int symbol, long *cents) {
    price_chan reply;
    large[symbol] = 1;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
