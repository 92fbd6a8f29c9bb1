// Every operation on a channel in every state that a channel can be in, alone and in every form of
// select. A row of a table below is five rules:
//
//     send_full                  by itself
//     send_full_in_select        in a select with nothing but a nil channel's arm beside it
//     send_full_with_default     in a select that does not wait
//     send_full_beside_blocked   in a select whose other arm is not ready
//     send_full_beside_ready     in a select whose other arm is
//
// Which of two ready arms happens is left to chance, so both must, equally often.
#include "core/conformance/conformance.h"

// --- the states -------------------------------------------------------------------------------------

static int_chan nil(void) {
    return (int_chan){NULL};
}

// Nobody is at its other end.
static int_chan idle(void) {
    int_chan c;
    chan_make(&c, 0);
    return c;
}

// Who waits at the other end goes away later, if nobody comes.
TASK(sends_a_second, int_chan c;) {
    chan_select(SEND(a->c, 7), AFTER(SECOND));
}

TASK(receives_a_second, int_chan c;) {
    chan_select(RECV(a->c, NULL), AFTER(SECOND));
}

static int_chan with_sender(void) {
    int_chan c = idle();
    go(sends_a_second, .c = c);
    task_sleep(MILLISECOND);
    return c;
}

static int_chan with_receiver(void) {
    int_chan c = idle();
    go(receives_a_second, .c = c);
    task_sleep(MILLISECOND);
    return c;
}

// A channel with room for two, and so many in it: 7, 8.
static int_chan buffered(int length) {
    int_chan c;
    chan_make(&c, 2);
    for (int i = 0; i < length; i++)
        chan_send(c, 7 + i);
    return c;
}

static int_chan empty(void) {
    return buffered(0);
}

static int_chan half(void) {
    return buffered(1);
}

static int_chan full(void) {
    return buffered(2);
}

static int_chan closed(void) {
    int_chan c = buffered(0);
    chan_close(c);
    return c;
}

static int_chan closed_half(void) {
    int_chan c = buffered(1);
    chan_close(c);
    return c;
}

static int_chan closed_full(void) {
    int_chan c = buffered(2);
    chan_close(c);
    return c;
}

// --- send in every form -----------------------------------------------------------------------------

static void say_sent(int arm) {
    say(arm == 0 ? "sent" : arm < 0 ? "default" : "other");
}

static void send(int_chan c) {
    chan_send(c, 1);
    say("sent");
}

static void send_in_select(int_chan c) {
    say_sent(chan_select(SEND(c, 1), RECV(nil(), NULL)));
}

static void send_with_default(int_chan c) {
    say_sent(chan_poll(SEND(c, 1)));
}

static void send_beside_blocked(int_chan c) {
    int_chan other = idle();
    say_sent(chan_select(SEND(c, 1), RECV(other, NULL)));
}

static void send_beside_ready(int_chan c) {
    int_chan other = half();
    say_sent(chan_select(SEND(c, 1), RECV(other, NULL)));
}

// --- receive in every form ----------------------------------------------------------------------------

static void say_received(int arm, int value, bool ok) {
    if (arm == 0)
        say("received %d %s", value, yes_no(ok));
    else
        say(arm < 0 ? "default" : "other");
}

static void recv(int_chan c) {
    int value = -1;
    bool ok = chan_recv(c, &value);
    say_received(0, value, ok);
}

static void recv_in_select(int_chan c) {
    int value = -1;
    bool ok;
    int arm = chan_select(RECV_OK(c, &value, &ok), RECV(nil(), NULL));
    say_received(arm, value, ok);
}

static void recv_with_default(int_chan c) {
    int value = -1;
    bool ok = false;
    int arm = chan_poll(RECV_OK(c, &value, &ok));
    say_received(arm, value, ok);
}

static void recv_beside_blocked(int_chan c) {
    int_chan other = idle();
    int value = -1;
    bool ok;
    int arm = chan_select(RECV_OK(c, &value, &ok), RECV(other, NULL));
    say_received(arm, value, ok);
}

static void recv_beside_ready(int_chan c) {
    int_chan other = half();
    int value = -1;
    bool ok = false;
    int arm = chan_select(RECV_OK(c, &value, &ok), RECV(other, NULL));
    say_received(arm, value, ok);
}

// --- close --------------------------------------------------------------------------------------------

// Time for those who wait to notice.
static void close_it(int_chan c) {
    chan_close(c);
    task_sleep(MILLISECOND);
    say("closed");
}

// --- the tables -----------------------------------------------------------------------------------------

// What happens, in words and as an outcome.
#define WAITS_TO_SEND    "waits for ever", "deadlock: chan send\n"
#define WAITS_TO_RECV    "waits for ever", "deadlock: chan receive\n"
#define WAITS_ON_NIL(op) "waits for ever", "deadlock: chan " op " (nil chan)\n"
#define WAITS            "waits for ever", "deadlock: select\n"
#define DEFAULTS         "is passed by", "default\n"
#define OTHER            "leaves it to the other arm", "other\n"
#define SENDS            "sends at once", "sent\n"
#define GETS             "receives the first value", "received 7 true\n"
#define GETS_ZERO        "gets zero and false", "received 0 false\n"
#define PANICS           "panics", "panic: send on closed channel\n"
#define SENDS_OR_OTHER   "happens or leaves it to the other arm", "sent\nor\nother\n", .fair = true
#define GETS_OR_OTHER                                                                              \
    "happens or leaves it to the other arm", "received 7 true\nor\nother\n", .fair = true
#define ZERO_OR_OTHER                                                                              \
    "happens or leaves it to the other arm", "received 0 false\nor\nother\n", .fair = true
#define PANICS_OR_OTHER                                                                            \
    "panics or leaves it to the other arm", "panic: send on closed channel\nor\nother\n",          \
        .fair = true

#define CELL(op, form, state, words, ...)                                                          \
    CELL_(op##_##state##form, op##form, state, words, __VA_ARGS__)
#define CELL_(name, perform, state, words, does, expected, ...)                                    \
    RULE(name, words " " does ".", expected, __VA_ARGS__) {                                        \
        perform(state());                                                                          \
    }
#define ROW(op, state, words, alone, in_select, with_default, beside_blocked, beside_ready)        \
    CELL(op, , state, words, alone, )                                                              \
    CELL(op, _in_select, state, words ", as the only arm of a select,", in_select, )               \
    CELL(op, _with_default, state, words ", in a select with a default,", with_default, )          \
    CELL(op, _beside_blocked, state, words ", beside an arm that is not ready,", beside_blocked, ) \
    CELL(op, _beside_ready, state, words ", beside an arm that is ready,", beside_ready, )

// clang-format off
ROW(send, nil, "A send on a nil channel",
    WAITS_ON_NIL("send"), WAITS, DEFAULTS, WAITS, OTHER)
ROW(send, idle, "A send that nobody receives",
    WAITS_TO_SEND, WAITS, DEFAULTS, WAITS, OTHER)
ROW(send, with_receiver, "A send to a waiting receiver",
    SENDS, SENDS, SENDS, SENDS, SENDS_OR_OTHER)
ROW(send, half, "A send to a buffer with room",
    SENDS, SENDS, SENDS, SENDS, SENDS_OR_OTHER)
ROW(send, full, "A send to a full buffer",
    WAITS_TO_SEND, WAITS, DEFAULTS, WAITS, OTHER)
ROW(send, closed, "A send on a closed channel",
    PANICS, PANICS, PANICS, PANICS, PANICS_OR_OTHER)
ROW(send, closed_full, "A send on a closed channel with a full buffer",
    PANICS, PANICS, PANICS, PANICS, PANICS_OR_OTHER)

ROW(recv, nil, "A receive from a nil channel",
    WAITS_ON_NIL("receive"), WAITS, DEFAULTS, WAITS, OTHER)
ROW(recv, idle, "A receive that nobody sends to",
    WAITS_TO_RECV, WAITS, DEFAULTS, WAITS, OTHER)
ROW(recv, with_sender, "A receive from a waiting sender",
    GETS, GETS, GETS, GETS, GETS_OR_OTHER)
ROW(recv, empty, "A receive from an empty buffer",
    WAITS_TO_RECV, WAITS, DEFAULTS, WAITS, OTHER)
ROW(recv, half, "A receive from a buffer with a value",
    GETS, GETS, GETS, GETS, GETS_OR_OTHER)
ROW(recv, full, "A receive from a full buffer",
    GETS, GETS, GETS, GETS, GETS_OR_OTHER)
ROW(recv, closed, "A receive from a closed channel",
    GETS_ZERO, GETS_ZERO, GETS_ZERO, GETS_ZERO, ZERO_OR_OTHER)
ROW(recv, closed_half, "A receive from a closed channel with a value in its buffer",
    GETS, GETS, GETS, GETS, GETS_OR_OTHER)
// clang-format on

#define CLOSE(state, words, expected)                                                              \
    RULE(close_##state, words, expected) {                                                         \
        close_it(state());                                                                         \
    }

CLOSE(nil, "Closing a nil channel panics.", "panic: close of nil channel\n")
CLOSE(idle, "An open channel can be closed.", "closed\n")
CLOSE(with_receiver, "A channel with a waiting receiver can be closed.", "closed\n")
CLOSE(with_sender, "Closing a channel with a waiting sender panics in the sender.",
      "panic: send on closed channel\n")
CLOSE(full, "A channel with a full buffer can be closed.", "closed\n")
CLOSE(closed, "Closing a closed channel panics.", "panic: close of closed channel\n")
CLOSE(closed_full, "Closing a closed channel with a full buffer panics.",
      "panic: close of closed channel\n")
