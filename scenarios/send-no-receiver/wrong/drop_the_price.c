// idea: send only if somebody listens at this very moment
// caught by: delivers a price that comes in time
// comment: Nothing leaks any more, but a quick answer can be there before the customer has begun
//   to listen, and then the price is thrown away. "Nobody listens yet" is not "nobody will".
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_poll(SEND(a->reply, cents));
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    go(ask_exchange, .symbol = symbol, .reply = reply);

    switch (chan_select(RECV(reply, cents), AFTER(PATIENCE))) {
    case 0:
        return true;
    default:
        return false;
    }
}
