// The scheduler: what the default schedule does, what ends a run, and what a run costs at most.
#include "core/internal.h"
#include "core/tests/world.h"

static int_chan c;
static mutex mu;
static int count;

// The tasks whose operations of one kind went through, in order, as text: "1 1 2".
static const char *tasks_of(enum event_kind kind) {
    static char text[400];
    size_t n = 0;
    text[0] = 0;
    const event *e;
    for (uint32_t i = 0; (e = world_event(kind, i)) && n < sizeof text - 12; i++)
        if (!(e->flags & EVENT_PARKED))
            n += (size_t)snprintf(text + n, sizeof text - n, n ? " %u" : "%u", e->task);
    return text;
}

// --- the default schedule -----------------------------------------------------------------------------

TASK(locks, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        mutex_lock(&mu);
        mutex_unlock(&mu);
    }
}

static void keeps_running_root(void *arg) {
    (void)arg;
    mu = (mutex){0};
    for (int i = 0; i < 3; i++)
        go(locks, .rounds = 2);
    mutex_lock(&mu);
    mutex_unlock(&mu);
}

Test(sched_default, a_task_runs_on_while_it_can_then_the_lowest_number) {
    world_default(keeps_running_root);
    cr_assert_str_eq(tasks_of(EV_LOCK), "0 1 1 2 2 3 3");
}

TASK(sends, int value;) {
    chan_send(c, a->value);
    chan_send(c, a->value);
}

static void parks_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    for (int i = 1; i <= 3; i++)
        go(sends, .value = i);
    for (int i = 0; i < 6; i++)
        chan_recv(c, NULL);
}

Test(sched_default, after_a_park_the_lowest_number_goes_on) {
    world_default(parks_root);
    cr_assert(world_finished());
    const event *e = world_event(EV_SEND, 0);
    cr_assert_eq(world_event(EV_RECV, 0)->flags, EVENT_PARKED);
    cr_assert_eq(e->task, 1, "the root waits, so task 1");
    cr_assert_eq(e->peer, 0, "and it wakes the root");
}

TASK(yields, int rounds;) {
    for (int i = 0; i < a->rounds; i++)
        task_yield();
}

static void turns_root(void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++)
        go(yields, .rounds = 3);
}

Test(sched_default, a_yield_hands_over_to_the_next_in_turn) {
    world_default(turns_root);
    cr_assert_str_eq(tasks_of(EV_YIELD), "1 2 3 1 2 3 1 2 3");
}

Test(sched_default, inline_too) {
    world_seed(turns_root, WORLD_INLINE);
    cr_assert_str_eq(tasks_of(EV_YIELD), "1 2 3 1 2 3 1 2 3");
}

TASK(fills, int unused;) {
    for (int i = 0; i < 3; i++)
        chan_send(c, i);
}

static void fill_root(void *arg) {
    (void)arg;
    chan_make(&c, 6);
    for (int i = 0; i < 2; i++)
        go(fills, .unused = 0);
}

Test(sched_default, inline_a_task_runs_on_and_restless_it_never_does) {
    world_seed(fill_root, WORLD_INLINE);
    cr_assert_str_eq(tasks_of(EV_SEND), "1 1 1 2 2 2");
    world_seed(fill_root, WORLD_RESTLESS);
    cr_assert_str_eq(tasks_of(EV_SEND), "1 2 1 2 1 2");
}

TASK(notes_what_came, int unused;) {
    chan_recv(c, NULL);
    note_call("woken", HERE);
}

static void acts_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    go(notes_what_came, .unused = 0);
    task_sleep(1);
    chan_send(c, 1);
    note_call("acted", HERE);
}

Test(sched_default, who_acted_goes_on_before_those_it_woke) {
    EVERY_WORLD(acts_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_CALL, 0)->task, 0, "%s", world_name());
        cr_assert_eq(world_event(EV_CALL, 1)->task, 1, "%s", world_name());
    }
}

// --- operations in vain -------------------------------------------------------------------------------

TASK(sends_later, int64_t ns;) {
    if (a->ns)
        task_sleep(a->ns);
    chan_send(c, 5);
}

static int64_t send_after;

static void poll_loop_root(void *arg) {
    (void)arg;
    int v = 0;
    chan_make(&c, 1);
    go(sends_later, .ns = send_after);
    while (chan_poll(RECV(c, &v)) < 0)
        continue;
    EXPECT(v == 5 && time_now() == send_after);
}

static void len_loop_root(void *arg) {
    (void)arg;
    chan_make(&c, 1);
    go(sends_later, .ns = send_after);
    while (chan_len(c) == 0)
        continue;
    EXPECT(time_now() == send_after);
}

static void yield_loop_root(void *arg) {
    (void)arg;
    chan_make(&c, 1);
    go(sends_later, .ns = send_after);
    while (chan_poll(RECV(c, NULL)) < 0)
        task_yield();
    EXPECT(time_now() == send_after);
}

TASK(holds, int64_t ns;) {
    mutex_lock(&mu);
    task_yield();
    if (a->ns)
        task_sleep(a->ns);
    mutex_unlock(&mu);
}

static void trylock_loop_root(void *arg) {
    (void)arg;
    mu = (mutex){0};
    go(holds, .ns = send_after);
    task_yield();
    while (!mutex_trylock(&mu))
        continue;
    mutex_unlock(&mu);
}

static void err_loop_root(void *arg) {
    (void)arg;
    ctx *x = ctx_with_timeout(ctx_background(), send_after ? send_after : 1);
    while (!ctx_err(x))
        continue;
}

static task_fn *const spins[] = {poll_loop_root, len_loop_root, yield_loop_root, trylock_loop_root,
                                 err_loop_root};

Test(sched_vain, a_loop_that_only_looks_lets_the_others_run) {
    send_after = 0;
    for (size_t i = 0; i < 4; i++)
        EVERY_WORLD(spins[i], 50) {
            cr_assert(world_finished(), "loop %zu, %s", i, world_name());
            cr_assert_not(run_was_pressed(), "loop %zu, %s", i, world_name());
        }
}

Test(sched_vain, when_nobody_does_anything_but_look_the_clock_moves) {
    send_after = SECOND;
    for (size_t i = 0; i < 5; i++)
        EVERY_WORLD(spins[i], 50) {
            cr_assert(world_finished(), "loop %zu, %s", i, world_name());
        }
    world_default(poll_loop_root);
    cr_assert(run_was_pressed());
    world_seed(poll_loop_root, WORLD_INLINE);
    cr_assert(run_was_pressed());
}

static void look_then_act_root(void *arg) {
    (void)arg;
    chan_make(&c, 1);
    go(sends_later, .ns = SECOND);
    for (int i = 0; i < 500; i++) // longer than patience lasts
        if (i % 90 == 0) {
            EXPECT(chan_poll(SEND(c, 1)) == 0);
            EXPECT(chan_poll(RECV(c, NULL)) == 0);
        } else {
            task_yield();
        }
    EXPECT(time_now() == 0);
    chan_recv(c, NULL);
}

Test(sched_vain, who_still_gets_something_done_does_not_wait_for_time) {
    EVERY_WORLD(look_then_act_root, 50) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_not(run_was_pressed(), "%s", world_name());
    }
}

static void act_at_last_root(void *arg) {
    (void)arg;
    chan_make(&c, 2);
    go(sends_later, .ns = SECOND);
    for (int i = 0; i < 99; i++)
        task_yield();
    chan_send(c, 1); // possible at once, so no time passes before it
    EXPECT(time_now() == 0);
    chan_recv(c, NULL);
    chan_recv(c, NULL);
}

Test(sched_vain, an_operation_that_can_go_comes_before_time) {
    EVERY_WORLD(act_at_last_root, 50) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void spin_for_ever_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    for (;;)
        chan_poll(RECV(c, NULL));
}

Test(sched_vain, looking_for_ever_ends_by_the_budget) {
    world.config.max_steps = 5000;
    EVERY_WORLD(spin_for_ever_root, 2) {
        cr_assert_eq(world.end, RUN_STEPS, "%s", world_name());
        cr_assert_leq(run_steps(), 5000 + 2001, "%s", world_name());
    }
}

// --- how runs end -------------------------------------------------------------------------------------

static void nothing_root(void *arg) {
    (void)arg;
}

Test(sched_end, a_run_without_operations_is_quiescent) {
    EVERY_WORLD(nothing_root, 2) {
        cr_assert(world_finished());
        cr_assert_eq(run_steps(), 0);
        cr_assert_eq(world.log->head, 2, "the root's end and the run's");
        cr_assert_eq(world.log->events[0].kind, EV_EXIT);
        cr_assert_eq(world.log->events[1].kind, EV_END);
        cr_assert_eq(world.log->events[1].value, RUN_QUIESCENT);
        cr_assert_eq(world.log->events[1].task, EVENT_CLOCK);
    }
}

TASK(receives, int unused;) {
    chan_recv(c, NULL);
}

static void left_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    for (int i = 0; i < 5; i++)
        go(receives, .unused = 0);
    chan_send(c, 1);
}

Test(sched_end, who_is_parked_at_quiescence_is_counted) {
    EVERY_WORLD(left_root, 100) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world.log->alive, 4, "%s", world_name());
        cr_assert_eq(world.log->started, 6, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_RECV), 4, "%s", world_name());
    }
}

static void operations_for_ever_root(void *arg) {
    (void)arg;
    chan_make(&c, 1);
    for (;;) {
        chan_send(c, 1);
        chan_recv(c, NULL);
    }
}

static void choices_for_ever_root(void *arg) {
    (void)arg;
    for (;;)
        choose(2);
}

Test(sched_end, the_step_budget_ends_operations_of_one_task) {
    world.config.max_steps = 3000;
    task_fn *const endless[] = {operations_for_ever_root, choices_for_ever_root};
    for (size_t i = 0; i < 2; i++)
        EVERY_WORLD(endless[i], 2) {
            cr_assert_eq(world.end, RUN_STEPS, "%zu, %s", i, world_name());
            cr_assert_leq(run_steps(), 3000 + 2001, "%zu, %s", i, world_name());
            cr_assert_eq(world_event(EV_END, 0)->value, RUN_STEPS);
        }
}

TASK(ticks, int unused;) {
    for (;;)
        task_sleep(SECOND);
}

static void grace_root(void *arg) {
    (void)arg;
    go(ticks, .unused = 0);
    for (int i = 0; i < 300; i++)
        task_yield();
}

Test(sched_end, after_the_root_only_the_grace_is_left) {
    world.config.grace_steps = 50;
    EVERY_WORLD(grace_root, 5) {
        cr_assert_eq(world.end, RUN_STEPS, "%s", world_name());
        cr_assert_leq(run_steps(), 300 + 300 + 52, "%s", world_name());
        cr_assert_eq(world.log->alive, 1);
    }
}

static void prints_root(void *arg) {
    (void)arg;
    for (;;)
        note_print("x", 1, 1, HERE);
}

static void resources_root(void *arg) {
    (void)arg;
    for (;;) {
        resource r = {0};
        resource_open_at(&r, "handle", HERE);
        resource_close_at(&r, HERE);
    }
}

static void goes_root(void *arg) {
    (void)arg;
    for (;;) {
        go(yields, .rounds = 0);
        task_yield();
    }
}

Test(sched_end, a_full_log_ends_the_run_and_holds_its_end) {
    world_log_use(256, false);
    task_fn *const endless[] = {operations_for_ever_root, choices_for_ever_root, prints_root,
                                resources_root, goes_root};
    for (size_t i = 0; i < 5; i++)
        EVERY_WORLD(endless[i], 3) {
            cr_assert_eq(world.end, RUN_LOG_FULL, "%zu, %s", i, world_name());
            cr_assert_leq(world.log->head, 256);
            const event *last = &world.log->events[world.log->head - 1];
            cr_assert_eq(last->kind, EV_END);
            cr_assert_eq(last->value, RUN_LOG_FULL);
            cr_assert_eq(world_count(EV_END), 1);
        }
}

static void full_while_parking_root(void *arg) {
    (void)arg;
    mu = (mutex){0};
    for (int i = 0; i < 8; i++)
        go(locks, .rounds = 1000);
    for (;;) {
        mutex_lock(&mu);
        task_yield();
        mutex_unlock(&mu);
    }
}

Test(sched_end, a_log_that_fills_up_while_tasks_park_keeps_its_records) {
    for (uint32_t capacity = 64; capacity <= 1024; capacity *= 2) {
        world_log_use(capacity, false);
        EVERY_WORLD(full_while_parking_root, 50) {
            cr_assert_eq(world.end, RUN_LOG_FULL, "%s", world_name());
            cr_assert_eq(world.log->head, capacity - 7, "all but the spare: %s", world_name());
            for (uint64_t i = 0; i < world.log->head; i++)
                cr_assert(world.log->events[i].kind > EV_NONE &&
                          world.log->events[i].kind <= EV_END);
        }
    }
}

static void panic_root(void *arg) {
    (void)arg;
    mu = (mutex){0};
    mutex_lock(&mu);
    panic("%d of %s", 3, "those");
}

Test(sched_end, a_panic_ends_the_run_with_its_sentence) {
    EVERY_WORLD(panic_root, 3) {
        cr_assert_eq(world.end, RUN_PANICKED);
        cr_assert_str_eq(world_panic(), "3 of those");
        log_site at = event_log_site(world.log, world_event(EV_PANIC, 0)->site);
        cr_assert_str_eq(event_log_string(world.log, at.function), "panic_root");
        cr_assert_eq(world_event(EV_END, 0)->value, RUN_PANICKED);
    }
}

static int looks_left;

static bool look_in(void *user) {
    (void)user;
    return --looks_left > 0;
}

Test(sched_end, the_caller_may_stop_it) {
    world.config.tick = look_in;
    world.config.max_steps = UINT64_MAX;
    world_log_use(WORLD_EVENTS, true);
    EVERY_WORLD(operations_for_ever_root, 3) {
        cr_assert_eq(world.end, RUN_STOPPED, "%s", world_name());
        looks_left = 5;
    }
    looks_left = 5;
    world_seed(nothing_root, WORLD_DEFAULT);
    cr_assert(world_finished());
}

// --- an attempt that panics -----------------------------------------------------------------------------

static enum op_result bad_attempt(struct op *op) {
    panic_at(op->at, "no room in an attempt");
}

static void bad_root(void *arg) {
    static const struct op_kind kinds[] = {
        {.event = EV_CLOSE, .attempt = bad_attempt},
        {.event = EV_CLOSE, .attempt = bad_attempt, .local = true}};
    for (int i = 0; i < 3; i++)
        go(yields, .rounds = 1000);
    task_yield();
    struct op op = {.kind = &kinds[*(const int *)world.config.user], .at = HERE};
    op_perform(&op);
    EXPECT(!"after a panic");
    (void)arg;
}

Test(sched_end, a_panic_in_the_middle_of_an_operation_ends_the_run) {
    for (int local = 0; local < 2; local++) {
        world.config.user = &local;
        EVERY_WORLD(bad_root, 200) {
            cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
            cr_assert_str_eq(world_panic(), "no room in an attempt");
            cr_assert_eq(world_event(EV_PANIC, 0)->task, 0);
            cr_assert_eq(world.log->events[world.log->head - 1].kind, EV_END);
        }
    }
    world_default(turns_root);
    cr_assert(world_finished(), "and the next run is sound");
}

// --- tasks ----------------------------------------------------------------------------------------------

static void limit_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    for (count = 0;; count++)
        go(receives, .unused = 0);
}

Test(sched_task, the_limit_of_tasks_panics) {
    world.config.max_tasks = 20;
    EVERY_WORLD(limit_root, 2) {
        cr_assert_eq(count, 19);
        cr_assert_str_eq(world_panic(), "too many tasks: 20 are alive, which is this run's limit");
    }
}

TASK(big, char bytes[STACK_USABLE / 4];) {
    count = a->bytes[0] + a->bytes[sizeof a->bytes - 1];
}

TASK(too_big, char bytes[STACK_USABLE / 4 + 1];) {
    EXPECT(!"started");
}

static void arguments_root(void *arg) {
    (void)arg;
    count = 0;
    static struct big_args args;
    args.bytes[0] = 1, args.bytes[sizeof args.bytes - 1] = 2;
    task_start_at(big_task, "big", &args, sizeof args, HERE);
    task_yield();
    EXPECT(count == 3);
    static struct too_big_args more;
    task_start_at(too_big_task, "too_big", &more, sizeof more, HERE);
}

Test(sched_task, arguments_beyond_the_stack_panic) {
    world_default(arguments_root);
    cr_assert_str_eq(world_panic(),
                     "16385 bytes of arguments for a task, at most 16384 are possible");
}

TASK(tells, int value; uint32_t *id; const char **name;) {
    count = count * 10 + a->value;
    *a->id = task_id();
    *a->name = task_name();
}

static void identity_root(void *arg) {
    (void)arg;
    count = 0;
    uint32_t id = 99;
    const char *name = NULL;
    EXPECT(task_id() == 0 && strcmp(task_name(), "driver") == 0);
    for (int i = 1; i <= 3; i++)
        go(tells, .value = i, .id = &id, .name = &name); // each has its own copy of i
    task_sleep(1);
    EXPECT(id == 3 && strcmp(name, "tells") == 0);
    EXPECT(count == 123);
}

Test(sched_task, each_has_a_number_a_name_and_its_own_arguments) {
    world.config.root_name = "driver";
    world_default(identity_root);
    cr_assert(world_finished());
    for (uint32_t i = 0; i < 3; i++) {
        const event *e = world_event(EV_GO, i);
        cr_assert_eq(e->peer, i + 1);
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)e->value), "tells");
    }
    cr_assert_eq(task_id(), EVENT_NOBODY, "outside of a run");
    cr_assert_str_eq(task_name(), "");
}

TASK(serves, int unused;) {
    chan_recv(c, NULL);
}

TASK(declares_itself, int unused;) {
    task_daemon();
    chan_recv(c, NULL);
}

static void daemon_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    go_daemon(serves, .unused = 0);
    go(declares_itself, .unused = 0);
    go(serves, .unused = 0);
}

Test(sched_task, daemons_are_recorded) {
    EVERY_WORLD(daemon_root, 10) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_count(EV_DAEMON), 2);
        cr_assert_eq(world_event(EV_DAEMON, 0)->task, 1, "%s", world_name());
        cr_assert_eq(world_event(EV_DAEMON, 1)->task, 2, "%s", world_name());
    }
}

static void defer_root(void *arg) {
    (void)arg;
    static waitgroup wg;
    wg = (waitgroup){0};
    mu = (mutex){0};
    waitgroup_add(&wg, 1);
    {
        mutex_lock(&mu);
        defer(waitgroup_done, &wg);
        defer(mutex_unlock, &mu);
        EXPECT(wg.count == 1);
    }
    EXPECT(wg.count == 0 && mutex_trylock(&mu));
}

Test(sched_task, deferred_calls_happen_last_first) {
    world_default(defer_root);
    cr_assert(world_finished());
    const event *unlock = world_event(EV_UNLOCK, 0), *done = world_event(EV_DONE, 0);
    cr_assert_lt(unlock, done);
}

// --- run after run --------------------------------------------------------------------------------------

Test(sched_runs, follow_each_other_without_a_trace) {
    static event first[64];
    uint64_t head = 0;
    for (int i = 0; i < 1000; i++) {
        world_seed(left_root, 42);
        if (i == 0) {
            head = world.log->head;
            cr_assert_leq(head, 64);
            memcpy(first, world.log->events, head * sizeof(event));
        }
        cr_assert_eq(world.log->head, head);
        cr_assert_arr_eq(world.log->events, first, head * sizeof(event));
        world_seed(panic_root, i); // leaves a panicked task behind
        world_seed(grace_root, i); // and one that sleeps
    }
}
