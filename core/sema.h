// sema: a weighted semaphore, golang.org/x/sync/semaphore. It may not be copied.
//
//     sema memory = {.size = 64};
//     if (sema_acquire(&memory, ctx, 16) == OK) {
//         ...
//         sema_release(&memory, 16);
//     }
//
// Who waits is served in the order of arrival, also when the next in line asks for much and somebody
// behind it for little: else small requests could keep a big one out for ever.
#pragma once

#include "core/base.h"
#include "core/ctx.h"
#include "core/wait.h"

typedef struct sema {
    int64_t size; // permits in all: set where it is declared, never changed. 0: none
    struct object object;
    int64_t held;             // permits taken
    struct wait_list waiters; // oldest first
} sema;

// Takes n permits. Parks until they are free and everybody who came before is served, or until the
// context has ended. OK: taken; else ctx_err, and nothing is taken; also when the context had ended
// before, though permits are free. Asking for more than there are at all waits for the end of the
// context. Panics when n is negative.
#define sema_acquire(s, ctx, n) sema_acquire_at((s), (ctx), (n), HERE_OF(s))
err sema_acquire_at(sema *s, ctx *c, int64_t n, site *at);

// Takes n permits if acquire would not park; never parks. True: taken.
#define sema_try(s, n) sema_try_at((s), (n), HERE_OF(s))
bool sema_try_at(sema *s, int64_t n, site *at);

// Gives n permits back. Any task may. Panics "semaphore: released more than held".
#define sema_release(s, n) sema_release_at((s), (n), HERE_OF(s))
void sema_release_at(sema *s, int64_t n, site *at);
