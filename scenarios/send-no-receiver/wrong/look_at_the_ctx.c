// idea: send only while the customer's context lives
// caught by: leak
// comment: Between the look and the send the customer may go away, and the send waits for ever. A look
//   says what was; to hear of the end while it sends, the sender must wait for both in one select.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; ctx *customer; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    if (ctx_err(a->customer) == OK)
        chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    ctx *customer = ctx_with_timeout(ctx_background(), PATIENCE);
    defer(ctx_cancel, customer);
    go(ask_exchange, .symbol = symbol, .customer = customer, .reply = reply);

    switch (chan_select(RECV(reply, cents), RECV(ctx_done(customer), NULL))) {
    case 0:
        return true;
    default:
        return false;
    }
}
