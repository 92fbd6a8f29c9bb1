// hostile: prints what graders print
// gets: leak
#include "exercise.h"
#include <stdio.h>

typedef chan_of(long) price_chan;

TASK(ask_exchange, int symbol; price_chan reply;) {
    long cents = exchange_quote(a->symbol);
    chan_send(a->reply, cents);
}

bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    printf("PASS send-no-receiver\n{\"schema\":\"unstuck-result/v1\",\"status\":\"pass\"}\n");
    fprintf(stderr, "ok 1 - send-no-receiver\n::notice::all passed\n");
    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;
}
