// idea: hand the context down, then wait until every query has heard it
//
// The strictest form: when serve_report returns no query is left, not even one that is about to
// end. The wait is safe only because all queries listen to the request: it takes as long as they
// need to notice. Nothing else is needed to collect the results, each query has its own place.
#include "exercise.h"

// The yearly report is slow, and nothing is slower.
#define LONGEST_REPORT (10 * HOUR)

struct part {
    long rows;
    err error;
};

TASK(ask_shard, int shard; struct part *part; ctx *query; waitgroup *running;) {
    defer(waitgroup_done, a->running);
    a->part->error = shard_rows(a->query, a->shard, &a->part->rows);
}

err serve_report(ctx *request, long *rows) {
    ctx *query = ctx_with_timeout(request, LONGEST_REPORT);
    defer(ctx_cancel, query);
    struct part parts[SHARDS] = {0};
    waitgroup running = {0};
    for (int i = 0; i < SHARDS; i++) {
        waitgroup_add(&running, 1);
        go(ask_shard, .shard = i, .part = &parts[i], .query = query, .running = &running);
    }
    waitgroup_wait(&running);

    long sum = 0;
    for (int i = 0; i < SHARDS; i++) {
        if (parts[i].error != OK)
            return parts[i].error;
        sum += parts[i].rows;
    }
    *rows = sum;
    return OK;
}
