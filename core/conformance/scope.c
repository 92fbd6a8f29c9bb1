// Scopes: nobody leaves one past its tasks. Go has none; its errgroup can be outlived.
#include "core/conformance/conformance.h"

#define NO_SCOPES .differs = "it has no scopes"

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

static void say_wait(scope *s) {
    err e = scope_wait(s);
    say("%s at %d ms", err_text(e), milliseconds());
}

SCOPE_TASK(returns_at, int ms; err e;) {
    sleep_ms(a->ms);
    return a->e;
}

// Ends with its context, or at its time.
SCOPE_TASK(heeds, int ms;) {
    err e = ctx_sleep(a->ctx, a->ms * MILLISECOND);
    say("task: %s at %d ms", err_text(e), milliseconds());
    return e;
}

// --- the way out ----------------------------------------------------------------------------------------

RULE(scope_waits_for_all, "A wait returns when the last task has.", "ok at 3 ms\n", NO_SCOPES) {
    SCOPE(s, ctx_background());
    for (int i = 1; i <= 3; i++)
        scope_go(s, returns_at, .ms = i);
    say_wait(s);
}

RULE(scope_of_nothing, "A wait for no task returns at once, and again.", "ok at 0 ms\nok at 0 ms\n",
     NO_SCOPES) {
    SCOPE(s, ctx_background());
    say_wait(s);
    say_wait(s);
}

static void leave_by_end(void) {
    SCOPE(s, ctx_background());
    scope_go(s, heeds, .ms = 9);
    sleep_ms(2);
}

RULE(scope_left, "Leaving the block without a wait ends the tasks and waits for them.",
     "task: context canceled at 2 ms\nleft at 2 ms\n", NO_SCOPES) {
    leave_by_end();
    say("left at %d ms", milliseconds());
}

static int leave_by_return(void) {
    SCOPE(s, ctx_background());
    scope_go(s, heeds, .ms = 9);
    sleep_ms(2);
    return milliseconds();
}

RULE(scope_left_by_return, "So does a return.", "task: context canceled at 2 ms\nleft at 2 ms\n",
     NO_SCOPES) {
    say("left at %d ms", leave_by_return());
}

RULE(scope_left_by_break, "So do break and continue.",
     "task: context canceled at 0 ms\ntask: context canceled at 0 ms\nleft\n", NO_SCOPES) {
    for (int i = 0;; i++) {
        SCOPE(s, ctx_background());
        scope_go(s, heeds, .ms = 9);
        task_yield();
        if (i == 1)
            break;
    }
    say("left");
}

DEFERRED(recovers, int unused;) {
    const panicked *p = recover();
    say("recovered %s", p ? p->text : "nothing");
}

static void leave_by_panic(void) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    SCOPE(s, ctx_background());
    scope_go(s, heeds, .ms = 9);
    sleep_ms(2);
    panic("out of ink");
}

RULE(scope_left_by_panic, "So does a panic.",
     "task: context canceled at 2 ms\nrecovered out of ink\n", NO_SCOPES) {
    leave_by_panic();
}

TASK(leaves_by_goexit, int unused;) {
    SCOPE(s, ctx_background());
    scope_go(s, heeds, .ms = 9);
    sleep_ms(2);
    goexit();
}

RULE(scope_left_by_goexit, "So does a goexit.", "task: context canceled at 2 ms\n", NO_SCOPES) {
    go(leaves_by_goexit, .unused = 0);
    sleep_ms(20);
}

SCOPE_TASK(stubborn, int_chan c;) {
    chan_recv(a->c, NULL);
    return OK;
}

RULE(scope_waits_for_the_stubborn, "A task that does not heed its context keeps the scope waiting.",
     "deadlock: scope join\n", NO_SCOPES) {
    int_chan c;
    chan_make(&c, 0);
    SCOPE(s, ctx_background());
    scope_go(s, stubborn, .c = c);
}

// --- errors ---------------------------------------------------------------------------------------------

RULE(scope_first_error, "The first error ends the others, and the wait returns it.",
     "task: context canceled at 2 ms\nEOF at 2 ms\n", NO_SCOPES) {
    SCOPE(s, ctx_background());
    scope_go(s, heeds, .ms = 9);
    scope_go(s, returns_at, .ms = 2, .e = ERR_EOF);
    say_wait(s);
}

RULE(scope_cancelled_on_request, "Who was cancelled on request has not failed.",
     "task: context canceled at 2 ms\nok at 2 ms\n", NO_SCOPES) {
    SCOPE(s, ctx_background());
    scope_go(s, heeds, .ms = 9);
    sleep_ms(2);
    scope_cancel(s);
    say_wait(s);
}

RULE(scope_parent_ends, "When the parent of its context ends so do its tasks.",
     "task: context canceled at 2 ms\ncontext canceled at 2 ms\n", NO_SCOPES) {
    ctx *parent = ctx_with_cancel(ctx_background());
    SCOPE(s, parent);
    scope_go(s, heeds, .ms = 9);
    sleep_ms(2);
    ctx_cancel(parent);
    say_wait(s);
}

RULE(scope_deadline, "A scope with a deadline ends its tasks then.",
     "task: context deadline exceeded at 5 ms\ncontext deadline exceeded at 5 ms\n", NO_SCOPES) {
    SCOPE_TIMEOUT(s, ctx_background(), 5 * MILLISECOND);
    scope_go(s, heeds, .ms = 9);
    say_wait(s);
}

SCOPE_TASK(opens_inner, int unused;) {
    SCOPE(inner, a->ctx);
    scope_go(inner, heeds, .ms = 9);
    return scope_wait(inner);
}

RULE(scope_within_scope, "A scope within a task ends when the outer one does.",
     "task: context canceled at 2 ms\nEOF at 2 ms\n", NO_SCOPES) {
    SCOPE(s, ctx_background());
    scope_go(s, opens_inner, .unused = 0);
    scope_go(s, returns_at, .ms = 2, .e = ERR_EOF);
    say_wait(s);
}

// --- panic, goexit, misuse ------------------------------------------------------------------------------

SCOPE_TASK(panics_at, int ms;) {
    sleep_ms(a->ms);
    panic("out of ink");
}

static void wait_and_recover(void) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    SCOPE(s, ctx_background());
    scope_go(s, heeds, .ms = 9);
    scope_go(s, panics_at, .ms = 2);
    say_wait(s);
}

RULE(scope_panic, "A panic of a task ends the others, and goes on in who waits.",
     "task: context canceled at 2 ms\nrecovered out of ink\n", NO_SCOPES) {
    wait_and_recover();
}

static void leave_and_recover(void) {
    deferring();
    defer_to_return(recovers, .unused = 0);
    SCOPE(s, ctx_background());
    scope_go(s, panics_at, .ms = 0);
    sleep_ms(2);
}

RULE(scope_panic_in_leaving, "... or in who leaves.", "recovered out of ink\n", NO_SCOPES) {
    leave_and_recover();
}

SCOPE_TASK(exits, int unused;) {
    goexit();
}

RULE(scope_goexit, "A goexit of a task ends that task alone.", "task: ok at 3 ms\nok at 3 ms\n",
     NO_SCOPES) {
    SCOPE(s, ctx_background());
    scope_go(s, exits, .unused = 0);
    scope_go(s, heeds, .ms = 3);
    say_wait(s);
}

SCOPE_TASK(starts_another, int unused;) {
    scope_go(a->scope, returns_at, .ms = 2);
    return OK;
}

RULE(scope_go_from_its_task, "A task may start others in its scope, which waits for them.",
     "ok at 2 ms\n", NO_SCOPES) {
    SCOPE(s, ctx_background());
    scope_go(s, starts_another, .unused = 0);
    say_wait(s);
}

RULE(scope_started_late, "A start after the scope was left is misuse, and nothing is started.",
     "ok at 0 ms\nmisuse: heeds was not started: its scope had been left\n", NO_SCOPES) {
    SCOPE(s, ctx_background());
    say_wait(s);
    scope_go(s, heeds, .ms = 1);
    sleep_ms(5);
}
