// hostile: has attributes put on everything
// gets: tampered
// says: #pragma
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

#pragma clang attribute push(__attribute__((no_sanitize("thread"))), apply_to = function)
static int shared;
#pragma clang attribute pop

bool price_of(int symbol, long *cents) {
    price_chan reply;
    shared++;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
