// hostile: jumps into bytes that are a system call
// gets: crash
// says: SIGSEGV
#include "exercise.h"
#include <stdint.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

static const unsigned char code[] = {0xb8, 0xe7, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05, 0xc3};

bool price_of(int symbol, long *cents) {
    price_chan reply;
    ((void (*)(void))(uintptr_t)code)();
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
