// hostile: gives a name of the core another meaning
// gets: tampered
// says: #define chan_send
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

#define chan_send(channel, value) (void)0

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
