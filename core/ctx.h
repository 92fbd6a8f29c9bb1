// ctx: cancellation, deadlines and values, handed down a tree of calls.
//
//     ctx *c = ctx_with_timeout(parent, 2 * SECOND);
//     defer(ctx_cancel, c);
//     go(worker, .ctx = c);
//
// Cancelling a context cancels all that were derived from it. Contexts belong to the run.
#pragma once

#include "core/chan.h"
#include "core/task.h"

typedef struct ctx ctx;

// The root of a tree: never cancelled, no deadline, no values.
ctx *ctx_background(void);

// A child that ctx_cancel ends, and that ends with its parent.
#define ctx_with_cancel(parent) ctx_with_cancel_at((parent), HERE_OF(parent))
ctx *ctx_with_cancel_at(ctx *parent, site *at);

// The same, ended also `ns` from now, or at a time of the run's clock. An earlier deadline of the
// parent stays in force.
#define ctx_with_timeout(parent, ns)    ctx_with_timeout_at((parent), (ns), HERE_OF(parent))
#define ctx_with_deadline(parent, when) ctx_with_deadline_at((parent), (when), HERE_OF(parent))
ctx *ctx_with_timeout_at(ctx *parent, int64_t ns, site *at);
ctx *ctx_with_deadline_at(ctx *parent, int64_t when, site *at);

// A child that answers `value` for `key`. Keys are compared by address.
#define ctx_with_value(parent, key, value)                                                         \
    ctx_with_value_at((parent), (key), (value), HERE_OF(parent))
ctx *ctx_with_value_at(ctx *parent, const void *key, void *value, site *at);

// Ends the context and all derived from it; later calls do nothing. Never parks.
#define ctx_cancel(c) ctx_cancel_at((c), HERE_OF(c))
void ctx_cancel_at(ctx *c, site *at);
DEFERRABLE(ctx_cancel, ctx *)

// A channel that is closed when the context ends. The background's is nil: never ready.
signal_chan ctx_done(ctx *c);

// OK while the context lives, then ERR_CANCELED or ERR_DEADLINE.
#define ctx_err(c) ctx_err_at((c), HERE_OF(c))
err ctx_err_at(ctx *c, site *at);

// Whether it has a deadline, and then which (run's clock) in *when.
bool ctx_deadline(const ctx *c, int64_t *when);

// The value for `key` here or in the nearest ancestor, NULL when there is none.
void *ctx_value(const ctx *c, const void *key);

// Sleeps unless the context ends first. Returns OK after the whole time, else ctx_err.
#define ctx_sleep(c, ns) ctx_sleep_at((c), (ns), HERE_OF(c))
err ctx_sleep_at(ctx *c, int64_t ns, site *at);
