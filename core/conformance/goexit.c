// goexit: a task that ends where it stands, having made its deferred calls.
#include "core/conformance/deferred.h"

DEFERRED(panics, const char *text;) {
    panic("%s", a->text);
}

static void exit_deep(int depth) {
    deferring();
    defer_to_return(says_number, .number = depth);
    if (depth == 3)
        goexit();
    exit_deep(depth + 1);
}

TASK(exits, int unused;) {
    exit_deep(1);
    say("not reached");
}

RULE(goexit_ends_task, "goexit makes all deferred calls of its task and ends it, and no other.",
     "3\n2\n1\nroot\n") {
    go(exits, .unused = 0);
    sleep_ms(1);
    say("root");
}

TASK(exits_under_recover, int unused;) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    exit_deep(3);
    say("not reached");
}

RULE(goexit_not_recovered, "Nobody recovers from goexit.", "3\nrecovered nothing\nroot\n") {
    go(exits_under_recover, .unused = 0);
    sleep_ms(1);
    say("root");
}

TASK(says_later, int unused;) {
    sleep_ms(5);
    say("task");
}

RULE(goexit_of_root, "When the root exits the others go on; when none is left that is a deadlock.",
     "task\ndeadlock: the root has exited\n") {
    go(says_later, .unused = 0);
    goexit();
}

DEFERRED(exits_on_the_way, int unused;) {
    goexit();
}

TASK(panics_then_exits, int unused;) {
    deferring();
    defer_to_return(says, .text = "the rest");
    defer_to_return(exits_on_the_way, .unused = 0);
    panic("out of ink");
}

RULE(goexit_forgets_panic, "A goexit in a deferred call ends the task, and its panic is forgotten.",
     "the rest\nroot\n") {
    go(panics_then_exits, .unused = 0);
    sleep_ms(1);
    say("root");
}

TASK(exits_then_panics, int unused;) {
    deferring();
    defer_to_return(panics, .text = "out of ink");
    goexit();
}

RULE(panic_during_goexit, "A panic in a deferred call of goexit ends the run.",
     "panic: out of ink\n") {
    go(exits_then_panics, .unused = 0);
    sleep_ms(1);
    say("not reached");
}

static void exit_panic_recover(void) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    defer_to_return(panics, .text = "out of ink");
    goexit();
}

TASK(exits_in_spite, int unused;) {
    deferring();
    defer_to_return(says, .text = "outer");
    exit_panic_recover();
    say("not reached");
}

RULE(goexit_after_recover,
     "When a panic in a deferred call of goexit is recovered from, goexit goes on.",
     "recovered out of ink\nouter\nroot\n") {
    go(exits_in_spite, .unused = 0);
    sleep_ms(1);
    say("root");
}

DEFERRED(recovers_then_exits, int unused;) {
    recover();
    goexit();
}

TASK(exits_when_recovered, int unused;) {
    deferring();
    defer_to_return(says, .text = "the rest");
    defer_to_return(recovers_then_exits, .unused = 0);
    panic("out of ink");
}

RULE(goexit_when_recovered, "Who has recovered may end its task with goexit.", "the rest\nroot\n") {
    go(exits_when_recovered, .unused = 0);
    sleep_ms(1);
    say("root");
}

// --- goexit in deferred calls ---------------------------------------------------------------------------

static void return_then_exit(void) {
    deferring();
    defer_to_return(says, .text = "older");
    defer_to_return(exits_on_the_way, .unused = 0);
    say("body");
}

TASK(calls_who_exits, int unused;) {
    deferring();
    defer_to_return(says, .text = "caller");
    return_then_exit();
    say("not reached");
}

RULE(goexit_while_returning, "A goexit in a deferred call of a return makes all older calls.",
     "body\nolder\ncaller\nroot\n") {
    go(calls_who_exits, .unused = 0);
    sleep_ms(1);
    say("root");
}

TASK(exits_twice, int unused;) {
    deferring();
    defer_to_return(says, .text = "older");
    defer_to_return(exits_on_the_way, .unused = 0);
    goexit();
}

RULE(goexit_during_goexit, "A goexit in a deferred call of goexit goes on with the older calls.",
     "older\nroot\n") {
    go(exits_twice, .unused = 0);
    sleep_ms(1);
    say("root");
}

// --- goexit and others ------------------------------------------------------------------------------------

TASK(exits_locked, mutex *mu;) {
    deferring();
    mutex_lock(a->mu);
    defer_to_return(mutex_unlock, a->mu);
    goexit();
}

RULE(goexit_unlocks, "A deferred unlock is done on goexit, and others get the lock.", "true\n") {
    mutex mu = {0};
    go(exits_locked, .mu = &mu);
    sleep_ms(1);
    say("%s", yes_no(mutex_trylock(&mu)));
}

TASK(exits_done, waitgroup *wg;) {
    deferring();
    defer_to_return(waitgroup_done, a->wg);
    goexit();
}

RULE(goexit_is_done, "A deferred done is done on goexit, and the wait returns.", "waited\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    go(exits_done, .wg = &wg);
    waitgroup_wait(&wg);
    say("waited");
}

static void sleep_and_exit(void *unused) {
    (void)unused;
    sleep_ms(5);
    goexit();
}

TASK(asks_once, once *o; int ms;) {
    sleep_ms(a->ms);
    once_do(a->o, sleep_and_exit, NULL);
    say("went on");
}

RULE(once_that_exits, "A once whose function calls goexit is done, and who waits for it goes on.",
     "went on\nroot\n") {
    once o = {0};
    go(asks_once, .o = &o, .ms = 0);
    go(asks_once, .o = &o, .ms = 1);
    sleep_ms(9);
    say("root");
}

TASK(waits_for_ever, int_chan c;) {
    chan_recv(a->c, NULL);
}

RULE(goexit_of_root_leaves_waiting,
     "When the root exits and the others wait for ever that is a deadlock.",
     "deadlock: the root has exited\n", .go = "deadlock\n",
     .differs = "it tells of the root only when nobody is left") {
    int_chan c;
    chan_make(&c, 0);
    go(waits_for_ever, .c = c);
    goexit();
}
