// The HTTP client: what a request brings, what a response holds on to until it is done with, and
// that whatever happens to a request no task, connection or slot of the pool is lost.
#include "core/http.h"

#include "core/net.h"
#include "core/tests/aftermath.h"

enum { LATENCY = 5 * 1000 * 1000, BIG = 300 * 1024 }; // 5 ms

// --- the server of most tests ---------------------------------------------------------------------

static int asked, at_once, most_at_once;
static char big[BIG];

static const char *path_number(const char *path, const char *prefix) {
    size_t n = strlen(prefix);
    return strncmp(path, prefix, n) == 0 ? path + n : NULL;
}

// What it answers depends on the path.
static void answer(const struct http_request *request, struct http_reply *reply, void *user) {
    EXPECT(user == &asked && strcmp(request->host, "place") == 0);
    asked++;
    at_once++;
    if (at_once > most_at_once)
        most_at_once = at_once;
    const char *n;
    reply->body = "hello";
    if ((n = path_number(request->path, "/slow/"))) // ms
        task_sleep(atoi(n) * MILLISECOND);
    else if ((n = path_number(request->path, "/status/")))
        reply->status = atoi(n);
    else if ((n = path_number(request->path, "/late/"))) // body after ms
        reply->body_after = atoi(n) * MILLISECOND;
    else if ((n = path_number(request->path, "/big/"))) // bytes
        reply->body = big, reply->body_size = (size_t)atoi(n), reply->body_after = MILLISECOND;
    else if (strcmp(request->path, "/empty") == 0)
        reply->body = NULL;
    else if (strcmp(request->path, "/close") == 0)
        reply->close = true;
    else if (strcmp(request->path, "/echo") == 0)
        reply->body = request->body, reply->body_size = request->body_size;
    else
        reply->headers = "X-Colour: dark blue\r\nX-Empty:\r\n";
    if (!reply->body_size && reply->body)
        reply->body_size = strlen(reply->body);
    at_once--;
}

static http_client *client;
static http_response response;

static void set_up(int max_conns) {
    asked = at_once = most_at_once = 0;
    http_serve("place", answer, &asked);
    client = http_client_make(.max_conns = max_conns, .latency = LATENCY);
}

// One whole request; the error of the first step that failed.
static err fetch(ctx *c, const char *url) {
    http_response r;
    err e = http_get(client, c, url, &r);
    if (e)
        return e;
    char *data;
    size_t size;
    e = http_body_read_all(&r, &data, &size);
    EXPECT(e || size == (size_t)r.content_length);
    http_body_close(&r);
    return e;
}

// Connections opened by clients.
static int dials(void) {
    int n = 0;
    for (uint64_t i = 0; i < world.log->head; i++)
        n += world.log->events[i].kind == EV_OPEN &&
             strcmp(event_name(made(world.log->events[i].object)), "connection") == 0;
    return n;
}

// --- what a request brings ------------------------------------------------------------------------

static void get_root(void *arg) {
    (void)arg;
    set_up(2);
    EXPECT(http_get(client, ctx_background(), "http://place/a", &response) == OK);
    EXPECT(time_now() == 3 * LATENCY); // dial, request, answer
    EXPECT(response.status == 200 && response.content_length == 5);
    char value[16];
    EXPECT(http_header(&response, "x-colour", value, sizeof value));
    EXPECT(strcmp(value, "dark blue") == 0);
    EXPECT(http_header(&response, "X-Colour", value, 5) && strcmp(value, "dark") == 0);
    EXPECT(http_header(&response, "X-Empty", value, sizeof value) && !*value);
    EXPECT(!http_header(&response, "X-Col", value, sizeof value) && !*value);
    char buf[3];
    size_t n;
    EXPECT(http_body_read(&response, buf, 3, &n) == OK && n == 3 && memcmp(buf, "hel", 3) == 0);
    EXPECT(http_body_read(&response, buf, 3, &n) == OK && n == 2 && memcmp(buf, "lo", 2) == 0);
    EXPECT(http_body_read(&response, buf, 3, &n) == ERR_EOF && n == 0);
    http_body_close(&response);
    http_body_close(&response);
    EXPECT(http_body_read(&response, buf, 3, &n) == ERR_EOF);
    http_client_close_idle(client);
}

Test(http, a_get_brings_status_headers_and_body) {
    EVERY_WORLD(get_root, 300) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(world_count(EV_MISUSE), 0);
    }
}

static void read_all_root(void *arg) {
    (void)arg;
    set_up(1);
    char *data;
    size_t size;
    EXPECT(http_get(client, ctx_background(), "http://place/slow/7", &response) == OK);
    EXPECT(http_body_read_all(&response, &data, &size) == OK);
    EXPECT(size == 5 && strcmp(data, "hello") == 0);
    EXPECT(http_body_read_all(&response, &data, &size) == OK && size == 0 && !*data);
    http_body_close(&response);
    EXPECT(http_post(client, ctx_background(), "http://place/echo", "a\0b", 3, &response) == OK);
    EXPECT(http_body_read_all(&response, &data, &size) == OK);
    EXPECT(size == 3 && memcmp(data, "a\0b", 4) == 0);
    EXPECT(http_post(client, ctx_background(), "http://place/echo", NULL, 0, &response) == OK);
    EXPECT(response.content_length == 0);
    http_client_close_idle(client);
}

Test(http, a_whole_body_is_read_and_a_post_sends_one) {
    EVERY_WORLD(read_all_root, 50) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 1);
    }
}

static void empty_root(void *arg) {
    (void)arg;
    set_up(1);
    static const struct {
        const char *url;
        int status;
    } rows[] = {{"http://place/empty", 200},
                {"http://place/status/204", 204},
                {"http://place/status/304", 304},
                {"http://place/empty", 200}};
    for (int i = 0; i < 4; i++) {
        EXPECT(http_get(client, ctx_background(), rows[i].url, &response) == OK);
        EXPECT(response.status == rows[i].status && response.content_length == 0);
        char byte;
        size_t n;
        EXPECT(http_body_read(&response, &byte, 1, &n) == ERR_EOF);
    }
    http_client_close_idle(client);
}

Test(http, a_response_without_a_body_need_not_be_closed) {
    EVERY_WORLD(empty_root, 100) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 1);
    }
}

// --- what an open response holds --------------------------------------------------------------------

static uint32_t leak_line;

static void leak_root(void *arg) {
    (void)arg;
    set_up(2);
    http_response r;
    leak_line = __LINE__ + 1;
    EXPECT(http_get(client, ctx_background(), "http://place/a", &r) == OK);
    EXPECT(r.status == 200);
}

Test(http, a_body_never_closed_leaves_two_tasks_a_connection_and_a_body) {
    EVERY_WORLD(leak_root, 300) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(left_tasks(NULL, WAIT_NONE), 2, "%s", world_name());
        cr_assert_eq(left_tasks("http.read_loop", WAIT_SELECT), 1);
        cr_assert_eq(left_tasks("http.write_loop", WAIT_SELECT), 1);
        cr_assert_eq(left_open_count(NULL), 2);
        cr_assert_eq(left_open_count("connection"), 1);
        cr_assert_eq(left_open_count("response body"), 1);
    }
}

Test(http, what_is_left_points_to_the_line_of_the_request) {
    EVERY_WORLD(leak_root, 20) {
        cr_assert_eq(event_log_site(world.log, left_open("connection", 0)->site).line, leak_line);
        cr_assert_eq(event_log_site(world.log, left_open("response body", 0)->site).line,
                     leak_line);
        for (uint32_t n = 0; n < world_count(EV_GO); n++) {
            const event *e = world_event(EV_GO, n);
            if (!left_waiting(e->peer) || e->task == EVENT_CLOCK)
                continue;
            cr_assert_eq(e->task, 0);
            cr_assert_eq(event_log_site(world.log, e->site).line, leak_line);
        }
    }
}

static void idle_root(void *arg) {
    (void)arg;
    set_up(2);
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
}

Test(http, an_idle_connection_stays_with_its_reader_in_an_io_wait) {
    EVERY_WORLD(idle_root, 100) {
        cr_assert_eq(left_tasks(NULL, WAIT_NONE), 2, "%s", world_name());
        cr_assert_eq(left_tasks("http.read_loop", WAIT_IO), 1);
        cr_assert_eq(left_tasks("http.write_loop", WAIT_SELECT), 1);
        cr_assert_eq(left_open_count("connection"), 1);
        cr_assert_eq(left_open_count("response body"), 0);
    }
}

// --- the pool -----------------------------------------------------------------------------------

static void reuse_root(void *arg) {
    (void)arg;
    set_up(3);
    for (int i = 0; i < 5; i++) {
        EXPECT(http_get(client, ctx_background(), "http://place/a", &response) == OK);
        if (i % 2)
            http_body_close(&response); // unread
        else
            EXPECT(http_body_read(&response, (char[8]){0}, 8, &(size_t){0}) == OK);
    }
    EXPECT(time_now() == (1 + 5 * 2) * LATENCY);
    http_client_close_idle(client);
    http_client_close_idle(client);
}

Test(http, a_body_read_to_its_end_or_closed_gives_the_connection_to_the_next_request) {
    EVERY_WORLD(reuse_root, 300) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 1);
    }
}

static void exhausted_root(void *arg) {
    (void)arg;
    set_up(1);
    ctx *none = ctx_background();
    EXPECT(http_get(client, none, "http://place/a", &response) == OK); // not closed yet
    int64_t start = time_now();
    EXPECT(fetch(ctx_with_timeout(none, SECOND), "http://place/b") == ERR_DEADLINE);
    EXPECT(time_now() - start == SECOND);
    ctx *cancelled = ctx_with_cancel(none);
    ctx_cancel(cancelled);
    EXPECT(fetch(cancelled, "http://place/b") == ERR_CANCELED);
    EXPECT(asked == 1);
    http_body_close(&response);
    EXPECT(fetch(none, "http://place/b") == OK);
    http_client_close_idle(client);
}

Test(http, a_request_that_gets_no_slot_in_time_fails_and_loses_none) {
    EVERY_WORLD(exhausted_root, 200) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 1);
    }
}

static void never_a_slot_root(void *arg) {
    (void)arg;
    set_up(1);
    EXPECT(http_get(client, ctx_background(), "http://place/a", &response) == OK);
    http_get(client, ctx_background(), "http://place/b", &response);
    EXPECT(false);
}

Test(http, with_all_connections_in_use_a_request_waits_in_a_select) {
    EVERY_WORLD(never_a_slot_root, 20) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(event_wait_reason(left_waiting(0)), WAIT_SELECT, "%s", world_name());
        const event *arm = NULL;
        for (uint32_t n = 0; n < world_count(EV_ARM); n++)
            if (world_event(EV_ARM, n)->task == 0)
                arm = world_event(EV_ARM, n);
        cr_assert_not_null(arm);
        cr_assert_eq(left_tasks(NULL, WAIT_SELECT), 2);
    }
}

static waitgroup all;

TASK(fetch_one, err *result; const char *url; int64_t patience;) {
    defer(waitgroup_done, &all);
    ctx *c = ctx_with_timeout(ctx_background(), a->patience);
    *a->result = fetch(c, a->url);
    ctx_cancel(c);
}

static void crowd_root(void *arg) {
    (void)arg;
    enum { CROWD = 6 };
    err results[CROWD];
    all = (waitgroup){0};
    set_up(2);
    for (int i = 0; i < CROWD; i++) {
        waitgroup_add(&all, 1);
        go(fetch_one, .result = &results[i], .url = "http://place/slow/10", .patience = MINUTE);
    }
    waitgroup_wait(&all);
    for (int i = 0; i < CROWD; i++)
        EXPECT(results[i] == OK);
    EXPECT(asked == CROWD);
    EXPECT(most_at_once == 2);
    EXPECT(time_now() == LATENCY + 3 * (2 * LATENCY + 10 * MILLISECOND));
    http_client_close_idle(client);
}

Test(http, a_crowd_shares_the_connections_and_is_no_slower_than_it_must) {
    EVERY_WORLD(crowd_root, 300) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 2);
    }
}

static void two_hosts_root(void *arg) {
    (void)arg;
    set_up(1);
    http_serve("elsewhere", answer, &asked);
    EXPECT(http_get(client, ctx_background(), "http://place/a", &response) == OK);
    http_response other;
    // the handler checks for "place", so ask where nobody serves instead of what it answers
    EXPECT(http_get(client, ctx_background(), "http://nowhere/a", &other) == ERR_REFUSED);
    EXPECT(http_get(client, ctx_background(), "http://nowhere/a", &other) == ERR_REFUSED);
    http_body_close(&other);
    http_body_close(&response);
    http_client_close_idle(client);
}

Test(http, each_host_has_its_own_slots_and_a_refused_dial_gives_its_slot_back) {
    EVERY_WORLD(two_hosts_root, 50) {
        cr_assert(clean(), "%s", world_name());
    }
}

// --- closing early ----------------------------------------------------------------------------------

static void skip_root(void *arg) {
    (void)arg;
    set_up(1);
    EXPECT(http_get(client, ctx_background(), "http://place/late/20", &response) == OK);
    int64_t start = time_now();
    http_body_close(&response); // the body is not even sent
    EXPECT(time_now() == start);
    char byte;
    size_t n;
    EXPECT(http_body_read(&response, &byte, 1, &n) == ERR_CLOSED);
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
    EXPECT(time_now() == start + 20 * MILLISECOND + 2 * LATENCY);
    http_client_close_idle(client);
}

Test(http, what_is_left_of_a_closed_body_is_skipped_before_the_next_request) {
    EVERY_WORLD(skip_root, 200) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 1);
    }
}

static void big_root(void *arg) {
    (void)arg;
    set_up(1);
    EXPECT(http_get(client, ctx_background(), "http://place/big/300000", &response) == OK);
    EXPECT(response.content_length == 300000);
    http_body_close(&response);
    EXPECT(fetch(ctx_background(), "http://place/big/300000") == OK);
    http_client_close_idle(client);
}

Test(http, a_connection_with_too_much_left_to_skip_is_closed_instead) {
    EVERY_WORLD(big_root, 30) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 2);
    }
}

static err read_result;

TASK(read_body, int unused;) {
    char byte;
    size_t n;
    read_result = http_body_read(&response, &byte, 1, &n);
}

static void close_under_read_root(void *arg) {
    (void)arg;
    read_result = OK;
    set_up(1);
    EXPECT(http_get(client, ctx_background(), "http://place/late/1000", &response) == OK);
    go(read_body);
    task_sleep(MILLISECOND);
    http_body_close(&response);
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
    EXPECT(read_result == ERR_CLOSED);
    http_client_close_idle(client);
}

Test(http, a_close_ends_a_read_that_waits_in_another_task) {
    EVERY_WORLD(close_under_read_root, 200) {
        cr_assert(clean(), "%s", world_name());
    }
}

// --- contexts -------------------------------------------------------------------------------------

static void cancel_waiting_root(void *arg) {
    (void)arg;
    set_up(1);
    ctx *none = ctx_background();
    EXPECT(fetch(ctx_with_timeout(none, SECOND), "http://place/slow/5000") == ERR_DEADLINE);
    EXPECT(time_now() == SECOND);
    EXPECT(fetch(none, "http://place/a") == OK); // the slot is back
    EXPECT(time_now() == SECOND + 3 * LATENCY);
    http_client_close_idle(client);
}

Test(http, a_request_whose_context_ends_closes_its_connection_and_ends_its_tasks) {
    EVERY_WORLD(cancel_waiting_root, 300) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 2);
    }
}

static void cancel_body_root(void *arg) {
    (void)arg;
    set_up(1);
    ctx *c = ctx_with_cancel(ctx_background());
    EXPECT(http_get(client, c, "http://place/a", &response) == OK);
    ctx_cancel(c);
    EXPECT(fetch(ctx_background(), "http://place/a") == OK); // the slot is back
    char byte;
    size_t n;
    EXPECT(http_body_read(&response, &byte, 1, &n) == ERR_CANCELED);
    http_body_close(&response);
    http_client_close_idle(client);
}

Test(http, the_end_of_the_context_gives_back_what_an_open_body_held) {
    EVERY_WORLD(cancel_body_root, 300) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void cancel_reading_root(void *arg) {
    (void)arg;
    set_up(1);
    ctx *c = ctx_with_timeout(ctx_background(), SECOND);
    EXPECT(http_get(client, c, "http://place/late/5000", &response) == OK);
    char *data;
    size_t size;
    EXPECT(http_body_read_all(&response, &data, &size) == ERR_DEADLINE);
    EXPECT(time_now() == SECOND && data == NULL && size == 0);
    EXPECT(http_body_read_all(&response, &data, &size) == ERR_DEADLINE);
    http_body_close(&response);
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
    http_client_close_idle(client);
}

Test(http, the_end_of_the_context_ends_the_read_of_a_body) {
    EVERY_WORLD(cancel_reading_root, 300) {
        cr_assert(clean(), "%s", world_name());
    }
}

// Whenever the context ends, at whatever step of whichever request, nothing is lost.
static void any_moment_root(void *arg) {
    (void)arg;
    enum { CROWD = 4 };
    static const char *const urls[] = {"http://place/a", "http://place/slow/3",
                                       "http://place/late/3", "http://place/empty"};
    err results[CROWD];
    all = (waitgroup){0};
    set_up(2);
    for (int i = 0; i < CROWD; i++) {
        waitgroup_add(&all, 1);
        go(fetch_one, .result = &results[i], .url = urls[choose(4)],
           .patience = choose(40) * MILLISECOND);
    }
    waitgroup_wait(&all);
    for (int i = 0; i < CROWD; i++)
        EXPECT(results[i] == OK || results[i] == ERR_DEADLINE);
    http_response both[2];
    for (int i = 0; i < 2; i++) // both slots are there
        EXPECT(http_get(client, ctx_with_timeout(ctx_background(), MINUTE), urls[0], &both[i]) ==
               OK);
    for (int i = 0; i < 2; i++)
        http_body_close(&both[i]);
    http_client_close_idle(client);
}

Test(http, whenever_contexts_end_no_slot_task_or_connection_is_lost) {
    EVERY_WORLD(any_moment_root, 3000) {
        cr_assert(clean(), "%s", world_name());
    }
}

// --- servers that go away -----------------------------------------------------------------------

static void server_closes_root(void *arg) {
    (void)arg;
    set_up(1);
    for (int i = 0; i < 3; i++) { // a POST is not asked again, so each needs its own connection
        EXPECT(http_post(client, ctx_background(), "http://place/close", "x", 1, &response) == OK);
        http_body_close(&response);
    }
    http_client_close_idle(client);
}

Test(http, a_connection_that_the_server_closes_is_not_used_again) {
    EVERY_WORLD(server_closes_root, 200) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 3);
    }
}

// A server that says the same on every connection, whatever it is asked, and closes.
static struct script {
    const char *text;
    size_t size;
    size_t piece;   // bytes per write, 0: all at once
    int64_t linger; // before the close
} script;

TASK(recite, listener *l;) {
    conn *c;
    task_daemon();
    while (net_accept(a->l, &c) == OK) {
        char waste[512];
        size_t n;
        conn_read(c, waste, sizeof waste, &n);
        size_t piece = script.piece ? script.piece : script.size;
        for (size_t at = 0; at < script.size; at += piece) {
            conn_write(c, script.text + at, piece < script.size - at ? piece : script.size - at);
            if (script.piece)
                task_sleep(1);
        }
        task_sleep(script.linger);
        conn_close(c);
    }
}

static void idle_end_root(void *arg) {
    (void)arg;
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    script = (struct script){text, sizeof text - 1, 0, SECOND};
    client = http_client_make(.max_conns = 1, .latency = LATENCY);
    go(recite, .l = net_listen("place"));
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
    task_sleep(2 * SECOND); // the idle connection ends meanwhile
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
    if (choose(2))
        task_sleep(2 * SECOND);
    http_client_close_idle(client);
}

Test(http, a_connection_that_ended_while_idle_is_replaced) {
    EVERY_WORLD(idle_end_root, 100) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 2);
    }
}

// --- answers, good and bad ------------------------------------------------------------------------

static struct verdict {
    err get, read; // of the request, and of reading its body
} verdict;

static void script_root(void *arg) {
    (void)arg;
    verdict = (struct verdict){OK, OK};
    client = http_client_make(.max_conns = 1, .latency = LATENCY);
    go(recite, .l = net_listen("place"));
    for (int i = 0; i < 2; i++) { // the second shows that the slot came back
        ctx *c = ctx_with_timeout(ctx_background(), MINUTE);
        verdict.get = http_get(client, c, "http://place/a", &response);
        char *data;
        size_t size;
        if (!verdict.get)
            verdict.read = http_body_read_all(&response, &data, &size);
        http_body_close(&response);
        ctx_cancel(c);
    }
    http_client_close_idle(client);
}

static void check_answer(const char *text, size_t size, struct verdict want) {
    for (size_t piece = 0; piece < 4; piece++) {
        script = (struct script){text, size, piece, 0};
        EVERY_WORLD(script_root, 10) {
            cr_assert_eq(verdict.get, want.get, "%s, pieces of %zu: get: %s", world_name(), piece,
                         err_text(verdict.get));
            cr_assert_eq(verdict.read, want.read, "%s, pieces of %zu: read: %s", world_name(),
                         piece, err_text(verdict.read));
            cr_assert(clean(), "%s", world_name());
        }
    }
}

#define HEAD "HTTP/1.1 200 OK\r\n"
#define ANSWERS(X)                                                                                 \
    X(plain, HEAD "Content-Length: 2\r\n\r\nhi", OK, OK)                                           \
    X(old, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", OK, OK)                               \
    X(no_reason, "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", OK, OK)                            \
    X(odd_spaces, HEAD "content-length:\t 2 \r\n\r\nhi", OK, OK)                                   \
    X(length_twice_alike, HEAD "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", OK, OK)         \
    X(nothing, "", ERR_RESET, OK)                                                                  \
    X(half_a_head, HEAD "Content-", ERR_RESET, OK)                                                 \
    X(half_a_body, HEAD "Content-Length: 20\r\n\r\nhi", OK, ERR_RESET)                             \
    X(not_http, "SSH-2.0-OpenSSH\r\n\r\n", ERR_PROTOCOL, OK)                                       \
    X(http_2, "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK)                  \
    X(status_word, "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK)             \
    X(status_range, "HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK)            \
    X(status_run_on, "HTTP/1.1 2000\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK)             \
    X(informational, "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", ERR_PROTOCOL, OK)       \
    X(no_length, HEAD "\r\nhi", ERR_PROTOCOL, OK)                                                  \
    X(length_word, HEAD "Content-Length: two\r\n\r\nhi", ERR_PROTOCOL, OK)                         \
    X(length_negative, HEAD "Content-Length: -2\r\n\r\nhi", ERR_PROTOCOL, OK)                      \
    X(length_empty, HEAD "Content-Length:\r\n\r\nhi", ERR_PROTOCOL, OK)                            \
    X(length_enormous, HEAD "Content-Length: 99999999999999999999\r\n\r\nhi", ERR_PROTOCOL, OK)    \
    X(length_twice, HEAD "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi", ERR_PROTOCOL, OK)     \
    X(chunked, HEAD "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK) \
    X(no_colon, HEAD "Content-Length: 2\r\nhello\r\n\r\nhi", ERR_PROTOCOL, OK)                     \
    X(no_name, HEAD "Content-Length: 2\r\n: hello\r\n\r\nhi", ERR_PROTOCOL, OK)                    \
    X(space_before_colon, HEAD "Content-Length : 2\r\n\r\nhi", ERR_PROTOCOL, OK)                   \
    X(folded, HEAD "A: b\r\n c\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK)                  \
    X(bare_newline, HEAD "A: b\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK)                    \
    X(nul, HEAD "A: b\0c\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, OK)
#define X(name, text, get, read)                                                                   \
    Test(http_answer, name) {                                                                      \
        static const char answer_text[] = text;                                                    \
        check_answer(answer_text, sizeof answer_text - 1, (struct verdict){get, read});            \
    }
ANSWERS(X)
#undef X

// A head of exactly `size` bytes, with a body of 2.
static const char *head_of(size_t size, char *buf) {
    static const char start[] = HEAD "Content-Length: 2\r\nX: ", end[] = "\r\n\r\nhi";
    memset(buf, 'x', size);
    memcpy(buf, start, sizeof start - 1);
    memcpy(buf + size - 4, end, sizeof end - 1);
    return buf;
}

static void check_head(size_t size, err want) {
    char *buf = malloc(size + 2);
    script = (struct script){head_of(size, buf), size + 2, 0, 0};
    EVERY_WORLD(script_root, 3) {
        cr_assert_eq(verdict.get, want, "%zu bytes: %s", size, err_text(verdict.get));
        cr_assert(clean());
    }
    free(buf);
}

Test(http, heads_of_up_to_8_kb_are_understood) {
    check_head(HTTP_HEAD_INLINE, OK);
    check_head(4000, OK);
    check_head(HTTP_HEAD_MAX - 1, OK);
    check_head(HTTP_HEAD_MAX, OK);
    check_head(HTTP_HEAD_MAX + 1, ERR_PROTOCOL);
    check_head(5 * HTTP_HEAD_MAX, ERR_PROTOCOL);
}

static void long_header_root(void *arg) {
    (void)arg;
    client = http_client_make(.max_conns = 1);
    go(recite, .l = net_listen("place"));
    EXPECT(http_get(client, ctx_background(), "http://place/a", &response) == OK);
    char value[5000];
    EXPECT(http_header(&response, "X", value, sizeof value));
    EXPECT(strlen(value) > 3900 && strspn(value, "x") == strlen(value));
    http_body_close(&response);
    EXPECT(http_header(&response, "X", value, sizeof value));
    http_client_close_idle(client);
}

Test(http, headers_outlive_the_body) {
    char buf[4002];
    script = (struct script){head_of(4000, buf), 4002, 0, 0};
    EVERY_WORLD(long_header_root, 1) {
        cr_assert(clean());
    }
}

static void unasked_root(void *arg) {
    (void)arg;
    static const char text[] = HEAD "Content-Length: 2\r\n\r\nhi" HEAD "Content-Length: 0\r\n\r\n";
    script = (struct script){text, sizeof text - 1, 0, SECOND};
    client = http_client_make(.max_conns = 1, .latency = LATENCY);
    go(recite, .l = net_listen("place"));
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
    EXPECT(fetch(ctx_background(), "http://place/a") == OK);
    http_client_close_idle(client);
}

Test(http, an_answer_that_nobody_asked_for_ends_the_connection) {
    EVERY_WORLD(unasked_root, 50) {
        cr_assert(clean(), "%s", world_name());
        cr_assert_eq(dials(), 2);
    }
}

static void bad_urls_root(void *arg) {
    (void)arg;
    set_up(1);
    static const char *const urls[] = {
        "",          "place/a",          "https://place/a",       "http://",
        "http:///a", "http://place/a b", "http://place/a\r\nX: y"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        EXPECT(http_get(client, ctx_background(), urls[i], &response) == ERR_PROTOCOL);
    char *longest = run_alloc(HTTP_HEAD_MAX + 1);
    memset(longest, 'a', HTTP_HEAD_MAX);
    memcpy(longest, "http://place/", 13);
    EXPECT(http_get(client, ctx_background(), longest, &response) == ERR_PROTOCOL);
    EXPECT(asked == 0);
    EXPECT(fetch(ctx_background(), "http://place") == OK);
    http_client_close_idle(client);
}

Test(http, an_address_that_is_none_is_refused_before_anything_is_sent) {
    EVERY_WORLD(bad_urls_root, 1) {
        cr_assert(clean());
    }
}

// --- the server -----------------------------------------------------------------------------------

static const char *question, *reply_start;
static size_t question_size, question_piece;

static void ask_root(void *arg) {
    (void)arg;
    set_up(1);
    conn *c;
    EXPECT(net_dial("place", LATENCY, &c) == OK);
    size_t piece = question_piece ? question_piece : question_size;
    for (size_t at = 0; at < question_size; at += piece) {
        conn_write(c, question + at, piece < question_size - at ? piece : question_size - at);
        task_sleep(1);
    }
    char buf[256] = "";
    size_t n, got = 0;
    err e = OK;
    while (got < strlen(reply_start) && !e) {
        e = conn_read(c, buf + got, sizeof buf - 1 - got, &n);
        got += n;
    }
    EXPECT(strncmp(buf, reply_start, strlen(reply_start)) == 0);
    conn_close(c);
}

static void check_question(const char *text, size_t size, const char *want) {
    for (question_piece = 0; question_piece < 4; question_piece++) {
        question = text;
        question_size = size;
        reply_start = want;
        EVERY_WORLD(ask_root, 5) {
            cr_assert(clean(), "%s", world_name());
        }
    }
}

#define OK_LINE  "HTTP/1.1 200 OK\r\n"
#define BAD_LINE "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n"
#define HOST     "Host: place\r\n"
#define QUESTIONS(X)                                                                               \
    X(plain, "GET /a HTTP/1.1\r\n" HOST "\r\n", OK_LINE)                                           \
    X(with_body, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",                    \
      OK_LINE "Content-Length: 3\r\n\r\nabc")                                                      \
    X(two_at_once, "GET /a HTTP/1.1\r\n" HOST "\r\nGET /a HTTP/1.1\r\n" HOST "\r\n", OK_LINE)      \
    X(old, "GET /a HTTP/1.0\r\n" HOST "\r\n", OK_LINE "Content-Length: 5\r\nConnection: close")    \
    X(asks_to_close, "GET /a HTTP/1.1\r\nConnection: Close\r\n" HOST "\r\n",                       \
      OK_LINE "Content-Length: 5\r\nConnection: close")                                            \
    X(missing_page, "GET /status/404 HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404 Not Found\r\n")      \
    X(no_content, "GET /status/204 HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 204 No Content\r\n\r\n")   \
    X(no_host, "GET /a HTTP/1.1\r\n\r\n", BAD_LINE)                                                \
    X(no_version, "GET /a\r\n" HOST "\r\n", BAD_LINE)                                              \
    X(no_slash, "GET a HTTP/1.1\r\n" HOST "\r\n", BAD_LINE)                                        \
    X(no_method, " /a HTTP/1.1\r\n" HOST "\r\n", BAD_LINE)                                         \
    X(noise, "\x01\x02\x03\r\n\r\n", BAD_LINE)                                                     \
    X(bad_length, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3x\r\n\r\nabc", BAD_LINE)        \
    X(too_much, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\nabc",               \
      "HTTP/1.1 413 Content Too Large\r\n")
#define X(name, text, want)                                                                        \
    Test(http_question, name) {                                                                    \
        static const char question_text[] = text;                                                  \
        check_question(question_text, sizeof question_text - 1, want);                             \
    }
QUESTIONS(X)
#undef X

Test(http, a_server_refuses_a_head_of_more_than_8_kb) {
    static char text[HTTP_HEAD_MAX + 100] = "GET /a HTTP/1.1\r\n" HOST "X: ";
    memset(text + strlen(text), 'x', sizeof text - strlen(text));
    question = text;
    question_size = sizeof text;
    question_piece = 0;
    reply_start = "HTTP/1.1 400 ";
    EVERY_WORLD(ask_root, 2) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void stop_serving_root(void *arg) {
    (void)arg;
    set_up(1);
    listener *l = http_serve("shop", answer, &asked);
    listener_close(l);
    EXPECT(http_get(client, ctx_background(), "http://shop/a", &response) == ERR_REFUSED);
}

Test(http, a_server_whose_listener_is_closed_is_not_there) {
    EVERY_WORLD(stop_serving_root, 10) {
        cr_assert(clean(), "%s", world_name());
    }
}

// --- how much there is to explore -----------------------------------------------------------------

// Depth first over every way at every choice point.
static struct depth_first {
    struct policy policy;
    size_t depth; // choice points met in this run
    size_t known; // of those, how many have their way fixed
    size_t taken[256], count[256];
} depth_first;

static size_t depth_first_pick(struct policy *self, const struct choice *ways, size_t count,
                               size_t preferred) {
    (void)self, (void)ways, (void)preferred;
    struct depth_first *d = &depth_first;
    cr_assert_lt(d->depth, 256);
    if (d->depth == d->known) {
        d->taken[d->known] = 0;
        d->count[d->known++] = count;
    }
    return d->taken[d->depth++];
}

// On to the next run that differs; false: that was the last.
static bool depth_first_advance(void) {
    struct depth_first *d = &depth_first;
    d->depth = 0;
    while (d->known && d->taken[d->known - 1] + 1 == d->count[d->known - 1])
        d->known--;
    if (!d->known)
        return false;
    d->taken[d->known - 1]++;
    return true;
}

// Runs every schedule; returns how many. *most: choice points of the longest.
static int explore(task_fn *root, int limit, uint32_t *most) {
    int runs = 0;
    depth_first = (struct depth_first){.policy = {.announce = true, .pick = depth_first_pick}};
    *most = 0;
    do {
        world_run(root, &depth_first.policy);
        runs++;
        cr_assert(clean() || root == leak_root, "run %d", runs);
        if (run_choice_points() > *most)
            *most = run_choice_points();
    } while (runs < limit && depth_first_advance());
    return runs;
}

static void two_gets_root(void *arg) {
    (void)arg;
    set_up(2);
    for (int i = 0; i < 2; i++) {
        EXPECT(http_get(client, ctx_background(), "http://place/a", &response) == OK);
        http_body_close(&response);
    }
    http_client_close_idle(client);
}

Test(http, two_requests_after_one_another_are_few_schedules) {
    uint32_t most;
    int runs = explore(two_gets_root, 100000, &most);
    cr_log_info("%d runs, at most %u choice points", runs, most);
    cr_assert_leq(runs, 16);
}

TASK(get_one, int unused;) {
    defer(waitgroup_done, &all);
    http_response r;
    EXPECT(http_get(client, ctx_background(), "http://place/a", &r) == OK);
    http_body_close(&r);
}

static void two_tasks_root(void *arg) {
    (void)arg;
    set_up(2);
    all = (waitgroup){0};
    waitgroup_add(&all, 2);
    go(get_one);
    go(get_one);
    waitgroup_wait(&all);
    http_client_close_idle(client);
}

Test(http, two_requests_at_once_are_explored_to_the_end) {
    uint32_t most;
    int runs = explore(two_tasks_root, 1000000, &most);
    cr_log_info("%d runs, at most %u choice points", runs, most);
    cr_assert_lt(runs, 1000000);
}
