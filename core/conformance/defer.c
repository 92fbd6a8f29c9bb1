// Deferred calls: when they are made, by whom, and in which order.
#include "core/conformance/deferred.h"

RULE(defer_newest_first, "Deferred calls are made when the function returns, the newest first.",
     "body\n3\n2\n1\n") {
    deferring();
    for (int i = 1; i <= 3; i++)
        defer_to_return(says_number, .number = i);
    say("body");
}

RULE(defer_arguments_at_once, "Their arguments are evaluated when they are deferred.", "1\n") {
    deferring();
    int number = 1;
    defer_to_return(says_number, .number = number);
    number = 2;
    sleep_ms(number);
}

RULE(defer_at_end_of_block, "What is deferred by a block is done at the end of the block.",
     "in\nleft\nout\n", .go = "in\nout\nleft\n", .differs = "every defer is of the function") {
    {
        defer(says, "left");
        say("in");
    }
    say("out");
}

DEFERRED(doubles, int *n;) {
    *a->n *= 2;
}

static int result_named(void) {
    int n = 0;
    deferring(n);
    defer_to_return(doubles, .n = &n);
    n = 5;
    return_named(n);
}

RULE(defer_sees_named_result, "A deferred call may change a result that has a name.", "10\n") {
    say("%d", result_named());
}

static int result_unnamed(void) {
    int n = 5;
    deferring(n);
    defer_to_return(doubles, .n = &n);
    return n;
}

RULE(defer_after_result, "A result without a name is evaluated before the deferred calls.", "5\n") {
    say("%d", result_unnamed());
}

static void call_and_defer(int depth) {
    deferring();
    defer_to_return(says_number, .number = depth);
    if (depth == 3)
        panic("too deep");
    call_and_defer(depth + 1);
}

RULE(defer_on_panic, "A panic makes the deferred calls of all functions, the innermost first.",
     "3\n2\n1\npanic: too deep\n") {
    call_and_defer(1);
}

static void die_in_block(void) {
    deferring();
    defer_to_return(says, .text = "function");
    {
        defer(says, "block");
        panic("out of ink");
    }
}

RULE(defer_of_block_on_panic, "... also those of blocks, before those of their function.",
     "block\nfunction\npanic: out of ink\n") {
    die_in_block();
}

TASK(dies_at, int ms;) {
    sleep_ms(a->ms);
    panic("out of ink");
}

RULE(defer_not_of_others, "A panic makes no deferred call of another task.",
     "panic: out of ink\n") {
    deferring();
    defer_to_return(says, .text = "deferred");
    go(dies_at, .ms = 1);
    sleep_ms(9);
}

RULE(defer_not_in_deadlock, "Who waits for ever makes no deferred call.",
     "deadlock: chan receive\n") {
    deferring();
    defer_to_return(says, .text = "deferred");
    int_chan c;
    chan_make(&c, 0);
    chan_recv(c, NULL);
}
