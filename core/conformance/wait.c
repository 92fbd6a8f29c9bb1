// Wait group, once and cond: who is waited for, who is woken, and in which order.
#include "core/conformance/conformance.h"

#include <limits.h>

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

static void apart(void) {
    task_sleep(MILLISECOND);
}

// --- wait group ---------------------------------------------------------------------------------------

RULE(waitgroup_empty, "A wait for nothing returns at once.", "returned\n") {
    waitgroup wg = {0};
    waitgroup_wait(&wg);
    say("returned");
}

TASK(done_after, waitgroup *wg; int ms;) {
    task_sleep(a->ms * MILLISECOND);
    waitgroup_done(a->wg);
}

RULE(waitgroup_waits_for_all, "A wait returns with the last done.", "3 ms\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 3);
    for (int i = 0; i < 3; i++)
        go(done_after, .wg = &wg, .ms = i + 1);
    waitgroup_wait(&wg);
    say("%d ms", milliseconds());
}

TASK(waits_and_tells, waitgroup *wg; int_chan told;) {
    waitgroup_wait(a->wg);
    chan_send(a->told, 1);
}

RULE(waitgroup_wakes_all, "The last done wakes all who wait.", "0\n3\n") {
    waitgroup wg = {0};
    int_chan told;
    chan_make(&told, 3);
    waitgroup_add(&wg, 1);
    for (int i = 0; i < 3; i++)
        go(waits_and_tells, .wg = &wg, .told = told);
    apart();
    say("%zu", chan_len(told));
    waitgroup_done(&wg);
    apart();
    say("%zu", chan_len(told));
}

TASK(adds_another, waitgroup *wg;) {
    apart();
    waitgroup_add(a->wg, 1);
    go(done_after, .wg = a->wg, .ms = 2);
    waitgroup_done(a->wg);
}

RULE(waitgroup_add_while_waiting,
     "What is added while the counter is above zero is waited for too.", "3 ms\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    go(adds_another, .wg = &wg);
    waitgroup_wait(&wg);
    say("%d ms", milliseconds());
}

RULE(waitgroup_add_negative, "An add may be negative.", "returned\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 2);
    waitgroup_add(&wg, -2);
    waitgroup_wait(&wg);
    say("returned");
}

RULE(waitgroup_negative, "A counter below zero panics.",
     "panic: sync: negative WaitGroup counter\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    waitgroup_add(&wg, -2);
}

RULE(waitgroup_done_too_often, "One done too many panics.",
     "panic: sync: negative WaitGroup counter\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    waitgroup_done(&wg);
}

RULE(waitgroup_overflow, "A counter that grows too large panics.",
     "panic: sync: WaitGroup counter overflow\n", .go = "panic: sync: negative WaitGroup counter\n",
     .differs = "it has wrapped around by then") {
    waitgroup wg = {0};
    waitgroup_add(&wg, INT32_MAX);
    waitgroup_add(&wg, 1);
}

RULE(waitgroup_never_done, "A wait for what is never done waits for ever.",
     "deadlock: sync.WaitGroup.Wait\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    waitgroup_wait(&wg);
}

RULE(waitgroup_reused, "When all waits have returned it can be used again.",
     "round 1\nround 2\nround 3\n") {
    waitgroup wg = {0};
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 2; i++) {
            waitgroup_add(&wg, 1);
            go(done_after, .wg = &wg);
        }
        waitgroup_wait(&wg);
        say("round %d", round);
    }
}

RULE(waitgroup_reused_too_early,
     "A wait whose counter came to zero returns, whatever is added then.", "returned\n",
     .go = "returned\nor\npanic: sync: WaitGroup is reused before previous Wait has returned\n",
     .differs = "there a wait that was woken may notice that the counter is above zero again") {
    waitgroup wg = {0};
    int_chan told;
    chan_make(&told, 1);
    waitgroup_add(&wg, 1);
    go(waits_and_tells, .wg = &wg, .told = told);
    apart();
    waitgroup_done(&wg);
    waitgroup_add(&wg, 1);
    chan_recv(told, NULL);
    say("returned");
}

// --- once ---------------------------------------------------------------------------------------------

static void count_up(void *count) {
    ++*(int *)count;
}

TASK(does_once, once *o; int *count; waitgroup *wg;) {
    once_do(a->o, count_up, a->count);
    waitgroup_done(a->wg);
}

RULE(once_runs_once, "The function of a once runs once, however many ask for it.", "1\n") {
    once o = {0};
    waitgroup wg = {0};
    int count = 0;
    for (int i = 0; i < 5; i++) {
        waitgroup_add(&wg, 1);
        go(does_once, .o = &o, .count = &count, .wg = &wg);
    }
    waitgroup_wait(&wg);
    say("%d", count);
}

static void sleep_five(void *unused) {
    (void)unused;
    task_sleep(5 * MILLISECOND);
}

TASK(does_slowly, once *o;) {
    once_do(a->o, sleep_five, NULL);
}

RULE(once_others_wait, "Who asks while the function runs waits until it has returned.", "5 ms\n") {
    once o = {0};
    go(does_slowly, .o = &o);
    apart();
    once_do(&o, sleep_five, NULL);
    say("%d ms", milliseconds());
}

static void say_text(void *text) {
    say("%s", (char *)text);
}

RULE(once_first_function, "Only the first function asked for runs.", "first\n") {
    once o = {0};
    once_do(&o, say_text, "first");
    once_do(&o, say_text, "second");
}

static void do_again(void *o) {
    once_do((once *)o, do_again, o);
}

RULE(once_within_itself, "A function that asks for its own once waits for itself.",
     "deadlock: sync.Once.Do\n", .go = "deadlock: sync.Mutex.Lock\n",
     .differs = "it has no word of its own for that") {
    once o = {0};
    once_do(&o, do_again, &o);
}

// --- cond ---------------------------------------------------------------------------------------------

static mutex mu;
static cond changed;

static void cond_begin(void) {
    mu = (mutex){0};
    changed = (cond){0};
}

static void wait_and_say(int number) {
    mutex_lock(&mu);
    cond_wait(&changed, &mu);
    say("%d", number);
    mutex_unlock(&mu);
}

TASK(waits_in_turn, int number;) {
    wait_and_say(a->number);
}

static void three_wait(void) {
    cond_begin();
    for (int i = 1; i <= 3; i++) {
        go(waits_in_turn, .number = i);
        apart();
    }
}

RULE(cond_signal_wakes_one, "A signal wakes the one that has waited longest.", "1\none signal\n",
     .left = 2) {
    three_wait();
    cond_signal(&changed);
    apart();
    say("one signal");
}

RULE(cond_signals_in_turn, "Signals wake in the order in which the waits began.", "1\n2\n3\n") {
    three_wait();
    for (int i = 0; i < 3; i++) {
        cond_signal(&changed);
        apart();
    }
}

TASK(waits_then_tells, int_chan woken;) {
    mutex_lock(&mu);
    cond_wait(&changed, &mu);
    mutex_unlock(&mu);
    chan_send(a->woken, 1);
}

RULE(cond_broadcast_wakes_all, "A broadcast wakes all who wait.", "3\n") {
    int_chan woken;
    chan_make(&woken, 3);
    cond_begin();
    for (int i = 0; i < 3; i++)
        go(waits_then_tells, .woken = woken);
    apart();
    cond_broadcast(&changed);
    apart();
    say("%zu", chan_len(woken));
}

RULE(cond_signal_lost, "A signal that nobody waits for is lost.", "deadlock: sync.Cond.Wait\n") {
    cond_begin();
    cond_signal(&changed);
    wait_and_say(1);
}

RULE(cond_broadcast_lost, "A broadcast that nobody waits for is lost.",
     "deadlock: sync.Cond.Wait\n") {
    cond_begin();
    cond_broadcast(&changed);
    wait_and_say(1);
}

RULE(cond_wait_unlocks, "The mutex is free while a task waits.", "true\n", .left = 1) {
    cond_begin();
    go(waits_in_turn, .number = 1);
    apart();
    say("%s", yes_no(mutex_trylock(&mu)));
}

TASK(waits_and_tries, int unused;) {
    mutex_lock(&mu);
    cond_wait(&changed, &mu);
    say("locked by others: %s", yes_no(!mutex_trylock(&mu)));
    mutex_unlock(&mu);
}

RULE(cond_wait_locks_again, "A wait returns with the mutex locked, so not before it is free.",
     "woken, but locked out\nlocked by others: true\n") {
    cond_begin();
    go(waits_and_tries, .unused = 0);
    apart();
    mutex_lock(&mu);
    cond_signal(&changed);
    apart();
    say("woken, but locked out");
    mutex_unlock(&mu);
    apart();
}

RULE(cond_not_woken_by_unlock, "Nothing but a signal or a broadcast ends a wait.",
     "still waiting\n", .left = 1) {
    cond_begin();
    go(waits_in_turn, .number = 1);
    apart();
    for (int i = 0; i < 3; i++) {
        mutex_lock(&mu);
        task_yield();
        mutex_unlock(&mu);
    }
    apart();
    say("still waiting");
}

RULE(cond_wait_unlocked, "A wait with a mutex that is not locked panics.",
     "panic: sync: unlock of unlocked mutex\n",
     .go = "fatal error: sync: unlock of unlocked mutex\n",
     .differs = "it calls that a fatal error") {
    cond_begin();
    cond_wait(&changed, &mu);
}

static cond not_full, not_empty;
static int length;

TASK(puts_five, int unused;) {
    for (int i = 0; i < 5; i++) {
        mutex_lock(&mu);
        while (length == 2)
            cond_wait(&not_full, &mu);
        length++;
        cond_signal(&not_empty);
        mutex_unlock(&mu);
    }
}

TASK(takes_five, int_chan taken;) {
    for (int i = 0; i < 5; i++) {
        mutex_lock(&mu);
        while (length == 0)
            cond_wait(&not_empty, &mu);
        length--;
        cond_signal(&not_full);
        mutex_unlock(&mu);
        chan_send(a->taken, 1);
    }
}

RULE(cond_bounded_queue, "A queue of two conds loses no wake-up.", "10\n") {
    int_chan taken;
    chan_make(&taken, 10);
    cond_begin();
    not_full = not_empty = (cond){0};
    length = 0;
    for (int i = 0; i < 2; i++) {
        go(puts_five, .unused = 0);
        go(takes_five, .taken = taken);
    }
    apart();
    say("%zu", chan_len(taken));
}
