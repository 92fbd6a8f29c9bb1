// net_socket: TCP, for live runs.
//
// A name is a numeric address with a port: "127.0.0.1:8080", "[::1]:8080", "localhost:8080", or
// ":8080" for every address of the machine; port 0 asks for a free one. Invariants: a socket never
// blocks; whoever waits for one has tried it since its last change, so the next is told (poll.h).
//
// Rejected: names that a resolver would have to look up (getaddrinfo blocks the one thread there
// is, and libc has no other); SO_LINGER (what the kernel does on close is what net.h says).
#include "core/heap.h"
#include "core/network.h"
#include "core/poll.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct socket_conn {
    conn conn;                 // first: what users have
    struct poll_source source; // its socket
    struct dial_op *dial;      // that waits for the connection to be there
};

struct socket_listener {
    listener listener;                   // first: what users have
    struct poll_source source;           // its socket
    char address[INET6_ADDRSTRLEN + 16]; // with the port that the kernel chose
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

enum { BACKLOG = 4096 };

// --- addresses ------------------------------------------------------------------------------------

static bool parse_port(const char *text, in_port_t *port) {
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    *port = htons((in_port_t)n);
    return *text >= '0' && *text <= '9' && !*end && n <= UINT16_MAX;
}

// The part before the port, without brackets; false: it is too long or there is no port.
static bool split(const char *name, char *host, size_t size, const char **port) {
    const char *colon = strrchr(name, ':');
    if (!colon)
        return false;
    size_t length = (size_t)(colon - name);
    bool bracketed = length >= 2 && name[0] == '[' && colon[-1] == ']';
    if (bracketed)
        name++, length -= 2;
    if (length >= size)
        return false;
    memcpy(host, name, length);
    host[length] = 0;
    *port = colon + 1;
    return bracketed == (strchr(host, ':') != NULL);
}

// False: not an address.
static bool parse_address(const char *name, union address *out, socklen_t *size) {
    char host[INET6_ADDRSTRLEN];
    const char *port;
    memset(out, 0, sizeof *out);
    if (!split(name, host, sizeof host, &port) || !parse_port(port, &out->v4.sin_port))
        return false;
    _Static_assert(offsetof(struct sockaddr_in, sin_port) ==
                       offsetof(struct sockaddr_in6, sin6_port),
                   "the port is at the same place in both");
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        *size = sizeof out->v6;
        return true;
    }
    out->v4.sin_family = AF_INET;
    *size = sizeof out->v4;
    if (strcmp(host, "localhost") == 0)
        out->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else if (*host && inet_pton(AF_INET, host, &out->v4.sin_addr) != 1)
        return false;
    return true;
}

// The address with the port that the kernel has given.
static void print_address(int fd, char *out, size_t size) {
    union address a;
    socklen_t length = sizeof a;
    char host[INET6_ADDRSTRLEN] = "";
    memset(&a, 0, sizeof a);
    getsockname(fd, &a.any, &length);
    bool six = a.any.sa_family == AF_INET6;
    inet_ntop(a.any.sa_family, six ? (void *)&a.v6.sin6_addr : (void *)&a.v4.sin_addr, host,
              sizeof host);
    snprintf(out, size, six ? "[%s]:%u" : "%s:%u", host, ntohs(a.v4.sin_port));
}

static int socket_make(const union address *a) {
    return socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// --- reading and writing --------------------------------------------------------------------------

static bool would_block(int number) {
    return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

static bool socket_read(struct read_op *r) {
    struct socket_conn *c = (struct socket_conn *)r->conn;
    ssize_t n;
    do
        n = recv(c->source.fd, r->buf, r->size, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && would_block(errno))
        return false;
    if (n > 0)
        r->op.value = n;
    else
        r->result = n == 0 ? ERR_EOF : ERR_RESET;
    return true;
}

// Goes on after what has been sent already.
static bool socket_write(struct write_op *w) {
    struct socket_conn *c = (struct socket_conn *)w->conn;
    while ((size_t)w->op.value < w->size) {
        ssize_t n = send(c->source.fd, w->bytes + w->op.value, w->size - (size_t)w->op.value,
                         MSG_NOSIGNAL);
        if (n >= 0) {
            w->op.value += n;
        } else if (errno != EINTR) {
            if (would_block(errno))
                return false;
            w->result = ERR_RESET;
            return true;
        }
    }
    return true;
}

static void write_nothing(struct write_op *w) {
    (void)w;
}

static void serve_reader(struct socket_conn *c) {
    struct waiter *w = c->conn.readers.first;
    if (!w)
        return;
    sanitize_as(w->op->task);
    bool done = socket_read((struct read_op *)w->op);
    sanitize_as(NULL);
    if (done)
        net_complete(w, &c->conn.object);
}

static void serve_writers(struct socket_conn *c) {
    for (struct waiter *w; (w = c->conn.writers.first);) {
        sanitize_as(w->op->task);
        bool done = socket_write((struct write_op *)w->op);
        sanitize_as(NULL);
        if (!done)
            return;
        net_complete(w, &c->conn.object);
    }
}

static void conn_ready(struct poll_source *s);

static void socket_close(conn *c) {
    poll_close(&((struct socket_conn *)c)->source);
}

// --- dialling -------------------------------------------------------------------------------------

static struct socket_conn *conn_make(site *at) {
    struct socket_conn *c = run_alloc_at(sizeof *c, at);
    c->conn.at = at;
    c->source = (struct poll_source){.fd = -1, .ready = conn_ready};
    return c;
}

static conn *dial_make(int64_t latency, site *at) {
    (void)latency;
    return &conn_make(at)->conn;
}

static void set_options(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// Known to the kernel's set before it connects: its end is the first edge.
static err dial_start(struct socket_conn *c, const char *name, bool *over) {
    union address to;
    socklen_t size;
    *over = true;
    if (!parse_address(name, &to, &size))
        return ERR_UNREACHABLE;
    int fd = socket_make(&to);
    if (fd < 0)
        return poll_err(errno);
    set_options(fd);
    err e = poll_open(&c->source, fd);
    if (e)
        return e;
    if (connect(fd, &to.any, size) == 0)
        return OK;
    *over = errno != EINPROGRESS && errno != EINTR;
    return *over ? poll_err(errno) : OK;
}

static bool socket_dial(struct dial_op *d) {
    bool over;
    d->result = dial_start((struct socket_conn *)d->conn, d->name, &over);
    return over;
}

static void dial_wait(struct dial_op *d) {
    ((struct socket_conn *)d->conn)->dial = d;
}

static void dial_stop(struct dial_op *d) {
    ((struct socket_conn *)d->conn)->dial = NULL;
}

static void dial_undo(conn *c) {
    socket_close(c);
    run_free(c);
}

// Whether the connection is there, or can no longer be. A socket that has no peer and no error is
// still on its way.
static bool dial_is_over(struct socket_conn *c, err *result) {
    int number = 0;
    socklen_t size = sizeof number;
    getsockopt(c->source.fd, SOL_SOCKET, SO_ERROR, &number, &size);
    *result = number ? poll_err(number) : OK;
    union address peer;
    size = sizeof peer;
    return number || getpeername(c->source.fd, &peer.any, &size) == 0;
}

static void serve_dial(struct socket_conn *c) {
    struct dial_op *d = c->dial;
    if (dial_is_over(c, &d->result))
        net_complete(&d->waiter, &c->conn.object);
}

static void conn_ready(struct poll_source *s) {
    struct socket_conn *c = (struct socket_conn *)((char *)s -
                                                   offsetof(struct socket_conn, source));
    if (c->dial) {
        serve_dial(c);
        return;
    }
    serve_reader(c);
    serve_writers(c);
}

// --- listening ------------------------------------------------------------------------------------

static err socket_bind(const char *name, int *out) {
    union address here;
    socklen_t size;
    if (!parse_address(name, &here, &size))
        return ERR_UNREACHABLE;
    int fd = socket_make(&here), on = 1;
    if (fd < 0)
        return poll_err(errno);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &here.any, size) || listen(fd, BACKLOG)) {
        err e = poll_err(errno);
        close(fd);
        return e;
    }
    *out = fd;
    return OK;
}

static void listener_ready(struct poll_source *s);

static err socket_listen(const char *address, listener **out) {
    struct socket_listener *l = run_alloc(sizeof *l);
    l->source.ready = listener_ready;
    l->listener.address = l->address;
    int fd = -1;
    err e = socket_bind(address, &fd);
    if (!e)
        e = poll_open(&l->source, fd);
    if (e) {
        run_free(l);
        return e;
    }
    print_address(fd, l->address, sizeof l->address);
    *out = &l->listener;
    return OK;
}

static conn *accept_room(void) {
    return &conn_make(NULL)->conn;
}

// A connection that was reset before anybody accepted it was never there.
static bool socket_accept(struct accept_op *a) {
    struct socket_listener *l = (struct socket_listener *)a->listener;
    struct socket_conn *c = (struct socket_conn *)a->room;
    int fd;
    do
        fd = accept4(l->source.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0 && would_block(errno))
        return false;
    a->result = fd < 0 ? poll_err(errno) : poll_open(&c->source, fd);
    if (!a->result) {
        set_options(fd);
        a->conn = &c->conn;
    }
    return true;
}

static void listener_ready(struct poll_source *s) {
    struct socket_listener *l =
        (struct socket_listener *)((char *)s - offsetof(struct socket_listener, source));
    struct waiter *w = l->listener.acceptors.first;
    if (!w)
        return;
    sanitize_as(w->op->task);
    bool done = socket_accept((struct accept_op *)w->op);
    sanitize_as(NULL);
    if (done)
        net_complete(w, &l->listener.object);
}

static void socket_stop(listener *l) {
    poll_close(&((struct socket_listener *)l)->source);
}

// --- nothing is a choice point --------------------------------------------------------------------

static bool conn_is_quiet(const conn *c) {
    (void)c;
    return false;
}

static bool listener_is_quiet(const listener *l) {
    (void)l;
    return false;
}

const struct network socket_network = {
    .listen = socket_listen,
    .accept = socket_accept,
    .stop = socket_stop,
    .accept_room = accept_room,
    .dial_make = dial_make,
    .dial = socket_dial,
    .dial_wait = dial_wait,
    .dial_stop = dial_stop,
    .dial_undo = dial_undo,
    .read = socket_read,
    .write = socket_write,
    .write_prepare = write_nothing,
    .write_finish = write_nothing,
    .close = socket_close,
    .conn_is_quiet = conn_is_quiet,
    .listener_is_quiet = listener_is_quiet,
};
