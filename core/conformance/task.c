// Tasks: what they get when they start, and what their end, or a panic in one, means for the others.
#include "core/conformance/conformance.h"

#include <stdatomic.h>

TASK(says_number, int number;) {
    say("%d", a->number);
}

RULE(go_copies_arguments, "A task gets its arguments as they were at its go.", "1\n") {
    int number = 1;
    go(says_number, .number = number);
    number = 2;
    sleep_ms(number);
}

TASK(counts_up, _Atomic int *count; int depth; waitgroup *wg;) {
    atomic_fetch_add(a->count, 1);
    for (int i = 0; i < 2 && a->depth; i++) {
        waitgroup_add(a->wg, 1);
        go(counts_up, .count = a->count, .depth = a->depth - 1, .wg = a->wg);
    }
    waitgroup_done(a->wg);
}

RULE(go_from_a_task, "Every task that is started runs, also those that tasks start.", "31\n") {
    _Atomic int count = 0;
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    go(counts_up, .count = &count, .depth = 4, .wg = &wg);
    waitgroup_wait(&wg);
    say("%d", atomic_load(&count));
}

TASK(sets, _Atomic bool *flag;) {
    atomic_store(a->flag, true);
}

RULE(yield_lets_others_run, "Who yields again and again lets the others come to their end.",
     "seen\n") {
    _Atomic bool flag = false;
    go(sets, .flag = &flag);
    while (!atomic_load(&flag))
        task_yield();
    say("seen");
}

TASK(says_later, int unused;) {
    sleep_ms(5);
    say("task");
}

RULE(root_ends_first, "The tasks go on when the root has ended.", "root\ntask\n", .go = "root\n",
     .differs = "the program ends with its main function") {
    go(says_later, .unused = 0);
    say("root");
}

// --- deadlock -----------------------------------------------------------------------------------------

TASK(locks_both, mutex *first; mutex *second;) {
    mutex_lock(a->first);
    sleep_ms(1);
    mutex_lock(a->second);
}

RULE(deadlock_of_two, "Two who wait for each other's lock wait for ever.",
     "deadlock: sync.Mutex.Lock\n") {
    mutex one = {0}, other = {0};
    go(locks_both, .first = &one, .second = &other);
    mutex_lock(&other);
    sleep_ms(1);
    mutex_lock(&one);
}

RULE(deadlock_after_others, "The root waits for ever once nobody is left who could end its wait.",
     "task\ndeadlock: chan receive\n") {
    int_chan c;
    chan_make(&c, 0);
    go(says_later, .unused = 0);
    chan_recv(c, NULL);
}

// --- panic --------------------------------------------------------------------------------------------

RULE(panic_ends_the_run, "A panic ends the run with its sentence.",
     "before\npanic: no such key: 7\n") {
    say("before");
    panic("no such key: %d", 7);
}

TASK(panics_at, int ms;) {
    sleep_ms(a->ms);
    panic("out of ink");
}

RULE(panic_in_a_task, "A panic in any task ends the run, whatever the others do.",
     "panic: out of ink\n") {
    go(panics_at, .ms = 3);
    go(says_later, .unused = 0);
    sleep_ms(9);
    say("root");
}

RULE(panic_first, "The first panic ends the run.", "panic: out of ink\n") {
    go(panics_at, .ms = 3);
    sleep_ms(4);
    panic("too late");
}

// --- labels ---------------------------------------------------------------------------------------------

#define NO_LABELS .differs = "it has labels for its profiler, which a program cannot read back"

TASK(says_labels, int unused;) {
    say("child: %s", task_labels());
}

RULE(labels_inherited, "A task has the labels that its starter had when it started it.",
     "child: job=1, urgent\nroot: job=2, urgent\n", NO_LABELS) {
    task_label("urgent", NULL);
    task_label("job", "1");
    go(says_labels, .unused = 0);
    task_label("job", "2");
    sleep_ms(1);
    say("root: %s", task_labels());
}

TASK(labels_itself, int unused;) {
    task_label("job", "2");
}

RULE(labels_of_ones_own, "What a task sets later is its own.", "1\n", NO_LABELS) {
    task_label("job", "1");
    go(labels_itself, .unused = 0);
    sleep_ms(1);
    say("%s", task_label_value("job"));
}

RULE(labels_of_a_block, "Labels of a block are gone at its end.", "job=2\njob=1\n", NO_LABELS) {
    task_label("job", "1");
    {
        task_labels_with("job", "2");
        say("%s", task_labels());
    }
    say("%s", task_labels());
}

RULE(labels_without_key, "A label without a key panics.",
     "panic: task_label: a label needs a key\n", NO_LABELS) {
    task_label(NULL, "1");
}
