// The HTTP client against a real server, libmicrohttpd, over real sockets: what a response that is
// never closed leaves behind is no invention of the network in memory.
//
// The server lives in a process of its own, on a free port of the loopback interface. It counts the
// connections it has, in memory that both processes share, and says by a byte in a pipe that one
// has ended, so nobody has to wait for a while and hope.
#include "core/http.h"

#include "core/tests/live.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#if __has_include(<microhttpd.h>)
#include <microhttpd.h>

enum { BIG = 1 << 20, HALF = 1000 };

// What the server has seen.
static struct { _Atomic int port, connections, ended, requests; } * server;
static int ended_pipe[2]; // a byte for each connection that has ended
static pid_t server_process;
static char url[80]; // "http://127.0.0.1:PORT", room for a path

// --- the server -------------------------------------------------------------------------------------

static void on_connection(void *user, struct MHD_Connection *c, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    (void)user, (void)c, (void)socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        server->connections++;
        return;
    }
    server->ended++;
    ssize_t n = write(ended_pipe[1], "", 1);
    (void)n;
}

// Half of what was promised, then the end of the connection.
static ssize_t half_a_body(void *user, uint64_t at, char *buf, size_t size) {
    (void)user;
    if (at >= HALF)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = size < HALF - at ? size : (size_t)(HALF - at);
    memset(buf, 'h', n);
    return (ssize_t)n;
}

static struct MHD_Response *response_to(const char *path) {
    static char big[BIG];
    if (strcmp(path, "/half") == 0)
        return MHD_create_response_from_callback(2 * HALF, 100, half_a_body, NULL, NULL);
    if (strcmp(path, "/big") == 0)
        return MHD_create_response_from_buffer(BIG, big, MHD_RESPMEM_PERSISTENT);
    if (strcmp(path, "/empty") == 0)
        return MHD_create_response_from_buffer(0, big, MHD_RESPMEM_PERSISTENT);
    static char hello[] = "hello";
    return MHD_create_response_from_buffer(5, hello, MHD_RESPMEM_PERSISTENT);
}

// Called for the head, then for each piece of a request's body, then for its end.
static enum MHD_Result answer(void *user, struct MHD_Connection *c, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **request) {
    (void)user, (void)method, (void)version, (void)data;
    static int seen;
    if (!*request) {
        *request = &seen;
        return MHD_YES;
    }
    if (*size) {
        *size = 0;
        return MHD_YES;
    }
    server->requests++;
    struct MHD_Response *r = response_to(path);
    MHD_add_response_header(r, "X-Colour", "dark blue");
    if (strcmp(path, "/close") == 0)
        MHD_add_response_header(r, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(c, strcmp(path, "/lost") ? 200 : 404, r);
    MHD_destroy_response(r);
    return result;
}

static _Noreturn void serve(int ready) {
    struct MHD_Daemon *d = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL, NULL, answer, NULL,
        MHD_OPTION_SOCK_ADDR,
        &(struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_END);
    if (!d)
        _exit(1);
    server->port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
    ssize_t n = write(ready, "", 1);
    (void)n;
    for (;;)
        pause();
}

static void start_server(void) {
    int ready[2];
    char byte;
    server = mmap(NULL, sizeof *server, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(server != MAP_FAILED && pipe(ready) == 0 && pipe(ended_pipe) == 0);
    server_process = fork();
    if (server_process == 0)
        serve(ready[1]);
    close(ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1, "the server does not start");
    close(ready[0]);
}

static void stop_server(void) {
    if (server_process > 0) {
        kill(server_process, SIGKILL);
        waitpid(server_process, NULL, 0);
    }
}

static const char *at_server(const char *path) {
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", server->port, path);
    return url;
}

// Blocks until the server has seen `n` more connections end.
static void await_ends(int n) {
    for (char byte; n > 0; n--)
        cr_assert_eq(read(ended_pipe[0], &byte, 1), 1);
}

TestSuite(live_http, .init = start_server, .fini = stop_server, .timeout = LIVE_TIMEOUT);

// --- what a request brings --------------------------------------------------------------------------

static http_client *client;

// One whole request, done with as it should be.
static err fetch(const char *path, size_t expected) {
    http_response r;
    err e = http_get(client, ctx_background(), at_server(path), &r);
    if (e)
        return e;
    char *data;
    size_t size;
    e = http_body_read_all(&r, &data, &size);
    EXPECT(e || size == expected);
    http_body_close(&r);
    return e;
}

static void reuse_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 2);
    for (int i = 0; i < 10; i++)
        EXPECT(fetch("/", 5) == OK);
    EXPECT(fetch("/big", BIG) == OK);
    EXPECT(fetch("/empty", 0) == OK);
    EXPECT(server->connections == 1 && server->ended == 0);
    http_client_close_idle(client);
}

Test(live_http, requests_one_after_another_use_one_connection) {
    world_live(reuse_root);
    cr_assert(clean());
    cr_assert_eq(server->requests, 12);
    cr_assert_eq(server->connections, 1);
    await_ends(1);
}

static void details_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 1);
    http_response r;
    char colour[20], buf[4];
    size_t n;
    EXPECT(http_get(client, ctx_background(), at_server("/"), &r) == OK);
    EXPECT(r.status == 200 && r.content_length == 5);
    EXPECT(http_header(&r, "x-colour", colour, sizeof colour) && !strcmp(colour, "dark blue"));
    EXPECT(http_body_read(&r, buf, 3, &n) == OK && n > 0 && buf[0] == 'h');
    http_body_close(&r);
    EXPECT(http_body_read(&r, buf, 3, &n) == ERR_CLOSED);
    EXPECT(http_get(client, ctx_background(), at_server("/lost"), &r) == OK && r.status == 404);
    http_body_close(&r);
    static char body[100000];
    EXPECT(http_post(client, ctx_background(), at_server("/"), body, sizeof body, &r) == OK);
    http_body_close(&r);
    http_client_close_idle(client);
}

Test(live_http, status_headers_and_body_are_those_of_the_server) {
    world_live(details_root);
    cr_assert(clean());
    cr_assert_eq(server->requests, 3);
}

TASK(fetches, int rounds; waitgroup *wg;) {
    for (int i = 0; i < a->rounds; i++)
        EXPECT(fetch("/", 5) == OK);
    waitgroup_done(a->wg);
}

static void crowd_root(void *arg) {
    (void)arg;
    static waitgroup wg;
    wg = (waitgroup){0};
    client = http_client_make(.max_conns = 3);
    waitgroup_add(&wg, 12);
    for (int i = 0; i < 12; i++)
        go(fetches, .rounds = 5, .wg = &wg);
    waitgroup_wait(&wg);
    http_client_close_idle(client);
}

Test(live_http, a_crowd_shares_the_connections_there_may_be) {
    world_live(crowd_root);
    cr_assert(clean());
    cr_assert_eq(server->requests, 60);
    cr_assert_geq(server->connections, 1);
    cr_assert_leq(server->connections, 3);
}

// --- a response that nobody closes --------------------------------------------------------------------

static void leak_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 1);
    http_response r;
    EXPECT(http_get(client, ctx_background(), at_server("/big"), &r) == OK);
    ctx *soon = ctx_with_timeout(ctx_background(), MILLISECOND);
    EXPECT(http_get(client, soon, at_server("/"), &r) == ERR_DEADLINE); // its slot is taken
    EXPECT(server->connections == 1 && server->ended == 0);
}

Test(live_http, never_closed_it_leaves_two_tasks_a_connection_and_a_slot_behind) {
    int files = open_files();
    world_live(leak_root);
    cr_assert_eq(world.end, RUN_QUIESCENT);
    cr_assert_eq(left_tasks(NULL, WAIT_NONE), 2);
    cr_assert_eq(left_tasks("http.read_loop", WAIT_SELECT), 1);
    cr_assert_eq(left_tasks("http.write_loop", WAIT_SELECT), 1);
    cr_assert_eq(left_open_count("connection"), 1);
    cr_assert_eq(left_open_count("response body"), 1);
    cr_assert_eq(left_open_count(NULL), 2);
    cr_assert_eq(server->requests, 1, "the second request was never sent");
    await_ends(1);
    cr_assert_eq(open_files(), files, "the run's end closed the socket");
}

static void many_leaks_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 8);
    http_response r;
    for (int i = 0; i < 8; i++)
        EXPECT(http_get(client, ctx_background(), at_server("/"), &r) == OK);
    EXPECT(server->connections == 8 && server->ended == 0);
}

Test(live_http, each_leaks_its_own) {
    world_live(many_leaks_root);
    cr_assert_eq(left_tasks(NULL, WAIT_NONE), 16);
    cr_assert_eq(left_open_count("connection"), 8);
    cr_assert_eq(left_open_count("response body"), 8);
}

static void closed_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 1);
    http_response r;
    for (int i = 0; i < 8; i++) {
        EXPECT(http_get(client, ctx_background(), at_server("/"), &r) == OK);
        http_body_close(&r); // unread
    }
    http_client_close_idle(client);
}

Test(live_http, closing_it_lets_the_connection_be_used_again) {
    world_live(closed_root);
    cr_assert(clean());
    cr_assert_eq(server->requests, 8);
    cr_assert_eq(server->connections, 1);
}

static void cancelled_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 1);
    http_response r;
    ctx *context = ctx_with_cancel(ctx_background());
    EXPECT(http_get(client, context, at_server("/big"), &r) == OK);
    ctx_cancel(context);
    EXPECT(fetch("/", 5) == OK); // the slot is free again
    http_client_close_idle(client);
}

Test(live_http, the_end_of_its_context_ends_a_response_too) {
    world_live(cancelled_root);
    cr_assert(clean());
    cr_assert_eq(server->connections, 2);
}

// --- the server goes away -----------------------------------------------------------------------------

static void half_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 1);
    http_response r;
    EXPECT(http_get(client, ctx_background(), at_server("/half"), &r) == OK);
    EXPECT(r.content_length == 2 * HALF);
    char buf[2 * HALF];
    size_t n, all = 0;
    err e;
    while (!(e = http_body_read(&r, buf, sizeof buf, &n)))
        all += n;
    EXPECT(e == ERR_RESET && all <= HALF);
    EXPECT(http_body_read(&r, buf, sizeof buf, &n) == ERR_RESET);
    http_body_close(&r);
    EXPECT(fetch("/", 5) == OK);
    http_client_close_idle(client);
}

Test(live_http, a_server_that_stops_in_the_middle_of_a_body_is_an_error_to_the_reader) {
    world_live(half_root);
    cr_assert(clean());
    cr_assert_eq(server->connections, 2);
}

static void close_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 1);
    for (int i = 0; i < 3; i++)
        EXPECT(fetch("/close", 5) == OK);
    EXPECT(server->connections == 3);
}

Test(live_http, a_server_that_closes_after_its_answer_gets_a_new_connection) {
    world_live(close_root);
    cr_assert(clean());
}

static void refused_root(void *arg) {
    (void)arg;
    listener *l = net_listen("127.0.0.1:0");
    listener_close(l);
    client = http_client_make(.max_conns = 1);
    http_response r;
    snprintf(url, sizeof url, "http://%s/", listener_address(l));
    for (int i = 0; i < 3; i++) // no attempt keeps the slot
        EXPECT(http_get(client, ctx_background(), url, &r) == ERR_REFUSED);
    EXPECT(http_get(client, ctx_background(), "http://nowhere/", &r) == ERR_UNREACHABLE);
    EXPECT(http_get(client, ctx_background(), "http://[::1/", &r) == ERR_UNREACHABLE);
}

Test(live_http, where_nobody_serves_the_connection_is_refused) {
    world_live(refused_root);
    cr_assert(clean());
    cr_assert_eq(world_count(EV_OPEN), 0);
}

// Says nothing, and closes with the request unread: a reset. `size` bytes of it are read.
TASK(hangs_up, listener *l; size_t size;) {
    conn *c;
    if (net_accept(a->l, &c))
        return;
    char buf[64];
    size_t n;
    conn_read(c, buf, a->size, &n);
    conn_close(c);
}

static void hang_up_root(void *arg) {
    (void)arg;
    listener *l = net_listen("127.0.0.1:0");
    client = http_client_make(.max_conns = 1);
    http_response r;
    snprintf(url, sizeof url, "http://%s/", listener_address(l));
    go(hangs_up, .l = l, .size = 1);
    EXPECT(http_get(client, ctx_background(), url, &r) == ERR_RESET);
    char *body = run_alloc(32 * BIG); // the write is under way when it fails: EPIPE, and no signal
    go(hangs_up, .l = l, .size = 64);
    EXPECT(http_post(client, ctx_background(), url, body, 32 * BIG, &r) == ERR_RESET);
    listener_close(l);
    EXPECT(fetch("/", 5) == OK);
    http_client_close_idle(client);
}

Test(live_http, a_server_that_hangs_up_before_it_answers_resets_the_request) {
    world_live(hang_up_root);
    cr_assert(clean());
}

// --- no file descriptor left ----------------------------------------------------------------------------

static void exhausted_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 4);
    http_response r, other;
    EXPECT(limit_files(2)); // one of them is for epoll
    EXPECT(http_get(client, ctx_background(), at_server("/"), &r) == OK);
    EXPECT(http_get(client, ctx_background(), at_server("/"), &other) == ERR_LIMIT);
    http_body_close(&r);
    EXPECT(fetch("/", 5) == OK); // on the connection that there is
    http_client_close_idle(client);
}

Test(live_http, without_a_file_descriptor_the_request_fails_and_keeps_no_slot) {
    world_live(exhausted_root);
    cr_assert(clean());
    cr_assert_eq(server->connections, 1);
}

// --- our own server ---------------------------------------------------------------------------------------

static void greet(const struct http_request *request, struct http_reply *reply, void *user) {
    (void)user;
    reply->body = strcmp(request->path, "/you") ? "it is me" : "it is you";
    reply->body_size = strlen(reply->body);
}

static void own_root(void *arg) {
    (void)arg;
    listener *l = http_serve("127.0.0.1:0", greet, NULL);
    client = http_client_make(.max_conns = 1);
    http_response r;
    char *data;
    size_t size;
    snprintf(url, sizeof url, "http://%s/you", listener_address(l));
    for (int i = 0; i < 3; i++) {
        EXPECT(http_get(client, ctx_background(), url, &r) == OK);
        EXPECT(http_body_read_all(&r, &data, &size) == OK && strcmp(data, "it is you") == 0);
        http_body_close(&r);
    }
    http_client_close_idle(client);
}

Test(live_http, the_servers_of_scenarios_serve_over_sockets_as_well) {
    world_live(own_root);
    cr_assert(clean());
}

#else

Test(live_http, a_real_server) {
    cr_skip_test("unavailable: needs libmicrohttpd (Debian: libmicrohttpd-dev)");
}

#endif
