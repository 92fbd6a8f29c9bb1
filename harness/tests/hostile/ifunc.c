// hostile: a function that is chosen at load
// gets: tampered
// says: ifunc
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static long answer(void) {
    return 7;
}
__attribute__((used)) static void *chosen(void) {
    return (void *)answer;
}
long quick_answer(void) __attribute__((ifunc("chosen")));

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
