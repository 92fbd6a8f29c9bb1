// Connections: what arrives and when, how each end learns of the other's, and who may use them.
#include "core/conformance/conformance.h"

#define OWN_NETWORK .differs = "its network is the machine's"

enum { LATENCY = 5 }; // ms, each way

static conn *client, *server; // the two sides of a connection
static listener *place;

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

TASK(accepts, int unused;) {
    net_accept(place, &server);
}

// Both sides are there at 5 ms.
static void connect_both(void) {
    place = net_listen("place");
    go(accepts, .unused = 0);
    net_dial("place", LATENCY * MILLISECOND, &client);
    sleep_ms(1);
}

static void close_both(void) {
    conn_close(client);
    conn_close(server);
}

// One read, of at most 5 bytes.
static void say_read(conn *c) {
    char bytes[6] = "";
    size_t n;
    err e = conn_read(c, bytes, 5, &n);
    say("%s at %d ms", e ? err_text(e) : bytes, milliseconds());
}

TASK(reads, conn *c;) {
    say_read(a->c);
}

// --- bytes ----------------------------------------------------------------------------------------------

RULE(net_refused, "Where nobody listens a dial is refused, when its latency has passed.",
     "connection refused at 5 ms\n", OWN_NETWORK) {
    err e = net_dial("nowhere", LATENCY * MILLISECOND, &client);
    say("%s at %d ms", err_text(e), milliseconds());
}

RULE(net_arrives, "What is written arrives in order, each piece the latency later.",
     "one at 11 ms\ntwo at 13 ms\n", OWN_NETWORK) {
    connect_both();
    conn_write(client, "one", 3);
    sleep_ms(2);
    conn_write(client, "two", 3);
    say_read(server);
    say_read(server);
    close_both();
}

RULE(net_read_in_pieces, "A read takes what fits; the rest is for the next.",
     "hello at 11 ms\n, you at 11 ms\n", OWN_NETWORK) {
    connect_both();
    conn_write(client, "hello, you", 10);
    say_read(server);
    say_read(server);
    close_both();
}

RULE(net_eof, "After a close the other side reads what was written, then EOF, again and again.",
     "last at 11 ms\nEOF at 11 ms\nEOF at 11 ms\n", OWN_NETWORK) {
    connect_both();
    conn_write(client, "last", 4);
    conn_close(client);
    for (int i = 0; i < 3; i++)
        say_read(server);
    conn_close(server);
}

RULE(net_reset, "A close that leaves something unread is a reset for the other side.",
     "connection reset by peer at 17 ms\n", OWN_NETWORK) {
    connect_both();
    conn_write(client, "unread", 6);
    sleep_ms(6);
    conn_close(server);
    say_read(client);
    conn_close(client);
}

// --- waits that end otherwise -----------------------------------------------------------------------------

RULE(net_closed_under_reader, "A close ends the read of the same side.",
     "use of closed connection at 8 ms\n", OWN_NETWORK) {
    connect_both();
    go(reads, .c = server);
    sleep_ms(2);
    close_both();
}

RULE(net_closed_twice, "A second close does nothing.", "", OWN_NETWORK) {
    connect_both();
    close_both();
    close_both();
}

RULE(net_closed_under_acceptor, "The close of a listener ends the accept, and later dials.",
     "use of closed connection\nconnection refused\n", OWN_NETWORK) {
    place = net_listen("place");
    sleep_ms(1);
    listener_close(place);
    say("%s", err_text(net_accept(place, &server)));
    say("%s", err_text(net_dial("place", 0, &client)));
}

RULE(net_read_given_up, "The end of a context ends a read, and leaves the connection open.",
     "context deadline exceeded at 8 ms\nlate at 13 ms\n", OWN_NETWORK) {
    connect_both();
    ctx *c = ctx_with_timeout(ctx_background(), 2 * MILLISECOND);
    char byte;
    size_t n;
    err e = conn_read_ctx(c, server, &byte, 1, &n);
    say("%s at %d ms", err_text(e), milliseconds());
    conn_write(client, "late", 4);
    say_read(server);
    close_both();
}

RULE(net_never_written, "Without a write a read waits for ever.", "deadlock: IO wait\n",
     OWN_NETWORK) {
    connect_both();
    say_read(server);
}

// --- who may ------------------------------------------------------------------------------------------

RULE(net_two_readers, "A second reader of one side panics.",
     "panic: net: two tasks read from one connection at once\n", OWN_NETWORK) {
    connect_both();
    go(reads, .c = server);
    sleep_ms(1);
    say_read(server);
}

RULE(net_two_acceptors, "A second acceptor of one listener panics.",
     "panic: net: two tasks accept from one listener at once\n", OWN_NETWORK) {
    place = net_listen("place");
    go(accepts, .unused = 0);
    sleep_ms(1);
    net_accept(place, &server);
}

TASK(owns, conn *c;) {
    conn_own(a->c);
}

RULE(net_written_by_another, "A write by a task that does not own its side panics.",
     "panic: net: write or close by a task that does not own the connection\n", OWN_NETWORK) {
    connect_both();
    go(owns, .c = client);
    sleep_ms(1);
    conn_write(client, "mine", 4);
}

RULE(net_owned_by_another, "Owning what another task owns panics.",
     "panic: net: write or close by a task that does not own the connection\n", OWN_NETWORK) {
    connect_both();
    go(owns, .c = client);
    sleep_ms(1);
    conn_own(client);
}

RULE(net_listened_twice, "Listening where somebody listens panics.",
     "panic: net: place is already listened on\n", OWN_NETWORK) {
    net_listen("place");
    net_listen("place");
}

RULE(net_listen_tried, "... unless one says that it was to be expected.",
     "address already in use\n", OWN_NETWORK) {
    listener *l;
    net_listen("place");
    say("%s", err_text(net_try_listen("place", &l)));
}

// --- http ---------------------------------------------------------------------------------------------

RULE(http_less_than_no_connections, "A client with less than no connections panics.",
     "panic: http_client_make: -1 connections\n", .differs = "it takes that for no limit") {
    http_client_make(.max_conns = -1);
}

RULE(http_without_context, "A request without a context panics.", "panic: net/http: nil Context\n",
     .differs = "it returns that as an error") {
    http_response response;
    http_get(http_client_make(), NULL, "http://users/42", &response);
}
