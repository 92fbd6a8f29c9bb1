// http_server: the other end, for the client to talk to: daemons, one that accepts and one for
// each connection.
//
// Invariants: the task of a connection alone writes to it and closes it; it answers one request
// after the other, in the order in which they came.
//
// Rejected: a handler with a writer to stream to, as Go's (a reply that is a value can be written
// down in a line, and no handler can forget to finish one).
#include "core/heap.h"
#include "core/http_message.h"
#include "core/internal.h"

#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 1 << 20, EXTRA = 256, RETRY = 5 * 1000 * 1000 };

// What http_serve was asked to do; lives as long as the run.
struct service {
    listener *listener;    // where to accept
    http_handler *handler; // answers each request
    void *user;            // for the handler
    site *at;              // of http_serve
};

// One request with the memory its parts point into.
struct asked {
    struct http_request request; // its parts lie in `text`
    char *text;                  // owned, NULL: none
    bool keep_alive;             // the client goes on after it
};

// --- reading a request ----------------------------------------------------------------------------

// Appends a terminated copy at *to and moves on.
static const char *keep(char **to, const char *from, size_t size) {
    char *copy = *to;
    memcpy(copy, from, size);
    copy[size] = 0;
    *to = copy + size + 1;
    return copy;
}

// Copies the head's parts, with room for the body behind them. False: not a request.
static bool asked_from_head(struct asked *a, const struct http_head *head, char **body) {
    struct http_request_line line;
    if (!http_parse_request_line(head->line, head->line_size, &line))
        return false;
    size_t host_size = 0, size = head->content_length > 0 ? (size_t)head->content_length : 0;
    const char *host = http_field(head->headers, head->headers_size, "Host", &host_size);
    if (!host)
        return false;
    char *to = a->text = run_alloc(head->size + host_size + size + 8);
    a->keep_alive = head->keep_alive;
    a->request.method = keep(&to, line.method, line.method_size);
    a->request.path = keep(&to, line.path, line.path_size);
    a->request.host = keep(&to, host, host_size);
    a->request.headers = keep(&to, head->headers, head->headers_size);
    a->request.body = *body = to;
    a->request.body_size = size;
    return true;
}

static err read_body(struct http_stream *in, char *to, size_t size) {
    size_t n = http_stream_take(in, to, size);
    for (size_t got = n; got < size; got += n) {
        err e = conn_read(in->conn, to + got, size - got, &n);
        if (e)
            return e;
    }
    return OK;
}

// The next request. *refusal: the status to answer instead when the result is ERR_PROTOCOL.
static err read_request(struct http_stream *in, struct asked *a, int *refusal) {
    struct http_head head;
    err e = http_stream_head(in, &head, HERE_OF(in->conn));
    *refusal = 400;
    if (e)
        return e;
    if (head.content_length > BODY_MAX) {
        *refusal = 413;
        return ERR_PROTOCOL;
    }
    char *body;
    if (!asked_from_head(a, &head, &body))
        return ERR_PROTOCOL;
    http_stream_take(in, NULL, head.size);
    return read_body(in, body, a->request.body_size);
}

// --- sending a reply --------------------------------------------------------------------------------

static void send_reply(conn *c, const struct http_reply *reply, bool keep_alive) {
    const char *headers = reply->headers ? reply->headers : "";
    const char *ending = keep_alive ? "" : "Connection: close\r\n";
    bool bodiless = reply->status == 204 || reply->status == 304;
    size_t size = reply->body && !bodiless ? reply->body_size : 0;
    size_t room = EXTRA + strlen(headers) + size;
    char length[64] = "";
    if (!bodiless)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", size);
    char *text = run_alloc(room);
    size_t head = (size_t)snprintf(text, room, "HTTP/1.1 %d %s\r\n%s%s%s\r\n", reply->status,
                                   http_status_text(reply->status), length, ending, headers);
    copy_elem(text + head, reply->body, size);
    size_t first = reply->body_after > 0 ? head : head + size;
    conn_write(c, text, first);
    if (first < head + size) {
        task_sleep(reply->body_after);
        conn_write(c, text + first, size);
    }
    run_free(text);
}

// Reads on until the client has closed: a close with bytes unread would reset the connection, and
// the refusal might never be read.
static void linger(conn *c) {
    char waste[1024];
    size_t n;
    while (conn_read(c, waste, sizeof waste, &n) == OK)
        ;
}

// Answers one request. False: the connection is over.
static bool serve_one(const struct service *s, struct http_stream *in) {
    struct asked a = {0};
    struct http_reply reply = {.status = 200};
    int refusal;
    err e = read_request(in, &a, &refusal);
    if (e == ERR_PROTOCOL) {
        reply.status = refusal;
        send_reply(in->conn, &reply, false);
        linger(in->conn);
    }
    bool goes_on = !e && a.keep_alive;
    if (!e) {
        s->handler(&a.request, &reply, s->user);
        goes_on = goes_on && !reply.close;
        send_reply(in->conn, &reply, goes_on);
    }
    run_free(a.text);
    return goes_on;
}

// --- the daemons ----------------------------------------------------------------------------------

struct serve_args {
    const struct service *service; // whose connection it is
    conn *conn;                    // owned by this task
};

static void serve_conn(void *args) {
    struct serve_args *a = args;
    struct http_stream in = {.conn = a->conn};
    conn_own(a->conn);
    while (serve_one(a->service, &in))
        ;
    run_free(in.data);
    conn_close(a->conn);
}

// Out of file descriptors it waits for others to close theirs, as Go's server does.
static void serve(void *args) {
    const struct service *s = *(const struct service **)args;
    conn *client;
    for (err e; (e = net_accept(s->listener, &client)) == OK || e == ERR_LIMIT;) {
        if (e)
            task_sleep(RETRY);
        else
            task_start_daemon_at(serve_conn, "http.serve_conn", &(struct serve_args){s, client},
                                 sizeof(struct serve_args), s->at);
    }
}

listener *http_serve_at(const char *name, http_handler *handler, void *user, site *at) {
    struct service *s = run_alloc_at(sizeof *s, at);
    *s = (struct service){net_listen_at(name, at), handler, user, at};
    task_start_daemon_at(serve, "http.serve", &s, sizeof s, at);
    return s->listener;
}
