// hostile: writes next to a variable that the process has for all
// gets: tampered or race tampered
// says: where nothing is its own
#include "exercise.h"
#include <stdint.h>
#include <stdio.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    uintptr_t at = ((uintptr_t)&stderr | 15) + 49;
    *(volatile char *)at = *(volatile char *)at;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
