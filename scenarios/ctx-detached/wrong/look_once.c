// idea: do not start when the client has gone already
// caught by: outlives
// comment: Looking once, before the work, catches the client who left before it began. The one
//   who leaves later is the usual one. The call that waits must be the one that listens.
#include "exercise.h"

// The yearly report is slow, and nothing is slower.
#define LONGEST_REPORT (10 * HOUR)

struct part {
    long rows;
    err error;
};
typedef chan_of(struct part) part_chan;

TASK(ask_shard, int shard; part_chan parts; ctx *request;) {
    if (ctx_err(a->request) != OK)
        return;
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
        go(ask_shard, .shard = i, .parts = parts, .request = request);

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
