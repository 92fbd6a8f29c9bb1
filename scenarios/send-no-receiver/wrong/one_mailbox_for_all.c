// idea: one roomy channel for the whole desk
// caught by: delivers the right price
// comment: Room for many answers keeps the senders moving, but they all land in one box, and the
//   next customer takes the late price of the one before. An answer belongs to its question.
#include "exercise.h"

typedef chan_of(long) price_chan;

static price_chan mailbox;

TASK(ask_exchange, int symbol;) {
    long cents = exchange_quote(a->symbol);
    chan_send(mailbox, cents);
}

bool price_of(int symbol, long *cents) {
    if (mailbox.raw == NULL)
        chan_make(&mailbox, 1000);
    go(ask_exchange, .symbol = symbol);

    switch (chan_select(RECV(mailbox, cents), AFTER(PATIENCE))) {
    case 0:
        return true;
    default:
        return false;
    }
}
