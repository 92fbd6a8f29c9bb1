// idea: let nobody go before all queries are back
// caught by: ends with the request
// comment: Nothing is left behind, because the client is kept until the last query ends, ten
//   hours if need be. Waiting for children is good; without telling them to stop it is a trap.
#include "exercise.h"

// The yearly report is slow, and nothing is slower.
#define LONGEST_REPORT (10 * HOUR)

struct part {
    long rows;
    err error;
};
typedef chan_of(struct part) part_chan;

TASK(ask_shard, int shard; part_chan parts; waitgroup *queries;) {
    defer(waitgroup_done, a->queries);
    ctx *query = ctx_with_timeout(ctx_background(), LONGEST_REPORT);
    defer(ctx_cancel, query);
    struct part p = {0};
    p.error = shard_rows(query, a->shard, &p.rows);
    chan_send(a->parts, p);
}

err serve_report(ctx *request, long *rows) {
    waitgroup queries = {0};
    defer(waitgroup_wait, &queries);
    waitgroup_add(&queries, SHARDS);
    part_chan parts;
    chan_make(&parts, SHARDS);
    for (int i = 0; i < SHARDS; i++)
        go(ask_shard, .shard = i, .parts = parts, .queries = &queries);

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
