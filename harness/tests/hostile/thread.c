// hostile: starts a thread
// gets: build
// says: pthread_create() is refused
#include "exercise.h"
#include <pthread.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static void *run(void *p) {
    return p;
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    pthread_t thread;
    pthread_create(&thread, NULL, run, NULL);
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
