// Contexts: who ends with whom, when, and what is known of it.
#include "core/conformance/conformance.h"

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

static const char *words(err e) {
    return e ? err_text(e) : "lives";
}

static void say_err(ctx *c) {
    say("%s", words(ctx_err(c)));
}

static bool is_done(ctx *c) {
    return chan_poll(RECV(ctx_done(c), NULL)) == 0;
}

// What is known of a context, in one line.
static void say_state(const char *who, ctx *c) {
    say("%s: %s, done %s", who, words(ctx_err(c)), yes_no(is_done(c)));
}

static void say_deadline(ctx *c) {
    int64_t when;
    if (ctx_deadline(c, &when))
        say("%d ms", (int)(when / MILLISECOND));
    else
        say("none");
}

// Waits for the end and says when and why it came.
static void say_end(ctx *c) {
    chan_recv(ctx_done(c), NULL);
    say("%s at %d ms", words(ctx_err(c)), milliseconds());
}

static ctx *cancellable(void) {
    return ctx_with_cancel(ctx_background());
}

// --- background ---------------------------------------------------------------------------------------

RULE(ctx_background_lives, "The background has no end, no deadline and no values.",
     "background: lives, done false\nnone\nno value\n") {
    static ctx_key_of(int) key;
    say_state("background", ctx_background());
    say_deadline(ctx_background());
    say(ctx_value(ctx_background(), &key) ? "a value" : "no value");
}

RULE(ctx_background_done, "Who waits for the end of the background waits for ever.",
     "deadlock: chan receive (nil chan)\n") {
    chan_recv(ctx_done(ctx_background()), NULL);
}

RULE(ctx_background_cancelled, "Cancelling the background panics.",
     "panic: cancel of the background context\n", .differs = "there is no function to call") {
    ctx_cancel(ctx_background());
}

RULE(ctx_value_cancelled, "Cancelling a context that has no end of its own panics.",
     "panic: cancel of a context that has no end of its own\n",
     .differs = "there is no function to call") {
    static ctx_key_of(int) key;
    static int value;
    ctx_cancel(ctx_with_value(cancellable(), &key, &value));
}

RULE(ctx_nil_parent, "A context without parent panics.",
     "panic: cannot create context from nil parent\n") {
    ctx_with_cancel((ctx *)NULL);
}

// --- cancel -------------------------------------------------------------------------------------------

RULE(ctx_cancel_ends, "A cancel ends the context at once.",
     "it: lives, done false\nit: context canceled, done true\n") {
    ctx *c = cancellable();
    say_state("it", c);
    ctx_cancel(c);
    say_state("it", c);
}

RULE(ctx_cancel_twice, "A second cancel does nothing.", "it: context canceled, done true\n") {
    ctx *c = cancellable();
    ctx_cancel(c);
    ctx_cancel(c);
    say_state("it", c);
}

TASK(tells_end, ctx *c; int_chan told;) {
    chan_recv(ctx_done(a->c), NULL);
    chan_send(a->told, 1);
}

RULE(ctx_cancel_wakes_all, "A cancel wakes all who wait for the end.", "3\n") {
    ctx *c = cancellable();
    int_chan told;
    chan_make(&told, 3);
    for (int i = 0; i < 3; i++)
        go(tells_end, .c = c, .told = told);
    sleep_ms(1);
    ctx_cancel(c);
    sleep_ms(1);
    say("%zu", chan_len(told));
}

RULE(ctx_cancel_goes_down, "A cancel ends all that were derived, however far down.",
     "child: context canceled, done true\ngrandchild: context canceled, done true\n"
     "value: context canceled, done true\n") {
    static ctx_key_of(int) key;
    static int value;
    ctx *top = cancellable();
    ctx *child = ctx_with_timeout(top, HOUR);
    ctx *grandchild = ctx_with_cancel(child);
    ctx *with_value = ctx_with_value(grandchild, &key, &value);
    ctx_cancel(top);
    say_state("child", child);
    say_state("grandchild", grandchild);
    say_state("value", with_value);
}

RULE(ctx_cancel_goes_not_up, "A cancel ends neither parents nor siblings.",
     "parent: lives, done false\nsibling: lives, done false\nit: context canceled, done true\n") {
    ctx *parent = cancellable();
    ctx *sibling = ctx_with_cancel(parent), *c = ctx_with_cancel(parent);
    ctx_cancel(c);
    say_state("parent", parent);
    say_state("sibling", sibling);
    say_state("it", c);
}

TASK(cancels, ctx *c;) {
    ctx_cancel(a->c);
}

RULE(ctx_cancel_from_the_top, "When a derived context is seen to have ended, its parent has.",
     "context canceled\n") {
    ctx *top = cancellable();
    ctx *child = ctx_with_cancel(ctx_with_cancel(top));
    go(cancels, .c = top);
    chan_recv(ctx_done(child), NULL);
    say_err(top);
}

RULE(ctx_derived_from_ended, "What is derived from a context that has ended has ended.",
     "context canceled\ncontext canceled\n") {
    ctx *c = cancellable();
    ctx_cancel(c);
    say_err(ctx_with_cancel(c));
    say_err(ctx_with_timeout(c, HOUR));
}

RULE(ctx_done_is_one_channel, "The done channel is always the same, also that of a value context.",
     "true true\n") {
    static ctx_key_of(int) key;
    static int value;
    ctx *c = cancellable();
    ctx *with_value = ctx_with_value(c, &key, &value);
    say("%s %s", yes_no(ctx_done(c).raw == ctx_done(c).raw),
        yes_no(ctx_done(c).raw == ctx_done(with_value).raw));
}

RULE(ctx_forgets_the_ended, "A parent keeps nothing of derived contexts that have ended.", "0\n",
     .differs = "that is between it and the garbage collector") {
    ctx *parent = cancellable();
    size_t before = run_heap_used();
    for (int i = 0; i < ROUNDS; i++) {
        ctx *c = ctx_with_timeout(parent, HOUR);
        ctx_cancel(c);
        ctx_free(c);
    }
    say("%zu", run_heap_used() - before);
    ctx_cancel(parent);
}

// --- deadlines ----------------------------------------------------------------------------------------

RULE(ctx_timeout_ends, "A context with a timeout ends at its time.",
     "context deadline exceeded at 5 ms\n") {
    say_end(ctx_with_timeout(ctx_background(), 5 * MILLISECOND));
}

RULE(ctx_deadline_ends, "A context with a deadline ends at that time of the clock.",
     "context deadline exceeded at 5 ms\n") {
    sleep_ms(2);
    say_end(ctx_with_deadline(ctx_background(), 5 * MILLISECOND));
}

RULE(ctx_timeout_of_nothing, "With a timeout of nothing or less it has ended from the start.",
     "context deadline exceeded\ncontext deadline exceeded\n") {
    say_err(ctx_with_timeout(ctx_background(), 0));
    say_err(ctx_with_timeout(ctx_background(), -SECOND));
}

RULE(ctx_deadline_passed, "With a deadline that has passed it has ended from the start.",
     "context deadline exceeded\n3 ms\n") {
    sleep_ms(5);
    ctx *c = ctx_with_deadline(ctx_background(), 3 * MILLISECOND);
    say_err(c);
    say_deadline(c);
}

RULE(ctx_cancel_before_deadline, "Cancelled before its deadline it was cancelled.",
     "context canceled at 2 ms\ncontext canceled\n") {
    ctx *c = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    sleep_ms(2);
    ctx_cancel(c);
    say_end(c);
    sleep_ms(9);
    say_err(c);
}

RULE(ctx_cancel_after_deadline, "Cancelled after its deadline the deadline had ended it.",
     "context deadline exceeded\n") {
    ctx *c = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    sleep_ms(9);
    ctx_cancel(c);
    say_err(c);
}

RULE(ctx_cancel_at_deadline, "Cancelled at its very deadline, either has ended it, for good.",
     "context canceled, context canceled\nor\n"
     "context deadline exceeded, context deadline exceeded\n") {
    ctx *c = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    sleep_ms(5);
    ctx_cancel(c);
    err first = ctx_err(c);
    sleep_ms(5);
    say("%s, %s", words(first), words(ctx_err(c)));
}

RULE(ctx_deadline_inherited, "A context has the deadline of its parent, and none that is later.",
     "9 ms\n9 ms\n5 ms\n9 ms\n") {
    static ctx_key_of(int) key;
    static int value;
    ctx *parent = ctx_with_timeout(ctx_background(), 9 * MILLISECOND);
    say_deadline(ctx_with_cancel(parent));
    say_deadline(ctx_with_timeout(parent, HOUR));
    say_deadline(ctx_with_timeout(parent, 5 * MILLISECOND));
    say_deadline(ctx_with_value(parent, &key, &value));
}

RULE(ctx_ends_at_parents_deadline, "With a later deadline it ends at that of its parent.",
     "context deadline exceeded at 5 ms\n") {
    ctx *parent = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    say_end(ctx_with_timeout(parent, 9 * MILLISECOND));
}

RULE(ctx_earlier_deadline, "With an earlier deadline it ends at its own, and its parent lives.",
     "context deadline exceeded at 5 ms\nlives\n") {
    ctx *parent = ctx_with_timeout(ctx_background(), 9 * MILLISECOND);
    say_end(ctx_with_timeout(parent, 5 * MILLISECOND));
    say_err(parent);
}

RULE(ctx_timeout_for_nobody, "A deadline that nobody waits for passes all the same.",
     "lives\ncontext deadline exceeded\n") {
    ctx *c = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    sleep_ms(4);
    say_err(c);
    sleep_ms(2);
    say_err(c);
}

// --- values -------------------------------------------------------------------------------------------

static ctx_key_of(const char) name_key;
static ctx_key_of(const char) other_key;

static const char *value_of(ctx *c) {
    const char *value = ctx_value(c, &name_key);
    return value ? value : "none";
}

RULE(ctx_value_found, "A value is found in its context and in all derived from it.",
     "ann ann none\n") {
    ctx *c = ctx_with_value(ctx_background(), &name_key, "ann");
    ctx *derived = ctx_with_timeout(ctx_with_cancel(c), HOUR);
    say("%s %s %s", value_of(c), value_of(derived), value_of(ctx_background()));
    ctx_cancel(derived);
}

RULE(ctx_value_nearest, "The nearest value counts.", "bob ann\n") {
    ctx *outer = ctx_with_value(ctx_background(), &name_key, "ann");
    ctx *inner = ctx_with_value(outer, &name_key, "bob");
    say("%s %s", value_of(inner), value_of(outer));
}

RULE(ctx_value_of_another_key, "Keys are told apart by what they are, not by what they hold.",
     "none\n") {
    say("%s", value_of(ctx_with_value(ctx_background(), &other_key, "ann")));
}

RULE(ctx_nil_key, "A value without a key panics.", "panic: nil key\n") {
    ctx_with_value_at(ctx_background(), NULL, NULL, HERE);
}

// --- causes -------------------------------------------------------------------------------------------

static void say_cause(ctx *c) {
    say("%s: %s", words(ctx_err(c)), words(ctx_cause(c)));
}

RULE(ctx_cause_of_cancel, "A cancel may give a cause; without one it is its own.",
     "lives: lives\ncontext canceled: EOF\ncontext canceled: context canceled\n") {
    ctx *c = cancellable(), *d = cancellable();
    say_cause(c);
    ctx_cancel_cause(c, ERR_EOF);
    say_cause(c);
    ctx_cancel_cause(d, OK);
    say_cause(d);
}

RULE(ctx_cause_first, "The first cause counts.", "context canceled: EOF\n") {
    ctx *c = cancellable();
    ctx_cancel_cause(c, ERR_EOF);
    ctx_cancel_cause(c, ERR_LIMIT);
    say_cause(c);
}

RULE(ctx_cause_handed_down, "What ends with a parent has the parent's cause.",
     "context canceled: EOF\ncontext canceled: EOF\n") {
    ctx *c = cancellable();
    ctx *child = ctx_with_timeout(c, HOUR);
    ctx_cancel_cause(c, ERR_EOF);
    say_cause(child);
    say_cause(ctx_with_cancel(c));
}

RULE(ctx_cause_of_its_own, "What ended before its parent keeps its own cause.",
     "context canceled: limit reached\n") {
    ctx *c = cancellable();
    ctx *child = ctx_with_cancel(c);
    ctx_cancel_cause(child, ERR_LIMIT);
    ctx_cancel_cause(c, ERR_EOF);
    say_cause(child);
}

RULE(ctx_cause_of_deadline, "A deadline is its own cause unless another was named.",
     "context deadline exceeded: context deadline exceeded\ncontext deadline exceeded: EOF\n") {
    ctx *plain = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    ctx *named = ctx_with_timeout_cause(ctx_background(), 5 * MILLISECOND, ERR_EOF);
    sleep_ms(9);
    say_cause(plain);
    say_cause(named);
}

RULE(ctx_cause_of_deadline_unused, "Cancelled before its deadline it has not the deadline's cause.",
     "context canceled: context canceled\n") {
    ctx *c = ctx_with_timeout_cause(ctx_background(), 5 * MILLISECOND, ERR_EOF);
    ctx_cancel(c);
    sleep_ms(9);
    say_cause(c);
}

// --- without cancel -----------------------------------------------------------------------------------

RULE(ctx_without_cancel_lives, "Without cancel it outlives its parent, and has no deadline.",
     "lives: lives\nnone\nfalse\n") {
    ctx *parent = ctx_with_timeout(ctx_background(), HOUR);
    ctx *c = ctx_without_cancel(parent);
    ctx_cancel(parent);
    say_cause(c);
    say_deadline(c);
    say("%s", yes_no(is_done(c)));
}

RULE(ctx_without_cancel_values, "Without cancel it has its parent's values.", "ann\n") {
    ctx *parent = ctx_with_value(ctx_background(), &name_key, "ann");
    say("%s", value_of(ctx_without_cancel(parent)));
}

RULE(ctx_without_cancel_derived, "What is derived from it can be cancelled, and only by itself.",
     "lives\ncontext canceled\n") {
    ctx *parent = cancellable();
    ctx *c = ctx_with_cancel(ctx_without_cancel(parent));
    ctx_cancel(parent);
    say_err(c);
    ctx_cancel(c);
    say_err(c);
}

// --- what follows the end -----------------------------------------------------------------------------

TASK(says_called, int unused;) {
    say("called at %d ms", milliseconds());
}

RULE(ctx_after_func_called, "The function is called in a task of its own when the context ends.",
     "called at 5 ms\nroot at 9 ms\n") {
    ctx *c = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    ctx_after_func(c, says_called, .unused = 0);
    sleep_ms(9);
    say("root at %d ms", milliseconds());
}

RULE(ctx_after_func_once, "It is called once.", "called at 0 ms\n") {
    ctx *c = cancellable();
    ctx_after_func(c, says_called, .unused = 0);
    ctx_cancel(c);
    sleep_ms(1);
    ctx_cancel(c);
    sleep_ms(1);
}

RULE(ctx_after_func_at_once, "After the end it is called at once.", "called at 2 ms\n") {
    ctx *c = cancellable();
    ctx_cancel(c);
    sleep_ms(2);
    ctx_after_func(c, says_called, .unused = 0);
    sleep_ms(1);
}

RULE(ctx_after_func_of_parent, "It is called when the parent of its context ends.",
     "called at 2 ms\n") {
    ctx *c = cancellable();
    ctx_after_func(ctx_with_cancel(c), says_called, .unused = 0);
    sleep_ms(2);
    ctx_cancel(c);
    sleep_ms(1);
}

RULE(ctx_after_func_each, "Each function of a context is called.",
     "called at 0 ms\ncalled at 0 ms\n") {
    ctx *c = cancellable();
    ctx_after_func(c, says_called, .unused = 0);
    ctx_after_func(c, says_called, .unused = 0);
    ctx_cancel(c);
    sleep_ms(1);
}

RULE(ctx_after_func_stopped, "Stopped before the end it is not called.", "true false\n") {
    ctx *c = cancellable();
    ctx_after *after = ctx_after_func(c, says_called, .unused = 0);
    bool first = ctx_after_stop(after);
    say("%s %s", yes_no(first), yes_no(ctx_after_stop(after)));
    ctx_cancel(c);
    sleep_ms(1);
}

RULE(ctx_after_func_stopped_late, "Stop says when it has been called.", "called at 0 ms\nfalse\n") {
    ctx *c = cancellable();
    ctx_after *after = ctx_after_func(c, says_called, .unused = 0);
    ctx_cancel(c);
    sleep_ms(1);
    say("%s", yes_no(ctx_after_stop(after)));
}

TASK(tells, int_chan told;) {
    chan_send(a->told, 1);
}

RULE(ctx_after_func_stop_races, "Stopped while the context ends, it was stopped, or is called.",
     "stopped 1, called 0\nor\nstopped 0, called 1\n") {
    ctx *c = cancellable();
    int_chan told;
    chan_make(&told, 1);
    ctx_after *after = ctx_after_func(c, tells, .told = told);
    go(cancels, .c = c);
    bool stopped = ctx_after_stop(after);
    sleep_ms(1);
    say("stopped %d, called %zu", stopped, chan_len(told));
}

RULE(ctx_after_func_of_background, "On the background it is never called.", "true\n") {
    ctx_after *after = ctx_after_func(ctx_background(), says_called, .unused = 0);
    sleep_ms(1);
    say("%s", yes_no(ctx_after_stop(after)));
}

// --- sleep --------------------------------------------------------------------------------------------

TASK(cancels_at, ctx *c; int ms;) {
    sleep_ms(a->ms);
    ctx_cancel(a->c);
}

RULE(ctx_sleep_interrupted, "A sleep with a context ends with it, or takes its time.",
     "lives at 2 ms\ncontext canceled at 5 ms\ncontext canceled at 5 ms\n") {
    ctx *c = cancellable();
    go(cancels_at, .c = c, .ms = 5);
    for (int i = 0; i < 3; i++) {
        err e = ctx_sleep(c, i == 0 ? 2 * MILLISECOND : HOUR);
        say("%s at %d ms", words(e), milliseconds());
    }
}
