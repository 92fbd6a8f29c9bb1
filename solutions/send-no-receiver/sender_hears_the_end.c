// idea: the sender waits for a receiver or for the end of the request, whichever comes first
//
// The request has a context that ends with price_of, in time or not. Sending and giving up are two
// arms of one select, so there is no moment between them in which the answer could get stuck.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply; ctx *request;) {
    long cents = exchange_quote(a->symbol);
    chan_select(SEND(a->reply, cents), RECV(ctx_done(a->request), NULL));
}

bool price_of(int symbol, long *cents) {
    ctx *request = ctx_with_timeout(ctx_background(), PATIENCE);
    defer(ctx_cancel, request);
    price_chan reply;
    chan_make(&reply, 0);
    go(ask_exchange, .symbol = symbol, .reply = reply, .request = request);

    switch (chan_select(RECV(reply, cents), RECV(ctx_done(request), NULL))) {
    case 0:
        return true;
    default:
        return false;
    }
}
