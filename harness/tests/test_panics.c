// What logs tell of panics, goexits and labels: real worlds under every policy, read to the end.
#include "core/core.h"

#include "core/tests/world.h"
#include "harness/explain.h"

enum { SEEDS = 300 };

static struct seen s;
static struct judgement j;

static void read_log(void) {
    struct judge_terms terms = {0};
    seen_init(&s, world.log, 0);
    s.record_touches = true;
    judge(&s, &terms, &j);
    cr_assert_neq(j.verdicts, VERDICT_TAMPERED, "%s: %s", world_name(), j.note);
    cr_assert_eq(s.alive, world.log->alive, "%s", world_name());
    for (int r = 0; r < WAIT_REASON_COUNT; r++)
        cr_assert_eq(s.waiting[r], world_waiting(r), "%s: %s", world_name(), wait_reason_text(r));
}

static void says(const char *expected) {
    char text[2 * JUDGE_NOTE];
    cr_assert_str_eq(explain_verdict(&s, &j, text, sizeof text), expected, "%s: %s", world_name(),
                     text);
}

DEFERRED(recovers, int unused;) {
    recover();
}

DEFERRED(panics_again, int unused;) {
    recover();
    panic("while recovering");
}

static int_chan c;
static mutex mu;

// --- verdicts ---------------------------------------------------------------------------------------

static void sends(bool exits) {
    deferring();
    defer(recovers, .unused = 0);
    mutex_lock(&mu);
    defer(mutex_unlock, &mu);
    if (exits)
        goexit();
    chan_send(c, 1);
}

TASK(sender, int number;) {
    task_labels_with("number", a->number ? "some" : "none");
    sends(a->number == 1);
    sends(a->number == 2);
}

static void recovered_root(void *arg) {
    (void)arg;
    mu = (mutex){0};
    chan_make(&c, 1);
    for (int i = 0; i < 4; i++)
        go(sender, .number = i);
    task_yield();
    chan_close(c);
}

Test(panics, who_recovers_or_exits_has_ended_and_nothing_is_wrong) {
    uint32_t recovered = 0;
    EVERY_WORLD(recovered_root, SEEDS) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
        read_log();
        cr_assert_eq(j.verdicts, 0, "%s: %s", world_name(), j.note);
        cr_assert_eq(s.ended, 5, "%s", world_name());
        cr_assert_str_eq(j.note, "");
        recovered += world_count(EV_RECOVER);
    }
    cr_assert_gt(recovered, SEEDS);
}

static void chain_root(void *arg) {
    (void)arg;
    task_label("job", "7");
    defer(panics_again, .unused = 0);
    deferring();
    defer(panics_again, .unused = 0);
    panic("first");
}

Test(panics, the_verdict_has_gos_words_for_all_of_them) {
    EVERY_WORLD(chain_root, 20) {
        read_log();
        cr_assert_eq(j.verdicts, VERDICT_PANIC);
        says(
            "panic: first [recovered]\n\tpanic: while recovering\n\tpanic: recover: chain_root has "
            "no deferring() before the defer of this call, in main (#0) {job=7} at "
            "test_panics.c:34");
    }
}

static void exits_alone(void *arg) {
    (void)arg;
    go(sender, .number = 1);
    chan_make(&c, 1);
    mu = (mutex){0};
    goexit();
}

Test(panics, a_root_that_exits_is_a_deadlock_when_all_have_ended) {
    EVERY_WORLD(exits_alone, 20) {
        read_log();
        cr_assert_eq(j.verdicts, VERDICT_DEADLOCK, "%s", world_name());
        says("deadlock: no tasks (main (#0) called goexit) - deadlock!");
    }
}

TASK(receives, int unused;) {
    chan_recv(c, NULL);
}

static void exits_first(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    go(receives, .unused = 0);
    goexit();
}

Test(panics, a_root_that_exits_is_a_deadlock_when_the_others_wait) {
    EVERY_WORLD(exits_first, 20) {
        read_log();
        cr_assert_eq(j.verdicts, VERDICT_DEADLOCK, "%s", world_name());
        cr_assert_eq(j.left_count, 1);
        says("deadlock: main (#0) called goexit, and 1 task is parked for ever");
    }
}

static void exits_before_spinner(void *arg) {
    (void)arg;
    goexit();
}

Test(panics, the_grace_does_not_begin_when_the_root_exits) {
    world_default(exits_before_spinner);
    read_log();
    cr_assert(!s.root_ended && !s.grace_over);
    cr_assert_eq(s.tasks[0].state, TASK_ENDED);
}

// --- labels -----------------------------------------------------------------------------------------

static char labels[16][40]; // of each task, as the snapshot shows them

static bool note_labels(const task_info *t, void *user) {
    (void)user;
    snprintf(labels[t->number], sizeof labels[0], "%s", t->labels);
    return true;
}

TASK(starts, int depth;) {
    if (choose(2))
        task_label("depth", a->depth ? "1" : "0");
    if (a->depth < 2) {
        task_labels_with("from", a->depth ? "one" : "zero");
        go(starts, .depth = a->depth + 1);
    }
    go(receives, .unused = 0);
    chan_recv(c, NULL);
}

static void labels_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    task_label("root", NULL);
    go(starts, .depth = 0);
    task_sleep(1);
    inspect_tasks(note_labels, NULL);
}

Test(panics, the_log_tells_the_labels_that_the_snapshot_shows) {
    uint32_t differing = 0;
    EVERY_WORLD(labels_root, SEEDS) {
        read_log();
        cr_assert_eq(s.task_count, 7, "%s", world_name());
        for (uint32_t i = 1; i < s.task_count; i++) {
            const char *told = event_log_string(s.log, s.tasks[i].labels);
            cr_assert_str_eq(told, labels[i], "%s: task %u: %s", world_name(), i, told);
            differing += strcmp(told, "root") != 0;
        }
    }
    cr_assert_gt(differing, SEEDS);
}

static void labelled_leak(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    task_labels_with("request", "42");
    task_labels_with("urgent", NULL);
    go(receives, .unused = 0);
}

Test(panics, a_report_calls_who_was_left_by_its_labels_too) {
    EVERY_WORLD(labelled_leak, 20) {
        read_log();
        char text[200];
        cr_assert_str_eq(seen_task_label(&s, 1, text, sizeof text), "receives (#1)");
        cr_assert_str_eq(seen_task_labelled(&s, 1, text, sizeof text),
                         "receives (#1) {request=42, urgent}");
        cr_assert_str_eq(seen_task_labelled(&s, 0, text, sizeof text), "main (#0)");
        explain_where(&s, 1, text, sizeof text);
        cr_assert(strstr(text, "receives (#1) {request=42, urgent} waits in chan receive on c"),
                  "%s", text);
    }
}

// --- records, in words ------------------------------------------------------------------------------

static const char *words(enum event_kind kind, uint32_t n) {
    static char text[200];
    return seen_event_text(&s, (uint64_t)(world_event(kind, n) - world.log->events), text,
                           sizeof text);
}

static void recovers_first(void) {
    deferring();
    defer(recovers, .unused = 0);
    panic("lost");
}

static void words_root(void *arg) {
    recovers_first();
    go(sender, .number = 1);
    chan_make(&c, 1);
    mu = (mutex){0};
    task_sleep(1);
    chain_root(arg);
}

Test(panics, each_record_has_its_words_in_one_line) {
    world_default(words_root);
    read_log();
    cr_assert_str_eq(words(EV_PANICKING, 0), "panics and makes its deferred calls: lost");
    cr_assert_str_eq(words(EV_RECOVER, 0), "recovers from panic: lost");
    cr_assert_str_eq(words(EV_LABEL, 0), "labelled number=some from here on");
    cr_assert_str_eq(words(EV_LABEL, 1), "no longer labelled");
    cr_assert_str_eq(words(EV_GOEXIT, 0), "goexit: makes its deferred calls");
    cr_assert_str_eq(words(EV_EXIT, 0), "ends by goexit");
    cr_assert_str_eq(
        words(EV_PANIC, 0),
        "panic: first [recovered]; panic: while recovering; panic: recover: chain_root "
        "has no deferring() before the defer of this call");
}
