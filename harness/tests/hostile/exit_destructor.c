// hostile: ends the process well after everything ran
// gets: tampered
// says: destructor
#include "exercise.h"
#include <unistd.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

__attribute__((__destructor__(101))) static void last(void) {
    _exit(0);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
