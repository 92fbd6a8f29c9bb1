// exercise: the report service. A report adds up the rows of all shards of a database.
#pragma once

#include "core/core.h"

enum { SHARDS = 2 };

// Yours. Counts the rows of all shards, each asked once, all at once. OK: the sum is in *rows. When
// a shard fails, returns its error. When `request` ends first, because the client left or its
// deadline passed, returns ctx_err(request) at that moment.
//
// Whatever was started for a request ends when the request does, without waiting for anything more.
// The request itself belongs to the caller: this does not end it. Several requests may be served at
// the same time, and none waits for another. As in every exercise, who waits is parked and does not
// look again and again, and no task is a daemon.
err serve_report(ctx *request, long *rows);

// The environment: counts the rows of one shard. Takes about 20 ms, and nine hours for the yearly
// report; a shard in trouble does not answer for a day. When `c` ends it gives up at once and
// returns ctx_err(c). Any other error is the shard's own.
err shard_rows(ctx *c, int shard, long *rows);
