// ctx: cancellation, deadlines and values, handed down a tree of calls. Go's context.
//
//     ctx *c = ctx_with_timeout(parent, 2 * SECOND);
//     defer(ctx_cancel, c);
//     go(worker, .ctx = c);
//
// Cancelling a context cancels all that were derived from it, each before those derived from it, in
// the order they were made (Go: in any order), as one step that nobody sees half of. A context that
// has ended is no longer its parent's. Contexts belong to the run.
//
// Different from Go: every context that can end is ended by ctx_cancel, with a cause or without,
// where Go hands out a function; a cause is an err, as what fails is everywhere here.
#pragma once

#include "core/chan.h"
#include "core/task.h"

typedef struct ctx ctx;

// The root of a tree: never cancelled, no deadline, no values.
ctx *ctx_background(void);

// A child that ctx_cancel ends, and that ends with its parent. Panics "cannot create context from
// nil parent", as all that derive do.
#define ctx_with_cancel(parent) ctx_with_cancel_at((parent), HERE_OF(parent))
ctx *ctx_with_cancel_at(ctx *parent, site *at);

// The same, ended also `ns` from now, or at a time of the run's clock. A deadline later than the
// parent's is the parent's.
#define ctx_with_timeout(parent, ns)    ctx_with_timeout_at((parent), (ns), OK, HERE_OF(parent))
#define ctx_with_deadline(parent, when) ctx_with_deadline_at((parent), (when), OK, HERE_OF(parent))

// The same with what ctx_cause says when it is the deadline that ended it; OK: ERR_DEADLINE.
#define ctx_with_timeout_cause(parent, ns, cause)                                                  \
    ctx_with_timeout_at((parent), (ns), (cause), HERE_OF(parent))
#define ctx_with_deadline_cause(parent, when, cause)                                               \
    ctx_with_deadline_at((parent), (when), (cause), HERE_OF(parent))
ctx *ctx_with_timeout_at(ctx *parent, int64_t ns, err cause, site *at);
ctx *ctx_with_deadline_at(ctx *parent, int64_t when, err cause, site *at);

// A child with the parent's values that does not end with it: no deadline, a nil done channel. Not
// to be cancelled; derive from it what is.
#define ctx_without_cancel(parent) ctx_without_cancel_at((parent), HERE_OF(parent))
ctx *ctx_without_cancel_at(ctx *parent, site *at);

// Ends the context and all derived from it; later calls do nothing. Never parks. Panics on one that
// has no end of its own: the background, one made for a value or without cancel.
#define ctx_cancel(c) ctx_cancel_at((c), HERE_OF(c))
void ctx_cancel_at(ctx *c, site *at);
DEFERRABLE(ctx_cancel, ctx *)

// The same, saying why: ctx_err is ERR_CANCELED, ctx_cause is `cause` (OK: ERR_CANCELED too). The
// first to end a context says why, for all that end with it.
#define ctx_cancel_cause(c, cause) ctx_cancel_cause_at((c), (cause), HERE_OF(c))
void ctx_cancel_cause_at(ctx *c, err cause, site *at);

// A channel that is closed when the context ends. Nil for one that cannot end: never ready.
signal_chan ctx_done(ctx *c);

// OK while the context lives, then ERR_CANCELED or ERR_DEADLINE.
#define ctx_err(c) ctx_err_at((c), HERE_OF(c))
err ctx_err_at(ctx *c, site *at);

// OK while the context lives, then why it or the parent it ended with was ended: the cause that was
// given, else what ctx_err says.
#define ctx_cause(c) ctx_cause_at((c), HERE_OF(c))
err ctx_cause_at(ctx *c, site *at);

// Whether it has a deadline, and then which (run's clock) in *when.
bool ctx_deadline(const ctx *c, int64_t *when);

// --- values ---------------------------------------------------------------------------------------

// The type of a key for values of type `type *`. Keys are compared by address: declare one static
// variable for each. What goes in under a key comes out with its type.
//
//     static ctx_key_of(session) session_key;
//     c = ctx_with_value(c, &session_key, s);
//     session *s = ctx_value(c, &session_key);
#define ctx_key_of(type)                                                                           \
    union {                                                                                        \
        char address;                                                                              \
        type *value;                                                                               \
    }

// A child that answers `value` for `key`, a pointer to a key. It ends with its parent. Panics "nil
// key".
#define ctx_with_value(parent, key, v)                                                             \
    ctx_with_value_at((parent), (key), (void *)(1 ? (v) : (key)->value), HERE_OF(parent))
ctx *ctx_with_value_at(ctx *parent, const void *key, void *value, site *at);

// The value for `key` here or in the nearest ancestor, NULL when there is none.
#define ctx_value(c, key) ((__typeof__((key)->value))ctx_value_of((c), (key)))
void *ctx_value_of(const ctx *c, const void *key);

// --- what follows the end ---------------------------------------------------------------------------

typedef struct ctx_after ctx_after;

// Starts task `name` (declared with TASK) with a copy of these arguments when the context ends; at
// once if it has ended. What led to the end happens before the task.
#define ctx_after_func(c, name, ...)                                                               \
    ctx_after_func_at((c), name##_task, #name, &(struct name##_args){__VA_ARGS__},                 \
                      sizeof(struct name##_args), HERE_OF(c))
ctx_after *ctx_after_func_at(ctx *c, task_fn *fn, const char *name, const void *args, size_t size,
                             site *at);

// Keeps the task from being started. True: this call did; false: it has been started (and may still
// be running), or was stopped before. Never parks.
#define ctx_after_stop(a) ctx_after_stop_at((a), HERE_OF(a))
bool ctx_after_stop_at(ctx_after *a, site *at);
DEFERRABLE(ctx_after_stop, ctx_after *)

// --- the run's memory and time ----------------------------------------------------------------------

// Gives the memory of a context back before the run is over. Nobody may use it or its channel any
// more. Panics when it has not ended though it can, or when others derived from it are not freed.
#define ctx_free(c) ctx_free_at((c), HERE_OF(c))
void ctx_free_at(ctx *c, site *at);

// Sleeps unless the context ends first. Returns OK after the whole time, else ctx_err.
#define ctx_sleep(c, ns) ctx_sleep_at((c), (ns), HERE_OF(c))
err ctx_sleep_at(ctx *c, int64_t ns, site *at);
