// pipeline: three stages of which the last has seen enough. A group's first error ends its context,
// every stage hears of it, and none is left behind.
// prints: limit reached at 1005720
#include "core/core.h"
#include "core/main.h"

#include <stdio.h>

typedef chan_of(long) long_chan;

// Sends unless the context ends first.
static err put(ctx *context, long_chan out, long v) {
    return chan_select(SEND(out, v), RECV(ctx_done(context), NULL)) == 0 ? OK : ctx_err(context);
}

GROUP_TASK(count, ctx *ctx; long_chan out;) {
    defer(chan_close, a->out.raw);
    err e = OK;
    for (long i = 1; !e; i++)
        e = put(a->ctx, a->out, i);
    return e;
}

GROUP_TASK(square, ctx *ctx; long_chan in; long_chan out;) {
    defer(chan_close, a->out.raw);
    err e = OK;
    for (long v; !e && chan_recv(a->in, &v);)
        e = put(a->ctx, a->out, v * v);
    return e;
}

GROUP_TASK(add_up, long_chan in; long limit; long *sum;) {
    for (long v; chan_recv(a->in, &v);)
        if ((*a->sum += v) > a->limit)
            return ERR_LIMIT;
    return OK;
}

static void root(void *arg) {
    (void)arg;
    long sum = 0;
    long_chan numbers, squares;
    chan_make(&numbers, 0);
    chan_make(&squares, 0);
    group g = {0};
    ctx *context = group_with_ctx(&g, ctx_background());
    group_go(&g, count, .ctx = context, .out = numbers);
    group_go(&g, square, .ctx = context, .in = numbers, .out = squares);
    group_go(&g, add_up, .in = squares, .limit = 1000000, .sum = &sum);
    err first = group_wait(&g);
    printf("%s at %ld\n", err_text(first), sum);
}

int main(void) {
    return run_main(root, NULL);
}
