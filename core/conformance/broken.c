// Rules that do not hold, each in another way: what finds fault with the others must with these.
#include "core/conformance/conformance.h"

RULE(broken_line, "Another line than expected is noticed.", "1\n", .broken = true) {
    say("2");
}

RULE(broken_silence, "Saying nothing is noticed.", "1\n", .broken = true) {
}

RULE(broken_deadlock, "A deadlock is noticed.", "1\n", .broken = true) {
    int_chan c;
    chan_make(&c, 0);
    say("1");
    chan_recv(c, NULL);
}

RULE(broken_reason, "Waiting for something else is noticed.", "deadlock: chan send\n",
     .broken = true) {
    int_chan c;
    chan_make(&c, 0);
    chan_recv(c, NULL);
}

RULE(broken_panic, "A panic is noticed.", "1\n", .broken = true) {
    say("1");
    panic("one too many");
}

RULE(broken_sentence, "Another sentence is noticed.", "panic: close of closed channel\n",
     .broken = true) {
    chan_close((int_chan){NULL});
}

TASK(waits_for_ever, int_chan c;) {
    chan_recv(a->c, NULL);
}

RULE(broken_left, "A task left behind is noticed.", "1\n", .broken = true) {
    int_chan c;
    chan_make(&c, 0);
    go(waits_for_ever, .c = c);
    say("1");
}

RULE(broken_not_left, "A task that does not stay is noticed.", "1\n", .left = 1, .broken = true) {
    say("1");
}

RULE(broken_spin, "A rule that does not end is noticed.", "1\n", .broken = true) {
    say("1");
    for (;;)
        task_yield();
}

TASK(says, int number;) {
    task_yield();
    say("%d", a->number);
}

RULE(broken_order, "What depends on the schedule is noticed.", "1\n2\n", .broken = true) {
    go(says, .number = 1);
    go(says, .number = 2);
}

static int_chan ready_channel(void) {
    int_chan c;
    chan_make(&c, 1);
    chan_send(c, 1);
    return c;
}

RULE(broken_chance, "An outcome that never comes about is noticed.", "0\nor\n1\n", .broken = true) {
    say("0");
}

RULE(broken_fairness, "An arm that is taken too often is noticed.", "0\nor\n1\n", .fair = true,
     .broken = true) {
    int_chan a = ready_channel(), b = ready_channel();
    say("%d", chan_select(RECV(a, NULL), RECV(a, NULL), RECV(a, NULL), RECV(b, NULL)) == 3);
}

// --- what only a tool can see --------------------------------------------------------------------------

static int unordered;

TASK(counts, int unused;) {
    unordered++;
}

RULE(broken_race, "A race is noticed by a race detector.", "1\n", .broken = true) {
    go(counts, .unused = 0);
    unordered++;
    say("1");
}

RULE(broken_freed, "A use of freed memory is noticed by AddressSanitizer and Valgrind.", "1\n",
     .broken = true) {
    volatile int *p = run_alloc(sizeof *p);
    run_free((void *)p);
    if (*p)
        say("2");
    say("1");
}

TASK(branches, int unused;) {
    volatile int never_set[4];
    __asm__ volatile("" : "=m"(never_set[0])); // not even by the compiler
    if (never_set[1])
        say("2");
    say("1");
}

RULE(broken_unset, "A branch on what was never set is noticed by Valgrind.", "1\nor\n2\n1\n",
     .broken = true) {
    go(branches, .unused = 0);
}
