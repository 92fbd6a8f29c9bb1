// http: a small HTTP/1.1 client with a keep-alive pool, and a server for it to talk to.
//
//     http_client *client = http_client_make(.max_conns = 2, .latency = 5 * MILLISECOND);
//     http_response response;
//     err e = http_get(client, ctx, "http://users/42", &response);
//     if (e)
//         return e;
//     defer(http_body_close, &response);
//
// It works as Go's Transport does. Every connection has two tasks of its own, http.read_loop and
// http.write_loop, started by the request that opened it. After handing over a response the read
// loop waits until its body is read to the end or closed; then the connection goes back to the
// pool for the next request. So a response that nobody closes leaves behind two tasks, an open
// connection, a taken slot of the pool and an open `response body`, until its context ends.
// Connections in the pool live until the server ends them or http_client_close_idle is called.
//
// What it speaks: GET and POST, bodies with a Content-Length; heads up to 8 KB. No chunked bodies,
// no bodies that end with the connection, no redirects. A GET that meets a connection which the
// server has just closed is asked again on another.
#pragma once

#include "core/ctx.h"
#include "core/net.h"

// --- client -----------------------------------------------------------------------------------

typedef struct http_client http_client;

struct http_options {
    int max_conns;   // connections per host, in use and idle; 0: 2
    int64_t latency; // of each connection, each way
};

// A client with its own pool: http_client_make(.max_conns = 4, .latency = MILLISECOND).
#define http_client_make(...) http_client_make_at((struct http_options){__VA_ARGS__}, HERE)
http_client *http_client_make_at(struct http_options options, site *at);

enum { HTTP_HEAD_MAX = 8192, HTTP_HEAD_INLINE = 512 };

// An answer. Copies are the same response. All zero: there was none; closing that does nothing.
typedef struct http_response {
    int status;                  // 200, 404, ...
    int64_t content_length;      // bytes of the body
    struct http_conn *conn;      // the rest is for the functions below
    uint64_t serial;             // which exchange on that connection
    err ended;                   // what a further read returns, OK: the body is open
    char *long_head;             // the head where it does not fit in `head`
    char head[HTTP_HEAD_INLINE]; // header lines, NUL-terminated
} http_response;

// Asks for a "http://host/path". Parks until the head of the answer is here; the body is then read
// with http_body_read and must be closed, unless content_length is 0. With all connections of the
// host in use it waits for one. Any status is OK.
// ERR_CANCELED, ERR_DEADLINE: the context ended first; a connection under way is closed and its
// slot given back. ERR_REFUSED, or what else net_dial says: there is no connection. ERR_RESET: the
// server went away before it answered. ERR_PROTOCOL: not a http:// address, or not an answer this
// client understands.
#define http_get(client, ctx, url, response)                                                       \
    http_get_at((client), (ctx), (url), (response), HERE_OF(url))
err http_get_at(http_client *client, ctx *context, const char *url, http_response *response,
                site *at);

// The same, sending `size` bytes.
#define http_post(client, ctx, url, body, size, response)                                          \
    http_post_at((client), (ctx), (url), (body), (size), (response), HERE_OF(url))
err http_post_at(http_client *client, ctx *context, const char *url, const void *body, size_t size,
                 http_response *response, site *at);

// The value of a header, upper and lower case being the same; false: there is none. At most
// size - 1 bytes of it, always terminated.
bool http_header(const http_response *response, const char *name, char *value, size_t size);

// Reads at least one byte of the body and at most `size`; *n says how many. Parks until they have
// arrived. With the last byte the connection goes back to the pool; after it ERR_EOF.
// ERR_RESET: the server went away in the middle. ERR_CLOSED: after the close. ERR_CANCELED,
// ERR_DEADLINE: the request's context ended.
#define http_body_read(response, buf, size, n)                                                     \
    http_body_read_at((response), (buf), (size), (n), HERE_OF(response))
err http_body_read_at(http_response *response, void *buf, size_t size, size_t *n, site *at);

// Reads all of it into new memory of the run, with a NUL behind it. *data is NULL on failure.
#define http_body_read_all(response, data, size)                                                   \
    http_body_read_all_at((response), (data), (size), HERE_OF(response))
err http_body_read_all_at(http_response *response, char **data, size_t *size, site *at);

// Done with the response: the connection goes back to the pool, a rest of the body is skipped
// (more than 256 KB of it: the connection is closed instead). Never waits for the network.
// Fine after the end of the body and after another close.
#define http_body_close(response) http_body_close_at((response), HERE_OF(response))
void http_body_close_at(http_response *response, site *at);
DEFERRABLE(http_body_close, http_response *)

// Closes the connections that are in the pool now; their tasks end. Those in use stay.
#define http_client_close_idle(client) http_client_close_idle_at((client), HERE_OF(client))
void http_client_close_idle_at(http_client *client, site *at);
DEFERRABLE(http_client_close_idle, http_client *)

// --- server -----------------------------------------------------------------------------------

// What a handler is asked. Valid during the call.
struct http_request {
    const char *method;
    const char *path; // from the first slash on
    const char *host;
    const char *headers; // header lines, NUL-terminated
    const char *body;    // NUL-terminated
    size_t body_size;
};

// What it answers.
struct http_reply {
    int status;          // 200 unless the handler says otherwise
    const char *headers; // further header lines, each ending in \r\n; NULL: none
    const char *body;    // kept by pointer until the reply is sent; NULL: empty
    size_t body_size;
    int64_t body_after; // ns between the head and the body of the reply
    bool close;         // end the connection after this reply
};

// Answers one request. May take its time (task_sleep) to model a slow server.
typedef void http_handler(const struct http_request *request, struct http_reply *reply, void *user);

// Serves under a host name: daemons accept connections and answer on each, one request after
// another, keeping it alive. Closing the listener stops new connections. `name` must be static.
#define http_serve(name, handler, user) http_serve_at((name), (handler), (user), HERE_OF(name))
listener *http_serve_at(const char *name, http_handler *handler, void *user, site *at);
