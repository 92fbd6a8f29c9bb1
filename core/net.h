// net: connections. In memory, with latency in the run's time; in a live run (CLOCK_WALL) over TCP.
//
//     listener *l = net_listen("db");              conn *c;
//     conn *c;                                     if (net_dial("db", MILLISECOND, &c))
//     while (net_accept(l, &c) == OK)                  return;
//         go(serve, .c = c);                       defer(conn_close, c);
//
// A connection is two byte streams. What one side writes reaches the other `latency` later, in
// order, and only when the clock moves: with latency 0 at the same time, but after everything that
// can run at that time has run. Reads may return less than was written in one piece.
//
// Live, a name is a numeric address with a port ("127.0.0.1:8080", "[::1]:8080", "localhost:8080";
// ":8080" listens on every address, and port 0 on a free port), the latency is what it is, and no
// more than one task at a time can read or accept, as ever. Whatever a process has only so many of
// (file descriptors above all) is ERR_LIMIT at the call that asks for one more. A run with any other
// clock has no way to a real socket.
//
// Each side has one reader at a time: a second read while one waits panics. Dialled connections
// are resources: one that is never closed is a `resource` verdict at the line that dialled it.
// Accepted ones are not counted; they belong to servers, which run as long as the world.
// Connections and listeners belong to the run and go with it.
//
// The forms with a context are given up when it ends: the wait is over with ctx_err. What can be
// done at once is done, even if the context has ended before (but for a dial).
#pragma once

#include "core/ctx.h"
#include "core/task.h"

typedef struct conn conn;
typedef struct listener listener;

// Listens under a name, which is kept by pointer and must be static. Panics when somebody already
// does, and live when the address cannot be had.
#define net_listen(name) net_listen_at((name), HERE_OF(name))
listener *net_listen_at(const char *name, site *at);

// The same where that is to be expected. ERR_IN_USE: somebody already does. Live also
// ERR_UNREACHABLE: no address of this machine; ERR_DENIED: a port that this process may not have;
// ERR_LIMIT. *out is NULL then.
#define net_try_listen(name, out) net_try_listen_at((name), (out), HERE_OF(name))
err net_try_listen_at(const char *name, listener **out, site *at);

// What to dial to reach the listener: its name; live with the port that it has. Lives as long as
// the run.
const char *listener_address(const listener *l);

// The next connection, in the order they were dialled. Parks until there is one.
// ERR_CLOSED once the listener is closed; live also ERR_LIMIT, the connection then waits for the
// next accept. One task at a time may wait here.
#define net_accept(l, out)          net_accept_at(ctx_background(), (l), (out), HERE_OF(out))
#define net_accept_ctx(ctx, l, out) net_accept_at((ctx), (l), (out), HERE_OF(out))
err net_accept_at(ctx *context, listener *l, conn **out, site *at);

// Stops listening: dials are refused from here on, connections not yet accepted are reset, a
// waiting accept returns ERR_CLOSED. Accepted connections live on. A second close does nothing.
#define listener_close(l) listener_close_at((l), HERE_OF(l))
void listener_close_at(listener *l, site *at);
DEFERRABLE(listener_close, listener *)

// Connects to whoever listens under `name` when `latency` has passed, which is also the latency of
// the connection, each way. Does not wait for the accept. ERR_REFUSED: nobody listens there. Live
// also ERR_UNREACHABLE, ERR_RESET, ERR_DENIED, ERR_LIMIT. *out is NULL then.
#define net_dial(name, latency, out)                                                               \
    net_dial_at(ctx_background(), (name), (latency), NULL, (out), HERE_OF(out))

// The same, given up with ctx_err when the context ends first, or has ended before.
#define net_dial_ctx(ctx, name, latency, out)                                                      \
    net_dial_at((ctx), (name), (latency), NULL, (out), HERE_OF(out))

// `label` is what reports call the connection, a static text; NULL: the source text of `out`.
err net_dial_at(ctx *context, const char *name, int64_t latency, const char *label, conn **out,
                site *at);

// Reads at least one byte and at most `size`; *n says how many. Parks until some have arrived.
// ERR_EOF: the other side closed and everything was read. ERR_RESET: it went away with data
// unread. ERR_CLOSED: this side is closed, also when that happens during the wait.
#define conn_read(c, buf, size, n)                                                                 \
    conn_read_at(ctx_background(), (c), (buf), (size), (n), HERE_OF(c))
#define conn_read_ctx(ctx, c, buf, size, n) conn_read_at((ctx), (c), (buf), (size), (n), HERE_OF(c))
err conn_read_at(ctx *context, conn *c, void *buf, size_t size, size_t *n, site *at);

// Sends all of it. The network in memory holds any amount; live it parks until there is room, and
// of several tasks that write each sends all of its bytes in one piece, in the order they came.
// ERR_CLOSED: this side is closed, also when that happens during the wait. ERR_RESET: the other
// side is known to be gone. After an err live, and when the context ends, a part may have been sent.
#define conn_write(c, buf, size)          conn_write_at(ctx_background(), (c), (buf), (size), HERE_OF(c))
#define conn_write_ctx(ctx, c, buf, size) conn_write_at((ctx), (c), (buf), (size), HERE_OF(c))
err conn_write_at(ctx *context, conn *c, const void *buf, size_t size, site *at);

// Closes both directions: a waiting read of this side returns ERR_CLOSED, the other side reads
// what was written, then ERR_EOF (ERR_RESET if this side leaves data unread). A second close does
// nothing.
#define conn_close(c) conn_close_at((c), HERE_OF(c))
void conn_close_at(conn *c, site *at);
DEFERRABLE(conn_close, conn *)

// Promises that from here on only the calling task writes to and closes this side; another task's
// attempt panics. Its writes then are no choice points, which keeps exploration small.
#define conn_own(c) conn_own_at((c), HERE_OF(c))
void conn_own_at(conn *c, site *at);
