// Weighted semaphores, golang.org/x/sync/semaphore: how many are let in, and in which order.
#include "core/conformance/conformance.h"

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

// Acquires at a time and gives back at another.
TASK(acquires_at, sema *s; int64_t n; int ms; int holds;) {
    sleep_ms(a->ms);
    sema_acquire(a->s, ctx_background(), a->n);
    say("%d at %d ms", (int)a->n, milliseconds());
    sleep_ms(a->holds);
    sema_release(a->s, a->n);
}

RULE(sema_lets_in_so_many, "No more permits are taken than there are.",
     "1 at 1 ms\n2 at 2 ms\n3 at 9 ms\n", .x_sync = true) {
    sema s = {.size = 3};
    go(acquires_at, .s = &s, .n = 1, .ms = 1, .holds = 3);
    go(acquires_at, .s = &s, .n = 2, .ms = 2, .holds = 7);
    go(acquires_at, .s = &s, .n = 3, .ms = 3, .holds = 1);
    sleep_ms(20);
}

RULE(sema_in_turn, "Who waits is served in the order of arrival.",
     "1 at 1 ms\n1 at 6 ms\n1 at 8 ms\n1 at 10 ms\n", .x_sync = true) {
    sema s = {.size = 1};
    go(acquires_at, .s = &s, .n = 1, .ms = 1, .holds = 5);
    for (int i = 2; i <= 4; i++)
        go(acquires_at, .s = &s, .n = 1, .ms = i, .holds = 2);
    sleep_ms(20);
}

RULE(sema_nobody_overtakes, "A small request behind a big one waits, though there is room for it.",
     "1 at 1 ms\n1 at 1 ms\n3 at 8 ms\n1 at 10 ms\n", .x_sync = true) {
    sema s = {.size = 3};
    go(acquires_at, .s = &s, .n = 1, .ms = 1, .holds = 3);
    go(acquires_at, .s = &s, .n = 1, .ms = 1, .holds = 7);
    go(acquires_at, .s = &s, .n = 3, .ms = 2, .holds = 2);
    go(acquires_at, .s = &s, .n = 1, .ms = 3);
    sleep_ms(20);
}

RULE(sema_serves_several, "One release may serve several.",
     "3 at 1 ms\n1 at 6 ms\n1 at 6 ms\n1 at 8 ms\n", .x_sync = true) {
    sema s = {.size = 3};
    go(acquires_at, .s = &s, .n = 3, .ms = 1, .holds = 5);
    go(acquires_at, .s = &s, .n = 1, .ms = 2, .holds = 9);
    go(acquires_at, .s = &s, .n = 1, .ms = 3, .holds = 2);
    sleep_ms(8);
    go(acquires_at, .s = &s, .n = 1);
    sleep_ms(20);
}

RULE(sema_never_released, "Without a release an acquire waits for ever.",
     "deadlock: semaphore acquire\n", .x_sync = true, .go = "deadlock: select\n",
     .differs = "it is made of other primitives") {
    sema s = {.size = 1};
    sema_acquire(&s, ctx_background(), 1);
    sema_acquire(&s, ctx_background(), 1);
}

RULE(sema_of_none, "Without permits nobody is let in, but who asks for none is.", "false true\n",
     .x_sync = true) {
    sema s = {.size = 0};
    say("%s %s", yes_no(sema_try(&s, 1)), yes_no(sema_try(&s, 0)));
}

// --- try ----------------------------------------------------------------------------------------------

RULE(sema_tried, "A try takes what is free, and never waits.", "true false true\n",
     .x_sync = true) {
    sema s = {.size = 3};
    bool two = sema_try(&s, 2), two_more = sema_try(&s, 2);
    say("%s %s %s", yes_no(two), yes_no(two_more), yes_no(sema_try(&s, 1)));
}

RULE(sema_try_does_not_overtake, "A try takes nothing while others wait.",
     "2 at 0 ms\nfalse\n2 at 5 ms\n", .x_sync = true) {
    sema s = {.size = 3};
    go(acquires_at, .s = &s, .n = 2, .holds = 5);
    go(acquires_at, .s = &s, .n = 2, .ms = 1);
    sleep_ms(2);
    say("%s", yes_no(sema_try(&s, 1)));
    sleep_ms(9);
}

// --- with a context -----------------------------------------------------------------------------------

static void say_acquired(sema *s, ctx *c, int64_t n) {
    err e = sema_acquire(s, c, n);
    say("%s at %d ms", err_text(e), milliseconds());
}

RULE(sema_ctx_ends_wait, "The end of the context ends the wait, and nothing is taken.",
     "context deadline exceeded at 5 ms\ntrue\n", .x_sync = true) {
    sema s = {.size = 2};
    sema_acquire(&s, ctx_background(), 1);
    say_acquired(&s, ctx_with_timeout(ctx_background(), 5 * MILLISECOND), 2);
    sema_release(&s, 1);
    say("%s", yes_no(sema_try(&s, 2)));
}

RULE(sema_ctx_had_ended, "With a context that has ended nothing is taken.",
     "context canceled at 0 ms\n", .x_sync = true,
     .go = "context canceled at 0 ms\nor\nok at 0 ms\n",
     .differs = "before x/sync 0.7 it was let in where there was room") {
    sema s = {.size = 1};
    ctx *c = ctx_with_cancel(ctx_background());
    ctx_cancel(c);
    say_acquired(&s, c, 1);
}

RULE(sema_more_than_all, "Who asks for more than there are waits for the end of the context.",
     "context deadline exceeded at 5 ms\n", .x_sync = true) {
    sema s = {.size = 2};
    say_acquired(&s, ctx_with_timeout(ctx_background(), 5 * MILLISECOND), 3);
}

RULE(sema_more_than_all_in_nobodys_way, "Who asks for more than there are holds nobody up.",
     "2 at 1 ms\n", .x_sync = true) {
    sema s = {.size = 2};
    go(acquires_at, .s = &s, .n = 2, .ms = 1);
    sema_acquire(&s, ctx_with_timeout(ctx_background(), 5 * MILLISECOND), 3);
}

TASK(gives_up_at_end, sema *s; ctx *c;) {
    say_acquired(a->s, a->c, 2);
}

TASK(acquires_and_tells, sema *s; int_chan told;) {
    sema_acquire(a->s, ctx_background(), 1);
    chan_send(a->told, 1);
}

RULE(sema_leaver_lets_the_next, "When the first in the queue gives up, those behind it are served.",
     "0 served\ncontext deadline exceeded at 5 ms\n1 served\n", .x_sync = true) {
    sema s = {.size = 2};
    int_chan told;
    chan_make(&told, 1);
    ctx *c = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    sema_acquire(&s, ctx_background(), 1);
    go(gives_up_at_end, .s = &s, .c = c);
    sleep_ms(1);
    go(acquires_and_tells, .s = &s, .told = told);
    sleep_ms(1);
    say("%zu served", chan_len(told));
    sleep_ms(9);
    say("%zu served", chan_len(told));
}

TASK(tells_acquired, sema *s; ctx *c; int64_t n; int ms; int_chan told;) {
    sleep_ms(a->ms);
    chan_send(a->told, sema_acquire(a->s, a->c, a->n) == OK);
}

RULE(sema_ctx_ends_all, "Who wait with the same context are all told of its end.", "0 of 2\n",
     .x_sync = true, .go = "0 of 2\nor\n1 of 2\n",
     .differs = "the second may be let in before it has noticed") {
    sema s = {.size = 2};
    int_chan told;
    chan_make(&told, 2);
    ctx *c = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    sema_acquire(&s, ctx_background(), 1);
    go(tells_acquired, .s = &s, .c = c, .n = 2, .ms = 1, .told = told);
    go(tells_acquired, .s = &s, .c = c, .n = 1, .ms = 2, .told = told);
    int first, second;
    chan_recv(told, &first);
    chan_recv(told, &second);
    say("%d of 2", first + second);
}

// --- misuse -------------------------------------------------------------------------------------------

RULE(sema_released_too_often, "Releasing more than is held panics.",
     "panic: semaphore: released more than held\n", .x_sync = true) {
    sema s = {.size = 2};
    sema_acquire(&s, ctx_background(), 1);
    sema_release(&s, 2);
}

RULE(sema_negative, "Asking for less than nothing panics.", "panic: semaphore: -1 permits\n",
     .differs = "it takes that for giving back") {
    sema s = {.size = 2};
    sema_try(&s, -1);
}
