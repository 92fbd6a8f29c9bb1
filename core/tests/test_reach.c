// Who can never be reached again while others run: found where it must be, and never claimed where
// somebody could still come.
//
// Each root has a task make what there is; that one ends, so nothing is left of its stack, where a
// compiler may keep pointers for longer than the source says. The root goes on for ever; the run is
// cut off, and looked at as it is then.
#include "core/reach.h"

#include "core/cond.h"
#include "core/group.h"
#include "core/internal.h"
#include "core/net.h"
#include "core/once.h"
#include "core/rwmutex.h"
#include "core/scope.h"
#include "core/sema.h"
#include "core/singleflight.h"
#include "core/tests/world.h"

enum { SEEDS = 10, MANY = 3000 };

// What the globals of the code under test are in a program.
static struct {
    void *kept;
    chan *channel;
} global;

static struct reach_config config;
static struct reach found;
static uint32_t told; // tasks that were named as leaked

static void leaked(const task_info *t, void *user) {
    (void)user;
    told += t->state == TASK_PARKED && !t->daemon;
}

static void at_the_end(enum run_end end, void *user) {
    static reach_range ranges[1];
    (void)user;
    if (end != RUN_STEPS)
        return;
    ranges[0] = (reach_range){&global, sizeof global};
    config.globals = ranges;
    config.global_count = 1;
    config.leaked = leaked;
    told = 0;
    found = reach_find(&config);
}

static void begin(void) {
    world.config.ended = at_the_end;
    world.config.max_steps = 400;
}

TestSuite(reach, .init = begin, .timeout = 60);

static void finds(task_fn *root, uint32_t waiting, uint32_t want, uint32_t by_globals) {
    EVERY_WORLD(root, SEEDS) {
        cr_assert_eq(world.end, RUN_STEPS, "%s: %s", world_name(), world_panic());
        cr_assert(found.known);
        cr_assert_eq(found.waiting, waiting, "%s: %u wait", world_name(), found.waiting);
        cr_assert_leq(found.leaked, want, "%s: %u of %u", world_name(), found.leaked, waiting);
        cr_assert_eq(told, found.leaked);
        if (WORLD_ASAN) // its frames are wide, and keep what was in them before
            continue;
        cr_assert_eq(found.leaked, want, "%s: %u of %u", world_name(), found.leaked, waiting);
        cr_assert_eq(found.by_globals, by_globals, "%s: %u", world_name(), found.by_globals);
    }
}

TASK(makes, void (*what)(void);) {
    a->what();
}

static _Noreturn void make_and_go_on(void (*what)(void)) {
    global.kept = NULL;
    global.channel = NULL;
    go(makes, .what = what);
    for (;;)
        task_sleep(SECOND);
}

// name: a function that makes things, and what must be found then.
#define FINDS(name, waiting, want, by_globals)                                                     \
    static void name##_root(void *arg) {                                                           \
        (void)arg;                                                                                 \
        make_and_go_on(name);                                                                      \
    }                                                                                              \
    Test(reach, name) {                                                                            \
        finds(name##_root, waiting, want, by_globals);                                             \
    }

// --- the classic ------------------------------------------------------------------------------------

TASK(answers, int_chan reply;) {
    task_sleep(MILLISECOND);
    chan_send(a->reply, 1);
}

static void asks_once(void) {
    int_chan reply;
    chan_make(&reply, 0);
    go(answers, .reply = reply);
    chan_select(RECV(reply, NULL), AFTER(1));
}

static void timed_out_callers(void) {
    for (int i = 0; i < 4; i++)
        asks_once();
    task_sleep(2 * MILLISECOND);
}
FINDS(timed_out_callers, 4, 4, 0)

// On the stack of one who lives, what is left of earlier calls may hide one: none is ever made up.
static void timed_out_callers_of_the_root(void *arg) {
    (void)arg;
    timed_out_callers();
    for (;;)
        task_sleep(SECOND);
}
Test(reach, dead_frames_of_a_live_task_hide_little) {
    EVERY_WORLD(timed_out_callers_of_the_root, SEEDS) {
        cr_assert_eq(found.waiting, 4);
        cr_assert_leq(found.leaked, 4);
        cr_assert_geq(found.leaked, 2, "%s: %u", world_name(), found.leaked);
    }
}

TASK(sends, int_chan out; int_chan back;) {
    chan_send(a->out, 1);
    chan_recv(a->back, NULL);
}

static void two_that_wait_for_each_other(void) {
    int_chan x, y;
    chan_make(&x, 0);
    chan_make(&y, 0);
    go(sends, .out = x, .back = y);
    go(sends, .out = y, .back = x);
    task_sleep(1);
}
FINDS(two_that_wait_for_each_other, 2, 2, 0)

// --- who can still come -----------------------------------------------------------------------------

TASK(holds, void *what;) {
    for (;;)
        task_sleep(HOUR);
}

static void held_by_one_who_sleeps(void) {
    int_chan c;
    chan_make(&c, 0);
    go(sends, .out = c, .back = c);
    go(holds, .what = c.raw);
    task_sleep(1);
}
FINDS(held_by_one_who_sleeps, 1, 0, 0)

TASK(spins, void *what;) {
    for (;;)
        task_yield();
}

static void held_by_one_who_spins(void) {
    int_chan c;
    chan_make(&c, 0);
    go(sends, .out = c, .back = c);
    go(spins, .what = c.raw);
    task_sleep(1);
}
FINDS(held_by_one_who_spins, 1, 0, 0)

// A parked task that itself can be reached leads on.
static void held_by_one_who_is_reached(void) {
    int_chan c, d;
    chan_make(&c, 0);
    chan_make(&d, 0);
    go(sends, .out = c, .back = d);
    go(sends, .out = d, .back = d);
    go(holds, .what = c.raw);
    task_sleep(1);
}
FINDS(held_by_one_who_is_reached, 2, 0, 0)

static void held_in_the_middle_of_a_block(void) {
    int_chan c;
    chan_make(&c, 0);
    chan **block = run_alloc(100 * sizeof *block);
    block[90] = c.raw;
    go(sends, .out = c, .back = c);
    go(holds, .what = block + 50);
    task_sleep(1);
}
FINDS(held_in_the_middle_of_a_block, 1, 0, 0)

// C lets a pointer stand just past the end, and come back.
static void held_past_the_end_of_a_block(void) {
    int_chan c;
    chan_make(&c, 0);
    chan **block = run_alloc(16 * sizeof *block);
    run_alloc(16);
    block[3] = c.raw;
    go(sends, .out = c, .back = c);
    go(holds, .what = block + 16);
    task_sleep(1);
}
FINDS(held_past_the_end_of_a_block, 1, 0, 0)

// What was freed holds nothing any more.
static void named_in_a_block_that_was_freed(void) {
    chan **block = run_alloc(16 * sizeof *block);
    go(holds, .what = block);
    task_sleep(1);
    int_chan c;
    chan_make(&c, 0);
    block[3] = c.raw;
    go(sends, .out = c, .back = c);
    run_free(block);
    task_sleep(1);
}
FINDS(named_in_a_block_that_was_freed, 1, 1, 0)

typedef chan_of(chan *) chan_chan;

static void on_its_way_in_a_buffer(void) {
    int_chan c;
    chan_chan letters;
    chan_make(&c, 0);
    chan_make(&letters, 4);
    chan_send(letters, c.raw);
    go(sends, .out = c, .back = c);
    go(holds, .what = letters.raw);
    task_sleep(1);
}
FINDS(on_its_way_in_a_buffer, 1, 0, 0)

TASK(waits_for_two, int_chan one; int_chan other;) {
    chan_select(RECV(a->one, NULL), RECV(a->other, NULL));
}

static void one_arm_is_enough(void) {
    int_chan held, lost;
    chan_make(&held, 0);
    chan_make(&lost, 0);
    go(waits_for_two, .one = lost, .other = held);
    go(waits_for_two, .one = lost, .other = lost);
    go(holds, .what = held.raw);
    task_sleep(1);
}
// The second waits where the first does, which a live task can reach and so learn of both.
FINDS(one_arm_is_enough, 2, 0, 0)

static void no_arm_is_reached(void) {
    int_chan x, y;
    chan_make(&x, 0);
    chan_make(&y, 0);
    go(waits_for_two, .one = x, .other = y);
    task_sleep(1);
}
FINDS(no_arm_is_reached, 1, 1, 0)

TASK(waits_or_gives_up, int_chan c;) {
    chan_select(RECV(a->c, NULL), AFTER(HOUR));
}

static void the_clock_will_come(void) {
    int_chan c;
    chan_make(&c, 0);
    go(waits_or_gives_up, .c = c);
    task_sleep(1);
}
FINDS(the_clock_will_come, 1, 0, 0)

TASK(waits_for_end, ctx *c;) {
    chan_recv(ctx_done(a->c), NULL);
}

static void contexts(void) {
    ctx *lost = ctx_with_cancel(ctx_background());
    ctx *timed = ctx_with_timeout(ctx_background(), HOUR);
    ctx *below = ctx_with_cancel(timed);
    go(waits_for_end, .c = lost);
    go(waits_for_end, .c = timed);
    go(waits_for_end, .c = below);
    task_sleep(1);
}
FINDS(contexts, 3, 1, 0)

TASK(waits_for_timer, timer *t;) {
    chan_recv(timer_chan(a->t), NULL);
}

static void a_stopped_timer_and_one_that_runs(void) {
    timer *lost = timer_start(HOUR), *pending = timer_start(HOUR);
    timer_stop(lost);
    go(waits_for_timer, .t = lost);
    go(waits_for_timer, .t = pending);
    task_sleep(1);
}
FINDS(a_stopped_timer_and_one_that_runs, 2, 1, 0)

TASK(called_later, chan *c;) {
    chan_close_raw(a->c, HERE);
}

static void a_callback_has_it(void) {
    int_chan c;
    chan_make(&c, 0);
    go(sends, .out = c, .back = c);
    after_func(HOUR, called_later, .c = c.raw);
    task_sleep(1);
}
FINDS(a_callback_has_it, 1, 0, 0)

// --- a variable on a stack ----------------------------------------------------------------------------

TASK(is_done, waitgroup *wg;) {
    task_sleep(HOUR);
    waitgroup_done(a->wg);
}

TASK(waits_for_child, int unused;) {
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    go(is_done, .wg = &wg);
    waitgroup_wait(&wg);
}

static void a_child_that_lives_has_its_parent_s_variable(void) {
    go(waits_for_child, .unused = 0);
    task_sleep(1);
}
FINDS(a_child_that_lives_has_its_parent_s_variable, 1, 0, 0)

TASK(never_done, waitgroup *wg; int_chan none;) {
    chan_recv(a->none, NULL);
    waitgroup_done(a->wg);
}

TASK(waits_for_lost_child, int unused;) {
    waitgroup wg = {0};
    int_chan none;
    chan_make(&none, 0);
    waitgroup_add(&wg, 1);
    go(never_done, .wg = &wg, .none = none);
    waitgroup_wait(&wg);
}

static void parent_and_child_are_lost_together(void) {
    go(waits_for_lost_child, .unused = 0);
    task_sleep(1);
}
FINDS(parent_and_child_are_lost_together, 2, 2, 0)

// --- globals ----------------------------------------------------------------------------------------

static void a_global_has_it(void) {
    int_chan c;
    chan_make(&c, 0);
    global.channel = c.raw;
    go(sends, .out = c, .back = c);
    task_sleep(1);
}
FINDS(a_global_has_it, 1, 0, 1)

static void the_global_was_cleared(void) {
    a_global_has_it();
    global.channel = NULL;
}
FINDS(the_global_was_cleared, 1, 1, 0)

static void a_global_leads_there(void) {
    int_chan c;
    chan_make(&c, 0);
    chan **block = run_alloc(sizeof *block);
    *block = c.raw;
    global.kept = block;
    go(sends, .out = c, .back = c);
    task_sleep(1);
}
FINDS(a_global_leads_there, 1, 0, 1)

static void ignored_root(void *arg) {
    (void)arg;
    make_and_go_on(a_global_has_it);
}
Test(reach, globals_can_be_ignored) {
    config.ignore_globals = true;
    finds(ignored_root, 1, 1, 0);
}

// --- every primitive --------------------------------------------------------------------------------

TASK(nil, int unused;) {
    int_chan none = {0};
    chan_recv(none, NULL);
}
static void a_nil_channel(void) {
    go(nil, .unused = 0);
    task_sleep(1);
}
FINDS(a_nil_channel, 1, 1, 0)

#define ON_THE_HEAP(type) ((type *)run_calloc(1, sizeof(type)))

TASK(locks, mutex *m;) {
    mutex_lock(a->m);
}
static void a_mutex(void) {
    mutex *m = ON_THE_HEAP(mutex);
    mutex_lock(m);
    go(locks, .m = m);
    go(locks, .m = m);
    task_sleep(1);
}
FINDS(a_mutex, 2, 2, 0)

TASK(unlocks_late, mutex *m;) {
    task_sleep(HOUR);
    mutex_unlock(a->m);
}
static void a_mutex_that_somebody_has(void) {
    mutex *m = ON_THE_HEAP(mutex);
    mutex_lock(m);
    go(locks, .m = m);
    go(unlocks_late, .m = m);
    task_sleep(1);
}
FINDS(a_mutex_that_somebody_has, 1, 0, 0)

TASK(reads, rwmutex *rw;) {
    rwmutex_rlock(a->rw);
}
TASK(writes, rwmutex *rw;) {
    rwmutex_lock(a->rw);
}
static void an_rwmutex(void) {
    rwmutex *rw = ON_THE_HEAP(rwmutex);
    rwmutex_lock(rw);
    go(reads, .rw = rw);
    go(writes, .rw = rw);
    task_sleep(1);
}
FINDS(an_rwmutex, 2, 2, 0)

TASK(waits_on_cond, cond *c; mutex *m;) {
    mutex_lock(a->m);
    cond_wait(a->c, a->m);
}
static void a_cond(void) {
    go(waits_on_cond, .c = ON_THE_HEAP(cond), .m = ON_THE_HEAP(mutex));
    task_sleep(1);
}
FINDS(a_cond, 1, 1, 0)

static void a_cond_that_somebody_has(void) {
    cond *c = ON_THE_HEAP(cond);
    go(waits_on_cond, .c = c, .m = ON_THE_HEAP(mutex));
    go(holds, .what = c);
    task_sleep(1);
}
FINDS(a_cond_that_somebody_has, 1, 0, 0)

static void waits_in_vain(void *arg) {
    int_chan none;
    (void)arg;
    chan_make(&none, 0);
    chan_recv(none, NULL);
}

TASK(does_once, once *o;) {
    once_do(a->o, waits_in_vain, NULL);
}
static void a_once(void) {
    once *o = ON_THE_HEAP(once);
    go(does_once, .o = o);
    go(does_once, .o = o);
    task_sleep(1);
}
FINDS(a_once, 2, 2, 0)

TASK(acquires, sema *s;) {
    sema_acquire(a->s, ctx_background(), 1);
}
static void a_semaphore(void) {
    sema *s = ON_THE_HEAP(sema);
    s->size = 1;
    sema_acquire(s, ctx_background(), 1);
    go(acquires, .s = s);
    task_sleep(1);
}
FINDS(a_semaphore, 1, 1, 0)

GROUP_TASK(member, int_chan c;) {
    chan_recv(a->c, NULL);
    return OK;
}
TASK(waits_for_group, int_chan c;) {
    group g = {0};
    group_go(&g, member, .c = a->c);
    group_wait(&g);
}
static void a_group(void) {
    int_chan c;
    chan_make(&c, 0);
    go(waits_for_group, .c = c);
    task_sleep(1);
}
FINDS(a_group, 2, 2, 0)

static void a_group_whose_member_may_end(void) {
    int_chan c;
    chan_make(&c, 0);
    go(waits_for_group, .c = c);
    go(holds, .what = c.raw);
    task_sleep(1);
}
FINDS(a_group_whose_member_may_end, 2, 0, 0)

SCOPE_TASK(in_scope, int_chan c;) {
    chan_recv(a->c, NULL);
    return OK;
}
TASK(waits_for_scope, int_chan c;) {
    SCOPE(s, ctx_background());
    scope_go(s, in_scope, .c = a->c);
    scope_wait(s);
}
static void a_scope(void) {
    int_chan c;
    chan_make(&c, 0);
    go(waits_for_scope, .c = c);
    task_sleep(1);
}
FINDS(a_scope, 2, 2, 0)

TASK(reads_conn, conn *c;) {
    char buf[8];
    size_t n;
    conn_read(a->c, buf, sizeof buf, &n);
}
TASK(serves_one, listener *l;) {
    char buf[8];
    size_t n;
    conn *c;
    net_accept(a->l, &c);
    conn_read(c, buf, sizeof buf, &n);
}
static void a_connection(void) {
    listener *l = net_listen("server");
    conn *c;
    go(serves_one, .l = l);
    net_dial("server", 0, &c);
    go(reads_conn, .c = c);
    task_sleep(1);
}
FINDS(a_connection, 2, 2, 0)

// Whoever listens can be dialled by name.
static void a_listener(void) {
    go(serves_one, .l = net_listen("server"));
    task_sleep(1);
}
FINDS(a_listener, 1, 0, 0)

TASK(serves_for_ever, int_chan c;) {
    chan_recv(a->c, NULL);
}
static void a_daemon(void) {
    int_chan c;
    chan_make(&c, 0);
    go_daemon(serves_for_ever, .c = c);
    task_sleep(1);
}
FINDS(a_daemon, 0, 0, 0)

TASK(receives, int_chan c;) {
    chan_recv(a->c, NULL);
}

// --- many -------------------------------------------------------------------------------------------

static void thousands(void) {
    for (int i = 0; i < MANY; i++) {
        int_chan c;
        chan_make(&c, 0);
        if (i % 2)
            go_small(sends, .out = c, .back = c);
        else
            go(sends, .out = c, .back = c);
    }
    task_sleep(1);
}
static void thousands_root(void *arg) {
    (void)arg;
    make_and_go_on(thousands);
}
Test(reach, thousands_of_both_classes) {
    world.config.max_steps = 10 * MANY;
    world_log_use(1 << 17, false);
    world_seed(thousands_root, WORLD_INLINE);
    cr_assert_eq(world.end, RUN_STEPS);
    cr_assert_eq(found.waiting, MANY);
    cr_assert_eq(found.leaked, MANY);
}

// More are reached at once than there is room to remember, again and again: a live task has them all.
// Of blocks of a kilobyte there is one for each word of a bitmap.
static void thousands_held(void) {
    enum { HELD = 140000, INTS = 200 };
    chan **all = run_alloc(HELD * sizeof *all);
    for (int i = 0; i < HELD; i++) {
        int_chan c;
        chan_make(&c, INTS);
        all[i] = c.raw;
        if (i % 1000 == 0)
            go(receives, .c = c);
    }
    go(holds, .what = all);
    task_sleep(1);
}
static void thousands_held_root(void *arg) {
    (void)arg;
    make_and_go_on(thousands_held);
}
Test(reach, more_blocks_than_it_can_remember) {
    setenv("UNSTUCK_NO_FAILING", "1", 1);
    world_log_use(1 << 14, true);
    world.config.max_steps = 2000;
    world.config.heap_quota = (size_t)1 << 30;
    world_seed(thousands_held_root, WORLD_INLINE);
    cr_assert_eq(world.end, RUN_STEPS);
    cr_assert_eq(found.waiting, 140);
    cr_assert_eq(found.leaked, 0);
}

// --- where it says nothing --------------------------------------------------------------------------

Test(reach, between_runs_nothing_is_known) {
    cr_assert_not(reach_find(&config).known);
}

static void with_a_fake_stack(enum run_end end, void *user) {
    (void)user;
    if (end != RUN_STEPS)
        return;
    bool before = run.unwinding;
    run.unwinding = true;
    run.oldest->top->fake_stack = &found;
    found = reach_find(&config);
    run.oldest->top->fake_stack = NULL;
    run.unwinding = before;
}
Test(reach, fake_stacks_of_a_sanitizer_hide_variables) {
    world.config.ended = with_a_fake_stack;
    found.known = true;
    world_seed(ignored_root, WORLD_INLINE);
    cr_assert_not(found.known);
}
