// idea: give the one answer a place to land, listened to or not
//
// Each request has its own channel and sends on it once, so room for one element is room for all
// that can ever be sent. The send never waits; a price that comes too late stays in the buffer and
// goes when the channel goes.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);

    switch (chan_select(RECV(reply, cents), AFTER(PATIENCE))) {
    case 0:
        return true;
    default:
        return false;
    }
}
