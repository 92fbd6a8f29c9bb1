// select: exactly one arm happens, by chance where several could, and none is forgotten.
#include "core/conformance/conformance.h"

static int_chan channel(size_t capacity) {
    int_chan c;
    chan_make(&c, capacity);
    return c;
}

// Whose every receive is ready.
static int_chan always_ready(void) {
    int_chan c = channel(0);
    chan_close(c);
    return c;
}

static int_chan never(void) {
    return (int_chan){NULL};
}

// --- none ---------------------------------------------------------------------------------------------

RULE(select_without_arms, "A select without arms waits for ever.",
     "deadlock: select (no cases)\n") {
    chan_select();
}

RULE(select_of_nil_channels, "A select of nothing but nil channels waits for ever.",
     "deadlock: select\n") {
    chan_select(RECV(never(), NULL), SEND(never(), 1));
}

RULE(select_default_alone, "A select with nothing but a default takes it.", "-1\n") {
    say("%d", chan_poll());
}

RULE(select_not_with_itself, "A select that would send and receive does not meet itself.",
     "deadlock: select\n") {
    int_chan c = channel(0);
    chan_select(SEND(c, 1), RECV(c, NULL));
}

// --- one, and no other --------------------------------------------------------------------------------

RULE(select_takes_one, "Of two ready arms one happens, the other does not.", "1\n") {
    int_chan a = channel(1), b = channel(1);
    chan_send(a, 1);
    chan_send(b, 1);
    chan_select(RECV(a, NULL), RECV(b, NULL));
    say("%zu", chan_len(a) + chan_len(b));
}

RULE(select_sends_one, "Of two sends that are possible one happens, the other does not.", "1\n") {
    int_chan a = channel(1), b = channel(1);
    chan_select(SEND(a, 1), SEND(b, 1));
    say("%zu", chan_len(a) + chan_len(b));
}

TASK(sends_many, int_chan c; int count;) {
    for (int i = 0; i < a->count; i++)
        chan_send(a->c, 1);
    chan_close(a->c);
}

// Takes what comes from two sides until both are closed; a nil channel switches an arm off.
static int merge(int_chan a, int_chan b) {
    int taken = 0;
    while (a.raw || b.raw) {
        bool ok = true;
        int arm = chan_select(RECV_OK(a, NULL, &ok), RECV_OK(b, NULL, &ok));
        taken += ok;
        if (!ok && arm == 0)
            a = never();
        else if (!ok)
            b = never();
    }
    return taken;
}

RULE(select_never_two, "A select that waits takes one value of those that come at the same time.",
     "60\n") {
    int_chan a = channel(0), b = channel(0);
    go(sends_many, .c = a, .count = 30);
    go(sends_many, .c = b, .count = 30);
    say("%d", merge(a, b));
}

TASK(trades, int_chan gives; int_chan takes; int_chan traded;) {
    for (int i = 0; i < 20; i++) {
        int arm = chan_select(SEND(a->gives, 1), RECV(a->takes, NULL));
        chan_send(a->traded, arm == 0 ? 1 : -1);
    }
}

RULE(select_meets_select, "Of two selects that meet one sends, the other receives.", "0\n") {
    int_chan a = channel(0), b = channel(0), traded = channel(40);
    go(trades, .gives = a, .takes = b, .traded = traded);
    go(trades, .gives = b, .takes = a, .traded = traded);
    int value, sum = 0;
    for (int i = 0; i < 40; i++) {
        chan_recv(traded, &value);
        sum += value;
    }
    say("%d", sum);
}

TASK(waits_on_two, int_chan a_chan; int_chan b_chan;) {
    say("arm %d", chan_select(RECV(a->a_chan, NULL), RECV(a->b_chan, NULL)));
}

RULE(select_leaves_the_other_queue,
     "A select that was served waits on none of its channels any more.", "arm 0\ndefault\n") {
    int_chan a = channel(0), b = channel(0);
    go(waits_on_two, .a_chan = a, .b_chan = b);
    task_sleep(MILLISECOND);
    chan_send(a, 1);
    task_sleep(MILLISECOND);
    say("%s", chan_poll(SEND(b, 1)) == 0 ? "sent" : "default");
}

TASK(offers_two, int_chan a_chan; int_chan b_chan;) {
    say("arm %d", chan_select(SEND(a->a_chan, 1), SEND(a->b_chan, 2)));
}

RULE(select_withdraws_the_other_send, "The send of an arm that was not taken never happens.",
     "arm 1\ndefault\n") {
    int_chan a = channel(0), b = channel(0);
    go(offers_two, .a_chan = a, .b_chan = b);
    task_sleep(MILLISECOND);
    chan_recv(b, NULL);
    task_sleep(MILLISECOND);
    say("%s", chan_poll(RECV(a, NULL)) == 0 ? "received" : "default");
}

static int evaluated;

static int count_evaluated(int value) {
    evaluated++;
    return value;
}

RULE(select_evaluates_all, "The values of all send arms are evaluated, whichever happens.",
     "evaluated 2, sent 1\n") {
    int_chan a = channel(1);
    evaluated = 0;
    int value;
    chan_select(SEND(a, count_evaluated(1)), SEND(never(), count_evaluated(2)));
    chan_recv(a, &value);
    say("evaluated %d, sent %d", evaluated, value);
}

RULE(select_ready_before_default, "The default is not taken while an arm is ready.", "200\n") {
    int_chan c = always_ready();
    int taken = 0;
    for (int i = 0; i < ROUNDS; i++)
        taken += chan_poll(RECV(never(), NULL), RECV(c, NULL)) == 1;
    say("%d", taken);
}

TASK(sends_later, int_chan c;) {
    task_yield();
    chan_send(a->c, 5);
}

RULE(select_polled, "A loop around a default sees what comes.", "5\n") {
    int_chan c = channel(0);
    go(sends_later, .c = c);
    int value;
    while (chan_poll(RECV(c, &value)) < 0)
        task_yield();
    say("%d", value);
}

// --- closing ------------------------------------------------------------------------------------------

TASK(closes_later, int_chan c;) {
    task_sleep(MILLISECOND);
    chan_close(a->c);
}

RULE(select_woken_by_close, "A close ends the wait of a select that would receive.",
     "arm 1 false 0\n") {
    int_chan a = channel(0), b = channel(0);
    int value = 9;
    bool ok = true;
    go(closes_later, .c = b);
    int arm = chan_select(RECV(a, NULL), RECV_OK(b, &value, &ok));
    say("arm %d %s %d", arm, yes_no(ok), value);
}

RULE(select_woken_into_panic, "A close ends the wait of a select that would send by a panic.",
     "panic: send on closed channel\n") {
    int_chan a = channel(0), b = channel(0);
    go(closes_later, .c = b);
    chan_select(RECV(a, NULL), SEND(b, 1));
}

// --- time ---------------------------------------------------------------------------------------------

static void say_arm(int arm) {
    say("arm %d at %d ms", arm, (int)(time_now() / MILLISECOND));
}

RULE(select_after, "When nothing else comes the time does.", "arm 1 at 5 ms\n") {
    int_chan c = channel(0);
    say_arm(chan_select(RECV(c, NULL), AFTER(5 * MILLISECOND)));
}

TASK(sends_at, int_chan c; int ms;) {
    task_sleep(a->ms * MILLISECOND);
    chan_send(a->c, 1);
}

RULE(select_before_time, "What comes before the time is up is taken, and the time never comes.",
     "arm 0 at 3 ms\n") {
    int_chan c = channel(0);
    go(sends_at, .c = c, .ms = 3);
    say_arm(chan_select(RECV(c, NULL), AFTER(HOUR)));
}

RULE(select_first_time, "Of several times the first comes.", "arm 1 at 2 ms\n") {
    say_arm(chan_select(AFTER(4 * MILLISECOND), AFTER(2 * MILLISECOND), AFTER(3 * MILLISECOND)));
}

RULE(select_no_time, "A time of zero or less has come when nothing else is ready.",
     "arm 1 at 0 ms\narm 1 at 0 ms\n") {
    int_chan c = channel(0);
    say_arm(chan_select(RECV(c, NULL), AFTER(0)));
    say_arm(chan_select(RECV(c, NULL), AFTER(-SECOND)));
}

RULE(select_at_the_same_time, "When the time and a value come together either is taken.",
     "arm 0 at 5 ms\nor\narm 1 at 5 ms\n") {
    int_chan c = channel(1);
    go(sends_at, .c = c, .ms = 5);
    say_arm(chan_select(RECV(c, NULL), AFTER(5 * MILLISECOND)));
}

RULE(select_ctx, "The end of a context ends the wait of a select.", "arm 1 at 5 ms\n") {
    int_chan c = channel(0);
    ctx *ends = ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    say_arm(chan_select(RECV(c, NULL), RECV(ctx_done(ends), NULL)));
}

// --- fairness -----------------------------------------------------------------------------------------

RULE(select_fair_to_receives, "Two receives that are always ready are taken equally often.",
     "fair\n", .by_chance = true) {
    int_chan a = always_ready(), b = always_ready();
    int taken[2] = {0};
    for (int i = 0; i < ROUNDS; i++)
        taken[chan_select(RECV(a, NULL), RECV(b, NULL))]++;
    say_fair(taken, 2);
}

RULE(select_fair_to_eight, "Eight receives that are always ready are taken equally often.",
     "fair\n", .by_chance = true) {
    int_chan c = always_ready();
    int taken[8] = {0};
    for (int i = 0; i < 8 * ROUNDS; i++)
        taken[chan_select(RECV(c, NULL), RECV(c, NULL), RECV(c, NULL), RECV(c, NULL), RECV(c, NULL),
                          RECV(c, NULL), RECV(c, NULL), RECV(c, NULL))]++;
    say_fair(taken, 8);
}

RULE(select_fair_to_the_ready,
     "Two receives that are always ready are taken equally often, wherever they stand.", "fair\n",
     .by_chance = true) {
    int_chan c = always_ready();
    int taken[2] = {0};
    for (int i = 0; i < ROUNDS; i++)
        taken[chan_select(RECV(never(), NULL), RECV(c, NULL), RECV(never(), NULL),
                          RECV(never(), NULL), RECV(never(), NULL), RECV(never(), NULL),
                          RECV(never(), NULL), RECV(c, NULL)) == 7]++;
    say_fair(taken, 2);
}

RULE(select_fair_to_sends, "A send and a receive that are always possible are taken equally often.",
     "fair\n", .by_chance = true) {
    int_chan a = channel(1), b = always_ready();
    int taken[2] = {0};
    for (int i = 0; i < ROUNDS; i++) {
        taken[chan_select(SEND(a, 1), RECV(b, NULL))]++;
        chan_poll(RECV(a, NULL));
    }
    say_fair(taken, 2);
}

RULE(select_fair_with_default, "A select with a default is as fair as one without.", "fair\n",
     .by_chance = true) {
    int_chan a = always_ready(), b = always_ready();
    int taken[2] = {0};
    for (int i = 0; i < ROUNDS; i++)
        taken[chan_poll(RECV(a, NULL), RECV(b, NULL))]++;
    say_fair(taken, 2);
}

RULE(select_fair_at_first, "The first select of a run is as fair as any.",
     "0\nor\n1\nor\n2\nor\n3\n", .fair = true) {
    int_chan c = always_ready();
    say("%d", chan_select(RECV(c, NULL), RECV(c, NULL), RECV(c, NULL), RECV(c, NULL)));
}

RULE(select_too_many_arms, "A select of more than 64 arms panics.",
     "panic: select with 65 arms, at most 64 are possible\n", .differs = "it allows 65,536") {
    select_arm arms[65];
    for (int i = 0; i < 65; i++)
        arms[i] = (select_arm){.kind = ARM_AFTER, .after = SECOND, .at = HERE};
    select_at(arms, 65, HERE);
}
