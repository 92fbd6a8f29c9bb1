// base: the words every other header uses: time, source positions, errors.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Time is int64_t nanoseconds everywhere. Under the virtual clock a run starts at 0.
#define NANOSECOND  ((int64_t)1)
#define MICROSECOND (1000 * NANOSECOND)
#define MILLISECOND (1000 * MICROSECOND)
#define SECOND      (1000 * MILLISECOND)
#define MINUTE      (60 * SECOND)
#define HOUR        (60 * MINUTE)

// A source position of an operation, and the text of the object it names there. One static
// record per call of a public macro; `id` is its number in the event log, given at first use.
typedef struct site {
    const char *file;
    const char *function;
    const char *operand; // "results", "&a->mu"; "" where the operation has no object
    int line;
    uint16_t id;
} site;

// The position of the macro call that contains it; HERE_OF(x) also keeps the text of x.
#define HERE             HERE_TEXT("")
#define HERE_OF(operand) HERE_TEXT(#operand)
#define HERE_TEXT(text)                                                                            \
    ({                                                                                             \
        static site here_ = {__FILE__, __func__, text, __LINE__, 0};                               \
        &here_;                                                                                    \
    })

// Expected failures are values, 0 is success. Misuse is not an err: it panics (panic.h).
typedef enum err {
    OK = 0,
    ERR_CANCELED, // the context was cancelled
    ERR_DEADLINE, // the context's deadline passed
    ERR_CLOSED,   // used after it was closed by this side
    ERR_EOF,      // the other side ended cleanly
    ERR_REFUSED,  // nobody listens there
    ERR_RESET,    // the other side went away in the middle
    ERR_PROTOCOL, // the other side does not speak the protocol
    ERR_LIMIT,    // a stated limit is used up
    ERR_IN_USE,   // somebody already listens there
    // of sockets only (CLOCK_WALL):
    ERR_UNREACHABLE, // not an address, or no way leads to it
    ERR_DENIED,      // this process may not
} err;

// The words for an err ("context canceled", ...). Never NULL; unknown values say so.
const char *err_text(err e);
