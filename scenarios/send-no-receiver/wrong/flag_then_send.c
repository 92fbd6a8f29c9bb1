// idea: the customer leaves a note when it goes, and the helper reads it first
// caught by: leak
// comment: The lock guards the note, not what is done by it: the customer may leave between the look
//   and the send. Looking and acting must be one step, as the arms of one select are.
#include "exercise.h"

typedef chan_of(long) price_chan;

struct desk {
    price_chan reply;
    mutex lock;
    bool gone;
};

static bool has_gone(struct desk *d) {
    mutex_lock(&d->lock);
    defer(mutex_unlock, &d->lock);
    return d->gone;
}

TASK(ask_exchange, int symbol; struct desk *desk;) {
    long cents = exchange_quote(a->symbol);
    if (!has_gone(a->desk))
        chan_send(a->desk->reply, cents);
}

bool price_of(int symbol, long *cents) {
    struct desk *d = run_calloc(1, sizeof *d);
    chan_make(&d->reply, 0);
    go(ask_exchange, .symbol = symbol, .desk = d);

    if (chan_select(RECV(d->reply, cents), AFTER(PATIENCE)) == 0)
        return true;
    mutex_lock(&d->lock);
    d->gone = true;
    mutex_unlock(&d->lock);
    return false;
}
