// Labels: one test per rule of task.h.
#include "core/internal.h"
#include "core/tests/world.h"

enum { SEEDS = 200 };

static bool has(const char *key, const char *value) {
    const char *v = task_label_value(key);
    return value ? v && !strcmp(v, value) : !v;
}

// --- one task ---------------------------------------------------------------------------------------

static void set_root(void *arg) {
    (void)arg;
    EXPECT(has("job", NULL) && !*task_labels());
    task_label("job", "7");
    task_label("user", "ann");
    task_label("batch", NULL);
    EXPECT(has("job", "7") && has("user", "ann") && has("batch", "") && has("jo", NULL));
    EXPECT(!strcmp(task_labels(), "batch, job=7, user=ann"));
    task_label("job", "8");
    EXPECT(has("job", "8") && has("user", "ann"));
    EXPECT(!strcmp(task_labels(), "batch, job=8, user=ann"));
    task_label("zone", "");
    EXPECT(!strcmp(task_labels(), "batch, job=8, user=ann, zone="));
    EXPECT(has(NULL, NULL) && has("", NULL));
}

Test(labels, a_task_has_one_value_for_each_key_in_their_order) {
    EVERY_WORLD(set_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void copied_root(void *arg) {
    (void)arg;
    char key[] = "key", value[] = "value";
    task_label(key, value);
    key[0] = value[0] = 'x';
    EXPECT(has("key", "value") && has("xey", NULL));
}

Test(labels, texts_are_copied) {
    EVERY_WORLD(copied_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void many_root(void *arg) {
    (void)arg;
    char key[16];
    for (int i = 999; i >= 0; i--) {
        snprintf(key, sizeof key, "k%03d", i * 7 % 1000);
        task_label(key, key + 1);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "k%03d", i);
        EXPECT(has(key, key + 1));
    }
    EXPECT(!strncmp(task_labels(), "k000=000, k001=001, ", 20));
    EXPECT(strlen(task_labels()) == 1000 * 8 + 999 * 2);
}

Test(labels, there_may_be_many) {
    world_default(many_root);
    cr_assert(world_finished());
    const event *e = world_event(EV_LABEL, 999);
    cr_assert_eq(strlen(event_log_string(world.log, (uint32_t)e->value)), 400, "as the log has it");
}

static void no_key_root(void *arg) {
    task_label(arg ? "" : NULL, "value");
}

Test(labels, a_label_without_a_key_panics) {
    world_default(no_key_root);
    cr_assert_eq(world.end, RUN_PANICKED);
    cr_assert_str_eq(world_panic(), "task_label: a label needs a key");
}

Test(labels, outside_of_a_run_there_are_none) {
    cr_assert_null(task_label_value("job"));
    cr_assert_str_eq(task_labels(), "");
}

// --- to the end of a block ------------------------------------------------------------------------------

static void labelled(int depth) {
    char text[] = {(char)('0' + depth), 0};
    task_labels_with("depth", text);
    EXPECT(has("depth", text) && has("job", "7"));
    if (depth == 3)
        panic("deep");
    if (depth < 3)
        labelled(depth + 1);
    EXPECT(has("depth", text));
}

DEFERRED(recovers, int unused;) {
    EXPECT(recover() && has("depth", NULL) && has("mine", ""));
}

static void labelled_and_recovered(void) {
    deferring();
    task_labels_with("mine", NULL);
    defer(recovers, .unused = 0);
    labelled(0);
}

static void block_root(void *arg) {
    (void)arg;
    task_label("job", "7");
    {
        task_labels_with("job", "8");
        task_labels_with("user", "ann");
        EXPECT(!strcmp(task_labels(), "job=8, user=ann"));
        task_label("lost", NULL); // with the block
    }
    EXPECT(!strcmp(task_labels(), "job=7"));
    labelled_and_recovered();
    EXPECT(!strcmp(task_labels(), "job=7"));
}

Test(labels, those_of_a_block_end_with_it_also_by_a_panic) {
    EVERY_WORLD(block_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- inheriting ---------------------------------------------------------------------------------------

static int started;

TASK(grandchild, const char *expected;) {
    EXPECT(!strcmp(task_labels(), a->expected));
    started++;
}

TASK(child, int unused;) {
    EXPECT(!strcmp(task_labels(), "job=7, user=ann"));
    task_yield();
    go(grandchild, "job=7, user=ann");
    task_label("user", "bob");
    go(grandchild, "job=7, user=bob");
    {
        task_labels_with("urgent", NULL);
        go(grandchild, "job=7, urgent, user=bob");
        task_yield();
    }
    go_daemon(grandchild, "job=7, user=bob");
    EXPECT(!strcmp(task_labels(), "job=7, user=bob"));
    started++;
}

static void inherit_root(void *arg) {
    (void)arg;
    started = 0;
    task_label("job", "7");
    task_label("user", "ann");
    go(child, .unused = 0);
    task_label("job", "8");
    task_yield();
    EXPECT(!strcmp(task_labels(), "job=8, user=ann"));
    go(grandchild, "job=8, user=ann");
}

Test(labels, a_task_has_those_that_its_starter_had_when_it_started_it) {
    EVERY_WORLD(inherit_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(started, 6, "%s", world_name());
    }
}

static uint32_t sharing;

static bool count_sharing(const task_info *t, void *labels) {
    sharing += t->labels == labels;
    return true;
}

static void shared_root(void *arg) {
    (void)arg;
    task_label("job", "7");
    size_t before = run_heap_used();
    sharing = 0;
    for (int i = 0; i < 100; i++)
        go(grandchild, "job=7");
    EXPECT(run_heap_used() == before);
    inspect_tasks(count_sharing, (void *)(uintptr_t)task_labels());
    EXPECT(sharing == 101);
}

Test(labels, inheriting_takes_no_memory) {
    world_default(shared_root);
    cr_assert(world_finished());
}

// --- who shows them -----------------------------------------------------------------------------------

static bool check_shown(const task_info *t, void *seen) {
    EXPECT(!strcmp(t->labels, t->number ? "job=7" : ""));
    ++*(int *)seen;
    return true;
}

TASK(shown, signal_chan stop;) {
    chan_recv(a->stop, NULL);
}

static void shown_root(void *arg) {
    (void)arg;
    signal_chan stop;
    chan_make(&stop, 0);
    {
        task_labels_with("job", "7");
        go(shown, .stop = stop);
    }
    task_sleep(1);
    int seen = 0;
    inspect_tasks(check_shown, &seen);
    EXPECT(seen == 2);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    inspect_print(out);
    fclose(out);
    EXPECT(strstr(text, "  {job=7}\n") && !strstr(strstr(text, "{job=7}") + 1, "{"));
    free(text);
    chan_close(stop);
}

Test(labels, a_snapshot_shows_them) {
    EVERY_WORLD(shown_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

Test(labels, the_log_tells_which_a_task_has_from_then_on) {
    EVERY_WORLD(shown_root, 20) {
        const event *set = world_event(EV_LABEL, 0), *restored = world_event(EV_LABEL, 1);
        cr_assert_eq(world_count(EV_LABEL), 2);
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)set->value), "job=7");
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)restored->value), "");
        cr_assert(set->task == 0 && restored->task == 0);
        cr_assert_lt(set, world_event(EV_GO, 0));
        cr_assert_lt(world_event(EV_GO, 0), restored);
        log_site at = event_log_site(world.log, set->site);
        cr_assert_str_eq(event_log_string(world.log, at.function), "shown_root");
    }
}

static void endless_root(void *arg) {
    (void)arg;
    for (;;)
        task_label("job", "7");
}

Test(labels, who_sets_them_for_ever_ends_when_the_log_is_full) {
    world_default(endless_root);
    cr_assert_eq(world.end, RUN_LOG_FULL);
}
