// idea: no tasks: ask each shard in turn, on the request's context
// caught by: asks all shards at once
// comment: The right context, and nothing can be left behind. But a report now takes the sum of
//   all shards instead of the slowest one.
#include "exercise.h"

err serve_report(ctx *request, long *rows) {
    long sum = 0;
    for (int i = 0; i < SHARDS; i++) {
        long part = 0;
        err e = shard_rows(request, i, &part);
        if (e != OK)
            return e;
        sum += part;
    }
    *rows = sum;
    return OK;
}
