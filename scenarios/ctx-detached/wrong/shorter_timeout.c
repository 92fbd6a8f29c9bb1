// idea: ten hours are too long; one second is plenty
// caught by: outlives
// comment: The queries still do not hear that the client has gone, they only run out sooner. A
//   timeout is a guess about how long work may take; the end of the request is a fact.
#include "exercise.h"

#define LONGEST_REPORT SECOND

struct part {
    long rows;
    err error;
};
typedef chan_of(struct part) part_chan;

TASK(ask_shard, int shard; part_chan parts;) {
    ctx *query = ctx_with_timeout(ctx_background(), LONGEST_REPORT);
    defer(ctx_cancel, query);
    struct part p = {0};
    p.error = shard_rows(query, a->shard, &p.rows);
    chan_send(a->parts, p);
}

err serve_report(ctx *request, long *rows) {
    part_chan parts;
    chan_make(&parts, SHARDS);
    for (int i = 0; i < SHARDS; i++)
        go(ask_shard, .shard = i, .parts = parts);

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
