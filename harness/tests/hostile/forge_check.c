// hostile: records that its own check has passed
// gets: tampered
// says: scenario_check_at
#include "exercise.h"

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

void scenario_check_at(bool passed, const char *name, site *at, const char *format, ...);

bool price_of(int symbol, long *cents) {
    price_chan reply;
    scenario_check_at(true, "delivers the right price", HERE, "%s", "");
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
