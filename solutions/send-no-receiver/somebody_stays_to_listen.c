// idea: who leaves early leaves somebody behind to take the answer
//
// For every send there is exactly one receive: the customer's, or that of a task that does nothing
// but take the late price and drop it. It costs a task while the exchange is slow, and it works
// when the sender is code that cannot be changed.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

TASK(drop_late_price, price_chan reply;) {
    chan_recv(a->reply, NULL);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    go(ask_exchange, .symbol = symbol, .reply = reply);

    if (chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0)
        return true;
    go(drop_late_price, .reply = reply);
    return false;
}
