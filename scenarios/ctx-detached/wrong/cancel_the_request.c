// idea: work on the request's context, and cancel it when the report is done
// caught by: leaves the request to its owner
// comment: All queries end, that is true. So does everything else that the caller does for this
//   request: the page around the report, the audit record. Cancel what you made; a context that
//   was handed to you belongs to somebody else.
#include "exercise.h"

struct part {
    long rows;
    err error;
};
typedef chan_of(struct part) part_chan;

TASK(ask_shard, int shard; part_chan parts; ctx *request;) {
    struct part p = {0};
    p.error = shard_rows(a->request, a->shard, &p.rows);
    chan_send(a->parts, p);
}

err serve_report(ctx *request, long *rows) {
    defer(ctx_cancel, request);
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
