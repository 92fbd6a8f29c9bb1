// hostile: does so in a string over lines
// gets: tampered
// clang: build
// says: (...)
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static const char words[] __attribute__((unused)) = R"(
# 1 "/usr/include/stdlib.h" 1 3 4
)";

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
