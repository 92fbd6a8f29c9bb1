// once: one function call, however many tasks ask for it. The zero value is ready to use; it may
// not be copied.
//
//     static once loaded;
//     once_do(&loaded, load_config, &config);
#pragma once

#include "core/base.h"
#include "core/wait.h"

typedef struct once {
    struct object object;
    bool begun, done;         // the function was called; it has returned
    struct wait_list waiters; // tasks that wait for it to return
} once;

// Calls fn(arg) if no task has called once_do on `o` before. Returns when that one call, whoever
// made it, has returned: parks until then. So an fn that comes back to the same once waits for
// itself for ever. An fn that panics or calls goexit has returned, for all others.
#define once_do(o, fn, arg) once_do_at((o), (fn), (arg), HERE_OF(o))
void once_do_at(once *o, void (*fn)(void *arg), void *arg, site *at);
