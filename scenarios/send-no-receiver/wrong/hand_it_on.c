// idea: the slow send gets a task of its own
// caught by: leak
// comment: The first task ends now; a second one is left in its place. A send that nobody
//   receives is not cured by doing it somewhere else.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(deliver, price_chan reply; long cents;) {
    chan_send(a->reply, a->cents);
}

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    go(deliver, .reply = a->reply, .cents = cents);
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
