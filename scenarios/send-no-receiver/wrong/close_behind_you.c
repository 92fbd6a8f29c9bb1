// idea: the customer closes the channel when it leaves
// caught by: panic
// comment: Closing wakes a waiting sender, but only to panic: send on closed channel. A receiver
//   must not close what others still send on. Close is the sender's word for "no more".
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    defer(chan_close, reply.raw);
    go(ask_exchange, .symbol = symbol, .reply = reply);

    switch (chan_select(RECV(reply, cents), AFTER(PATIENCE))) {
    case 0:
        return true;
    default:
        return false;
    }
}
