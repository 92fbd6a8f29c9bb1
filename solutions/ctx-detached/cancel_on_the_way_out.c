// idea: whoever starts the queries ends them, however it leaves
//
// serve_report owns one context for all its queries and cancels it on every way out. The queries
// end with the function, even when nobody cancels the request after an early return. It is derived
// from the request all the same, so that deadlines and values reach the shards.
#include "exercise.h"

// The yearly report is slow, and nothing is slower.
#define LONGEST_REPORT (10 * HOUR)

struct part {
    long rows;
    err error;
};
typedef chan_of(struct part) part_chan;

TASK(ask_shard, int shard; part_chan parts; ctx *queries;) {
    struct part p = {0};
    p.error = shard_rows(a->queries, a->shard, &p.rows);
    chan_send(a->parts, p);
}

err serve_report(ctx *request, long *rows) {
    ctx *queries = ctx_with_timeout(request, LONGEST_REPORT);
    defer(ctx_cancel, queries);
    part_chan parts;
    chan_make(&parts, SHARDS);
    for (int i = 0; i < SHARDS; i++)
        go(ask_shard, .shard = i, .parts = parts, .queries = queries);

    long sum = 0;
    for (int i = 0; i < SHARDS; i++) {
        struct part p;
        if (chan_select(RECV(parts, &p), RECV(ctx_done(request), NULL)) == 1)
            return ctx_err(request);
        if (p.error != OK)
            return p.error;
        sum += p.rows;
    }
    *rows = sum;
    return OK;
}
