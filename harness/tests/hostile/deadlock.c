// hostile: waits for nobody
// gets: deadlock
#include "exercise.h"

typedef chan_of(long) price_chan;

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, symbol > 100);
    return chan_recv(reply, cents);
}
