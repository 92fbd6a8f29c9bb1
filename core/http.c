// http: the client, its pool, and the two tasks of every connection.
//
// Who does what: the requester takes a slot or an idle connection, hands its request over, waits
// for the answer, and gives the connection back when the body is done. The read loop reads the
// head of each answer, then waits until the body is done with or the context ends. The write loop
// alone writes to the connection and closes it (conn_own), so its operations are no choice points.
//
// Invariants:
//   - `slots` holds one element for every connection in use or idle, and for every dial under way.
//     Its holder gives it back, or passes it on together with the connection: the requester until
//     the answer is here; while a body is open, whoever ends the connection first; the pool.
//   - a connection is in at most one place: with one requester, with its read loop (skipping the
//     rest of a body), or in `idle`. One that ended while idle stays there until somebody takes
//     it out and uses its slot for a new one.
//   - `ending` is set before `closed` is closed, by the one task that closes it. The write loop
//     then closes the connection, which ends the read loop's wait.
// Every decision directly follows a channel operation, without another operation in between.
//
// Rejected: a list of idle connections behind a mutex (a requester has to wait for a slot and its
// context at once, which is a select); a channel of errors beside the answers (one more operation
// per request, and each multiplies the schedules to explore).
#include "core/http.h"

#include "core/heap.h"
#include "core/http_message.h"
#include "core/internal.h"
#include "core/panic.h"
#include "core/resource.h"
#include "core/select.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_CONNS = 2, SKIP_MAX = 256 * 1024 };

// A request as it goes over the connection. Owned by the requester, then by the write loop.
struct text {
    char *bytes; // owned by whoever has the text
    size_t size; // how many
};
typedef chan_of(struct text) text_chan;
typedef chan_of(struct http_conn *) http_conn_chan;

// What the client knows of one host.
struct host {
    char *name;          // as in the URL
    size_t name_size;    // without the NUL
    const char *place;   // what to dial
    int64_t latency;     // of connections to it
    http_conn_chan idle; // connections that wait for a request; room for all
    signal_chan slots;   // a send takes one, a receive gives it back
    struct host *next;   // of the same client
};

struct http_client {
    struct http_options options; // as given, or the defaults
    struct host *hosts;          // asked so far, newest first
};

struct http_conn {
    struct host *host;     // whose slot it has
    conn *conn;            // what its two loops read and write
    struct http_stream in; // what the server sent
    text_chan requests;    // to the write loop
    signal_chan answers;   // from the read loop: a head is read; room for one
    signal_chan body_done; // to the read loop
    signal_chan closed;    // closed when the connection ends
    bool ending;           // somebody has closed `closed`, or is about to
    err why;               // it ended, for whoever waits for an answer or reads a body
    struct text first;     // the request that opened the connection
    uint64_t serial;       // number of the exchange, which has these:
    ctx *context;          // the requester's
    bool asked;            // a request is under way
    bool answered;         // its head is read
    bool has_body;         // it has a body, which ...
    bool body_open;        // ... the requester may read
    bool reading;          // ... and a task is waiting to read
    int status;            // of the answer
    char *headers;         // of the answer, for the requester to take
    bool keep_alive;       // the server goes on after the answer
    int64_t left;          // bytes of the body not yet read
    resource body;         // "response body", open as long as body_open
};

// --- the pool -----------------------------------------------------------------------------------

static void slot_give(struct host *h) {
    chan_recv(h->slots, NULL);
}

// Takes the right to a connection: an idle one, else a slot for a new one (*out is NULL).
static err slot_take(struct host *h, ctx *context, struct http_conn **out) {
    *out = NULL;
    switch (chan_poll(RECV(h->idle, out), RECV(ctx_done(context), NULL))) {
    case 0:
        return OK;
    case 1:
        return ctx_err(context);
    }
    if (chan_select(SEND(h->slots, 1), RECV(h->idle, out), RECV(ctx_done(context), NULL)) == 2)
        return ctx_err(context);
    return OK;
}

// The caller is about to look at or change what the tasks around a connection share, between two
// operations. Who watches the run must know.
static void meet(const struct http_conn *c) {
    touch(operand_at(c), ROLE_CHANGE);
}

// Ends the connection; its tasks follow. False: somebody else already did.
static bool conn_end(struct http_conn *c, err why) {
    meet(c);
    if (c->ending)
        return false;
    c->ending = true;
    c->why = why;
    chan_close(c->closed);
    return true;
}

static void conn_retire(struct http_conn *c, err why) {
    conn_end(c, why);
    slot_give(c->host);
}

// Byte by byte: requesters share the list without synchronisation, which a sanitizer would see in
// a library call.
static bool host_is(const struct host *h, const char *name, size_t size) {
    size_t same = 0;
    while (same < size && same < h->name_size && h->name[same] == name[same])
        same++;
    return same == size && same == h->name_size;
}

// Live an address needs its port, which is 80 where the URL says none.
static const char *place_of(const struct host *h) {
    const char *colon = strrchr(h->name, ':'), *bracket = strrchr(h->name, ']');
    if (!run_is_live() || (colon && (!bracket || bracket < colon)))
        return h->name;
    size_t room = h->name_size + sizeof ":80";
    char *place = run_alloc(room);
    snprintf(place, room, "%s:80", h->name);
    return place;
}

static struct host *host_make(http_client *client, const char *name, size_t size, site *at) {
    struct host *h = run_alloc_at(sizeof *h, at);
    size_t conns = (size_t)client->options.max_conns;
    h->name = run_alloc_at(size + 1, at);
    h->name_size = size;
    copy_elem(h->name, name, size);
    h->place = place_of(h);
    h->latency = client->options.latency;
    h->idle.raw = chan_make_named(sizeof(struct http_conn *), conns, "http.idle", at);
    h->slots.raw = chan_make_named(1, conns, "http.slots", at);
    touch(operand_at(client), ROLE_CHANGE);
    h->next = client->hosts;
    client->hosts = h;
    return h;
}

static struct host *host_find(http_client *client, const char *name, size_t size, site *at) {
    touch(operand_at(client), ROLE_LOOK);
    struct host *h = client->hosts;
    while (h && !host_is(h, name, size))
        h = h->next;
    return h ? h : host_make(client, name, size, at);
}

http_client *http_client_make_at(struct http_options options, site *at) {
    if (options.max_conns < 0)
        panic_at(at, "http_client_make: %d connections", options.max_conns);
    http_client *client = run_alloc_at(sizeof *client, at);
    client->options = options;
    if (!options.max_conns)
        client->options.max_conns = DEFAULT_CONNS;
    return client;
}

void http_client_close_idle_at(http_client *client, site *at) {
    (void)at;
    touch(operand_at(client), ROLE_LOOK);
    for (struct host *h = client->hosts; h; h = h->next)
        for (struct http_conn *c; chan_poll(RECV(h->idle, &c)) == 0;)
            conn_retire(c, ERR_CLOSED);
}

// --- the write loop -----------------------------------------------------------------------------

// A write that fails needs no word here: the read loop meets the same end of the connection.
static void write_loop(void *args) {
    struct http_conn *c = *(struct http_conn **)args;
    struct text request = c->first;
    conn_own(c->conn);
    do {
        conn_write(c->conn, request.bytes, request.size);
        run_free(request.bytes);
    } while (chan_select(RECV(c->requests, &request), RECV(c->closed, NULL)) == 0);
    conn_close(c->conn);
}

// --- the read loop ------------------------------------------------------------------------------

// Takes the head apart and out of the stream. Anything that was not asked for breaks the
// connection, as does a body whose end nobody could find.
static err understand(struct http_conn *c, const struct http_head *head) {
    c->status = http_parse_status_line(head->line, head->line_size);
    bool bodiless = c->status == 204 || c->status == 304;
    if (!c->asked || c->status < 200 || (!bodiless && head->content_length < 0))
        return ERR_PROTOCOL;
    c->left = bodiless ? 0 : head->content_length;
    c->has_body = c->left > 0;
    c->keep_alive = head->keep_alive;
    c->headers = run_alloc(head->headers_size + 1);
    copy_elem(c->headers, head->headers, head->headers_size);
    http_stream_take(&c->in, NULL, head->size);
    c->asked = false;
    c->answered = true;
    return OK;
}

// Reads the head of the next answer and says so. False: the connection is over.
static bool read_answer(struct http_conn *c) {
    struct http_head head;
    err e = http_stream_head(&c->in, &head, HERE_OF(c->conn));
    meet(c);
    if (c->ending)
        return false;
    if (e == ERR_RESET && !http_stream_ready(&c->in))
        e = ERR_EOF; // before the first byte the two mean the same
    if (!e)
        e = understand(c, &head);
    if (e) {
        conn_end(c, e);
        return false;
    }
    chan_send(c->answers, 1);
    return true;
}

// While the body is open its slot belongs to whoever ends the connection.
static void abort_body(struct http_conn *c, err why, site *at) {
    if (!conn_end(c, why))
        return;
    meet(c);
    if (c->body_open)
        resource_close_at(&c->body, at);
    c->body_open = false;
    slot_give(c->host);
}

// Reads on to where the next answer starts, then the connection is idle.
static bool skip_body(struct http_conn *c) {
    char waste[1024];
    while (c->left > 0) {
        size_t n, size = c->left < (int64_t)sizeof waste ? (size_t)c->left : sizeof waste;
        if (conn_read(c->conn, waste, size, &n)) {
            abort_body(c, ERR_RESET, HERE);
            return false;
        }
        meet(c);
        c->left -= (int64_t)n;
    }
    chan_send(c->host->idle, c);
    return true;
}

// Waits until the requester is done with the body. False: the connection is over.
static bool await_body(struct http_conn *c) {
    meet(c);
    if (!c->has_body)
        return true;
    switch (chan_select(RECV(c->body_done, NULL), RECV(ctx_done(c->context), NULL),
                        RECV(c->closed, NULL))) {
    case 0:
        meet(c);
        return c->left == 0 || skip_body(c);
    case 1:
        abort_body(c, ctx_err(c->context), HERE);
    }
    return false;
}

static void read_loop(void *args) {
    struct http_conn *c = *(struct http_conn **)args;
    while (read_answer(c) && await_body(c))
        ;
    run_free(c->in.data);
    c->in = (struct http_stream){.conn = c->conn};
}

// --- a request ----------------------------------------------------------------------------------

// What is asked.
struct question {
    const char *method, *url; // as the caller said
    const void *body;         // NULL: none
    size_t size;              // how many
};

// "http://host/path", taken apart.
struct address {
    const char *host, *path; // both within the URL
    size_t host_size;        // the path goes on to the end
};

static bool parse_url(const char *url, struct address *out) {
    static const char scheme[] = "http://";
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return false;
    for (const char *s = url; *s; s++)
        if (*s <= ' ' || *s == 0x7f)
            return false;
    out->host = url + sizeof scheme - 1;
    out->host_size = strcspn(out->host, "/");
    out->path = out->host[out->host_size] ? out->host + out->host_size : "/";
    return out->host_size > 0;
}

// The request as text; false: its head is longer than a head may be.
static bool compose(const struct question *q, const struct address *to, struct text *out) {
    char length[64] = "";
    if (q->body)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", q->size);
    char *bytes = run_alloc(HTTP_HEAD_MAX + 1 + q->size);
    int n = snprintf(bytes, HTTP_HEAD_MAX + 1, "%s %s HTTP/1.1\r\nHost: %.*s\r\n%s\r\n", q->method,
                     to->path, (int)to->host_size, to->host, length);
    if (n < 0 || n > HTTP_HEAD_MAX) {
        run_free(bytes);
        return false;
    }
    copy_elem(bytes + n, q->body, q->size);
    *out = (struct text){bytes, (size_t)n + q->size};
    return true;
}

static void exchange_begin(struct http_conn *c, ctx *context) {
    c->serial++;
    c->context = context;
    c->asked = true;
    c->answered = false;
}

// Gives the request to the write loop. False: the connection has ended, nothing was sent.
static bool hand_over(struct http_conn *c, ctx *context, struct text request) {
    meet(c);
    if (c->ending)
        return false;
    exchange_begin(c, context);
    return chan_select(SEND(c->requests, request), RECV(c->closed, NULL)) == 0;
}

static struct http_conn *conn_make(struct host *h, conn *line, site *at) {
    struct http_conn *c = run_alloc_at(sizeof *c, at);
    c->host = h;
    c->conn = c->in.conn = line;
    c->requests.raw = chan_make_named(sizeof(struct text), 0, "http.requests", at);
    c->answers.raw = chan_make_named(1, 1, "http.answers", at);
    c->body_done.raw = chan_make_named(1, 0, "http.body_done", at);
    c->closed.raw = chan_make_named(1, 0, "http.closed", at);
    return c;
}

// A new connection with its two tasks, the request under way. Needs a slot, and keeps it.
static err conn_open(struct host *h, ctx *context, struct text request, struct http_conn **out,
                     site *at) {
    conn *line;
    err e = net_dial_at(context, h->place, h->latency, "connection", &line, at);
    if (e)
        return e;
    struct http_conn *c = *out = conn_make(h, line, at);
    c->first = request;
    exchange_begin(c, context);
    task_start_at(read_loop, "http.read_loop", &c, sizeof c, at);
    task_start_at(write_loop, "http.write_loop", &c, sizeof c, at);
    return OK;
}

// A connection with the request under way, and a slot for it.
static err send_request(struct host *h, ctx *context, struct text request, struct http_conn **out,
                        site *at) {
    err e = slot_take(h, context, out);
    if (!e && *out && hand_over(*out, context, request))
        return OK;
    if (!e && (e = conn_open(h, context, request, out, at)))
        slot_give(h);
    if (e)
        run_free(request.bytes);
    return e;
}

// Moves the header lines into the response, so that they outlive the exchange.
static void response_take_headers(http_response *r, struct http_conn *c) {
    size_t size = strlen(c->headers) + 1;
    if (size > sizeof r->head) {
        r->long_head = c->headers;
    } else {
        memcpy(r->head, c->headers, size);
        run_free(c->headers);
    }
    c->headers = NULL;
}

// Whether the next request may use the connection: it is to go on, and all that came was asked for.
static bool is_reusable(const struct http_conn *c) {
    return c->keep_alive && !http_stream_ready(&c->in);
}

// The answer is here: fills in the response. Without a body the exchange is over.
static void deliver(struct http_conn *c, http_response *r, site *at) {
    r->status = c->status;
    r->content_length = c->left;
    response_take_headers(r, c);
    if (c->has_body) {
        r->conn = c;
        r->serial = c->serial;
        c->body_open = true;
        resource_open_at(&c->body, "response body", at);
        return;
    }
    r->ended = ERR_EOF;
    if (is_reusable(c))
        chan_send(c->host->idle, c);
    else
        conn_retire(c, ERR_CLOSED);
}

// The context ended first. Once a body is on its way, the read loop sees the same and cleans up.
static err give_up(struct http_conn *c, ctx *context) {
    err e = ctx_err(context);
    meet(c);
    if (!c->answered || !c->has_body)
        conn_retire(c, e);
    return e;
}

static err await_answer(struct http_conn *c, ctx *context, http_response *r, site *at) {
    if (chan_select(RECV(c->answers, NULL), RECV(c->closed, NULL), RECV(ctx_done(context), NULL)) ==
        2)
        return give_up(c, context);
    meet(c);
    if (!c->answered) {
        slot_give(c->host);
        return c->why;
    }
    if (c->ending && c->has_body) // the read loop saw the context end before we came to look
        return c->why;
    deliver(c, r, at);
    return OK;
}

// One attempt. ERR_EOF: the server went away before it said anything; *reused: on a connection
// from the pool, which it may have closed before it got the request.
static err attempt(http_client *client, ctx *context, const struct question *q, http_response *r,
                   bool *reused, site *at) {
    struct address to;
    struct text request;
    *reused = false;
    if (!parse_url(q->url, &to) || !compose(q, &to, &request))
        return ERR_PROTOCOL;
    struct host *h = host_find(client, to.host, to.host_size, at);
    struct http_conn *c;
    err e = send_request(h, context, request, &c, at);
    if (e)
        return e;
    meet(c);
    *reused = c->serial > 1;
    return await_answer(c, context, r, at);
}

// A request that changes nothing is asked again where the pool had only a dead connection. Each
// attempt uses one up, so this ends.
static err round_trip(http_client *client, ctx *context, const struct question *q, http_response *r,
                      site *at) {
    if (!context)
        panic_at(at, "net/http: nil Context");
    *r = (http_response){0};
    bool reused;
    err e;
    do
        e = attempt(client, context, q, r, &reused, at);
    while (e == ERR_EOF && reused && !q->body);
    return e == ERR_EOF ? ERR_RESET : e;
}

err http_get_at(http_client *client, ctx *context, const char *url, http_response *response,
                site *at) {
    return round_trip(client, context, &(struct question){"GET", url, NULL, 0}, response, at);
}

err http_post_at(http_client *client, ctx *context, const char *url, const void *body, size_t size,
                 http_response *response, site *at) {
    const struct question q = {"POST", url, body ? body : "", size};
    return round_trip(client, context, &q, response, at);
}

bool http_header(const http_response *response, const char *name, char *value, size_t size) {
    const char *head = response->long_head ? response->long_head : response->head;
    size_t n;
    const char *found = http_field(head, strlen(head), name, &n);
    if (size)
        snprintf(value, size, "%.*s", found ? (int)n : 0, found ? found : "");
    return found != NULL;
}

// --- the body -----------------------------------------------------------------------------------

// The connection whose body this is, while it is open; NULL: what a read returns is in *why.
static struct http_conn *body_of(const http_response *r, err *why) {
    struct http_conn *c = r->conn;
    if (c)
        meet(c);
    bool mine = c && c->serial == r->serial;
    *why = r->ended ? r->ended : mine && c->ending ? c->why : ERR_CLOSED;
    return mine && c->body_open && !r->ended ? c : NULL;
}

// The body is done with: the connection is used again where its stream is in order. The read loop
// hears of it before the next requester can, so it is never late for the next answer.
static void body_end(struct http_conn *c, bool broken, site *at) {
    meet(c);
    c->body_open = false;
    resource_close_at(&c->body, at);
    c->left -= (int64_t)http_stream_take(&c->in, NULL, (size_t)c->left);
    if (broken || c->reading || !is_reusable(c) || c->left > SKIP_MAX) {
        if (conn_end(c, ERR_CLOSED))
            slot_give(c->host);
        return;
    }
    bool skip = c->left > 0;
    if (chan_select(SEND(c->body_done, 1), RECV(c->closed, NULL)) == 0 && !skip)
        chan_send(c->host->idle, c);
}

// Some bytes of an open body, from the stream or else from the connection.
static err body_take(struct http_conn *c, void *buf, size_t size, size_t *n, site *at) {
    if (size > (size_t)c->left)
        size = (size_t)c->left;
    *n = http_stream_take(&c->in, buf, size);
    if (*n)
        return OK;
    c->reading = true;
    err e = conn_read_at(ctx_background(), c->conn, buf, size, n, at);
    meet(c);
    c->reading = false;
    return c->ending ? c->why : e;
}

err http_body_read_at(http_response *response, void *buf, size_t size, size_t *n, site *at) {
    *n = 0;
    err e;
    struct http_conn *c = body_of(response, &e);
    if (!c || size == 0)
        return c ? OK : e;
    e = body_take(c, buf, size, n, at);
    if (e) {
        if (c->body_open)
            body_end(c, true, at);
        *n = 0;
        return response->ended = e == ERR_EOF ? ERR_RESET : e;
    }
    sanitize_wrote(buf, *n, CALLER);
    c->left -= (int64_t)*n;
    if (c->left == 0) {
        response->ended = ERR_EOF;
        body_end(c, false, at);
    }
    return OK;
}

err http_body_read_all_at(http_response *response, char **data, size_t *size, site *at) {
    err e;
    struct http_conn *c = body_of(response, &e);
    size_t want = c ? (size_t)c->left : 0;
    *data = NULL;
    *size = 0;
    if (!c && e != ERR_EOF)
        return e;
    char *all = run_alloc_at(want + 1, at);
    for (size_t n; *size < want; *size += n) {
        e = http_body_read_at(response, all + *size, want - *size, &n, at);
        if (e) {
            run_free(all);
            *size = 0;
            return e;
        }
    }
    *data = all;
    return OK;
}

void http_body_close_at(http_response *response, site *at) {
    err e;
    struct http_conn *c = body_of(response, &e);
    if (!response->ended)
        response->ended = e;
    if (!c)
        return;
    body_end(c, false, at);
}
