// hostile: asks the same by a word put together
// gets: tampered
// says: the same program in every build
// clang: leak
#include "exercise.h"

#define PASTE(a, b) a##b
#if PASTE(__SANI, TIZE_THREAD__)
static const bool watched = true;
#else
static const bool watched = false;
#endif

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, watched);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
