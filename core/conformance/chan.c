// Channels: order, closing, and what is buffered. What each operation does in each state is in matrix.c.
#include "core/conformance/conformance.h"

#include <stdint.h>

// Times apart, so that those who wait came in a known order.
static void apart(void) {
    task_sleep(MILLISECOND);
}

// --- order --------------------------------------------------------------------------------------------

TASK(sends_range, int_chan c; int first; int count;) {
    for (int i = 0; i < a->count; i++)
        chan_send(a->c, a->first + i);
}

static void receive_and_say(int_chan c, int count) {
    for (int i = 0; i < count; i++) {
        int value;
        chan_recv(c, &value);
        say("%d", value);
    }
}

RULE(chan_order, "Values come out in the order in which they went in.", "1\n2\n3\n") {
    int_chan c;
    chan_make(&c, 3);
    for (int i = 1; i <= 3; i++)
        chan_send(c, i);
    receive_and_say(c, 3);
}

RULE(chan_order_without_buffer, "One sender's values come out in its order.", "1\n2\n3\n") {
    int_chan c;
    chan_make(&c, 0);
    go(sends_range, .c = c, .first = 1, .count = 3);
    receive_and_say(c, 3);
}

RULE(chan_senders_in_turn, "Waiting senders are served in the order in which they came.",
     "1\n2\n3\n") {
    int_chan c;
    chan_make(&c, 0);
    for (int i = 1; i <= 3; i++) {
        go(sends_range, .c = c, .first = i, .count = 1);
        apart();
    }
    receive_and_say(c, 3);
}

TASK(receives_and_says, int_chan c; int number;) {
    int value;
    chan_recv(a->c, &value);
    say("receiver %d got %d", a->number, value);
}

RULE(chan_receivers_in_turn, "Waiting receivers are served in the order in which they came.",
     "receiver 1 got 1\nreceiver 2 got 2\nreceiver 3 got 3\n") {
    int_chan c;
    chan_make(&c, 0);
    for (int i = 1; i <= 3; i++) {
        go(receives_and_says, .c = c, .number = i);
        apart();
    }
    for (int i = 1; i <= 3; i++) {
        chan_send(c, i);
        apart();
    }
}

TASK(selects_and_says, int_chan c; int number;) {
    int value = 0;
    int_chan never = {NULL};
    chan_select(RECV(never, NULL), RECV(a->c, &value));
    say("receiver %d got %d", a->number, value);
}

RULE(chan_select_waits_in_turn, "A select that waits stands in the same queue as a receive.",
     "receiver 1 got 1\nreceiver 2 got 2\nreceiver 3 got 3\n") {
    int_chan c;
    chan_make(&c, 0);
    go(selects_and_says, .c = c, .number = 1);
    apart();
    go(receives_and_says, .c = c, .number = 2);
    apart();
    go(selects_and_says, .c = c, .number = 3);
    apart();
    for (int i = 1; i <= 3; i++) {
        chan_send(c, i);
        apart();
    }
}

RULE(chan_waiting_sender_comes_last, "A sender that waits for room comes after what is buffered.",
     "1\n2\n3\n4\n") {
    int_chan c;
    chan_make(&c, 2);
    go(sends_range, .c = c, .first = 1, .count = 4);
    apart();
    receive_and_say(c, 4);
}

TASK(passes_on, int_chan from; int_chan to;) {
    int value;
    chan_recv(a->from, &value);
    chan_send(a->to, value);
}

RULE(chan_handed_to_the_waiting,
     "A value goes to a receiver that waits, not to one that comes later.", "default\n7\n") {
    int_chan c, passed;
    chan_make(&c, 1);
    chan_make(&passed, 1);
    go(passes_on, .from = c, .to = passed);
    apart();
    chan_send(c, 7);
    say("%s", chan_poll(RECV(c, NULL)) == 0 ? "received" : "default");
    receive_and_say(passed, 1);
}

// --- values -------------------------------------------------------------------------------------------

RULE(chan_send_copies, "What is sent is the value at the time of the send.", "1\n") {
    int_chan c;
    chan_make(&c, 1);
    int value = 1;
    chan_send(c, value);
    value = 2;
    chan_recv(c, &value);
    say("%d", value);
}

RULE(chan_of_channels, "A channel can be sent over a channel.", "5\n") {
    typedef chan_of(int_chan) chan_chan;
    chan_chan c;
    int_chan inner, got;
    chan_make(&c, 1);
    chan_make(&inner, 1);
    chan_send(c, inner);
    chan_recv(c, &got);
    chan_send(got, 5);
    receive_and_say(inner, 1);
}

struct point {
    int64_t x, y, z;
};
typedef chan_of(struct point) point_chan;

RULE(chan_of_structs, "Values of any size arrive whole.", "1 2 3\n0 0 0\n") {
    point_chan c;
    chan_make(&c, 1);
    struct point p = {1, 2, 3}, got = {9, 9, 9};
    chan_send(c, p);
    chan_close(c);
    for (int i = 0; i < 2; i++) {
        chan_recv(c, &got);
        say("%d %d %d", (int)got.x, (int)got.y, (int)got.z);
    }
}

// --- closing ------------------------------------------------------------------------------------------

RULE(chan_closed_drains, "After a close what is buffered is still received, then zero and false.",
     "1 true\n2 true\n0 false\n0 false\n") {
    int_chan c;
    chan_make(&c, 2);
    chan_send(c, 1);
    chan_send(c, 2);
    chan_close(c);
    for (int i = 0; i < 4; i++) {
        int value = 9;
        bool ok = chan_recv(c, &value);
        say("%d %s", value, yes_no(ok));
    }
}

TASK(sends_range_and_closes, int_chan c; int count;) {
    for (int i = 1; i <= a->count; i++)
        chan_send(a->c, i);
    chan_close(a->c);
}

RULE(chan_range, "A loop of receives ends when the channel is closed and drained.", "55\n") {
    int_chan c;
    chan_make(&c, 3);
    go(sends_range_and_closes, .c = c, .count = 10);
    int value, sum = 0;
    while (chan_recv(c, &value))
        sum += value;
    say("%d", sum);
}

TASK(tells_when_closed, int_chan c; int_chan woken;) {
    if (!chan_recv(a->c, NULL))
        chan_send(a->woken, 1);
}

RULE(chan_close_wakes_all, "A close wakes all who wait to receive.", "3\n") {
    int_chan c, woken;
    chan_make(&c, 0);
    chan_make(&woken, 3);
    for (int i = 0; i < 3; i++)
        go(tells_when_closed, .c = c, .woken = woken);
    apart();
    chan_close(c);
    apart();
    say("%zu", chan_len(woken));
}

// --- length and capacity --------------------------------------------------------------------------------

static void say_length(int_chan c) {
    say("%zu of %zu", chan_len(c), chan_cap(c));
}

RULE(chan_len_and_cap, "The length is what is buffered, the capacity what fits, also once closed.",
     "0 of 2\n1 of 2\n2 of 2\n2 of 2\n1 of 2\n") {
    int_chan c;
    chan_make(&c, 2);
    say_length(c);
    chan_send(c, 1);
    say_length(c);
    chan_send(c, 2);
    say_length(c);
    chan_close(c);
    say_length(c);
    chan_recv(c, NULL);
    say_length(c);
}

RULE(chan_len_of_nil, "A nil channel has length and capacity 0.", "0 of 0\n") {
    say_length((int_chan){NULL});
}

RULE(chan_len_counts_no_waiters, "Who waits to send is not counted.", "1 of 1\n0 of 0\n") {
    int_chan c, d;
    chan_make(&c, 1);
    chan_make(&d, 0);
    go(sends_range, .c = c, .first = 1, .count = 2);
    go(sends_range, .c = d, .first = 1, .count = 1);
    apart();
    say_length(c);
    say_length(d);
    chan_recv(c, NULL);
    chan_recv(c, NULL);
    chan_recv(d, NULL);
}

TASK(sends_and_tells, int_chan c; int_chan sent;) {
    for (;;) {
        chan_send(a->c, 1);
        chan_send(a->sent, 1);
    }
}

RULE(chan_capacity_bounds_sends, "As many sends as the buffer has room for do not wait.", "3\n",
     .left = 1) {
    int_chan c, sent;
    chan_make(&c, 3);
    chan_make(&sent, 10);
    go(sends_and_tells, .c = c, .sent = sent);
    apart();
    say("%zu", chan_len(sent));
}

RULE(chan_too_big, "A channel that cannot fit in memory panics where it is made.",
     "panic: chan_make: 4611686018427387904 elements of 4 bytes do not fit\n",
     .go = "panic: makechan: size out of range\n", .differs = "the sentence names the numbers") {
    int_chan c;
    chan_make(&c, SIZE_MAX / 4 + 1);
}

RULE(chan_wrong_size, "A value of another size than the channel's elements panics.",
     "panic: element of 8 bytes on a channel of 4-byte elements\n",
     .differs = "its compiler knows types; C's macros check them too, and this is beneath them") {
    int_chan c;
    chan_make(&c, 1);
    int64_t value = 0;
    chan_send_at(c.raw, &value, sizeof value, HERE);
}
