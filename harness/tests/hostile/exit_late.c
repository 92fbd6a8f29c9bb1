// hostile: ends the process well at the end of a block, after everything else
// gets: ended-early
// says: before the run was over
#include "exercise.h"
#include <stdlib.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static void leave(int *now) {
    (void)now;
    exit(0);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    __attribute__((cleanup(leave), unused)) int now = 0;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
