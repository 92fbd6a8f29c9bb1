// The network over real sockets: the same operations, waits, errors and resources as in memory, and
// what only a kernel can do.
#include "core/http.h"
#include "core/internal.h"
#include "core/tests/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

static conn *near, *far; // a connection from the root to an accepting task
static listener *ears;

// --- clock ----------------------------------------------------------------------------------------

static void sleep_root(void *arg) {
    (void)arg;
    int64_t start = time_now();
    task_sleep(2 * MILLISECOND);
    EXPECT(time_now() >= start + 2 * MILLISECOND);
    timer *t = timer_start(MILLISECOND);
    int64_t when = 0;
    chan_recv(timer_chan(t), &when);
    EXPECT(when >= start + 3 * MILLISECOND && when <= time_now());
}

Test(live_clock, sleeps_and_timers_are_never_early, .timeout = LIVE_TIMEOUT) {
    world_live(sleep_root);
    cr_assert(world_finished());
    cr_assert_not(run_was_pressed());
}

static int ended_first;

TASK(sleeper, int64_t ns; int number;) {
    task_sleep(a->ns);
    if (!ended_first)
        ended_first = a->number;
}

static void order_root(void *arg) {
    (void)arg;
    ended_first = 0;
    go(sleeper, .ns = 50 * MILLISECOND, .number = 2);
    go(sleeper, .ns = MILLISECOND, .number = 1);
}

Test(live_clock, timers_fire_in_the_order_of_their_deadlines, .timeout = LIVE_TIMEOUT) {
    world_live(order_root);
    cr_assert(world_finished());
    cr_assert_eq(ended_first, 1);
}

static bool spinning;

TASK(spinner, int unused;) {
    while (spinning)
        task_yield();
}

static void spin_root(void *arg) {
    (void)arg;
    spinning = true;
    go(spinner, .unused = 0);
    task_sleep(MILLISECOND);
    spinning = false;
}

Test(live_clock, a_task_that_spins_does_not_hold_up_timers, .timeout = LIVE_TIMEOUT) {
    world.config.max_steps = UINT64_MAX;
    world_live(spin_root);
    cr_assert(world_finished());
}

static int ticks;

static bool stop_at_third(void *user) {
    (void)user;
    return ++ticks < 3;
}

static void for_ever_root(void *arg) {
    (void)arg;
    conn *c;
    net_accept(net_listen("127.0.0.1:0"), &c);
}

Test(live_clock, the_caller_can_stop_a_run_that_waits_for_ever, .timeout = LIVE_TIMEOUT) {
    ticks = 0;
    world.config.tick = stop_at_third;
    world_live(for_ever_root);
    cr_assert_eq(world.end, RUN_STOPPED);
}

static void quiet_root(void *arg) {
    (void)arg;
    int_chan c;
    chan_make(&c, 0);
    chan_recv(c, NULL);
}

Test(live_clock, when_nothing_can_happen_the_run_is_over, .timeout = LIVE_TIMEOUT) {
    world_live(quiet_root);
    cr_assert_eq(world.end, RUN_QUIESCENT);
    cr_assert_eq(world_waiting(WAIT_RECV), 1);
}

// --- bytes ----------------------------------------------------------------------------------------

TASK(accept_one, listener *l;) {
    EXPECT(net_accept(a->l, &far) == OK);
}

// Connects, and returns once both sides are there.
static void connect_pair(void) {
    near = far = NULL;
    ears = net_listen(run_is_live() ? "127.0.0.1:0" : "place");
    go(accept_one, .l = ears);
    EXPECT(net_dial(listener_address(ears), 0, &near) == OK);
    while (!far)
        task_yield();
}

static err read_exactly(conn *c, char *buf, size_t size) {
    for (size_t n; size; buf += n, size -= n) {
        err e = conn_read(c, buf, size, &n);
        if (e)
            return e;
    }
    return OK;
}

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
    char buf[12];
    EXPECT(conn_write(near, "hello ", 6) == OK);
    EXPECT(conn_write(near, "world", 5) == OK);
    EXPECT(read_exactly(near, buf, 11) == OK);
    EXPECT(memcmp(buf, "hello world", 11) == 0);
    conn_close(near);
    conn_close(near);
    listener_close(ears);
    size_t n;
    EXPECT(conn_read(near, buf, 1, &n) == ERR_CLOSED && n == 0);
    EXPECT(conn_write(near, buf, 1) == ERR_CLOSED);
}

Test(live_net, an_echo, .timeout = LIVE_TIMEOUT) {
    int files = open_files();
    world_live(echo_root);
    cr_assert(clean());
    cr_assert_eq(open_files(), files);
}

Test(live_net, runs_follow_one_another, .timeout = LIVE_TIMEOUT) {
    int files = open_files();
    for (int i = 0; i < 20; i++) {
        world_live(echo_root);
        cr_assert(clean(), "round %d", i);
        world_default(echo_root);
        cr_assert(clean(), "round %d", i);
    }
    cr_assert_eq(open_files(), files);
}

static void six_root(void *arg) {
    (void)arg;
    if (net_try_listen("[::1]:0", &ears) != OK)
        return;
    EXPECT(strncmp(listener_address(ears), "[::1]:", 6) == 0);
    go(accept_one, .l = ears);
    EXPECT(net_dial(listener_address(ears), 0, &near) == OK);
    EXPECT(conn_write(near, "6", 1) == OK);
    conn_close(near);
    listener_close(ears);
}

Test(live_net, addresses_may_be_of_the_longer_kind, .timeout = LIVE_TIMEOUT) {
    world_live(six_root);
    if (world_count(EV_DIAL) == 0)
        cr_skip_test("unavailable: this machine has no IPv6");
    cr_assert(clean());
}

// --- a log like that of the network in memory -------------------------------------------------------

static void talk_root(void *arg) {
    (void)arg;
    connect_pair();
    go(echo, .c = far);
    task_yield();
    char byte;
    size_t n;
    for (int i = 0; i < 3; i++) {
        EXPECT(conn_write(near, "x", 1) == OK);
        EXPECT(conn_read(near, &byte, 1, &n) == OK && byte == 'x');
    }
    conn_close(near);
    listener_close(ears);
    conn *c;
    EXPECT(net_accept(ears, &c) == ERR_CLOSED);
}

enum { LINES = 200, TASKS = 8 };
static char told[2][TASKS][LINES];

// What each task did, one letter a record: its kind, and whether it waited and why. Of what may find
// its bytes at once or wait for them only the operation is told, and yields only pass the time.
static void tell(char (*lines)[LINES]) {
    memset(lines, 0, sizeof *lines * TASKS);
    for (uint64_t i = 0; i < world.log->head; i++) {
        const event *e = &world.log->events[i];
        if (e->task >= TASKS || e->kind == EV_YIELD)
            continue;
        size_t length = strlen(lines[e->task]);
        cr_assert_lt(length + 2, (size_t)LINES);
        lines[e->task][length] = (char)('0' + e->kind);
    }
}

static const char *kinds_of_objects(void) {
    static char kinds[LINES];
    uint32_t n = 0;
    memset(kinds, 0, sizeof kinds);
    for (const event *e; (e = world_event(EV_MAKE, n)); n++)
        kinds[n] = (char)('0' + (e->value >> 32));
    return kinds;
}

Test(live_net, the_log_tells_what_it_tells_of_the_network_in_memory, .timeout = LIVE_TIMEOUT) {
    world_seed(talk_root, WORLD_INLINE);
    cr_assert(clean());
    tell(told[0]);
    char objects[LINES];
    strcpy(objects, kinds_of_objects());
    world_live(talk_root);
    cr_assert(clean());
    tell(told[1]);
    for (int t = 0; t < TASKS; t++)
        cr_assert_str_eq(told[1][t], told[0][t], "task %d", t);
    cr_assert_str_eq(kinds_of_objects(), objects);
    cr_assert_eq(world_count(EV_OPEN), 1);
    cr_assert_eq(world_count(EV_RELEASE), 1);
    cr_assert_geq(world_count(EV_FIRE), 3, "waits are ended by the clock");
}

TASK(reads_for_ever, conn *c;) {
    char byte;
    size_t n;
    conn_read(a->c, &byte, 1, &n);
}

TASK(accepts_for_ever, listener *l;) {
    conn *c;
    net_accept(a->l, &c);
}

static void waits_root(void *arg) {
    (void)arg;
    connect_pair();
    go(reads_for_ever, .c = near);
    go(accepts_for_ever, .l = ears);
    task_yield();
    EXPECT(parked_now(WAIT_IO) == 1);
    EXPECT(parked_now(WAIT_ACCEPT) == 1);
    panic("seen");
}

Test(live_net, waits_have_the_reasons_they_have_in_memory, .timeout = LIVE_TIMEOUT) {
    int files = open_files();
    world_live(waits_root);
    cr_assert_str_eq(world_panic(), "seen");
    cr_assert_eq(left_tasks("reads_for_ever", WAIT_IO), 1);
    cr_assert_eq(left_tasks("accepts_for_ever", WAIT_ACCEPT), 1);
    cr_assert_eq(left_open_count("near"), 1, "a connection never closed is an open resource");
    cr_assert_eq(open_files(), files, "what a run leaves open goes with it");
}

TASK(serves_for_ever, listener *l;) {
    for (conn *c; net_accept(a->l, &c) == OK;)
        ;
}

static void daemon_root(void *arg) {
    (void)arg;
    ears = net_listen("127.0.0.1:0");
    go_daemon(serves_for_ever, .l = ears);
    task_sleep(1);
    EXPECT(parked_now(WAIT_ACCEPT) == 1);
}

Test(live_net, daemons_alone_do_not_keep_a_run_alive, .timeout = LIVE_TIMEOUT) {
    world_live(daemon_root);
    cr_assert_eq(world.end, RUN_QUIESCENT);
    cr_assert(clean());
}

// --- more than there is room for --------------------------------------------------------------------

enum { LARGE = 16 << 20 };

TASK(writes_much, conn *c; char with; err *result;) {
    char *bytes = run_alloc(LARGE);
    memset(bytes, a->with, LARGE);
    *a->result = conn_write(a->c, bytes, LARGE);
    run_free(bytes);
}

static err results[2];

// Until `n` tasks wait for a socket.
static void await_waits(uint32_t n) {
    while (parked_now(WAIT_IO) != n)
        task_yield();
}

static void large_root(void *arg) {
    (void)arg;
    connect_pair();
    results[0] = results[1] = ERR_PROTOCOL;
    go(writes_much, .c = near, .with = 'a', .result = &results[0]);
    go(writes_much, .c = near, .with = 'b', .result = &results[1]);
    await_waits(2);
    char *in = run_alloc(LARGE), a[] = "aaaa", b[] = "bbbb";
    EXPECT(read_exactly(far, in, LARGE) == OK);
    EXPECT(memcmp(in, a, 4) == 0 && memcmp(in, in + 4, LARGE - 4) == 0);
    EXPECT(read_exactly(far, in, LARGE) == OK);
    EXPECT(memcmp(in, b, 4) == 0 && memcmp(in, in + 4, LARGE - 4) == 0);
    while (results[0] == ERR_PROTOCOL || results[1] == ERR_PROTOCOL)
        task_yield();
    EXPECT(results[0] == OK && results[1] == OK);
    conn_close(near);
    conn_close(far);
}

Test(live_net, writers_wait_for_room_and_each_sends_in_one_piece, .timeout = LIVE_TIMEOUT) {
    world_live(large_root);
    cr_assert(clean());
}

static void close_under_writers_root(void *arg) {
    (void)arg;
    connect_pair();
    go(writes_much, .c = near, .with = 'a', .result = &results[0]);
    go(writes_much, .c = near, .with = 'b', .result = &results[1]);
    await_waits(2);
    conn_close(near);
    task_yield();
    EXPECT(results[0] == ERR_CLOSED && results[1] == ERR_CLOSED);
    conn_close(far);
}

Test(live_net, a_close_ends_the_wait_of_this_sides_writers, .timeout = LIVE_TIMEOUT) {
    world_live(close_under_writers_root);
    cr_assert(clean());
}

TASK(reads_once, conn *c; err *result;) {
    char byte;
    size_t n;
    *a->result = conn_read(a->c, &byte, 1, &n);
}

static void close_under_reader_root(void *arg) {
    (void)arg;
    connect_pair();
    results[0] = OK;
    go(reads_once, .c = near, .result = &results[0]);
    await_waits(1);
    conn_close(near);
    task_yield();
    EXPECT(results[0] == ERR_CLOSED);
    conn_close(far);
}

Test(live_net, a_close_ends_the_wait_of_this_sides_reader, .timeout = LIVE_TIMEOUT) {
    world_live(close_under_reader_root);
    cr_assert(clean());
}

// --- ends -------------------------------------------------------------------------------------------

static void reset_root(void *arg) {
    (void)arg;
    connect_pair();
    EXPECT(conn_write(near, "unread", 6) == OK);
    char byte;
    size_t n;
    EXPECT(conn_read(far, &byte, 1, &n) == OK && byte == 'u');
    conn_close(far); // with "nread" unread
    EXPECT(conn_read(near, &byte, 1, &n) == ERR_RESET && n == 0);
    EXPECT(conn_write(near, "x", 1) == ERR_RESET);
    conn_close(near);
}

Test(live_net, closing_with_unread_bytes_resets_the_other_side, .timeout = LIVE_TIMEOUT) {
    world_live(reset_root);
    cr_assert(clean());
}

// The first write after the other side has closed finds out, and one of the next is told: EPIPE,
// and no signal.
static void pipe_root(void *arg) {
    (void)arg;
    connect_pair();
    conn_close(far);
    err e = OK;
    while (!e)
        e = conn_write(near, "x", 1);
    EXPECT(e == ERR_RESET);
    EXPECT(conn_write(near, "x", 1) == ERR_RESET);
    conn_close(near);
}

Test(live_net, writes_fail_once_the_other_side_is_known_to_be_gone, .timeout = LIVE_TIMEOUT) {
    world_live(pipe_root);
    cr_assert(clean());
}

static void eof_root(void *arg) {
    (void)arg;
    connect_pair();
    EXPECT(conn_write(near, "ab", 2) == OK);
    conn_close(near);
    char buf[4];
    size_t n;
    EXPECT(read_exactly(far, buf, 2) == OK && memcmp(buf, "ab", 2) == 0);
    EXPECT(conn_read(far, buf, 4, &n) == ERR_EOF && n == 0);
    EXPECT(conn_read(far, buf, 4, &n) == ERR_EOF);
    conn_close(far);
}

Test(live_net, bytes_arrive_before_the_end, .timeout = LIVE_TIMEOUT) {
    world_live(eof_root);
    cr_assert(clean());
}

// --- dial, listen -----------------------------------------------------------------------------------

static void refused_root(void *arg) {
    (void)arg;
    ears = net_listen("127.0.0.1:0");
    listener_close(ears);
    listener_close(ears);
    conn *c = (conn *)&c;
    EXPECT(net_dial(listener_address(ears), 0, &c) == ERR_REFUSED);
    EXPECT(c == NULL);
    EXPECT(net_accept(ears, &c) == ERR_CLOSED);
}

Test(live_net, a_dial_where_nobody_listens_is_refused_and_leaves_nothing, .timeout = LIVE_TIMEOUT) {
    int files = open_files();
    world_live(refused_root);
    cr_assert(clean());
    cr_assert_eq(world_count(EV_OPEN), 0);
    cr_assert_eq(open_files(), files);
}

static void no_address_root(void *arg) {
    (void)arg;
    static const char *const names[] = {
        "",           "place",        "place:80",        "127.0.0.1",
        "127.0.0.1:", "127.0.0.1:-1", "1.2.3.4.5:1",     "::1:80",
        "[::1:80",    "[1.2.3.4]:80", "127.0.0.1:65536", "127.0.0.1:80x"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        conn *c;
        listener *l = (listener *)&l;
        EXPECT(net_dial(names[i], 0, &c) == ERR_UNREACHABLE && !c);
        EXPECT(net_try_listen(names[i], &l) == ERR_UNREACHABLE && !l);
    }
    net_listen("nowhere");
}

Test(live_net, what_is_no_address_is_unreachable, .timeout = LIVE_TIMEOUT) {
    world_live(no_address_root);
    cr_assert_str_eq(world_panic(), "net: cannot listen on nowhere: host unreachable");
}

static void in_use_root(void *arg) {
    (void)arg;
    ears = net_listen(run_is_live() ? "127.0.0.1:0" : "place");
    listener *other;
    EXPECT(net_try_listen(listener_address(ears), &other) == ERR_IN_USE && !other);
    net_listen(listener_address(ears));
}

Test(live_net, an_address_is_listened_on_once, .timeout = LIVE_TIMEOUT) {
    world_default(in_use_root);
    cr_assert_str_eq(world_panic(), "net: place is already listened on");
    world_live(in_use_root);
    cr_assert(strstr(world_panic(), " is already listened on"), "%s", world_panic());
}

static err accepted;

TASK(accept_none, listener *l;) {
    conn *c;
    accepted = net_accept(a->l, &c);
    EXPECT(!c);
}

static void stop_accepting_root(void *arg) {
    (void)arg;
    accepted = OK;
    ears = net_listen("127.0.0.1:0");
    go(accept_none, .l = ears);
    task_yield();
    EXPECT(parked_now(WAIT_ACCEPT) == 1);
    listener_close(ears);
}

Test(live_net, closing_a_listener_ends_the_wait_of_its_accept, .timeout = LIVE_TIMEOUT) {
    world_live(stop_accepting_root);
    cr_assert(clean());
    cr_assert_eq(accepted, ERR_CLOSED);
}

// --- waits that are given up --------------------------------------------------------------------------

static void give_up_root(void *arg) {
    (void)arg;
    connect_pair();
    ctx *soon = ctx_with_timeout(ctx_background(), MILLISECOND);
    char byte;
    size_t n;
    conn *c;
    EXPECT(conn_read_ctx(soon, near, &byte, 1, &n) == ERR_DEADLINE && n == 0);
    EXPECT(conn_read_ctx(soon, near, &byte, 1, &n) == ERR_DEADLINE);
    EXPECT(net_accept_ctx(soon, ears, &c) == ERR_DEADLINE && !c);
    EXPECT(net_dial_ctx(soon, listener_address(ears), 0, &c) == ERR_DEADLINE && !c);
    EXPECT(conn_write(far, "x", 1) == OK); // the connection is as good as before
    EXPECT(conn_read(near, &byte, 1, &n) == OK && byte == 'x');
    conn_close(near);
    conn_close(far);
    listener_close(ears);
}

Test(live_net, a_wait_is_given_up_when_its_context_ends, .timeout = LIVE_TIMEOUT) {
    world_live(give_up_root);
    cr_assert(clean());
    world_default(give_up_root);
    cr_assert(clean());
}

TASK(writes_until, ctx *c; err *result;) {
    char *bytes = run_alloc(LARGE);
    *a->result = conn_write_ctx(a->c, near, bytes, LARGE);
}

static void give_up_writing_root(void *arg) {
    (void)arg;
    connect_pair();
    ctx *first = ctx_with_cancel(ctx_background()), *second = ctx_with_cancel(ctx_background());
    go(writes_until, .c = first, .result = &results[0]);
    go(writes_until, .c = second, .result = &results[1]);
    await_waits(2);
    ctx_cancel(second);
    ctx_cancel(first);
    task_yield();
    EXPECT(results[0] == ERR_CANCELED && results[1] == ERR_CANCELED);
    EXPECT(parked_now(WAIT_IO) == 0);
    conn_close(near);
    conn_close(far);
}

Test(live_net, writers_give_up_too, .timeout = LIVE_TIMEOUT) {
    world_live(give_up_writing_root);
    cr_assert(clean());
}

// Listens without the core: whoever has no accept to hope for is neither connected nor refused once
// the queue is full.
static int silent_listener(char *address, size_t size) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&here, length), 0);
    cr_assert_eq(listen(fd, 0), 0);
    getsockname(fd, (struct sockaddr *)&here, &length);
    snprintf(address, size, "127.0.0.1:%d", ntohs(here.sin_port));
    return fd;
}

static char silent_address[40];

static void full_root(void *arg) {
    (void)arg;
    conn *c[64];
    int n = 0;
    err e = OK;
    while (!e && n < 64) {
        ctx *soon = ctx_with_timeout(ctx_background(), 50 * MILLISECOND);
        e = net_dial_ctx(soon, silent_address, 0, &c[n]);
        n += !e;
    }
    EXPECT(e == ERR_DEADLINE);
    while (n > 0)
        conn_close(c[--n]);
}

Test(live_net, a_dial_under_way_is_given_up, .timeout = LIVE_TIMEOUT) {
    int fd = silent_listener(silent_address, sizeof silent_address), files = open_files();
    world_live(full_root);
    cr_assert(clean());
    cr_assert_eq(open_files(), files);
    close(fd);
}

// --- no file descriptor left --------------------------------------------------------------------------

enum { FILES = 8 };

static void exhaust_root(void *arg) {
    (void)arg;
    conn *c[FILES];
    int n = 0;
    err e = OK;
    while (!e && n < FILES)
        if (!(e = net_dial(silent_address, 0, &c[n])))
            n++;
    EXPECT(e == ERR_LIMIT && n > 0);
    listener *l;
    EXPECT(net_try_listen("127.0.0.1:0", &l) == ERR_LIMIT && !l);
    conn_close(c[--n]);
    EXPECT(net_dial(silent_address, 0, &c[n++]) == OK);
    while (n > 0)
        conn_close(c[--n]);
    EXPECT(net_try_listen("127.0.0.1:0", &l) == OK);
}

Test(live_net, without_file_descriptors_the_call_fails_and_nothing_else, .timeout = LIVE_TIMEOUT) {
    int fd = silent_listener(silent_address, sizeof silent_address);
    cr_assert_eq(listen(fd, FILES), 0);
    cr_assert(limit_files(FILES - 2));
    world_live(exhaust_root);
    cr_assert(clean());
}

static void nothing_left_root(void *arg) {
    (void)arg;
    conn *c;
    listener *l;
    EXPECT(net_dial("127.0.0.1:9", 0, &c) == ERR_LIMIT);
    EXPECT(net_try_listen("127.0.0.1:0", &l) == ERR_LIMIT);
    net_listen("127.0.0.1:0");
}

Test(live_net, not_even_one_for_the_first_socket, .timeout = LIVE_TIMEOUT) {
    for (int n = 0; n < 2; n++) { // none for the socket, then none for epoll
        cr_assert(limit_files(n));
        world_live(nothing_left_root);
        cr_assert_str_eq(world_panic(), "net: cannot listen on 127.0.0.1:0: limit reached");
    }
}

static void accept_exhausted_root(void *arg) {
    (void)arg;
    ears = net_listen("127.0.0.1:0");
    EXPECT(net_dial(listener_address(ears), 0, &near) == OK);
    EXPECT(limit_files(0));
    EXPECT(net_accept(ears, &far) == ERR_LIMIT && !far);
    EXPECT(limit_files(2));
    EXPECT(net_accept(ears, &far) == OK); // it has waited
    conn_close(near);
    conn_close(far);
}

Test(live_net, accept_says_so_and_the_connection_waits, .timeout = LIVE_TIMEOUT) {
    world_live(accept_exhausted_root);
    cr_assert(clean());
}

// --- no memory left -------------------------------------------------------------------------------------

Test(live_net, whichever_allocation_fails_no_socket_is_lost, .timeout = LIVE_TIMEOUT) {
    int files = open_files();
    uint64_t n = 0;
    do {
        world.config.fail_allocation = ++n;
        world_live(echo_root);
        cr_assert_eq(open_files(), files, "allocation %" PRIu64, n);
        if (world.end == RUN_PANICKED)
            cr_assert(strstr(world_panic(), "out of memory: "), "%s", world_panic());
        else
            cr_assert(clean(), "allocation %" PRIu64, n);
    } while (run_allocations() >= n);
    cr_assert_gt(n, 6);
}

// --- where code is judged there are no sockets --------------------------------------------------------

static int files_inside;

static void judged_root(void *arg) {
    (void)arg;
    conn *c;
    EXPECT(net_dial(silent_address, 0, &c) == ERR_REFUSED);
    http_response r;
    char url[80];
    snprintf(url, sizeof url, "http://%s/", silent_address);
    EXPECT(http_get(http_client_make(.max_conns = 1), ctx_background(), url, &r) == ERR_REFUSED);
    net_listen("127.0.0.1:0");
    EXPECT(net_dial("127.0.0.1:0", 0, &c) == OK); // it is but a name
    files_inside = open_files();
    conn_close(c);
}

Test(live_net, no_run_with_another_clock_gets_at_a_socket, .timeout = LIVE_TIMEOUT) {
    int fd = silent_listener(silent_address, sizeof silent_address), files = open_files();
    for (int clock = CLOCK_VIRTUAL; clock <= CLOCK_PACED; clock++) {
        world.config.clock = (enum clock_kind)clock;
        EVERY_WORLD(judged_root, 3) {
            cr_assert(clean(), "%s", world_name());
            cr_assert_eq(files_inside, files);
            cr_assert_eq(accept(fd, NULL, NULL), -1);
            cr_assert_eq(errno, EAGAIN);
        }
    }
}
