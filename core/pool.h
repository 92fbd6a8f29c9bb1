// pool: objects kept for their next user, instead of being made afresh each time. Go's sync.Pool.
//
//     static void *buffer_new(void) { return run_alloc(sizeof(buffer)); }
//     static pool buffers = {.make = buffer_new};
//     ...
//     buffer *b = pool_get(&buffers);
//     defer(pool_put, &buffers, b);
//
// What led to the put of an object happens before the get that hands it out. Whoever has put one may
// not touch it any more: its next user may have it already. The zero value is an empty pool that
// makes nothing; it may not be copied. A pool keeps pointers and frees nothing: what it holds when
// the run is over goes with the run.
//
// Different from Go: this pool never drops an object (Go's may, at every collection), and hands out
// the one put last; neither may be relied on. It can be told that what is taken must come back.
#pragma once

#include "core/base.h"
#include "core/panic.h"
#include "core/table.h"
#include "core/wait.h"

typedef struct pool {
    void *(*make)(void); // makes an object when there is none (Go's New), NULL: get returns NULL
    const char *lends;   // "buffer": what is taken and never put back is a `resource` verdict by
                         // this name. NULL: nobody asks, as in Go
    struct object object;
    struct table items; // in the pool, by address
    struct table lent;  // taken out, by address, where `lends` says what
} pool;

// An object from the pool, or a new one, made by the caller's task; NULL when nothing can make one.
// Never parks.
#define pool_get(p) pool_get_at((p), HERE_OF(p))
void *pool_get_at(pool *p, site *at);

// Puts an object into the pool, whoever made it; NULL does nothing. Never parks. Panics "pool: put
// of an object that is in the pool already" (Go would hand it to two users). Where the pool lends,
// an object that it did not hand out is `misuse`.
#define pool_put(p, item) pool_put_at((p), (item), HERE_OF(p))
void pool_put_at(pool *p, void *item, site *at);
struct pool_put_args {
    pool *pool;
    void *item;
};
DEFERRABLE_(pool_put, "pool_put_at", struct pool_put_args,
            pool_put_at(d->args.pool, d->args.item, d->call.at))
