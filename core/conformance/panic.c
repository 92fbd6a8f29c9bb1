// Panic and recover: what is still done when a task cannot go on, and who may stop that.
#include "core/conformance/deferred.h"

// --- recover --------------------------------------------------------------------------------------------

static void panic_and_recover(void) {
    deferring();
    defer_to_return(says, .text = "the rest");
    defer_to_return(recovers, .unused = 0);
    panic("no such key: %d", 7);
}

RULE(recover_stops,
     "A deferred call that recovers lets its function return, after the other calls.",
     "recovered no such key: 7\nthe rest\ncaller\n") {
    panic_and_recover();
    say("caller");
}

DEFERRED(recovers_to, int *result; int value;) {
    if (recover())
        *a->result = a->value;
}

static int fail_with(int value) {
    int result = 1;
    deferring(result);
    defer_to_return(recovers_to, .result = &result, .value = value);
    panic("failed");
}

RULE(recover_with_result, "The function that was recovered returns its named result.", "42\n") {
    say("%d", fail_with(42));
}

static void call_deep(int depth) {
    deferring();
    defer_to_return(says_number, .number = depth);
    if (depth == 3)
        panic("too deep");
    call_deep(depth + 1);
}

static void recover_from_deep(void) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    call_deep(1);
    say("not reached");
}

RULE(recover_from_callees, "A panic ends the functions down to the one that recovers.",
     "3\n2\n1\nrecovered too deep\ncaller\n") {
    recover_from_deep();
    say("caller");
}

RULE(recover_without_panic, "Without a panic there is nothing to recover from.",
     "recovered nothing\nalso nothing\n") {
    deferring();
    defer_to_return(says, .text = "also nothing");
    defer_to_return(recovers, .unused = 0);
    if (recover())
        say("something");
}

static const panicked *help(void) {
    return recover();
}

DEFERRED(recovers_by_helper, int unused;) {
    say(help() ? "something" : "nothing");
}

RULE(recover_in_helper, "Only the deferred function itself can recover, none that it calls.",
     "nothing\npanic: out of ink\n") {
    deferring();
    defer_to_return(recovers_by_helper, .unused = 0);
    panic("out of ink");
}

DEFERRED(recovers_twice, int unused;) {
    const panicked *first = recover(), *second = recover();
    say("%s, %s", first ? first->text : "nothing", second ? second->text : "nothing");
}

static void recover_twice(void) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    defer_to_return(recovers_twice, .unused = 0);
    panic("out of ink");
}

RULE(recover_once, "A panic can be recovered from once.",
     "out of ink, nothing\nrecovered nothing\n") {
    recover_twice();
}

static int payload;

DEFERRED(recovers_value, int unused;) {
    const panicked *p = recover();
    say("%s", p->value == &payload ? "the value" : "another");
}

static void panic_with_value(void) {
    deferring();
    defer_to_return(recovers_value, .unused = 0);
    panic_value(&payload, "a payload");
}

RULE(recover_gets_value, "Who recovers gets the value that the panic was given.", "the value\n") {
    panic_with_value();
}

DEFERRED(counts_recovered, int *recovered;) {
    *a->recovered += recover() != NULL;
}

static void panic_counted(int *recovered) {
    deferring();
    defer_to_return(counts_recovered, .recovered = recovered);
    panic("out of ink");
}

RULE(recover_each_time, "Who has recovered goes on as before, and may panic again.", "200\n") {
    int recovered = 0;
    for (int i = 0; i < ROUNDS; i++)
        panic_counted(&recovered);
    say("%d", recovered);
}

TASK(dies_and_recovers, int unused;) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    panic("out of ink");
}

RULE(recover_in_task, "A task that recovers in its own function has ended like any other.",
     "recovered out of ink\nroot\n") {
    go(dies_and_recovers, .unused = 0);
    sleep_ms(1);
    say("root");
}

// --- panics of the core ---------------------------------------------------------------------------------

static void send_closed(void) {
    int_chan c;
    chan_make(&c, 1);
    chan_close(c);
    chan_send(c, 1);
}

static void close_closed(void) {
    int_chan c;
    chan_make(&c, 1);
    chan_close(c);
    chan_close(c);
}

static void close_nil(void) {
    chan_close((int_chan){NULL});
}

static void done_too_often(void) {
    waitgroup wg = {0};
    waitgroup_done(&wg);
}

static void tick_without_interval(void) {
    ticker_start(0);
}

static void derive_from_nothing(void) {
    ctx_with_cancel((ctx *)NULL);
}

static void select_closed(void) {
    int_chan c;
    chan_make(&c, 1);
    chan_close(c);
    chan_select(SEND(c, 1), RECV((int_chan){NULL}, NULL));
}

static void recover_from(void (*fails)(void)) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    fails();
}

RULE(recover_from_misuse, "A task can recover from what the primitives panic with.",
     "recovered send on closed channel\nrecovered send on closed channel\n"
     "recovered close of closed channel\nrecovered close of nil channel\n"
     "recovered sync: negative WaitGroup counter\n"
     "recovered non-positive interval for NewTicker\n"
     "recovered cannot create context from nil parent\n") {
    recover_from(send_closed);
    recover_from(select_closed);
    recover_from(close_closed);
    recover_from(close_nil);
    recover_from(done_too_often);
    recover_from(tick_without_interval);
    recover_from(derive_from_nothing);
}

TASK(sends_and_recovers, int_chan c;) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    chan_send(a->c, 2);
}

RULE(recover_waiting_sender,
     "A sender that a close takes by surprise can recover; what is buffered stays.",
     "recovered send on closed channel\n1 true\n0 false\n") {
    int_chan c;
    chan_make(&c, 1);
    chan_send(c, 1);
    go(sends_and_recovers, .c = c);
    sleep_ms(1);
    chan_close(c);
    sleep_ms(1);
    for (int i = 0; i < 2; i++) {
        int value;
        bool ok = chan_recv(c, &value);
        say("%d %s", value, yes_no(ok));
    }
}

RULE(recover_not_from_fatal, "Nobody recovers from an unlock of what is not locked.",
     "panic: sync: unlock of unlocked mutex\n",
     .go = "fatal error: sync: unlock of unlocked mutex\n", .differs = "only its word is another") {
    mutex mu = {0};
    deferring();
    defer_to_return(recovers, .unused = 0);
    mutex_unlock(&mu);
}

// --- locks and panics -----------------------------------------------------------------------------------

static void panic_locked(mutex *mu) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    mutex_lock(mu);
    defer_to_return(mutex_unlock, mu);
    panic("out of ink");
}

RULE(panic_unlocks, "A deferred unlock is done on panic, and others get the lock.",
     "recovered out of ink\ntrue\n") {
    mutex mu = {0};
    panic_locked(&mu);
    say("%s", yes_no(mutex_trylock(&mu)));
}

TASK(dies_done, waitgroup *wg;) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    defer_to_return(waitgroup_done, a->wg);
    panic("out of ink");
}

RULE(panic_is_done, "A deferred done is done on panic, and the wait returns.",
     "recovered out of ink\nwaited\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    go(dies_done, .wg = &wg);
    waitgroup_wait(&wg);
    sleep_ms(1);
    say("waited");
}

static void panic_text(void *text) {
    panic("%s", (char *)text);
}

static void do_and_recover(once *o) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    once_do(o, panic_text, "out of ink");
}

RULE(once_that_panics,
     "A once whose function panics is done; the panic goes to the first who asked.",
     "recovered out of ink\nrecovered nothing\n") {
    once o = {0};
    do_and_recover(&o);
    do_and_recover(&o);
}

TASK(asks_and_recovers, once *o; int ms;) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    sleep_ms(a->ms);
    once_do(a->o, panic_text, "out of ink");
}

static void sleep_and_panic(void *unused) {
    (void)unused;
    sleep_ms(5);
    panic("out of ink");
}

static void do_slowly_and_recover(once *o) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    once_do(o, sleep_and_panic, NULL);
}

RULE(once_others_go_on, "Who waits for a once whose function panics goes on.",
     "recovered out of ink\nrecovered nothing\n") {
    once o = {0};
    go(asks_and_recovers, .o = &o, .ms = 1);
    do_slowly_and_recover(&o);
    sleep_ms(1);
}

// --- panics on panics -----------------------------------------------------------------------------------

DEFERRED(panics, const char *text;) {
    panic("%s", a->text);
}

RULE(panic_in_deferred_call,
     "A panic in a deferred call goes on in its place; the end tells of both.",
     "panic: first\n\tpanic: second\n") {
    deferring();
    defer_to_return(panics, .text = "second");
    panic("first");
}

static void panic_twice(void) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    defer_to_return(panics, .text = "second");
    panic("first");
}

RULE(recover_from_the_newest, "Recovered is the newest panic, and with it those that it replaced.",
     "recovered second\ncaller\n") {
    panic_twice();
    say("caller");
}

DEFERRED(panics_inside, int unused;) {
    panic_and_recover();
}

RULE(recover_inside_deferred_call,
     "A panic that begins and is recovered from in a deferred call leaves the first as it was.",
     "recovered no such key: 7\nthe rest\npanic: first\n") {
    deferring();
    defer_to_return(panics_inside, .unused = 0);
    panic("first");
}

DEFERRED(panics_again, int unused;) {
    const panicked *p = recover();
    panic_again(p);
}

RULE(panic_again_after_recover, "Who panics again with what was recovered tells of both.",
     "panic: first [recovered]\n\tpanic: first\n") {
    deferring();
    defer_to_return(panics_again, .unused = 0);
    panic("first");
}

static void pass_on(void) {
    deferring();
    defer_to_return(panics_again, .unused = 0);
    panic_value(&payload, "a payload");
}

static void recover_what_was_passed_on(void) {
    deferring();
    defer_to_return(recovers_value, .unused = 0);
    pass_on();
}

RULE(panic_again_recovered,
     "What a task panics with again is recovered further out, with its value.", "the value\n") {
    recover_what_was_passed_on();
}

DEFERRED(recovers_then_panics, const char *text;) {
    recover();
    panic("%s", a->text);
}

RULE(panic_after_recover, "Who recovers and panics with something else tells of both.",
     "panic: first [recovered]\n\tpanic: second\n") {
    deferring();
    defer_to_return(recovers_then_panics, .text = "second");
    panic("first");
}

RULE(panic_three_times, "The end tells of all panics, in their order.",
     "panic: first\n\tpanic: second\n\tpanic: third\n") {
    deferring();
    defer_to_return(panics, .text = "third");
    defer_to_return(panics, .text = "second");
    panic("first");
}

// --- panics on the way to a return ------------------------------------------------------------------------

RULE(panic_while_returning, "A panic in a deferred call of a return makes the older calls.",
     "body\nolder\npanic: out of ink\n") {
    deferring();
    defer_to_return(says, .text = "older");
    defer_to_return(panics, .text = "out of ink");
    say("body");
}

static int return_and_recover(void) {
    int n = 1;
    deferring(n);
    defer_to_return(recovers, .unused = 0);
    defer_to_return(panics, .text = "out of ink");
    n = 5;
    return_named(n);
}

RULE(recover_while_returning, "One of them may recover; returned is what was to be returned.",
     "recovered out of ink\n5\n") {
    say("%d", return_and_recover());
}

// --- panics and other tasks ---------------------------------------------------------------------------------

DEFERRED(sleeps, int ms;) {
    sleep_ms(a->ms);
}

TASK(dies_slowly, int unused;) {
    deferring();
    defer_to_return(sleeps, .ms = 5);
    panic("out of ink");
}

RULE(panic_waits_for_calls, "Others go on while a deferred call of a panic waits.",
     "others at 2 ms\npanic: out of ink\n") {
    go(dies_slowly, .unused = 0);
    sleep_ms(2);
    say("others at %d ms", (int)(time_now() / MILLISECOND));
    sleep_ms(9);
    say("not reached");
}

// --- misuse of all this ---------------------------------------------------------------------------------

static void recover_unprepared(void) {
    defer(recovers, .unused = 0);
    panic("out of ink");
}

RULE(
    recover_without_deferring, "Nobody recovers into a function that did not say `deferring`.",
    "panic: out of ink\n\tpanic: recover: recover_unprepared has no deferring() before the defer of "
    "this call\n",
    .differs = "every function can be returned from") {
    recover_unprepared();
}

RULE(panic_with_nothing, "Panicking again with what was not recovered panics all the same.",
     "panic: panic_again: there is nothing to panic with\n",
     .differs = "a panic with nil has another sentence") {
    panic_again(recover());
}
