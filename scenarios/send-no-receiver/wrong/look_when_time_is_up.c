// idea: a place for the price, and one look at it after 50 ms
// caught by: waits for the price, or for 50 ms
// comment: The place is right, no send waits any more. But every customer now stands there for the
//   whole 50 ms, also those whose price was there at once. To wait for the first of two things is
//   what a select is for.
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);

    task_sleep(PATIENCE);
    return chan_poll(RECV(reply, cents)) == 0;
}
