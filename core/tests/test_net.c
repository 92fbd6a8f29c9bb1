// The in-memory network: what arrives when, how each end ends, and what misuse says.
#include "core/net.h"

#include "core/tests/aftermath.h"

enum { LATENCY = 5 * 1000 * 1000 }; // 5 ms

static conn *near, *far; // a connection from the root to an accepting task
static listener *ears;

TASK(accept_one, listener *l;) {
    EXPECT(net_accept(a->l, &far) == OK);
}

// Connects, and returns once both sides are there.
static void connect_pair(void) {
    near = far = NULL;
    ears = net_listen("place");
    go(accept_one, .l = ears);
    EXPECT(net_dial("place", LATENCY, &near) == OK);
    task_sleep(1);
    EXPECT(near && far);
}

// Reads until `size` bytes are there.
static err read_exactly(conn *c, char *buf, size_t size) {
    for (size_t n; size; buf += n, size -= n) {
        err e = conn_read(c, buf, size, &n);
        if (e)
            return e;
        EXPECT(n > 0);
    }
    return OK;
}

// --- bytes --------------------------------------------------------------------------------------

TASK(echo, conn *c;) {
    char buf[4];
    size_t n;
    while (conn_read(a->c, buf, sizeof buf, &n) == OK)
        EXPECT(conn_write(a->c, buf, n) == OK);
    conn_close(a->c);
}

static void echo_root(void *arg) {
    (void)arg;
    connect_pair();
    go(echo, .c = far);
    int64_t start = time_now();
    char buf[12];
    EXPECT(conn_write(near, "hello ", 6) == OK);
    EXPECT(conn_write(near, "world", 5) == OK);
    EXPECT(read_exactly(near, buf, 11) == OK);
    EXPECT(memcmp(buf, "hello world", 11) == 0);
    EXPECT(time_now() - start == 2 * LATENCY);
    conn_close(near);
    EXPECT(time_now() - start == 2 * LATENCY);
}

Test(net, an_echo_takes_the_latency_both_ways) {
    EVERY_WORLD(echo_root, 300) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void order_root(void *arg) {
    (void)arg;
    connect_pair();
    for (char i = 0; i < 50; i++) {
        EXPECT(conn_write(near, &i, 1) == OK);
        if (i % 7 == 0)
            task_sleep(i % 3);
    }
    conn_close(near);
    char buf[50];
    EXPECT(read_exactly(far, buf, 50) == OK);
    for (char i = 0; i < 50; i++)
        EXPECT(buf[(int)i] == i);
    size_t n = 9;
    EXPECT(conn_read(far, buf, 1, &n) == ERR_EOF && n == 0);
    EXPECT(conn_read(far, buf, 1, &n) == ERR_EOF);
    conn_close(far);
}

Test(net, bytes_arrive_in_order_and_before_the_end) {
    EVERY_WORLD(order_root, 50) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void pace_root(void *arg) {
    (void)arg;
    connect_pair();
    int64_t start = time_now();
    for (int i = 0; i < 3; i++) {
        EXPECT(conn_write(near, "ab", 2) == OK);
        task_sleep(MILLISECOND);
    }
    char buf[8];
    size_t n;
    for (int i = 0; i < 3; i++) { // no byte is early, none is late
        EXPECT(conn_read(far, buf, 1, &n) == OK);
        EXPECT(conn_read(far, buf, 8, &n) == OK && n == 1);
        EXPECT(time_now() == start + LATENCY + i * MILLISECOND);
    }
    conn_close(near);
    conn_close(far);
}

Test(net, each_write_takes_the_latency_from_when_it_was_made) {
    EVERY_WORLD(pace_root, 50) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void large_root(void *arg) {
    (void)arg;
    enum { LARGE = 100000 };
    connect_pair();
    char *out = run_alloc(LARGE), *in = run_alloc(LARGE);
    for (int i = 0; i < LARGE; i++)
        out[i] = (char)(i * 31);
    EXPECT(conn_write(near, out, LARGE) == OK);
    memset(out, 0, 100); // the writer's memory is its own again
    EXPECT(read_exactly(far, in, LARGE) == OK);
    bool same = true;
    for (int i = 0; i < LARGE; i++)
        same &= in[i] == (char)(i * 31);
    EXPECT(same);
    conn_close(near);
    conn_close(far);
}

Test(net, a_write_is_taken_whole_and_at_once) {
    EVERY_WORLD(large_root, 1) {
        cr_assert(clean());
    }
}

static int64_t arrived_at;
static bool other_ran_first;
static bool other_ran;

TASK(read_one, conn *c;) {
    char byte;
    size_t n;
    EXPECT(conn_read(a->c, &byte, 1, &n) == OK && n == 1 && byte == 'x');
    arrived_at = time_now();
    other_ran_first = other_ran;
}

TASK(busy, int rounds;) {
    for (int i = 0; i < a->rounds; i++)
        task_yield();
    other_ran = true;
}

static void instant_root(void *arg) {
    (void)arg;
    other_ran = other_ran_first = false;
    conn *server, *client;
    listener *l = net_listen("near");
    EXPECT(net_dial("near", 0, &client) == OK);
    EXPECT(net_accept(l, &server) == OK);
    EXPECT(time_now() == 0);
    go(read_one, .c = server);
    EXPECT(conn_write(client, "x", 1) == OK);
    go(busy, .rounds = 5);
    task_sleep(1);
    conn_close(client);
}

Test(net, without_latency_bytes_arrive_at_the_same_time_but_last) {
    EVERY_WORLD(instant_root, 100) {
        cr_assert_eq(arrived_at, 0);
        cr_assert(other_ran_first, "%s", world_name());
    }
}

static void nothing_root(void *arg) {
    (void)arg;
    connect_pair();
    size_t n = 7;
    EXPECT(conn_read(near, NULL, 0, &n) == OK && n == 0);
    EXPECT(conn_write(near, NULL, 0) == OK);
    conn_close(near);
    char byte;
    EXPECT(conn_read(far, &byte, 1, &n) == ERR_EOF);
}

Test(net, reads_and_writes_of_nothing_do_nothing) {
    EVERY_WORLD(nothing_root, 1) {
        cr_assert(clean());
        cr_assert_eq(world_count(EV_WRITE), 0);
    }
}

// --- ends -----------------------------------------------------------------------------------------

static void reset_root(void *arg) {
    (void)arg;
    connect_pair();
    EXPECT(conn_write(near, "abc", 3) == OK);
    EXPECT(conn_write(far, "def", 3) == OK);
    task_sleep(LATENCY + 1);
    conn_close(far); // has not read abc
    char byte;
    size_t n;
    EXPECT(conn_read(near, &byte, 1, &n) == OK && byte == 'd');
    EXPECT(conn_write(near, "abc", 3) == OK); // it does not know yet
    task_sleep(LATENCY + 1);
    EXPECT(conn_read(near, &byte, 1, &n) == ERR_RESET && n == 0); // "ef" is lost
    EXPECT(conn_write(near, "abc", 3) == ERR_RESET);
    conn_close(near);
    EXPECT(conn_read(near, &byte, 1, &n) == ERR_CLOSED);
    EXPECT(conn_write(near, "abc", 3) == ERR_CLOSED);
    conn_close(near);
}

Test(net, closing_with_unread_bytes_resets_the_other_side) {
    EVERY_WORLD(reset_root, 50) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void gone_root(void *arg) {
    (void)arg;
    connect_pair();
    conn_close(far);
    EXPECT(conn_write(near, "a", 1) == OK);
    task_sleep(LATENCY + 1);
    EXPECT(conn_write(near, "a", 1) == ERR_RESET);
    char byte;
    size_t n;
    EXPECT(conn_read(near, &byte, 1, &n) == ERR_EOF);
    conn_close(near);
}

Test(net, writes_fail_once_the_others_close_has_arrived) {
    EVERY_WORLD(gone_root, 50) {
        cr_assert(clean(), "%s", world_name());
    }
}

TASK(read_until_closed, conn *c; err *result;) {
    char byte;
    size_t n;
    *a->result = conn_read(a->c, &byte, 1, &n);
}

static err ended_with;

static void close_under_reader_root(void *arg) {
    (void)arg;
    ended_with = OK;
    connect_pair();
    go(read_until_closed, .c = near, .result = &ended_with);
    if (choose(2))
        task_sleep(SECOND);
    conn_close(near);
    task_sleep(SECOND);
    EXPECT(ended_with == ERR_CLOSED);
}

Test(net, a_close_ends_the_wait_of_this_sides_reader) {
    EVERY_WORLD(close_under_reader_root, 300) {
        cr_assert(clean(), "%s", world_name());
    }
}

// --- waiting for ever -----------------------------------------------------------------------------

static void silent_root(void *arg) {
    (void)arg;
    connect_pair();
    go(read_until_closed, .c = near, .result = &ended_with);
}

Test(net, a_read_that_nobody_answers_is_an_io_wait_on_its_connection) {
    EVERY_WORLD(silent_root, 20) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_IO), 1, "%s", world_name());
        cr_assert_eq(left_tasks("read_until_closed", WAIT_IO), 1);
        const event *e = left_waiting(world_event(EV_GO, 1)->peer);
        cr_assert_eq(e->kind, EV_READ);
        cr_assert_str_eq(event_name(made(e->object)), "near");
        cr_assert_eq((uint64_t)made(e->object)->value >> 32, OBJECT_CONN);
    }
}

Test(net, a_dialled_connection_never_closed_is_an_open_resource_where_it_was_dialled) {
    EVERY_WORLD(silent_root, 20) {
        cr_assert_eq(left_open_count(NULL), 1, "%s", world_name());
        log_site at = event_log_site(world.log, left_open("near", 0)->site);
        cr_assert_str_eq(event_log_string(world.log, at.function), "connect_pair");
    }
}

static void nobody_root(void *arg) {
    (void)arg;
    go(accept_one, .l = net_listen("place"));
}

Test(net, an_accept_that_nobody_dials_waits_with_its_own_reason) {
    EVERY_WORLD(nobody_root, 5) {
        cr_assert_eq(left_tasks("accept_one", WAIT_ACCEPT), 1, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_ACCEPT), 1);
    }
}

// --- dial, listen -----------------------------------------------------------------------------------

static void refused_root(void *arg) {
    (void)arg;
    conn *c = (conn *)&c;
    EXPECT(net_dial("nowhere", LATENCY, &c) == ERR_REFUSED);
    EXPECT(c == NULL);
    EXPECT(time_now() == LATENCY);
    listener *l = net_listen("place");
    listener_close(l);
    listener_close(l);
    EXPECT(net_dial("place", LATENCY, &c) == ERR_REFUSED);
    EXPECT(net_accept(l, &c) == ERR_CLOSED);
    l = net_listen("place"); // free again
    EXPECT(net_dial("place", LATENCY, &c) == OK);
    conn_close(c);
}

Test(net, a_dial_where_nobody_listens_is_refused_and_leaves_nothing) {
    EVERY_WORLD(refused_root, 20) {
        cr_assert(clean(), "%s", world_name());
    }
}

TASK(dial_and_read, err *result;) {
    conn *c;
    EXPECT(net_dial("place", LATENCY, &c) == OK);
    char byte;
    size_t n;
    *a->result = conn_read(c, &byte, 1, &n);
    conn_close(c);
}

static void backlog_root(void *arg) {
    (void)arg;
    err results[3] = {OK, OK, OK};
    listener *l = net_listen("place");
    for (int i = 0; i < 3; i++)
        go(dial_and_read, .result = &results[i]);
    task_sleep(2 * LATENCY);
    conn *c;
    EXPECT(net_accept(l, &c) == OK);
    listener_close(l);
    conn_close(c);
    task_sleep(2 * LATENCY);
    int resets = 0, ends = 0;
    for (int i = 0; i < 3; i++) {
        resets += results[i] == ERR_RESET;
        ends += results[i] == ERR_EOF;
    }
    EXPECT(resets == 2 && ends == 1);
}

Test(net, closing_a_listener_resets_those_not_yet_accepted) {
    EVERY_WORLD(backlog_root, 300) {
        cr_assert(clean(), "%s", world_name());
    }
}

TASK(accept_none, listener *l;) {
    conn *c;
    EXPECT(net_accept(a->l, &c) == ERR_CLOSED && c == NULL);
}

static void stop_accepting_root(void *arg) {
    (void)arg;
    listener *l = net_listen("place");
    go(accept_none, .l = l);
    if (choose(2))
        task_sleep(1);
    listener_close(l);
}

Test(net, closing_a_listener_ends_the_wait_of_its_accept) {
    EVERY_WORLD(stop_accepting_root, 100) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void dial_deadline_root(void *arg) {
    (void)arg;
    net_listen("place");
    conn *c;
    ctx *soon = ctx_with_timeout(ctx_background(), LATENCY - 1);
    EXPECT(net_dial_ctx(soon, "place", LATENCY, &c) == ERR_DEADLINE);
    EXPECT(c == NULL && time_now() == LATENCY - 1);
    EXPECT(net_dial_ctx(soon, "place", LATENCY, &c) == ERR_DEADLINE);
    EXPECT(time_now() == LATENCY - 1);
    ctx *later = ctx_with_timeout(ctx_background(), LATENCY + 1);
    EXPECT(net_dial_ctx(later, "place", LATENCY, &c) == OK);
    task_sleep(SECOND);
    conn_close(c); // the context was for the dial, not for the connection
}

Test(net, a_dial_is_given_up_when_its_context_ends) {
    EVERY_WORLD(dial_deadline_root, 20) {
        cr_assert(clean(), "%s", world_name());
    }
}

static void next_run_root(void *arg) {
    (void)arg;
    conn *c;
    EXPECT(net_dial("place", 0, &c) == ERR_REFUSED);
}

Test(net, a_run_knows_nothing_of_the_listeners_of_the_one_before) {
    world_default(nobody_root);
    world_default(next_run_root);
    cr_assert(clean());
}

// --- misuse ---------------------------------------------------------------------------------------

static void two_readers_root(void *arg) {
    (void)arg;
    connect_pair();
    go(read_until_closed, .c = near, .result = &ended_with);
    go(read_until_closed, .c = near, .result = &ended_with);
}

Test(net, two_readers_at_once_panic) {
    EVERY_WORLD(two_readers_root, 20) {
        cr_assert_str_eq(world_panic(), "net: two tasks read from one connection at once");
    }
}

static void two_acceptors_root(void *arg) {
    (void)arg;
    listener *l = net_listen("place");
    go(accept_none, .l = l);
    go(accept_none, .l = l);
}

Test(net, two_acceptors_at_once_panic) {
    EVERY_WORLD(two_acceptors_root, 20) {
        cr_assert_str_eq(world_panic(), "net: two tasks accept from one listener at once");
    }
}

TASK(write_one, conn *c;) {
    conn_write(a->c, "x", 1);
}

static void not_owner_root(void *arg) {
    (void)arg;
    connect_pair();
    conn_own(near);
    EXPECT(conn_write(near, "x", 1) == OK);
    go(write_one, .c = near);
}

Test(net, a_write_by_another_than_the_owner_panics) {
    EVERY_WORLD(not_owner_root, 20) {
        cr_assert_str_eq(world_panic(),
                         "net: write or close by a task that does not own the connection");
    }
}

static void same_name_root(void *arg) {
    (void)arg;
    net_listen("place");
    net_listen("place");
}

Test(net, a_name_is_listened_on_once) {
    world_default(same_name_root);
    cr_assert_str_eq(world_panic(), "net: place is already listened on");
}

// --- exploring ------------------------------------------------------------------------------------

TASK(owned_echo, conn *c;) {
    conn_own(a->c);
    char buf[4];
    size_t n;
    while (conn_read(a->c, buf, sizeof buf, &n) == OK)
        conn_write(a->c, buf, n);
    conn_close(a->c);
}

static void owned_root(void *arg) {
    (void)arg;
    connect_pair();
    conn_own(near);
    go(owned_echo, .c = far);
    char buf[5];
    for (int i = 0; i < 3; i++) {
        conn_write(near, "hello", 5);
        EXPECT(read_exactly(near, buf, 5) == OK);
    }
    conn_close(near);
}

Test(net, a_conversation_between_owners_has_no_choice_points) {
    world_default(owned_root);
    cr_assert_eq(run_choice_points(), 0);
    cr_assert(clean());
}
