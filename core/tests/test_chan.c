// Channels: what each operation does in each state, in which order values and waiters are served,
// and that nothing is lost under any schedule.
#include "core/tests/world.h"

// --- every operation in every state -----------------------------------------------------------------

enum action { SEND_1, RECEIVE, CLOSE };
enum outcome { GOES_ON, GETS_VALUE, GETS_CLOSED, WAITS, PANICS };

static struct row {
    enum { NIL, OPEN, CLOSED } state;
    size_t capacity;
    int filled; // values in the buffer
    enum action action;
    enum outcome outcome;
    enum wait_reason reason; // WAITS
    const char *sentence;    // PANICS
} row;
static bool came_back, got_ok;
static int got;

static void matrix_root(void *arg) {
    (void)arg;
    came_back = got_ok = false;
    got = -1;
    int_chan c = {NULL};
    if (row.state != NIL)
        chan_make(&c, row.capacity);
    for (int i = 0; i < row.filled; i++)
        chan_send(c, 7 + i);
    if (row.state == CLOSED)
        chan_close(c);
    if (row.action == SEND_1)
        chan_send(c, 1);
    else if (row.action == RECEIVE)
        got_ok = chan_recv(c, &got);
    else
        chan_close(c);
    came_back = true;
}

static void check_row(struct row r) {
    row = r;
    EVERY_WORLD(matrix_root, 3) {
        cr_assert_eq(came_back, r.outcome <= GETS_CLOSED, "%s", world_name());
        cr_assert_eq(world.end, r.outcome == PANICS ? RUN_PANICKED : RUN_QUIESCENT);
        cr_assert_eq(world.log->alive, came_back ? 0 : 1);
        cr_assert_str_eq(world_panic(), r.sentence ? r.sentence : "");
        for (int w = 1; w < WAIT_REASON_COUNT; w++)
            cr_assert_eq(world_waiting(w), r.outcome == WAITS && r.reason == (enum wait_reason)w);
        if (r.action == RECEIVE && came_back) {
            cr_assert_eq(got_ok, r.outcome == GETS_VALUE);
            cr_assert_eq(got, r.outcome == GETS_VALUE ? 7 : 0);
        }
    }
}

#define MATRIX(X)                                                                                  \
    X(send_nil, NIL, 0, 0, SEND_1, WAITS, WAIT_SEND_NIL, NULL)                                     \
    X(recv_nil, NIL, 0, 0, RECEIVE, WAITS, WAIT_RECV_NIL, NULL)                                    \
    X(close_nil, NIL, 0, 0, CLOSE, PANICS, 0, "close of nil channel")                              \
    X(send_unbuffered, OPEN, 0, 0, SEND_1, WAITS, WAIT_SEND, NULL)                                 \
    X(recv_unbuffered, OPEN, 0, 0, RECEIVE, WAITS, WAIT_RECV, NULL)                                \
    X(close_unbuffered, OPEN, 0, 0, CLOSE, GOES_ON, 0, NULL)                                       \
    X(send_unbuffered_closed, CLOSED, 0, 0, SEND_1, PANICS, 0, "send on closed channel")           \
    X(recv_unbuffered_closed, CLOSED, 0, 0, RECEIVE, GETS_CLOSED, 0, NULL)                         \
    X(close_unbuffered_closed, CLOSED, 0, 0, CLOSE, PANICS, 0, "close of closed channel")          \
    X(send_empty, OPEN, 2, 0, SEND_1, GOES_ON, 0, NULL)                                            \
    X(recv_empty, OPEN, 2, 0, RECEIVE, WAITS, WAIT_RECV, NULL)                                     \
    X(close_empty, OPEN, 2, 0, CLOSE, GOES_ON, 0, NULL)                                            \
    X(send_half_full, OPEN, 2, 1, SEND_1, GOES_ON, 0, NULL)                                        \
    X(recv_half_full, OPEN, 2, 1, RECEIVE, GETS_VALUE, 0, NULL)                                    \
    X(close_half_full, OPEN, 2, 1, CLOSE, GOES_ON, 0, NULL)                                        \
    X(send_full, OPEN, 2, 2, SEND_1, WAITS, WAIT_SEND, NULL)                                       \
    X(recv_full, OPEN, 2, 2, RECEIVE, GETS_VALUE, 0, NULL)                                         \
    X(close_full, OPEN, 2, 2, CLOSE, GOES_ON, 0, NULL)                                             \
    X(send_closed_empty, CLOSED, 2, 0, SEND_1, PANICS, 0, "send on closed channel")                \
    X(recv_closed_empty, CLOSED, 2, 0, RECEIVE, GETS_CLOSED, 0, NULL)                              \
    X(close_closed_empty, CLOSED, 2, 0, CLOSE, PANICS, 0, "close of closed channel")               \
    X(send_closed_full, CLOSED, 2, 2, SEND_1, PANICS, 0, "send on closed channel")                 \
    X(recv_closed_full, CLOSED, 2, 2, RECEIVE, GETS_VALUE, 0, NULL)                                \
    X(close_closed_full, CLOSED, 2, 2, CLOSE, PANICS, 0, "close of closed channel")
#define X(name, ...)                                                                               \
    Test(chan_matrix, name) {                                                                      \
        check_row((struct row){__VA_ARGS__});                                                      \
    }
MATRIX(X)
#undef X

// --- two tasks ----------------------------------------------------------------------------------------

static int_chan shared;
static int order[16], order_count;

static void note(int what) {
    EXPECT(order_count < 16);
    order[order_count++] = what;
}

TASK(sender, int first; int count;) {
    for (int i = 0; i < a->count; i++)
        chan_send(shared, a->first + i);
    note(a->first);
}

TASK(receiver, int *out; bool *ok;) {
    *a->ok = chan_recv(shared, a->out);
}

static void rendezvous_root(void *arg) {
    (void)arg;
    order_count = 0;
    chan_make(&shared, 0);
    go(sender, .first = 5, .count = 1);
    task_sleep(SECOND);
    note(1);
    int v = 0;
    EXPECT(chan_recv(shared, &v));
    EXPECT(v == 5);
}

Test(chan, unbuffered_send_waits_for_its_receiver) {
    EVERY_WORLD(rendezvous_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(order[0], 1, "the receiver came first: %s", world_name());
        cr_assert_eq(order[1], 5);
    }
}

static void buffered_root(void *arg) {
    (void)arg;
    order_count = 0;
    chan_make(&shared, 2);
    go(sender, .first = 10, .count = 2);
    go(sender, .first = 20, .count = 3);
    task_sleep(SECOND);
    note(1);
    while (chan_len(shared))
        chan_recv(shared, NULL);
}

Test(chan, buffered_send_goes_on_until_the_buffer_is_full) {
    world_default(buffered_root);
    cr_assert(world_finished());
    cr_assert_eq(order[0], 10, "two fit");
    cr_assert_eq(order[1], 1, "the third did not");
    cr_assert_eq(order[2], 20);
}

static void fifo_root(void *arg) {
    (void)arg;
    order_count = 0;
    chan_make(&shared, *(const size_t *)world.config.user);
    go(sender, .first = 0, .count = 20);
    for (int i = 0; i < 20; i++) {
        int v = -1;
        EXPECT(chan_recv(shared, &v));
        EXPECT(v == i);
    }
}

Test(chan, values_arrive_in_the_order_they_were_sent) {
    for (size_t capacity = 0; capacity < 4; capacity++) {
        world.config.user = &capacity;
        EVERY_WORLD(fifo_root, 300) {
            cr_assert(world_finished(), "%s", world_name());
        }
    }
}

static int received[4];
static bool received_ok[4];

static void receivers_start(int count) {
    for (int i = 0; i < count; i++) {
        received[i] = -1;
        received_ok[i] = true;
        go(receiver, .out = &received[i], .ok = &received_ok[i]);
        task_sleep(1); // so that each waits before the next comes
    }
}

static void receivers_in_order_root(void *arg) {
    (void)arg;
    chan_make(&shared, *(const size_t *)world.config.user);
    receivers_start(4);
    for (int i = 0; i < 4; i++)
        chan_send(shared, i);
}

Test(chan, waiting_receivers_are_served_in_the_order_they_came) {
    for (size_t capacity = 0; capacity < 3; capacity++) {
        world.config.user = &capacity;
        EVERY_WORLD(receivers_in_order_root, 300) {
            cr_assert(world_finished(), "%s", world_name());
            for (int i = 0; i < 4; i++)
                cr_assert_eq(received[i], i, "%s", world_name());
        }
    }
}

static void senders_in_order_root(void *arg) {
    (void)arg;
    order_count = 0;
    chan_make(&shared, 0);
    for (int i = 0; i < 4; i++) {
        go(sender, .first = i, .count = 1);
        task_sleep(1);
    }
    for (int i = 0; i < 4; i++) {
        int v = -1;
        EXPECT(chan_recv(shared, &v) && v == i);
    }
}

Test(chan, waiting_senders_are_served_in_the_order_they_came) {
    EVERY_WORLD(senders_in_order_root, 300) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void overtaking_root(void *arg) {
    (void)arg;
    order_count = 0;
    chan_make(&shared, 1);
    chan_send(shared, 1);
    go(sender, .first = 2, .count = 1);
    task_sleep(1);
    int v = 0;
    EXPECT(chan_recv(shared, &v) && v == 1);
    EXPECT(chan_len(shared) == 1); // the waiting sender's value took the room at once
    EXPECT(chan_recv(shared, &v) && v == 2);
}

Test(chan, a_waiting_sender_takes_the_room_at_once) {
    EVERY_WORLD(overtaking_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- close --------------------------------------------------------------------------------------------

static void close_wakes_root(void *arg) {
    (void)arg;
    chan_make(&shared, 0);
    receivers_start(4);
    chan_close(shared);
}

Test(chan, close_wakes_every_receiver_with_zero_and_false) {
    EVERY_WORLD(close_wakes_root, 300) {
        cr_assert(world_finished(), "%s", world_name());
        for (int i = 0; i < 4; i++) {
            cr_assert_not(received_ok[i], "%s", world_name());
            cr_assert_eq(received[i], 0, "%s", world_name());
        }
    }
}

static void close_under_sender_root(void *arg) {
    (void)arg;
    order_count = 0;
    chan_make(&shared, 0);
    go(sender, .first = 5, .count = 1);
    task_sleep(1);
    chan_close(shared);
    task_sleep(1);
}

Test(chan, close_makes_a_waiting_sender_panic_in_its_own_name) {
    EVERY_WORLD(close_under_sender_root, 100) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "send on closed channel");
        cr_assert_eq(world_event(EV_PANIC, 0)->task, 1, "%s", world_name());
    }
}

static void drain_root(void *arg) {
    (void)arg;
    chan_make(&shared, 3);
    for (int i = 1; i <= 3; i++)
        chan_send(shared, i);
    chan_close(shared);
    int v, sum = 0, rounds = 0;
    while (chan_recv(shared, &v)) {
        sum = sum * 10 + v;
        rounds++;
    }
    EXPECT(sum == 123 && rounds == 3 && v == 0);
    EXPECT(!chan_recv(shared, &v));
}

Test(chan, receiving_drains_a_closed_channel_then_ends) {
    EVERY_WORLD(drain_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void deferred_close_root(void *arg) {
    (void)arg;
    chan_make(&shared, 0);
    { defer(chan_close, shared.raw); }
    int v = 1;
    EXPECT(!chan_recv(shared, &v));
}

Test(chan, a_deferred_close_happens_at_the_end_of_its_block) {
    world_default(deferred_close_root);
    cr_assert(world_finished());
}

// --- elements -----------------------------------------------------------------------------------------

#define ROUND_TRIP(bytes)                                                                          \
    do {                                                                                           \
        typedef struct {                                                                           \
            unsigned char b[bytes];                                                                \
        } piece;                                                                                   \
        chan_of(piece) c;                                                                          \
        chan_make(&c, 2);                                                                          \
        piece in, out;                                                                             \
        for (size_t i = 0; i < (bytes); i++)                                                       \
            in.b[i] = (unsigned char)(i * 37 + 1);                                                 \
        memset(&out, 0, sizeof out);                                                               \
        chan_send(c, in);                                                                          \
        chan_send(c, out);                                                                         \
        EXPECT(chan_recv(c, &out) && memcmp(&in, &out, sizeof in) == 0);                           \
        EXPECT(chan_recv(c, &out) && out.b[(bytes)-1] == 0);                                       \
    } while (0)

static void sizes_root(void *arg) {
    (void)arg;
    ROUND_TRIP(1);
    ROUND_TRIP(2);
    ROUND_TRIP(3);
    ROUND_TRIP(4);
    ROUND_TRIP(8);
    ROUND_TRIP(9);
    ROUND_TRIP(16);
    ROUND_TRIP(1000);
}

Test(chan, elements_of_any_size_arrive_whole) {
    EVERY_WORLD(sizes_root, 2) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void drop_root(void *arg) {
    (void)arg;
    chan_make(&shared, 1);
    chan_send(shared, 1);
    EXPECT(chan_recv(shared, NULL));
    EXPECT(chan_len(shared) == 0);
    EXPECT(chan_cap(shared) == 1);
    int_chan nil = {NULL};
    EXPECT(chan_len(nil) == 0 && chan_cap(nil) == 0);
}

Test(chan, a_value_can_be_dropped_and_len_and_cap_tell) {
    EVERY_WORLD(drop_root, 2) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void wrong_size_root(void *arg) {
    (void)arg;
    chan_make(&shared, 1);
    chan_of(int64_t) wrong = {shared.raw};
    chan_send(wrong, 1);
}

Test(chan, an_element_of_another_size_panics) {
    world_default(wrong_size_root);
    cr_assert_eq(world.end, RUN_PANICKED);
    cr_assert_str_eq(world_panic(), "element of 8 bytes on a channel of 4-byte elements");
}

static size_t asked;

static void capacity_root(void *arg) {
    (void)arg;
    signal_chan c;
    chan_make(&c, asked);
    EXPECT(!"a channel of that capacity was made");
}

Test(chan, a_capacity_beyond_memory_panics) {
    static const size_t capacities[] = {SIZE_MAX, SIZE_MAX - 64, SIZE_MAX / 2, (size_t)1 << 40};
    for (size_t i = 0; i < 4; i++) {
        asked = capacities[i];
        world_default(capacity_root);
        cr_assert_eq(world.end, RUN_PANICKED, "capacity %zu", asked);
    }
}

// --- conservation ---------------------------------------------------------------------------------------

enum { SENDERS = 3, RECEIVERS = 2, EACH = 4 };
static int sum, taken, last_of[SENDERS];
static waitgroup senders_done;

TASK(numbered_sender, int number;) {
    defer(waitgroup_done, &senders_done);
    for (int i = 1; i <= EACH; i++)
        chan_send(shared, a->number * 100 + i);
}

TASK(adder, int unused;) {
    int v;
    while (chan_recv(shared, &v)) {
        sum += v;
        taken++;
    }
}

static void conservation_root(void *arg) {
    (void)arg;
    sum = taken = 0;
    senders_done = (waitgroup){0};
    chan_make(&shared, *(const size_t *)world.config.user);
    for (int i = 0; i < SENDERS; i++) {
        waitgroup_add(&senders_done, 1);
        go(numbered_sender, .number = i);
    }
    for (int i = 0; i < RECEIVERS; i++)
        go(adder, .unused = 0);
    waitgroup_wait(&senders_done);
    chan_close(shared);
}

Test(chan, nothing_is_lost_or_doubled_under_1000_seeds) {
    for (size_t capacity = 0; capacity < 3; capacity++) {
        world.config.user = &capacity;
        EVERY_WORLD(conservation_root, 1000) {
            cr_assert(world_finished(), "%s", world_name());
            cr_assert_eq(taken, SENDERS * EACH, "%s", world_name());
            cr_assert_eq(sum, 300 * EACH + SENDERS * (1 + 2 + 3 + 4), "%s", world_name());
        }
    }
}

static void per_sender_root(void *arg) {
    (void)arg;
    senders_done = (waitgroup){0};
    memset(last_of, 0, sizeof last_of);
    chan_make(&shared, 2);
    for (int i = 0; i < SENDERS; i++) {
        waitgroup_add(&senders_done, 1);
        go(numbered_sender, .number = i);
    }
    for (int i = 0; i < SENDERS * EACH; i++) {
        int v = 0;
        chan_recv(shared, &v);
        EXPECT(last_of[v / 100] + 1 == v % 100);
        last_of[v / 100] = v % 100;
    }
}

Test(chan, each_senders_values_stay_in_order_under_1000_seeds) {
    EVERY_WORLD(per_sender_root, 1000) {
        cr_assert(world_finished(), "%s", world_name());
    }
}
