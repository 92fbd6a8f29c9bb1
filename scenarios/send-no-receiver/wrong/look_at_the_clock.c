// idea: no send once the customer's time is up
// caught by: leak
// comment: The clock goes on between the look and the send, and where the machine has something else to
//   do in between the customer has gone by then. A time that was read is always in the past.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; int64_t until; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    if (time_now() < a->until)
        chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    go(ask_exchange, .symbol = symbol, .until = time_now() + PATIENCE, .reply = reply);

    switch (chan_select(RECV(reply, cents), AFTER(PATIENCE))) {
    case 0:
        return true;
    default:
        return false;
    }
}
