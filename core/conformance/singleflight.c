// Single flights, golang.org/x/sync/singleflight: one does the work, all get its result.
#include "core/conformance/conformance.h"

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

static int values[] = {0, 1, 2, 3};
static _Atomic int calls;

// Takes 5 ms; gives the number of the call.
static err work(void *unused, void **value) {
    (void)unused;
    int number = ++calls;
    sleep_ms(5);
    *value = &values[number];
    return OK;
}

static err fail(void *unused, void **value) {
    (void)unused, (void)value;
    sleep_ms(5);
    return ERR_EOF;
}

static void say_flight(flight f) {
    if (f.err)
        say("%s, shared %s at %d ms", err_text(f.err), yes_no(f.shared), milliseconds());
    else
        say("%d, shared %s at %d ms", *(int *)f.value, yes_no(f.shared), milliseconds());
}

TASK(asks_at, singleflight *s; const char *key; int ms; flight_fn *fn;) {
    sleep_ms(a->ms);
    say_flight(singleflight_do(a->s, a->key, a->fn, NULL));
}

RULE(flight_alone, "Who asks alone does the work, and shares with nobody.",
     "1, shared false at 5 ms\n", .x_sync = true) {
    singleflight s = {0};
    calls = 0;
    say_flight(singleflight_do(&s, "a", work, NULL));
}

RULE(flight_shared, "Who asks while the work is done waits for it, and all get its result.",
     "1, shared true at 5 ms\n1, shared true at 5 ms\n1, shared true at 5 ms\ncalls 1\n",
     .x_sync = true) {
    singleflight s = {0};
    calls = 0;
    for (int i = 0; i < 3; i++)
        go(asks_at, .s = &s, .key = "a", .ms = i, .fn = work);
    sleep_ms(9);
    say("calls %d", calls);
}

RULE(flight_afresh, "Who asks when the work is done has it done again.",
     "1, shared false at 5 ms\n2, shared false at 10 ms\n", .x_sync = true) {
    singleflight s = {0};
    calls = 0;
    for (int i = 0; i < 2; i++)
        say_flight(singleflight_do(&s, "a", work, NULL));
}

RULE(flight_of_another_key, "Who asks for something else does not wait.",
     "1, shared false at 5 ms\n2, shared false at 6 ms\n", .x_sync = true) {
    singleflight s = {0};
    calls = 0;
    go(asks_at, .s = &s, .key = "a", .ms = 0, .fn = work);
    go(asks_at, .s = &s, .key = "b", .ms = 1, .fn = work);
    sleep_ms(9);
}

RULE(flight_error, "An error is a result like any other.",
     "EOF, shared true at 5 ms\nEOF, shared true at 5 ms\n", .x_sync = true) {
    singleflight s = {0};
    go(asks_at, .s = &s, .key = "a", .ms = 0, .fn = fail);
    go(asks_at, .s = &s, .key = "a", .ms = 1, .fn = fail);
    sleep_ms(9);
}

RULE(flight_forgotten, "Who asks after a forget has the work done beside what is under way.",
     "1, shared false at 5 ms\n2, shared true at 7 ms\n2, shared true at 7 ms\n", .x_sync = true) {
    singleflight s = {0};
    calls = 0;
    go(asks_at, .s = &s, .key = "a", .ms = 0, .fn = work);
    go(asks_at, .s = &s, .key = "a", .ms = 2, .fn = work);
    go(asks_at, .s = &s, .key = "a", .ms = 6, .fn = work);
    sleep_ms(1);
    singleflight_forget(&s, "a");
    sleep_ms(9);
}

static void say_received(flight_chan c) {
    flight f;
    chan_recv(c, &f);
    say_flight(f);
}

RULE(flight_by_channel, "do_chan gives the result by a channel, and does not wait.",
     "0 of 1 at 0 ms\n1, shared true at 5 ms\n1, shared true at 5 ms\ndeadlock: chan receive\n",
     .x_sync = true) {
    singleflight s = {0};
    calls = 0;
    flight_chan one = singleflight_do_chan(&s, "a", work, NULL);
    flight_chan other = singleflight_do_chan(&s, "a", work, NULL);
    say("%zu of %zu at %d ms", chan_len(one), chan_cap(one), milliseconds());
    say_received(one);
    say_received(other);
    chan_recv(one, NULL);
}

static singleflight own;

static err ask_again(void *unused, void **value) {
    (void)value;
    return singleflight_do(&own, "a", ask_again, unused).err;
}

RULE(flight_within_itself, "Work that asks for its own key waits for itself.",
     "deadlock: singleflight.Group.Do\n", .x_sync = true, .go = "deadlock: sync.WaitGroup.Wait\n",
     .differs = "it is made of other primitives") {
    own = (singleflight){0};
    singleflight_do(&own, "a", ask_again, NULL);
}

// --- panic and goexit -----------------------------------------------------------------------------------

static err panic_slowly(void *unused, void **value) {
    (void)unused, (void)value;
    sleep_ms(5);
    panic("out of ink");
}

static err exit_slowly(void *unused, void **value) {
    (void)unused, (void)value;
    sleep_ms(5);
    goexit();
}

DEFERRED(says_how, int_chan recovered;) {
    chan_send(a->recovered, recover() != NULL);
}

TASK(asks_and_recovers, singleflight *s; flight_fn *fn; int_chan recovered;) {
    deferring();
    defer_to_return(says_how, .recovered = a->recovered);
    singleflight_do(a->s, "a", a->fn, NULL);
    say("not reached");
}

static void three_ask(flight_fn *fn) {
    singleflight s = {0};
    int_chan recovered;
    chan_make(&recovered, 3);
    for (int i = 0; i < 3; i++)
        go(asks_and_recovers, .s = &s, .fn = fn, .recovered = recovered);
    int one, sum = 0;
    for (int i = 0; i < 3; i++) {
        chan_recv(recovered, &one);
        sum += one;
    }
    say("%d of 3 recovered", sum);
}

RULE(flight_panics, "When the work panics all who wait for it panic.", "3 of 3 recovered\n",
     .x_sync = true) {
    three_ask(panic_slowly);
}

RULE(flight_exits, "When the work calls goexit all who wait for it exit.", "0 of 3 recovered\n",
     .x_sync = true) {
    three_ask(exit_slowly);
}

RULE(flight_panics_for_channel,
     "When somebody waits by a channel a panic of the work ends the run.", "panic: out of ink\n",
     .x_sync = true) {
    singleflight s = {0};
    chan_recv(singleflight_do_chan(&s, "a", panic_slowly, NULL), NULL);
}

RULE(flight_without_key, "Asking for nothing panics.", "panic: singleflight: nil key\n",
     .differs = "its keys are texts, which are there") {
    singleflight s = {0};
    singleflight_forget(&s, NULL);
}
