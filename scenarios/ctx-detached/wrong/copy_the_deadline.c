// idea: give the root context the request's deadline
// caught by: outlives
// comment: Half the way: a deadline is only one of the ways in which a request ends. When the
//   client hangs up before it, the query hears nothing. Derive the context instead of copying what
//   it says at one moment.
#include "exercise.h"

struct part {
    long rows;
    err error;
};
typedef chan_of(struct part) part_chan;

TASK(ask_shard, int shard; part_chan parts; int64_t deadline;) {
    ctx *query = ctx_with_deadline(ctx_background(), a->deadline);
    defer(ctx_cancel, query);
    struct part p = {0};
    p.error = shard_rows(query, a->shard, &p.rows);
    chan_send(a->parts, p);
}

err serve_report(ctx *request, long *rows) {
    int64_t deadline = time_now() + 10 * HOUR;
    ctx_deadline(request, &deadline);
    part_chan parts;
    chan_make(&parts, SHARDS);
    for (int i = 0; i < SHARDS; i++)
        go(ask_shard, .shard = i, .parts = parts, .deadline = deadline);

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
