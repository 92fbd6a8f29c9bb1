// Scopes: one test per rule, with the inline mode, the default schedule and 300 seeds; and under
// every schedule where the order matters.
#include "core/scope.h"

#include "core/tests/aftermath.h"
#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static int started, ended, heeded;
static scope *kept;

static void reset(void) {
    started = ended = heeded = 0;
    kept = NULL;
}

SCOPE_TASK(works, int64_t ns; err result;) {
    started++;
    err e = a->ns ? ctx_sleep(a->ctx, a->ns) : OK;
    heeded += e != OK;
    ended++;
    return e ? e : a->result;
}

SCOPE_TASK(deaf, int64_t ns; err result;) {
    started++;
    if (a->ns)
        task_sleep(a->ns);
    ended++;
    return a->result;
}

// --- waiting ------------------------------------------------------------------------------------------

static void wait_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    for (int i = 0; i < 4; i++)
        scope_go(s, works, .ns = i);
    EXPECT(ctx_err(scope_ctx(s)) == OK);
    EXPECT(scope_wait(s) == OK);
    EXPECT(ended == 4 && heeded == 0);
    EXPECT(ctx_err(scope_ctx(s)) == ERR_CANCELED);
    EXPECT(scope_wait(s) == OK);
}

Test(scope, wait_returns_when_all_tasks_have_ended) {
    EVERY_WORLD(wait_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_SCOPE_DONE), 4);
        cr_assert_eq(world_count(EV_MISUSE), 0);
    }
}

static void small_root(void *arg) {
    (void)arg;
    reset();
    {
        SCOPE(s, ctx_background());
        scope_go(s, works, .result = ERR_EOF);
        scope_go(s, works, .ns = 1);
        EXPECT(scope_wait(s) == ERR_EOF);
    }
    EXPECT(ended == 2);
}

Test(scope, under_every_schedule_the_first_error_ends_it_and_is_returned) {
    int cancelled = 0;
    EVERY_SCHEDULE(small_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(world.log->now, 0, "the sleep was called off");
        cancelled += heeded;
    }
    cr_assert(cancelled);
}

static void empty_root(void *arg) {
    (void)arg;
    SCOPE(s, ctx_background());
    EXPECT(scope_wait(s) == OK);
    SCOPE(unused, ctx_background());
}

Test(scope, an_empty_one_is_left_at_once) {
    EVERY_WORLD(empty_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_SCOPE_JOIN), 2, "one wait, one leaving");
    }
}

// --- leaving ------------------------------------------------------------------------------------------

static void block_root(void *arg) {
    (void)arg;
    reset();
    {
        SCOPE(s, ctx_background());
        scope_go(s, works, .ns = HOUR);
        scope_go(s, works, .ns = HOUR);
    }
    EXPECT(started == ended && started == heeded && time_now() == 0);
}

Test(scope, the_end_of_the_block_cancels_and_joins_under_every_schedule) {
    EVERY_SCHEDULE(block_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(world_count(EV_SCOPE_DONE), 2);
    }
}

static err early(bool give_up) {
    SCOPE(s, ctx_background());
    scope_go(s, works, .ns = HOUR);
    scope_go(s, works, .ns = SECOND);
    if (give_up)
        return ERR_LIMIT;
    return scope_wait(s);
}

static void early_root(void *arg) {
    (void)arg;
    reset();
    EXPECT(early(true) == ERR_LIMIT && started == ended && time_now() == 0);
    for (int i = 0; i < 3; i++) {
        SCOPE(s, ctx_background());
        scope_go(s, works, .ns = HOUR);
        if (i == 1)
            break;
        if (i == 0)
            continue;
        EXPECT(false);
    }
    EXPECT(started == ended && time_now() == 0);
    EXPECT(early(false) == OK && time_now() == HOUR);
}

Test(scope, return_break_and_continue_leave_it) {
    EVERY_WORLD(early_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void deaf_root(void *arg) {
    (void)arg;
    reset();
    {
        SCOPE(s, ctx_background());
        scope_go(s, deaf, .ns = HOUR);
        task_sleep(SECOND);
    }
    EXPECT(ended == 1 && time_now() == HOUR);
}

Test(scope, who_does_not_heed_the_end_is_waited_for) {
    EVERY_WORLD(deaf_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

SCOPE_TASK(stuck, signal_chan never;) {
    chan_recv(a->never, NULL);
    return OK;
}

static void stuck_root(void *arg) {
    (void)arg;
    signal_chan never;
    chan_make(&never, 0);
    SCOPE(s, ctx_background());
    scope_go(s, stuck, .never = never);
}

Test(scope, a_task_that_never_ends_keeps_its_scope_for_ever) {
    EVERY_WORLD(stuck_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_SCOPE), 1, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_SCOPE_JOIN, 0)), WAIT_SCOPE);
    }
}

// --- errors -------------------------------------------------------------------------------------------

static void first_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, deaf, .ns = 20, .result = ERR_EOF);
    scope_go(s, deaf, .ns = 10, .result = ERR_RESET);
    scope_go(s, works, .ns = HOUR);
    EXPECT(scope_wait(s) == ERR_RESET);
    EXPECT(ended == 3 && heeded == 1 && time_now() == 20);
    EXPECT(ctx_cause(scope_ctx(s)) == ERR_RESET);
}

Test(scope, the_first_error_counts_and_is_the_cause) {
    EVERY_WORLD(first_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_SCOPE_ERR), 3);
    }
}

static void unwanted_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, works, .ns = HOUR);
    scope_go(s, works, .ns = HOUR);
    task_sleep(1);
    scope_cancel(s);
    EXPECT(scope_wait(s) == OK && heeded == 2);
}

Test(scope, who_was_cancelled_on_request_has_not_failed) {
    EVERY_WORLD(unwanted_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void unwanted_error_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, deaf, .ns = 1, .result = ERR_EOF);
    scope_cancel(s);
    EXPECT(scope_wait(s) == ERR_EOF);
}

Test(scope, an_error_of_another_kind_counts_even_then) {
    EVERY_WORLD(unwanted_error_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void parent_root(void *arg) {
    (void)arg;
    reset();
    ctx *c = ctx_with_cancel(ctx_background());
    SCOPE(s, c);
    scope_go(s, works, .ns = HOUR);
    task_sleep(1);
    ctx_cancel(c);
    EXPECT(scope_wait(s) == ERR_CANCELED);
}

Test(scope, the_end_of_the_parent_is_an_error) {
    EVERY_WORLD(parent_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- deadlines ----------------------------------------------------------------------------------------

static void timeout_root(void *arg) {
    (void)arg;
    reset();
    {
        SCOPE_TIMEOUT(s, ctx_background(), SECOND);
        scope_go(s, works, .ns = HOUR);
        EXPECT(scope_wait(s) == ERR_DEADLINE && time_now() == SECOND);
    }
    {
        SCOPE_DEADLINE(s, ctx_background(), 5 * SECOND);
        scope_go(s, works, .ns = SECOND);
        EXPECT(scope_wait(s) == OK && time_now() == 2 * SECOND);
    }
    {
        SCOPE_DEADLINE(past, ctx_background(), SECOND);
        scope_go(past, works, .ns = SECOND);
        EXPECT(scope_wait(past) == ERR_DEADLINE && time_now() == 2 * SECOND);
    }
}

Test(scope, a_deadline_ends_it) {
    EVERY_WORLD(timeout_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->now, 2 * SECOND, "no timer was left");
    }
}

// --- nested scopes --------------------------------------------------------------------------------------

SCOPE_TASK(nests, int depth; int64_t ns;) {
    SCOPE(s, a->ctx);
    scope_go(s, works, .ns = a->ns);
    if (a->depth)
        scope_go(s, nests, .depth = a->depth - 1, .ns = a->ns);
    return scope_wait(s);
}

static void nested_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, nests, .depth = 3, .ns = HOUR);
    task_sleep(1);
    EXPECT(started == 4);
    scope_cancel(s);
    EXPECT(scope_wait(s) == OK && heeded == 4 && time_now() == 1);
}

Test(scope, the_end_of_an_outer_one_ends_the_inner_ones) {
    EVERY_WORLD(nested_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

SCOPE_TASK(fails_inside, bool panics;) {
    SCOPE(s, a->ctx);
    scope_go(s, works, .ns = HOUR);
    scope_go(s, deaf, .ns = 1, .result = ERR_EOF);
    return scope_wait(s);
}

static void inner_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, works, .ns = MINUTE);
    scope_go(s, fails_inside);
    EXPECT(scope_wait(s) == ERR_EOF && heeded == 2 && time_now() == 1);
}

Test(scope, an_error_goes_out_through_all_of_them) {
    EVERY_WORLD(inner_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

SCOPE_TASK(starts_another) {
    scope_go(a->scope, works, .ns = 5);
    return OK;
}

static void sibling_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, starts_another);
    EXPECT(scope_wait(s) == OK && ended == 1);
}

Test(scope, a_task_may_start_others_beside_it_under_every_schedule) {
    EVERY_SCHEDULE(sibling_root, 5000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(world_count(EV_MISUSE), 0);
    }
}

// --- starting into one that was left ----------------------------------------------------------------------

TASK(comes_late, int unused;) {
    scope_go(kept, works, .ns = 1);
}

static void late_root(void *arg) {
    (void)arg;
    reset();
    {
        SCOPE(s, ctx_background());
        kept = s;
    }
    char reused[512]; // where the block was
    for (size_t i = 0; i < sizeof reused; i++)
        ((volatile char *)reused)[i] = 1;
    comes_late(&(struct comes_late_args){0});
    EXPECT(started == 0);
}

Test(scope, starting_in_one_that_was_left_is_misuse_and_starts_nothing) {
    EVERY_WORLD(late_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world.log->started, 1);
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)world_event(EV_MISUSE, 0)->value),
                         "works was not started: its scope had been left");
    }
}

static void race_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    kept = s;
    go(comes_late, .unused = 0);
    scope_wait(s);
}

Test(scope, either_a_start_comes_before_the_wait_or_it_is_misuse_under_every_schedule) {
    int in_time = 0, late = 0;
    EVERY_SCHEDULE(race_root, 5000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(started, world_count(EV_MISUSE) ? 0 : 1, "schedule %d", schedules.runs);
        in_time += started;
        late += !started;
    }
    cr_assert(in_time && late);
}

// --- panics and goexit ------------------------------------------------------------------------------------

SCOPE_TASK(panics, int64_t ns;) {
    task_sleep(a->ns);
    panic("no such page");
}

static char words[80];

static void keep_words(const panicked *p) {
    snprintf(words, sizeof words, "%s", p->text);
}

DEFERRED(catches, int unused;) {
    const panicked *p = recover();
    if (p)
        keep_words(p);
}

static void opens_and(bool waits) {
    deferring();
    defer(catches, .unused = 0);
    SCOPE(s, ctx_background());
    scope_go(s, works, .ns = HOUR);
    scope_go(s, panics, .ns = 1);
    if (waits)
        scope_wait(s);
    else
        task_sleep(2);
}

static void panic_wait_root(void *arg) {
    (void)arg;
    reset();
    words[0] = 0;
    opens_and(true);
    EXPECT(strcmp(words, "no such page") == 0 && heeded == 1 && time_now() == 1);
    words[0] = 0;
    opens_and(false);
    EXPECT(strcmp(words, "no such page") == 0 && heeded == 2);
}

Test(scope, a_panic_of_a_task_ends_the_others_and_goes_on_where_it_is_joined) {
    EVERY_WORLD(panic_wait_root, SEEDS) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
    }
}

static void unrecovered_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, panics, .ns = 1);
    scope_wait(s);
}

Test(scope, a_panic_that_nobody_recovers_ends_the_run) {
    EVERY_WORLD(unrecovered_root, SEEDS) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "no such page");
        cr_assert_eq(world_event(EV_PANIC, 0)->task, 0, "in the task that joined");
    }
}

static void opener_panics(void) {
    deferring();
    defer(catches, .unused = 0);
    SCOPE(s, ctx_background());
    scope_go(s, works, .ns = HOUR);
    task_sleep(1);
    panic("enough");
}

static void opener_root(void *arg) {
    (void)arg;
    reset();
    words[0] = 0;
    opener_panics();
    EXPECT(strcmp(words, "enough") == 0 && heeded == 1 && ended == 1 && time_now() == 1);
}

Test(scope, a_panic_of_the_opener_joins_its_tasks_on_the_way_out) {
    EVERY_WORLD(opener_root, SEEDS) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
    }
}

SCOPE_TASK(gives_up, int64_t ns;) {
    task_sleep(a->ns);
    goexit();
}

static void goexit_root(void *arg) {
    (void)arg;
    reset();
    SCOPE(s, ctx_background());
    scope_go(s, gives_up, .ns = 1);
    scope_go(s, works, .ns = 10);
    EXPECT(scope_wait(s) == OK && ended == 1 && heeded == 0);
}

Test(scope, a_goexit_ends_its_own_task_alone) {
    EVERY_WORLD(goexit_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

TASK(opens_and_exits, int unused;) {
    SCOPE(s, ctx_background());
    scope_go(s, works, .ns = HOUR);
    task_sleep(1);
    goexit();
}

static void goexit_opener_root(void *arg) {
    (void)arg;
    reset();
    go(opens_and_exits, .unused = 0);
}

Test(scope, a_goexit_of_the_opener_joins_its_tasks) {
    EVERY_WORLD(goexit_opener_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(heeded == 1 && world.log->now == 1);
    }
}

static void both_panic(void) {
    deferring();
    defer(catches, .unused = 0);
    SCOPE(s, ctx_background());
    scope_go(s, panics, .ns = 1);
    task_sleep(1);
    panic("enough");
}

static void both_root(void *arg) {
    (void)arg;
    reset();
    words[0] = 0;
    both_panic();
    EXPECT(strcmp(words, "no such page") == 0);
}

Test(scope, a_panic_of_a_task_takes_the_place_of_the_openers) {
    EVERY_SCHEDULE(both_root, 5000) {
        cr_assert(world_finished(), "schedule %d: %s", schedules.runs, world_panic());
    }
}
