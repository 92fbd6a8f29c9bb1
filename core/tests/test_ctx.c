// Contexts: the tree, who is cancelled by whom and in which order, deadlines, values.
#include "core/tests/aftermath.h"
#include "core/tests/every_schedule.h"

static ctx *parent, *child, *grandchild, *sibling;

static bool done(ctx *c) {
    return chan_poll(RECV(ctx_done(c), NULL)) == 0;
}

static void tree_make(void) {
    parent = ctx_with_cancel(ctx_background());
    child = ctx_with_cancel(parent);
    sibling = ctx_with_cancel(parent);
    grandchild = ctx_with_cancel(child);
}

// --- the background ---------------------------------------------------------------------------------

static void background_root(void *arg) {
    (void)arg;
    ctx *b = ctx_background();
    int64_t when;
    EXPECT(ctx_err(b) == OK && ctx_done(b).raw == NULL && !ctx_deadline(b, &when));
    EXPECT(ctx_value_of(b, b) == NULL);
    ctx_cancel(b);
}

Test(ctx, the_background_never_ends_and_cancelling_it_panics) {
    world_default(background_root);
    cr_assert_str_eq(world_panic(), "cancel of the background context");
}

static void nil_parent_root(void *arg) {
    (void)arg;
    ctx *none = NULL;
    ctx_with_cancel(none);
}

Test(ctx, a_nil_parent_panics) {
    world_default(nil_parent_root);
    cr_assert_str_eq(world_panic(), "cannot create context from nil parent");
}

// --- cancel -------------------------------------------------------------------------------------------

static void cancel_parent_root(void *arg) {
    (void)arg;
    tree_make();
    ctx_cancel(parent);
    EXPECT(ctx_err(parent) == ERR_CANCELED && done(parent));
    EXPECT(ctx_err(child) == ERR_CANCELED && done(child));
    EXPECT(ctx_err(sibling) == ERR_CANCELED && done(sibling));
    EXPECT(ctx_err(grandchild) == ERR_CANCELED && done(grandchild));
}

Test(ctx, cancelling_a_parent_ends_all_below_it) {
    EVERY_WORLD(cancel_parent_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

Test(ctx, each_ends_before_its_children_in_the_order_they_were_made) {
    world_default(cancel_parent_root);
    const event *first = world_event(EV_CANCEL, 0);
    uint32_t p = first->object;
    // Made: parent, its done channel, child, done, sibling, done, grandchild, done.
    static const uint32_t order[] = {0, 2, 6, 4};
    cr_assert_eq(world_count(EV_CANCEL), 4);
    cr_assert_not(first->flags & EVENT_DERIVED);
    for (uint32_t i = 0; i < 4; i++) {
        const event *e = world_event(EV_CANCEL, i);
        cr_assert_eq(e->object, p + order[i], "the %u-th to end is object %u", i, e->object);
        cr_assert_eq(e->value, ERR_CANCELED);
        cr_assert_eq(!!(e->flags & EVENT_DERIVED), i > 0);
    }
}

static void cancel_child_root(void *arg) {
    (void)arg;
    tree_make();
    ctx_cancel(child);
    EXPECT(ctx_err(child) == ERR_CANCELED && ctx_err(grandchild) == ERR_CANCELED);
    EXPECT(ctx_err(parent) == OK && !done(parent));
    EXPECT(ctx_err(sibling) == OK && !done(sibling));
    ctx_cancel(child); // once more does nothing
    ctx_cancel(parent);
    EXPECT(ctx_err(sibling) == ERR_CANCELED);
}

Test(ctx, cancelling_a_child_leaves_its_parent_and_siblings_alone) {
    EVERY_WORLD(cancel_child_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void removed_root(void *arg) {
    (void)arg;
    tree_make();
    ctx_cancel(child);
    ctx_cancel(parent);
}

Test(ctx, a_child_that_ended_is_no_longer_its_parents) {
    world_default(removed_root);
    cr_assert_eq(world_count(EV_CANCEL), 4, "child and grandchild, then parent and sibling");
    uint32_t seen[16] = {0};
    for (uint32_t i = 0; i < 4; i++)
        seen[world_event(EV_CANCEL, i)->object]++;
    for (uint32_t id = 0; id < 16; id++)
        cr_assert_leq(seen[id], 1, "object %u ended twice", id);
}

static void born_ended_root(void *arg) {
    (void)arg;
    tree_make();
    ctx_cancel(parent);
    ctx *late = ctx_with_timeout(parent, SECOND);
    EXPECT(ctx_err(late) == ERR_CANCELED && done(late));
    ctx *past = ctx_with_deadline(ctx_background(), 0);
    EXPECT(ctx_err(past) == ERR_DEADLINE && done(past));
}

Test(ctx, a_child_of_an_ended_parent_or_of_the_past_is_born_ended) {
    EVERY_WORLD(born_ended_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->now, 0, "no timer was left");
        cr_assert_eq(world_count(EV_CANCEL), 6);
        cr_assert_eq(world_event(EV_CANCEL, 5)->value, ERR_DEADLINE);
    }
}

static void deep_root(void *arg) {
    (void)arg;
    ctx *c = parent = ctx_with_cancel(ctx_background());
    for (int i = 0; i < 3000; i++)
        c = ctx_with_cancel(c);
    ctx_cancel(parent);
    EXPECT(ctx_err(c) == ERR_CANCELED);
}

Test(ctx, a_tree_may_be_deeper_than_a_stack) {
    EVERY_WORLD(deep_root, 1) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

TASK(waits, ctx *ctx; int *count;) {
    chan_recv(ctx_done(a->ctx), NULL);
    EXPECT(ctx_err(a->ctx) == ERR_CANCELED);
    ++*a->count;
}

static void wakes_root(void *arg) {
    (void)arg;
    static int woken;
    woken = 0;
    tree_make();
    go(waits, .ctx = parent, .count = &woken);
    go(waits, .ctx = child, .count = &woken);
    go(waits, .ctx = grandchild, .count = &woken);
    go(waits, .ctx = grandchild, .count = &woken);
    task_sleep(1);
    ctx_cancel(parent);
    task_sleep(1);
    EXPECT(woken == 4);
}

Test(ctx, all_who_wait_in_the_tree_are_woken) {
    EVERY_WORLD(wakes_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- deadlines ------------------------------------------------------------------------------------------

static void timeout_root(void *arg) {
    (void)arg;
    int64_t when = 0;
    ctx *c = ctx_with_timeout(ctx_background(), 2 * SECOND);
    EXPECT(ctx_deadline(c, &when) && when == 2 * SECOND);
    EXPECT(ctx_err(c) == OK);
    chan_recv(ctx_done(c), NULL);
    EXPECT(ctx_err(c) == ERR_DEADLINE && time_now() == 2 * SECOND);
}

Test(ctx, a_timeout_ends_it_at_its_time) {
    EVERY_WORLD(timeout_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_CANCEL, 0)->task, EVENT_CLOCK);
        cr_assert_eq(world_event(EV_CANCEL, 0)->value, ERR_DEADLINE);
    }
}

static void inherit_root(void *arg) {
    (void)arg;
    int64_t when = 0;
    ctx *c = ctx_with_timeout(ctx_background(), 2 * SECOND);
    ctx *later = ctx_with_timeout(c, 5 * SECOND);
    ctx *sooner = ctx_with_timeout(c, SECOND);
    ctx *plain = ctx_with_cancel(c);
    EXPECT(ctx_deadline(later, &when) && when == 2 * SECOND);
    EXPECT(ctx_deadline(sooner, &when) && when == SECOND);
    EXPECT(ctx_deadline(plain, &when) && when == 2 * SECOND);
    chan_recv(ctx_done(sooner), NULL);
    EXPECT(time_now() == SECOND && ctx_err(later) == OK && ctx_err(c) == OK);
    chan_recv(ctx_done(later), NULL);
    EXPECT(time_now() == 2 * SECOND && ctx_err(plain) == ERR_DEADLINE);
}

Test(ctx, the_earlier_deadline_of_parent_and_child_counts) {
    EVERY_WORLD(inherit_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->now, 2 * SECOND);
    }
}

static void cleared_root(void *arg) {
    (void)arg;
    ctx *c = ctx_with_timeout(ctx_background(), 10 * HOUR);
    ctx *below = ctx_with_timeout(c, HOUR);
    ctx_cancel(c);
    EXPECT(ctx_err(below) == ERR_CANCELED);
}

Test(ctx, cancelling_clears_the_timers) {
    EVERY_WORLD(cleared_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->now, 0);
    }
}

static void endless_root(void *arg) {
    (void)arg;
    int64_t when = 0;
    ctx *c = ctx_with_timeout(ctx_background(), INT64_MAX);
    EXPECT(ctx_deadline(c, &when) && when > 100 * HOUR);
    ctx_cancel(c);
}

Test(ctx, a_timeout_beyond_the_clock_does_not_overflow) {
    world_default(endless_root);
    cr_assert(world_finished());
}

// --- values ---------------------------------------------------------------------------------------------

static void value_root(void *arg) {
    (void)arg;
    static ctx_key_of(int) key1, key2, key3;
    int one = 1, two = 2, other = 3;
    ctx *a = ctx_with_value(ctx_background(), &key1, &one);
    ctx *b = ctx_with_value(a, &key2, &two);
    ctx *c = ctx_with_cancel(b);
    ctx *d = ctx_with_value(c, &key1, &other);
    EXPECT(ctx_value(c, &key1) == &one && ctx_value(c, &key2) == &two);
    EXPECT(ctx_value(d, &key1) == &other && ctx_value(d, &key2) == &two);
    EXPECT(ctx_value(a, &key2) == NULL && ctx_value(d, &key3) == NULL);
    EXPECT(ctx_value_of(d, NULL) == NULL && ctx_value_of(d, b) == NULL);
    ctx_cancel(c);
    EXPECT(ctx_err(d) == ERR_CANCELED && ctx_err(b) == OK);
}

Test(ctx, the_nearest_value_of_a_key_counts) {
    world_default(value_root);
    cr_assert(world_finished());
}

static void shares_root(void *arg) {
    (void)arg;
    static ctx_key_of(int) key;
    int one = 1;
    int64_t when = 0;
    ctx *c = ctx_with_timeout(ctx_background(), SECOND);
    ctx *v = ctx_with_value(c, &key, &one);
    EXPECT(ctx_done(v).raw == ctx_done(c).raw);
    EXPECT(ctx_deadline(v, &when) && when == SECOND);
    ctx *below = ctx_with_cancel(v);
    ctx_cancel(c);
    EXPECT(ctx_err(v) == ERR_CANCELED && ctx_err(below) == ERR_CANCELED);
    EXPECT(ctx_value(below, &key) == &one);
    ctx_cancel(v);
}

Test(ctx, one_made_for_a_value_ends_with_its_parent_and_by_itself_never) {
    EVERY_WORLD(shares_root, 3) {
        cr_assert_str_eq(world_panic(), "cancel of a context that has no end of its own");
        cr_assert_eq(world_count(EV_CANCEL), 2, "the value has no record of its own");
    }
}

static void nil_key_root(void *arg) {
    (void)arg;
    ctx_key_of(int) *none = NULL;
    int one = 1;
    ctx_with_value(ctx_background(), none, &one);
}

Test(ctx, a_nil_key_panics) {
    world_default(nil_key_root);
    cr_assert_str_eq(world_panic(), "nil key");
}

// --- without cancel ---------------------------------------------------------------------------------

static void without_cancel_root(void *arg) {
    (void)arg;
    static ctx_key_of(int) key;
    int one = 1;
    int64_t when = 0;
    ctx *c = ctx_with_value(ctx_with_timeout(ctx_background(), SECOND), &key, &one);
    ctx *free_ = ctx_without_cancel(c);
    ctx *below = ctx_with_timeout(free_, HOUR);
    EXPECT(ctx_value(below, &key) == &one);
    EXPECT(!ctx_deadline(free_, &when) && ctx_done(free_).raw == NULL);
    EXPECT(ctx_deadline(below, &when) && when == HOUR);
    task_sleep(MINUTE);
    EXPECT(ctx_err(c) == ERR_DEADLINE);
    EXPECT(ctx_err(free_) == OK && ctx_cause(free_) == OK && ctx_err(below) == OK);
    ctx_cancel(below);
    EXPECT(ctx_err(below) == ERR_CANCELED);
    ctx_cancel(free_);
}

Test(ctx, without_cancel_keeps_the_values_alone) {
    EVERY_WORLD(without_cancel_root, 3) {
        cr_assert_str_eq(world_panic(), "cancel of a context that has no end of its own");
        cr_assert_eq(world.log->now, MINUTE, "the hour was called off");
    }
}

// --- causes -----------------------------------------------------------------------------------------

static void cause_root(void *arg) {
    (void)arg;
    tree_make();
    EXPECT(ctx_cause(parent) == OK && ctx_cause(ctx_background()) == OK);
    ctx_cancel_cause(child, ERR_RESET);
    EXPECT(ctx_err(child) == ERR_CANCELED && ctx_cause(child) == ERR_RESET);
    EXPECT(ctx_err(grandchild) == ERR_CANCELED && ctx_cause(grandchild) == ERR_RESET);
    ctx_cancel_cause(child, ERR_EOF);  // the first counts
    ctx_cancel_cause(parent, ERR_EOF); // and is not the child's
    EXPECT(ctx_cause(parent) == ERR_EOF && ctx_cause(sibling) == ERR_EOF);
    EXPECT(ctx_cause(child) == ERR_RESET && ctx_cause(grandchild) == ERR_RESET);
    EXPECT(ctx_cause(ctx_with_cancel(parent)) == ERR_EOF);
    ctx *plain = ctx_with_cancel(ctx_background());
    ctx_cancel_cause(plain, OK);
    EXPECT(ctx_cause(plain) == ERR_CANCELED);
}

Test(ctx, the_first_cause_counts_for_all_that_end_with_it) {
    EVERY_WORLD(cause_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_CANCEL, 0)->value, (int64_t)ERR_RESET << 32 | ERR_CANCELED);
        cr_assert_eq(world_event(EV_CANCEL, world_count(EV_CANCEL) - 1)->value, ERR_CANCELED);
    }
}

static void timeout_cause_root(void *arg) {
    (void)arg;
    ctx *c = ctx_with_timeout_cause(ctx_background(), SECOND, ERR_LIMIT);
    ctx *later = ctx_with_timeout_cause(c, HOUR, ERR_EOF);
    ctx *early = ctx_with_deadline_cause(c, SECOND / 2, ERR_RESET);
    ctx *stopped = ctx_with_timeout_cause(ctx_background(), SECOND, ERR_LIMIT);
    ctx *past = ctx_with_deadline_cause(ctx_background(), 0, ERR_LIMIT);
    EXPECT(ctx_err(past) == ERR_DEADLINE && ctx_cause(past) == ERR_LIMIT);
    ctx_cancel(stopped);
    EXPECT(ctx_cause(stopped) == ERR_CANCELED);
    task_sleep(MINUTE);
    EXPECT(ctx_err(c) == ERR_DEADLINE && ctx_cause(c) == ERR_LIMIT);
    EXPECT(ctx_err(later) == ERR_DEADLINE && ctx_cause(later) == ERR_LIMIT);
    EXPECT(ctx_err(early) == ERR_DEADLINE && ctx_cause(early) == ERR_RESET);
    ctx *plain = ctx_with_timeout(ctx_background(), 1);
    task_sleep(1);
    task_sleep(1);
    EXPECT(ctx_cause(plain) == ERR_DEADLINE);
}

Test(ctx, a_deadline_has_its_own_cause_and_cancelling_does_not) {
    EVERY_WORLD(timeout_cause_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static err which;

static void equal_root(void *arg) {
    (void)arg;
    ctx *c = ctx_with_deadline_cause(ctx_background(), SECOND, ERR_EOF);
    ctx *same = ctx_with_deadline_cause(c, SECOND, ERR_RESET);
    chan_recv(ctx_done(same), NULL);
    which = ctx_cause(same);
}

Test(ctx, of_equal_deadlines_either_passes_first_under_every_schedule) {
    int own = 0, parents = 0;
    EVERY_SCHEDULE(equal_root, 100) {
        cr_assert(world_finished());
        own += which == ERR_RESET;
        parents += which == ERR_EOF;
    }
    cr_assert(own && parents);
}

// --- what follows the end -----------------------------------------------------------------------------

static int followed;
static bool told;

TASK(follows, int n;) {
    followed += a->n;
    task_yield();
}

static void after_root(void *arg) {
    (void)arg;
    followed = 0;
    tree_make();
    ctx_after *a = ctx_after_func(child, follows, .n = 1);
    ctx_after_func(grandchild, follows, .n = 10);
    ctx_after_func(parent, follows, .n = 100);
    EXPECT(world.log->started == 1);
    ctx_cancel(child);
    EXPECT(!ctx_after_stop(a));
    task_sleep(1);
    EXPECT(followed == 11);
    ctx_cancel(child);
    ctx_after_func(child, follows, .n = 1000); // ended long ago: at once
    task_sleep(1);
    EXPECT(followed == 1011);
}

Test(ctx, a_function_runs_in_a_task_of_its_own_after_the_end) {
    EVERY_WORLD(after_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->started, 4);
        cr_assert_eq(world_event(EV_GO, 0)->task, 0, "the one who cancelled started it");
    }
}

static void after_stop_root(void *arg) {
    (void)arg;
    followed = 0;
    parent = ctx_with_cancel(ctx_background());
    ctx_after *a = ctx_after_func(parent, follows, .n = 1);
    ctx_after *never = ctx_after_func(ctx_background(), follows, .n = 1);
    EXPECT(ctx_after_stop(a) && !ctx_after_stop(a));
    EXPECT(ctx_after_stop(never) && !ctx_after_stop(never));
    ctx_cancel(parent);
    ctx_free(parent); // nothing follows it any more
    EXPECT(!ctx_after_stop(a));
}

Test(ctx, a_function_stopped_in_time_does_not_follow) {
    EVERY_WORLD(after_stop_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->started, 1);
    }
}

TASK(stops_following, ctx_after *after;) {
    told = ctx_after_stop(a->after);
}

static void after_either_root(void *arg) {
    (void)arg;
    followed = 0;
    parent = ctx_with_cancel(ctx_background());
    go(stops_following, .after = ctx_after_func(parent, follows, .n = 1));
    ctx_cancel(parent);
}

Test(ctx, either_stop_is_in_time_or_the_function_follows_under_every_schedule) {
    int stopped = 0, started = 0;
    EVERY_SCHEDULE(after_either_root, 1000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(followed, told ? 0 : 1, "schedule %d", schedules.runs);
        stopped += told;
        started += followed;
    }
    cr_assert(stopped && started);
}

static void after_deadline_root(void *arg) {
    (void)arg;
    followed = 0;
    ctx_after_func(ctx_with_timeout(ctx_background(), HOUR), follows, .n = 1);
}

Test(ctx, a_function_follows_a_deadline_too) {
    EVERY_WORLD(after_deadline_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(followed, 1);
        cr_assert_eq(world_event(EV_GO, 0)->task, EVENT_CLOCK);
        cr_assert_eq(world_event(EV_GO, 0)->time, HOUR);
    }
}

// --- memory -----------------------------------------------------------------------------------------

static void bounded_root(void *arg) {
    (void)arg;
    size_t before = 0;
    parent = ctx_with_cancel(ctx_background());
    for (int i = 0; i < 3000; i++) {
        ctx *c = ctx_with_timeout(parent, HOUR);
        ctx_cancel(c);
        ctx_free(c);
        if (i == 0)
            before = run_heap_used();
    }
    EXPECT(run_heap_used() == before);
    ctx_cancel(parent);
    ctx_free(parent);
    EXPECT(time_now() == 0);
}

Test(ctx, children_that_ended_leave_nothing_in_their_parent) {
    EVERY_WORLD(bounded_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_CANCEL), 3001, "the parent's end reached nobody else");
        cr_assert_eq(world.log->now, 0, "no timer was left");
    }
}

static void free_living_root(void *arg) {
    (void)arg;
    ctx_free(ctx_with_cancel(ctx_background()));
}

static void free_parent_root(void *arg) {
    (void)arg;
    static ctx_key_of(int) key;
    parent = ctx_with_cancel(ctx_background());
    child = ctx_with_value(parent, &key, NULL);
    ctx_cancel(parent);
    ctx_free(parent);
}

Test(ctx, freeing_one_that_is_in_use_panics) {
    world_default(free_living_root);
    cr_assert_str_eq(world_panic(), "ctx_free: the context has not ended");
    world_default(free_parent_root);
    cr_assert_str_eq(world_panic(), "ctx_free: 1 contexts derived from it are in use");
}

// --- sleeping -------------------------------------------------------------------------------------------

TASK(canceller, ctx *ctx; int64_t at;) {
    task_sleep(a->at);
    ctx_cancel(a->ctx);
}

static void sleep_root(void *arg) {
    (void)arg;
    ctx *c = ctx_with_cancel(ctx_background());
    go(canceller, .ctx = c, .at = 3 * SECOND);
    EXPECT(ctx_sleep(c, SECOND) == OK && time_now() == SECOND);
    EXPECT(ctx_sleep(c, HOUR) == ERR_CANCELED && time_now() == 3 * SECOND);
    EXPECT(ctx_sleep(c, HOUR) == ERR_CANCELED);
    ctx *t = ctx_with_timeout(ctx_background(), SECOND);
    EXPECT(ctx_sleep(t, HOUR) == ERR_DEADLINE && time_now() == 4 * SECOND);
    EXPECT(ctx_sleep(ctx_background(), SECOND) == OK);
}

Test(ctx, a_sleep_ends_with_the_context) {
    EVERY_WORLD(sleep_root, 50) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void deferred_root(void *arg) {
    (void)arg;
    {
        parent = ctx_with_timeout(ctx_background(), HOUR);
        defer(ctx_cancel, parent);
    }
    EXPECT(ctx_err(parent) == ERR_CANCELED);
}

Test(ctx, a_deferred_cancel_happens_at_the_end_of_its_block) {
    world_default(deferred_root);
    cr_assert(world_finished());
}

// --- looking is not waiting -------------------------------------------------------------------------------

static void look_root(void *arg) {
    (void)arg;
    ctx *c = ctx_with_timeout(ctx_background(), SECOND);
    int_chan out;
    chan_make(&out, 20);
    for (int i = 0; i < 20; i++) {
        EXPECT(ctx_err(c) == OK); // the work between takes no time
        if (i % 10 == 9)
            chan_send(out, i);
    }
    EXPECT(time_now() == 0);
    ctx_cancel(c);
}

Test(ctx, looking_at_it_between_two_pieces_of_work_takes_no_time) {
    EVERY_WORLD(look_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_not(run_was_pressed(), "%s", world_name());
    }
}

Test(err, every_value_has_words) {
    for (int e = 0; e <= ERR_DENIED; e++)
        cr_assert_str_neq(err_text((err)e), "unknown error");
    cr_assert_str_eq(err_text(ERR_CANCELED), "context canceled");
    cr_assert_str_eq(err_text(ERR_DEADLINE), "context deadline exceeded");
    cr_assert_str_eq(err_text((err)999), "unknown error");
}
