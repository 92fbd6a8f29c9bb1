// Groups, golang.org/x/sync/errgroup: the first error, its context, and how many run at once.
#include "core/conformance/conformance.h"

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

static void say_wait(group *g) {
    err e = group_wait(g);
    say("%s at %d ms", err_text(e), milliseconds());
}

GROUP_TASK(returns_at, int ms; err e;) {
    sleep_ms(a->ms);
    return a->e;
}

RULE(group_empty, "A wait for an empty group returns at once.", "ok at 0 ms\n", .x_sync = true) {
    group g = {0};
    say_wait(&g);
}

RULE(group_waits_for_all, "A wait returns when the last task has.", "ok at 3 ms\n",
     .x_sync = true) {
    group g = {0};
    for (int i = 1; i <= 3; i++)
        group_go(&g, returns_at, .ms = i);
    say_wait(&g);
}

// --- errors -------------------------------------------------------------------------------------------

RULE(group_first_error, "The first error counts, and is told when the last task has returned.",
     "EOF at 5 ms\n", .x_sync = true) {
    group g = {0};
    group_go(&g, returns_at, .ms = 4, .e = ERR_LIMIT);
    group_go(&g, returns_at, .ms = 2, .e = ERR_EOF);
    group_go(&g, returns_at, .ms = 5);
    say_wait(&g);
}

RULE(group_error_again, "Each wait tells the same error.", "EOF at 2 ms\nEOF at 2 ms\n",
     .x_sync = true) {
    group g = {0};
    group_go(&g, returns_at, .ms = 2, .e = ERR_EOF);
    say_wait(&g);
    say_wait(&g);
}

static ctx *group_ctx;

GROUP_TASK(waits_for_ctx, int unused;) {
    chan_recv(ctx_done(group_ctx), NULL);
    say("ended at %d ms", milliseconds());
    return ctx_err(group_ctx);
}

RULE(group_error_ends_ctx, "The first error ends the group's context.",
     "ended at 2 ms\nEOF at 2 ms\n", .x_sync = true) {
    group g = {0};
    group_ctx = group_with_ctx(&g, ctx_background());
    group_go(&g, waits_for_ctx, .unused = 0);
    group_go(&g, returns_at, .ms = 2, .e = ERR_EOF);
    say_wait(&g);
}

RULE(group_wait_ends_ctx, "When the wait returns the group's context has ended.",
     "ok\nok at 2 ms\ncontext canceled\n", .x_sync = true) {
    group g = {0};
    ctx *c = group_with_ctx(&g, ctx_background());
    group_go(&g, returns_at, .ms = 2);
    say("%s", err_text(ctx_err(c)));
    say_wait(&g);
    say("%s", err_text(ctx_err(c)));
}

RULE(group_ctx_ends_with_parent, "The group's context ends with its parent.",
     "ended at 3 ms\ncontext deadline exceeded at 3 ms\n", .x_sync = true) {
    group g = {0};
    group_ctx = group_with_ctx(&g, ctx_with_timeout(ctx_background(), 3 * MILLISECOND));
    group_go(&g, waits_for_ctx, .unused = 0);
    say_wait(&g);
}

RULE(group_cause, "The first error is the cause of the end of the group's context.", "EOF\n",
     .x_sync = true, .go = "EOF\nor\ncontext canceled\n",
     .differs = "before x/sync 0.3 the context had no cause") {
    group g = {0};
    ctx *c = group_with_ctx(&g, ctx_background());
    group_go(&g, returns_at, .ms = 2, .e = ERR_EOF);
    group_wait(&g);
    say("%s", err_text(ctx_cause(c)));
}

// --- limit --------------------------------------------------------------------------------------------

GROUP_TASK(says_start, int number;) {
    say("%d at %d ms", a->number, milliseconds());
    sleep_ms(2);
    return OK;
}

RULE(group_limit, "At the limit a start waits until a task has returned.",
     "1 at 0 ms\n2 at 2 ms\n3 at 4 ms\nok at 6 ms\n", .x_sync = true) {
    group g = {0};
    group_set_limit(&g, 1);
    for (int i = 1; i <= 3; i++)
        group_go(&g, says_start, .number = i);
    say_wait(&g);
}

static bool try_start(group *g) {
    return group_try_go(g, returns_at, .ms = 2);
}

RULE(group_tried, "A try starts while there is room, and does not wait.",
     "true true false\ntrue\nok at 5 ms\n", .x_sync = true) {
    group g = {0};
    group_set_limit(&g, 2);
    bool one = try_start(&g), two = try_start(&g);
    say("%s %s %s", yes_no(one), yes_no(two), yes_no(try_start(&g)));
    sleep_ms(3);
    say("%s", yes_no(try_start(&g)));
    say_wait(&g);
}

RULE(group_tried_without_limit, "Without a limit a try always starts.", "true\nok at 2 ms\n",
     .x_sync = true) {
    group g = {0};
    say("%s", yes_no(try_start(&g)));
    say_wait(&g);
}

RULE(group_limit_of_none, "With a limit of 0 nothing can be started.",
     "false\ndeadlock: errgroup.Group.Go\n", .x_sync = true, .go = "false\ndeadlock: chan send\n",
     .differs = "it is made of other primitives") {
    group g = {0};
    group_set_limit(&g, 0);
    say("%s", yes_no(try_start(&g)));
    group_go(&g, returns_at, .ms = 2);
}

RULE(group_limit_removed, "A negative limit is none.", "true\nok at 2 ms\n", .x_sync = true) {
    group g = {0};
    group_set_limit(&g, 0);
    group_set_limit(&g, -1);
    say("%s", yes_no(try_start(&g)));
    say_wait(&g);
}

RULE(group_limit_changed, "Changing the limit while tasks are active panics.",
     "panic: errgroup: modify limit while 2 goroutines in the group are still active\n",
     .x_sync = true) {
    group g = {0};
    group_set_limit(&g, 3);
    group_go(&g, returns_at, .ms = 2);
    group_go(&g, returns_at, .ms = 2);
    group_set_limit(&g, 4);
}

RULE(group_limit_set_late, "Setting the first limit while tasks are active panics.",
     "panic: errgroup: modify limit while 1 goroutines in the group are still active\n",
     .x_sync = true, .go = "deadlock: sync.WaitGroup.Wait\n",
     .differs = "it notices only where there was a limit, and here waits for ever") {
    group g = {0};
    group_go(&g, returns_at, .ms = 2);
    group_set_limit(&g, 4);
    say_wait(&g);
}

// --- panic, misuse ------------------------------------------------------------------------------------

GROUP_TASK(panics, int unused;) {
    panic("out of ink");
}

RULE(group_panic, "A panic in a task of a group ends the run.", "panic: out of ink\n",
     .x_sync = true) {
    group g = {0};
    group_go(&g, returns_at, .ms = 2);
    group_go(&g, panics, .unused = 0);
    say_wait(&g);
}

RULE(group_started_late, "A start after the wait has returned is misuse; the task runs.",
     "ok at 0 ms\nok at 2 ms\n"
     "misuse: returns_at was started in a group after its wait had returned\n",
     .x_sync = true, .go = "ok at 0 ms\nok at 2 ms\n", .differs = "it allows that") {
    group g = {0};
    say_wait(&g);
    group_go(&g, returns_at, .ms = 2);
    say_wait(&g);
}

GROUP_TASK(exits_in_group, int unused;) {
    goexit();
}

RULE(group_goexit, "A task of a group that exits has returned without an error.", "ok\n",
     .x_sync = true) {
    group g = {0};
    group_go(&g, exits_in_group, .unused = 0);
    say("%s", err_text(group_wait(&g)));
}
