// singleflight: of several tasks that ask for the same at the same time one does the work, and all
// get its result. golang.org/x/sync/singleflight.
//
//     static err load_user(void *arg, void **value) { ... }
//     static singleflight users;
//     ...
//     flight f = singleflight_do(&users, "user:7", load_user, &query);
//     if (f.err == OK)
//         show(f.value);
//
// What led to the return of the function happens before any task goes on with its result. The value
// is one for all: it is theirs to read. Once the call has returned, the next one works afresh: this
// keeps nothing. The zero value is ready to use; it may not be copied.
#pragma once

#include "core/base.h"
#include "core/chan.h"
#include "core/table.h"
#include "core/wait.h"

// Does the work: sets *value (NULL before) and returns an err.
typedef err flight_fn(void *arg, void **value);

// What a call came to.
typedef struct flight {
    void *value;
    err err;
    bool shared; // others got the same
} flight;
typedef chan_of(flight) flight_chan;

typedef struct singleflight {
    struct object object;
    struct table calls; // under way, by key
    uint32_t count;     // calls so far
} singleflight;

// Calls fn(arg, &value), unless a call for this key (a text, copied) is under way: then parks until
// that one has returned, and returns its result. An fn that asks for its own key waits for itself
// for ever. If fn panics, all who wait for it panic with the same; if it calls goexit, so do they.
#define singleflight_do(s, key, fn, arg) singleflight_do_at((s), (key), (fn), (arg), HERE_OF(s))
flight singleflight_do_at(singleflight *s, const char *key, flight_fn *fn, void *arg, site *at);

// The same without waiting: the channel, with room for one, gets the result and is never closed. The
// call is made by a task of its own, so what arg points to must last. If fn panics the run ends, for
// nobody could recover; if it calls goexit nothing ever comes, as in Go.
#define singleflight_do_chan(s, key, fn, arg)                                                      \
    singleflight_do_chan_at((s), (key), (fn), #fn, (arg), HERE_OF(s))
flight_chan singleflight_do_chan_at(singleflight *s, const char *key, flight_fn *fn,
                                    const char *name, void *arg, site *at);

// Who asks for this key from here on does not get the result of the call under way, but makes one.
#define singleflight_forget(s, key) singleflight_forget_at((s), (key), HERE_OF(s))
void singleflight_forget_at(singleflight *s, const char *key, site *at);
