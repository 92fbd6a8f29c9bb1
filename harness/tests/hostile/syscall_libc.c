// hostile: makes a system call by libc
// gets: build
// says: syscall() is refused
#include "exercise.h"
#include <sys/syscall.h>
#include <unistd.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    syscall(SYS_exit_group, 0);
    chan_make(&reply, 1);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
