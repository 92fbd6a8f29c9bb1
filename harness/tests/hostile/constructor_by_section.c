// hostile: a constructor that does not say so
// gets: tampered
// says: section
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static void first(void) {
    exchange_quote(0);
}
__attribute__((section(".init_array"), used)) static void (*const start)(void) = first;

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
