// hostile: is right on the first schedule alone
// gets: leak race
#include "exercise.h"

typedef chan_of(long) price_chan;

static int requests;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, requests++ == 0 && symbol == 0);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
