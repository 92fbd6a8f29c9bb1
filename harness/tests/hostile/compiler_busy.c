// hostile: keeps the compiler busy for ever
// gets: build
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

#define A(x) x x x x x x x x x x x x x x x x
#define B(x) A(A(A(A(x))))
static const int many[] = {B(B(1, ))};

bool price_of(int symbol, long *cents) {
    price_chan reply;
    (void)many;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
