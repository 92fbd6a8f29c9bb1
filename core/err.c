// err: the words for expected failures, Go's where Go has them.
//
// Invariant: each has words, which the compiler checks: the switch has no default.
//
// Rejected: errno (its numbers are not these, and strerror speaks the user's language: a log would not
// be the same everywhere).
#include "core/base.h"

const char *err_text(err e) {
    switch (e) {
    case OK:
        return "ok";
    case ERR_CANCELED:
        return "context canceled";
    case ERR_DEADLINE:
        return "context deadline exceeded";
    case ERR_CLOSED:
        return "use of closed connection";
    case ERR_EOF:
        return "EOF";
    case ERR_REFUSED:
        return "connection refused";
    case ERR_RESET:
        return "connection reset by peer";
    case ERR_PROTOCOL:
        return "protocol error";
    case ERR_LIMIT:
        return "limit reached";
    case ERR_IN_USE:
        return "address already in use";
    case ERR_UNREACHABLE:
        return "host unreachable";
    case ERR_DENIED:
        return "permission denied";
    }
    return "unknown error";
}
