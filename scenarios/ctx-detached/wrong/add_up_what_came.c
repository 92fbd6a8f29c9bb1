// idea: every query ends with the request, so wait for all and add up what they brought
// caught by: says why it stopped
// comment: The context is handed down, nothing is left. But a shard may also fail by itself, and
//   then half a report goes out as a whole one. With the ends of a request come errors that are
//   none; that is no reason to stop looking at them.
#include "exercise.h"

TASK(ask_shard, int shard; long *rows; ctx *request; waitgroup *running;) {
    defer(waitgroup_done, a->running);
    shard_rows(a->request, a->shard, a->rows);
}

err serve_report(ctx *request, long *rows) {
    long parts[SHARDS] = {0};
    waitgroup running = {0};
    for (int i = 0; i < SHARDS; i++) {
        waitgroup_add(&running, 1);
        go(ask_shard, .shard = i, .rows = &parts[i], .request = request, .running = &running);
    }
    waitgroup_wait(&running);

    *rows = 0;
    for (int i = 0; i < SHARDS; i++)
        *rows += parts[i];
    return ctx_err(request);
}
