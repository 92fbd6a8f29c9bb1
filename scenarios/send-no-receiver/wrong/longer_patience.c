// idea: wait long enough for any answer
// caught by: answers within 50 ms
// comment: A longer wait moves the leak, it does not remove it, and every customer of a slow
//   exchange pays for it. Whatever you wait, one day the exchange takes longer.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    go(ask_exchange, .symbol = symbol, .reply = reply);

    switch (chan_select(RECV(reply, cents), AFTER(4 * PATIENCE))) {
    case 0:
        return true;
    default:
        return false;
    }
}
