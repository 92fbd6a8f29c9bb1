// hostile: ends the run and begins its own
// gets: tampered
// says: run_world
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

int run_world(const void *config, void (*root)(void *), void *arg);
static void nothing(void *arg) {
    (void)arg;
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    run_world(NULL, nothing, NULL);
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
