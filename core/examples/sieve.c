// sieve: the first primes, by a chain of tasks that each filter out the multiples of one prime.
// (Hoare's CSP, 1978, after McIlroy; Go's favourite example.)
// prints: 2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71
#include "core/core.h"
#include "core/main.h"

#include <stdio.h>

typedef chan_of(int) int_chan;

enum { PRIMES = 20 };

TASK(count_up, int_chan out; ctx *ctx;) {
    for (int i = 2;; i++)
        if (chan_select(SEND(a->out, i), RECV(ctx_done(a->ctx), NULL)) == 1)
            return;
}

TASK(filter, int_chan in; int_chan out; int prime; ctx *ctx;) {
    for (int i;;) {
        if (chan_select(RECV(a->in, &i), RECV(ctx_done(a->ctx), NULL)) == 1)
            return;
        if (i % a->prime && chan_select(SEND(a->out, i), RECV(ctx_done(a->ctx), NULL)) == 1)
            return;
    }
}

static void root(void *arg) {
    (void)arg;
    ctx *context = ctx_with_cancel(ctx_background());
    defer(ctx_cancel, context); // without it every task of the chain is left: try
    int_chan from, to;
    chan_make(&from, 0);
    go(count_up, .out = from, .ctx = context);
    for (int i = 0; i < PRIMES; i++, from = to) {
        int prime;
        chan_recv(from, &prime);
        printf("%d%c", prime, i < PRIMES - 1 ? ' ' : '\n');
        chan_make(&to, 0);
        go(filter, .in = from, .out = to, .prime = prime, .ctx = context);
    }
}

int main(void) {
    return run_main(root, NULL);
}
