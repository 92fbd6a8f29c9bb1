// hostile: is not to be instrumented, in the new way of saying it
// gets: tampered
// clang: build
// says: no_sanitize
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static int shared;
[[gnu::no_sanitize_thread]] static void touch(void) {
    shared++;
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    touch();
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
