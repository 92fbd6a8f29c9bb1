// hostile: takes 100 GB
// gets: panic
#include "exercise.h"
#include <stdlib.h>
#include <string.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static void *volatile kept[100];

bool price_of(int symbol, long *cents) {
    price_chan reply;
    for (int i = 0; i < 100; i++)
        kept[i] = memset(malloc((size_t)1 << 30), 1, (size_t)1 << 30);
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
