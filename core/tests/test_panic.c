// panic, recover, goexit and deferred calls: one test per rule of panic.h, and random programs of
// which Go's own implementation was asked what they do.
#include "core/panic.h"

#include "core/cond.h"
#include "core/group.h"
#include "core/once.h"
#include "core/rwmutex.h"
#include "core/tests/every_schedule.h"

#include <signal.h>
#include <stdarg.h>

enum { SEEDS = 200 };

// What the tasks of a run said, in the order in which they did.
static char trace[1 << 14];
static size_t traced;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    traced += (size_t)vsnprintf(trace + traced, sizeof trace - traced, format, args);
    va_end(args);
    traced = traced < sizeof trace ? traced : sizeof trace - 1;
}

static void say_nothing(void) {
    trace[traced = 0] = 0;
}

DEFERRED(says, const char *text;) {
    say("%s ", a->text);
}

// Every way to run the world says the same.
#define SAYS(root, expected)                                                                       \
    EVERY_WORLD(root, 20) {                                                                        \
        cr_assert_str_eq(trace, expected, "%s: %s", world_name(), trace);                          \
    }

// --- random programs --------------------------------------------------------------------------------

static uint64_t random_state;
static int fuel, panics, nowhere;

static int random_below(uint64_t n) {
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (int)((z ^ z >> 31) % n);
}

static void say_recovered(const char *how, const panicked *p) {
    say("%s%s ", how, p ? p->text : "-");
}

DEFERRED(helps, int unused;) {
    say_recovered("h", recover());
}

DEFERRED(body, int depth; int *up; int *n;) {
    const panicked *last = NULL;
    int mine = 0, *n = a->n ? a->n : &mine;
    deferring();
    *n = 0;
    say("( ");
    for (int i = random_below(7); i > 0 && fuel > 0; i--) {
        fuel--;
        int child = 0;
        switch (random_below(12)) {
        case 0:
        case 1:
            if (a->depth < 8) {
                body(&(struct body_args){a->depth + 1, n, &child});
                say("=%d ", child);
            }
            break;
        case 2:
        case 3:
        case 4:
            if (a->depth < 8)
                defer_to_return(body, .depth = a->depth + 1, .up = n);
            break;
        case 5:
        case 6:
            panic("p%d", ++panics);
        case 7:
        case 8: {
            const panicked *p = recover();
            say_recovered("r", p);
            last = p ? p : last;
            break;
        }
        case 9:
            if (random_below(2) == 0)
                defer_to_return(helps, .unused = 0);
            else
                helps(&(struct helps_args){0});
            break;
        case 10:
            if (last)
                panic_again(last);
            *a->up = random_below(100);
            break;
        case 11:
            if (random_below(3) == 0) {
                say("x ");
                goexit();
            }
        }
    }
    *n = random_below(100);
    say(") ");
}

TASK(program, int unused;) {
    int n = 0;
    body(&(struct body_args){0, &nowhere, &n});
    say("=%d ended", n);
}

static uint64_t program_seed;

static void program_root(void *arg) {
    (void)arg;
    say_nothing();
    random_state = program_seed;
    fuel = 40;
    panics = 0;
    go(program, .unused = 0);
}

static const char *program_run(uint64_t seed) {
    program_seed = seed;
    world_default(program_root);
    if (world.end == RUN_PANICKED)
        say("panic: %s", world_panic());
    return trace;
}

static uint64_t fnv1a(uint64_t h, const char *text) {
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h;
}

// What `go run core/tests/programs/panics.go FIRST 2000` says with Go 1.23.5.
Test(panic, eight_thousand_random_programs_do_what_they_do_in_go) {
    static const uint64_t go_says[] = {UINT64_C(0xec2b2c4dc3e872dc), UINT64_C(0xffcb78e39c44755d),
                                       UINT64_C(0xa12e0151522da4c2), UINT64_C(0xfcda509b6f450c2c)};
    for (uint64_t block = 0; block < sizeof go_says / sizeof *go_says; block++) {
        uint64_t all = UINT64_C(0xcbf29ce484222325), first = block * 2000 + 1;
        for (uint64_t seed = first; seed < first + 2000; seed++)
            all = fnv1a(all, program_run(seed));
        cr_assert_eq(all, go_says[block], "programs %" PRIu64 "...: %#018" PRIx64, first, all);
    }
}

// --- deferred calls ---------------------------------------------------------------------------------

static void leave_blocks(int how) {
    for (int i = 0; i < 2; i++) {
        defer(says, i ? "b1" : "b0");
        {
            defer(says, "inner");
            if (how == 1 && i)
                break;
            if (how == 2)
                continue;
            if (how == 3)
                return;
        }
        say("between ");
    }
    say("after ");
}

static void blocks_root(void *arg) {
    (void)arg;
    say_nothing();
    for (int how = 0; how < 4; how++) {
        leave_blocks(how);
        say("| ");
    }
}

Test(panic, a_call_of_a_block_is_made_when_the_block_is_left_in_whatever_way) {
    SAYS(blocks_root, "inner between b0 inner between b1 after | inner between b0 inner b1 after | "
                      "inner b0 inner b1 after | inner b0 | ");
}

static void returns_with_calls(int last) {
    deferring();
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"zero", "one", "two"};
        defer_to_return(says, names[i]);
        if (i == last)
            return;
    }
    say("end ");
}

static void loop_root(void *arg) {
    (void)arg;
    say_nothing();
    returns_with_calls(1);
    returns_with_calls(3);
}

Test(panic, calls_deferred_to_the_return_add_up_in_a_loop_and_are_made_newest_first) {
    SAYS(loop_root, "one zero end two one zero ");
}

DEFERRED(says_number, int n; const int *now;) {
    say("%d/%d ", a->n, *a->now);
}

static void evaluated_root(void *arg) {
    (void)arg;
    say_nothing();
    deferring();
    int i = 1;
    defer(says_number, i, &i);
    defer_to_return(says_number, .n = i, .now = &i);
    i = 2;
    return_named();
}

Test(panic, arguments_are_evaluated_when_the_call_is_deferred) {
    SAYS(evaluated_root, "1/2 1/2 ");
}

static void mixed(bool named) {
    deferring();
    defer_to_return(says, "f1");
    {
        defer(says, "b1");
        defer_to_return(says, "f2");
        defer(says, "b2");
        if (named)
            return_named();
    }
    defer(says, "b3");
}

static void mixed_root(void *arg) {
    (void)arg;
    say_nothing();
    mixed(false);
    say("| ");
    mixed(true);
}

Test(panic,
     return_named_makes_calls_of_blocks_and_function_in_one_order_return_those_of_blocks_first) {
    SAYS(mixed_root, "b2 b1 b3 f2 f1 | b2 f2 b1 f1 ");
}

Test(panic, a_call_of_a_block_is_made_outside_of_a_run_too) {
    leave_blocks(3);
    cr_assert_str_eq(trace, "inner b0 ");
}

DEFERRED(sets, int *n; int to;) {
    *a->n = a->to;
}

static int plain_return(void) {
    int n = 1;
    deferring(n);
    defer_to_return(sets, &n, 7);
    return n;
}

static int named_return(void) {
    int n = 1;
    deferring(n);
    defer_to_return(sets, &n, 7);
    return_named(n);
}

static void returns_root(void *arg) {
    (void)arg;
    say_nothing();
    say("%d ", plain_return());
    say("%d ", named_return());
}

Test(panic, return_evaluates_before_the_deferred_calls_return_named_after_them) {
    SAYS(returns_root, "1 7 ");
}

// --- who makes no deferred calls ----------------------------------------------------------------------

TASK(defers_then_parks, signal_chan never; bool in_call;) {
    deferring();
    defer(says, "block");
    defer_to_return(says, "function");
    if (a->in_call)
        panic("on the way out");
    chan_recv(a->never, NULL);
}

DEFERRED(receives, signal_chan from;) {
    chan_recv(a->from, NULL);
}

TASK(parks_in_a_call, signal_chan never;) {
    defer(says, "block");
    defer(receives, a->never);
    panic("on the way out");
}

static void killed_root(void *arg) {
    (void)arg;
    say_nothing();
    signal_chan never;
    chan_make(&never, 0);
    go(defers_then_parks, .never = never);
    go(parks_in_a_call, .never = never);
    task_sleep(1);
}

Test(panic, who_is_killed_at_the_end_of_a_run_makes_no_deferred_call) {
    EVERY_WORLD(killed_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_RECV), 2, "%s", world_name());
        cr_assert_str_eq(trace, "", "%s", trace);
        cr_assert_null(world_event(EV_PANIC, 0));
    }
}

static void killed_by_panic_root(void *arg) {
    killed_root(arg);
    panic("enough");
}

Test(panic, who_is_killed_by_a_panic_of_another_task_makes_no_deferred_call) {
    EVERY_WORLD(killed_by_panic_root, SEEDS) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "enough");
        cr_assert_str_eq(trace, "", "%s", trace);
    }
}

TASK(spins_with_a_call, int unused;) {
    defer(says, "block");
    for (;;)
        task_yield();
}

static void cut_off_root(void *arg) {
    (void)arg;
    say_nothing();
    defer(says, "root");
    go(spins_with_a_call, .unused = 0);
    for (;;)
        task_yield();
}

Test(panic, who_is_cut_off_by_the_budget_makes_no_deferred_call) {
    world.config.max_steps = 500;
    EVERY_WORLD(cut_off_root, 20) {
        cr_assert_eq(world.end, RUN_STEPS, "%s", world_name());
        cr_assert_str_eq(trace, "", "%s", trace);
    }
}

// --- panic ------------------------------------------------------------------------------------------

static void panics_deep(int depth) {
    volatile char room[64] = {(char)depth};
    if (depth < 0)
        return;
    defer(says, depth % 2 ? "odd" : "even");
    if (depth == 0)
        panic("at the bottom, after %d", room[0] + 5);
    panics_deep(depth - 1);
    say("never ");
}

static void dies_root(void *arg) {
    (void)arg;
    say_nothing();
    defer(says, "root");
    panics_deep(3);
}

Test(panic, a_panic_makes_all_deferred_calls_newest_first_then_ends_the_run) {
    EVERY_WORLD(dies_root, 20) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(trace, "even odd even odd root ", "%s", trace);
        cr_assert_str_eq(world_panic(), "at the bottom, after 5");
        const event *e = world_event(EV_PANIC, 0);
        log_site at = event_log_site(world.log, e->site);
        cr_assert_str_eq(event_log_string(world.log, at.function), "panics_deep");
        cr_assert_eq(e, &world.log->events[world.log->head - 2], "it is the last but one");
    }
}

TASK(done_after_panic, waitgroup *wg;) {
    defer(waitgroup_done, a->wg);
    panic("too bad");
}

static void done_root(void *arg) {
    (void)arg;
    say_nothing();
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    go(done_after_panic, .wg = &wg);
    waitgroup_wait(&wg);
}

Test(panic, a_deferred_done_comes_before_the_end) {
    EVERY_WORLD(done_root, SEEDS) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "too bad");
        const event *done = world_event(EV_DONE, 0);
        cr_assert_not_null(done);
        cr_assert_lt(world_event(EV_PANICKING, 0), done, "%s", world_name());
        cr_assert_lt(done, world_event(EV_PANIC, 0), "%s", world_name());
    }
}

static void long_root(void *arg) {
    (void)arg;
    say_nothing();
    panic("%0500d", 7);
}

Test(panic, a_long_sentence_is_cut_off) {
    world_default(long_root);
    cr_assert_eq(strlen(world_panic()), 399);
}

Test(panic, outside_of_a_run_it_aborts, .signal = SIGABRT) {
    panic("nowhere to go");
}

// --- recover ------------------------------------------------------------------------------------------

DEFERRED(recovers_into, int *n; int to;) {
    const panicked *p = recover();
    say("r:%s ", p ? p->text : "-");
    if (p)
        *a->n = a->to;
}

static int divides(int x, int y) {
    int quotient = 0;
    deferring(quotient);
    defer(says, "block");
    defer_to_return(recovers_into, &quotient, -1);
    if (y == 0)
        panic("division of %d by zero", x);
    quotient = x / y;
    return quotient;
}

static void divides_root(void *arg) {
    (void)arg;
    say_nothing();
    say("%d ", divides(6, 3));
    say("%d ", divides(7, 0));
    say("%d ", divides(8, 2));
}

Test(panic, the_function_whose_deferred_call_recovers_returns_its_named_result_to_its_caller) {
    SAYS(divides_root, "block r:- 2 r:division of 7 by zero block -1 block r:- 4 ");
}

static int remaining_calls(void) {
    int n = 1;
    deferring(n);
    defer_to_return(sets, &n, 3);
    {
        defer(says, "older");
        defer_to_return(recovers_into, &n, 2);
        defer(says, "newer");
        panic("x");
    }
}

static void remaining_root(void *arg) {
    (void)arg;
    say_nothing();
    defer(says, "root");
    say("%d ", remaining_calls());
}

Test(panic, after_recover_the_functions_other_calls_are_made_and_may_change_the_result) {
    SAYS(remaining_root, "newer r:x older 3 root ");
}

static int recovers_in_block(bool early) {
    int n = 1;
    defer(says, "before");
    deferring(n);
    defer(says, "first");
    for (;;) {
        defer(recovers_into, &n, 2);
        defer(says, "second");
        if (early)
            panics_deep(1);
        panic("here");
    }
}

static void recovers_in_block_root(void *arg) {
    (void)arg;
    say_nothing();
    for (int i = 0; i < 2; i++)
        say("%d | ", recovers_in_block(i));
}

Test(panic, a_call_of_a_block_can_recover_where_the_function_has_deferring) {
    SAYS(recovers_in_block_root, "second r:here first before 2 | even odd second r:at the bottom, "
                                 "after 5 first before 2 | ");
}

typedef struct pair {
    int64_t one, two, three;
} pair;

DEFERRED(fills, pair *p;) {
    if (recover())
        *a->p = (pair){1, 2, 3};
}

static pair struct_result(int64_t x) {
    pair p = {x, x, x};
    deferring(p);
    defer_to_return(fills, &p);
    for (int i = 0; i < 3; i++)
        p.one += x;
    if (p.one > 10)
        panic("too large");
    return_named(p);
}

static const char *pointer_result(const char *name) {
    deferring(name);
    defer_to_return(fills, &(pair){0});
    name = name[1] ? name + 1 : "?";
    panic("%s", name);
}

static void results_root(void *arg) {
    (void)arg;
    say_nothing();
    pair p = struct_result(1), q = struct_result(5);
    say("%d%d%d %d%d%d ", (int)p.one, (int)p.two, (int)p.three, (int)q.one, (int)q.two,
        (int)q.three);
    say("%s ", pointer_result("ab"));
}

Test(panic, a_result_may_be_of_any_type_and_a_parameter) {
    SAYS(results_root, "411 123 b ");
}

static void helps_to_recover(void) {
    const panicked *p = recover();
    say("helper:%s ", p ? p->text : "-");
}

DEFERRED(recovers_by_helper, int unused;) {
    helps_to_recover();
}

DEFERRED(recovers_by_itself, int depth;) {
    if (a->depth)
        recovers_by_itself(&(struct recovers_by_itself_args){a->depth - 1});
    else
        say("itself:%s ", recover() ? "?" : "-");
}

DEFERRED(recovers_in_its_own_call, int unused;) {
    defer(recovers_into, NULL, 0);
}

DEFERRED(recovers_twice, int unused;) {
    say("once:%s ", recover()->text);
    say("twice:%s ", recover() ? "?" : "-");
}

static void recovers_wrongly(void) {
    deferring();
    say("none:%s ", recover() ? "?" : "-");
    defer_to_return(recovers_twice, .unused = 0);
    defer_to_return(recovers_by_itself, .depth = 2);
    defer_to_return(recovers_in_its_own_call, .unused = 0);
    defer_to_return(recovers_by_helper, .unused = 0);
    panic("x");
}

static void recovers_wrongly_root(void *arg) {
    (void)arg;
    say_nothing();
    recovers_wrongly();
    say("back ");
}

Test(panic, recover_counts_only_in_the_deferred_function_itself_and_only_once) {
    SAYS(recovers_wrongly_root, "none:- helper:- r:- itself:- once:x twice:- back ");
}

static int value;

DEFERRED(recovers_value, const panicked **into;) {
    *a->into = recover();
}

static const panicked *caught(int how, const panicked *again) {
    const panicked *p = NULL;
    deferring(p);
    defer_to_return(recovers_value, &p);
    if (how == 0)
        panic("plain");
    if (how == 1)
        panic_value(&value, "value %d", how);
    panic_again(again);
}

static void value_root(void *arg) {
    (void)arg;
    say_nothing();
    const panicked *plain = caught(0, NULL), *v = caught(1, NULL), *again = caught(2, v);
    const panicked *nothing = caught(2, NULL);
    EXPECT(!strcmp(plain->text, "plain") && !plain->value && plain->at->line > 0);
    EXPECT(!strcmp(v->text, "value 1") && v->value == &value && v->at != plain->at);
    EXPECT(!strcmp(again->text, "value 1") && again->value == &value && again->at != v->at);
    EXPECT(!strcmp(again->at->function, "caught") && again != v);
    EXPECT(strstr(nothing->text, "nothing to panic with"));
    run_free((void *)(uintptr_t)plain);
}

Test(panic, recover_hands_over_sentence_value_and_place) {
    EVERY_WORLD(value_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void no_landing(void) {
    defer(recovers_into, &value, 0);
    panic("x");
}

static void no_landing_root(void *arg) {
    (void)arg;
    say_nothing();
    deferring();
    no_landing();
}

Test(panic, recover_for_a_function_without_deferring_panics) {
    EVERY_WORLD(no_landing_root, 20) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "x\n\tpanic: recover: no_landing has no deferring() before "
                                        "the defer of this call");
        cr_assert_null(world_event(EV_RECOVER, 0));
        cr_assert_str_eq(trace, "");
    }
}

// A lot of them, so that whatever one of them leaves behind, on any stack, adds up.
static void many_root(void *arg) {
    (void)arg;
    say_nothing();
    for (int i = 0; i < 20000; i++) {
        run_free((void *)(uintptr_t)caught(i % 2, NULL));
        if (i % 100 == 0)
            task_yield();
    }
}

Test(panic, twenty_thousand_recovered_panics_leave_nothing_behind) {
    world_log_use(1 << 12, true);
    world_seed(many_root, WORLD_INLINE);
    cr_assert(world_finished());
    cr_assert(WORLD_ASAN || run_heap_used() == 0, "%zu bytes", run_heap_used());
    cr_assert(WORLD_ASAN || run_heap_peak() < 1000, "%zu bytes", run_heap_peak());
}

// --- panics within panics -------------------------------------------------------------------------------

DEFERRED(panics_too, const char *text;) {
    panic("%s", a->text);
}

DEFERRED(recovers_then_panics, const char *text;) {
    recover();
    panic("%s", a->text);
}

static void chain_root(void *arg) {
    (void)arg;
    say_nothing();
    deferring();
    defer(says, "last");
    defer_to_return(panics_too, "C");
    defer_to_return(recovers_then_panics, "B");
    panic("A");
}

Test(panic, a_panic_in_a_deferred_call_takes_over_and_the_end_tells_of_all) {
    EVERY_WORLD(chain_root, 20) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "A [recovered]\n\tpanic: B\n\tpanic: C", "%s",
                         world_panic());
        cr_assert_eq(world_count(EV_PANIC), 1);
        cr_assert_eq(world_count(EV_PANICKING), 3);
        cr_assert_eq(world_count(EV_RECOVER), 1);
        cr_assert_str_eq(trace, "last ", "%s", trace);
    }
}

static void chain_recovered(void) {
    deferring();
    defer_to_return(recovers_into, &value, 0);
    defer_to_return(panics_too, "B");
    panic("A");
}

static void chain_recovered_root(void *arg) {
    (void)arg;
    say_nothing();
    chain_recovered();
    say("back %s ", recover() ? "?" : "-");
    panic("later");
}

Test(panic, recovering_from_the_later_panic_ends_both) {
    EVERY_WORLD(chain_recovered_root, 20) {
        cr_assert_str_eq(world_panic(), "later");
        cr_assert_str_eq(trace, "r:B back - ", "%s", trace);
    }
}

DEFERRED(panics_and_recovers_inside, int unused;) {
    say("%d ", divides(1, 0));
}

static void inner_root(void *arg) {
    (void)arg;
    say_nothing();
    defer(panics_and_recovers_inside, .unused = 0);
    panic("outer");
}

Test(panic, what_is_recovered_inside_a_deferred_call_leaves_the_panic_that_makes_it_alone) {
    EVERY_WORLD(inner_root, 20) {
        cr_assert_eq(world.end, RUN_PANICKED);
        cr_assert_str_eq(world_panic(), "outer");
        cr_assert_str_eq(trace, "r:division of 1 by zero block -1 ", "%s", trace);
    }
}

static int panics_in_return(void) {
    int n = 1;
    deferring(n);
    defer_to_return(recovers_into, &n, 2);
    defer_to_return(panics_too, "returning");
    defer_to_return(sets, &n, 5);
    return 9;
}

static void panics_in_return_root(void *arg) {
    (void)arg;
    say_nothing();
    say("%d ", panics_in_return());
}

Test(panic, a_panic_in_a_call_made_on_return_can_be_recovered_in_an_older_one) {
    SAYS(panics_in_return_root, "r:returning 2 ");
}

static void deep_chain_root(void *arg) {
    (void)arg;
    say_nothing();
    deferring();
    for (int i = 0; i < 60; i++)
        defer_to_return(panics_too, "another twenty bytes");
    panic("first");
}

Test(panic, the_words_of_a_long_chain_are_cut_off) {
    world_default(deep_chain_root);
    cr_assert_eq(world.end, RUN_PANICKED);
    cr_assert_eq(strncmp(world_panic(), "first\n\tpanic: another", 20), 0);
    cr_assert_eq(strlen(world_panic()), 799);
}

// --- goexit -----------------------------------------------------------------------------------------------

static void exits_deep(int depth) {
    volatile char room[64] = {(char)depth};
    (void)room;
    deferring();
    if (depth < 0)
        return;
    defer(says, depth % 2 ? "odd" : "even");
    defer_to_return(recovers_into, &value, 0);
    if (depth == 0)
        goexit();
    exits_deep(depth - 1);
    say("never ");
}

TASK(exits, waitgroup *wg;) {
    defer(waitgroup_done, a->wg);
    exits_deep(2);
}

static void exits_root(void *arg) {
    (void)arg;
    say_nothing();
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    go(exits, .wg = &wg);
    waitgroup_wait(&wg);
    say("waited ");
}

Test(panic, goexit_makes_all_deferred_calls_and_cannot_be_recovered_from) {
    EVERY_WORLD(exits_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(trace, "r:- even r:- odd r:- even waited ", "%s", trace);
        cr_assert_eq(world_count(EV_GOEXIT), 1);
        cr_assert_eq(world_event(EV_GOEXIT, 0)->task, 1);
        cr_assert_eq(world_event(EV_EXIT, 0)->task == 1 ? world_event(EV_EXIT, 0)->value
                                                        : world_event(EV_EXIT, 1)->value,
                     1, "%s", world_name());
    }
}

DEFERRED(exits_too, int unused;) {
    goexit();
}

TASK(exits_while_panicking, int unused;) {
    defer(says, "last");
    defer(exits_too, .unused = 0);
    panic("forgotten");
}

static void forgotten_root(void *arg) {
    (void)arg;
    say_nothing();
    go(exits_while_panicking, .unused = 0);
}

Test(panic, goexit_in_a_deferred_call_makes_the_panic_forgotten) {
    EVERY_WORLD(forgotten_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_null(world_event(EV_PANIC, 0));
        cr_assert_str_eq(trace, "last ", "%s", trace);
    }
}

static void recovers_within_goexit(void) {
    deferring();
    defer_to_return(says, "rest");
    defer_to_return(recovers_into, &value, 0);
    defer_to_return(panics_too, "in goexit");
    goexit();
}

TASK(goes_on_exiting, int unused;) {
    defer(says, "outer");
    recovers_within_goexit();
    say("never ");
}

static void goes_on_exiting_root(void *arg) {
    (void)arg;
    say_nothing();
    go(goes_on_exiting, .unused = 0);
}

Test(panic, a_panic_recovered_within_goexit_lets_it_go_on) {
    EVERY_WORLD(goes_on_exiting_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(trace, "r:in goexit rest outer ", "%s", trace);
    }
}

TASK(works_on, int_chan results;) {
    for (int i = 0; i < 3; i++)
        chan_send(a->results, i);
}

TASK(collects, int_chan results;) {
    int sum = 0, v;
    for (int i = 0; i < 3; i++) {
        chan_recv(a->results, &v);
        sum += v;
    }
    say("%d ", sum);
}

static void root_exits(void *arg) {
    (void)arg;
    say_nothing();
    int_chan results;
    chan_make(&results, 0);
    go(works_on, .results = results);
    go(collects, .results = results);
    defer(says, "root");
    goexit();
}

Test(panic, after_goexit_of_the_root_the_others_go_on_and_the_root_has_not_ended) {
    world.config.grace_steps = 1;
    EVERY_WORLD(root_exits, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        cr_assert_str_eq(trace, "root 3 ", "%s", trace);
        cr_assert_eq(world.log->alive, 0);
        const event *e = world_event(EV_EXIT, 0);
        cr_assert(e->task == 0 && e->value == 1, "%s", world_name());
    }
}

TASK(exits_at_depth, int unused;) {
    exits_deep(20);
}

// Their stacks are used again by those that follow.
static void many_exits_root(void *arg) {
    (void)arg;
    say_nothing();
    for (int i = 0; i < 300; i++) {
        go(exits_at_depth, .unused = 0);
        if (i % 3 == 0)
            task_yield();
    }
}

Test(panic, stacks_left_by_goexit_are_used_again) {
    EVERY_WORLD(many_exits_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- misuse of primitives -------------------------------------------------------------------------------

static int_chan c;

DEFERRED(notes_panic, char *into;) {
    const panicked *p = recover();
    snprintf(a->into, 80, "%s", p ? p->text : "none");
}

#define MISUSES(name, ...)                                                                         \
    static void name(char *into) {                                                                 \
        deferring();                                                                               \
        defer_to_return(notes_panic, into);                                                        \
        __VA_ARGS__;                                                                               \
    }
MISUSES(sends_on_closed, chan_send(c, 1))
MISUSES(closes_closed, chan_close(c))
MISUSES(closes_nil, chan_close((int_chan){0}))
MISUSES(selects_closed, chan_select(SEND(c, 1)))
MISUSES(counts_below_zero, waitgroup_done(&(waitgroup){0}))

static void misuse_root(void *arg) {
    (void)arg;
    say_nothing();
    static const struct {
        void (*fn)(char *into);
        const char *text;
    } cases[] = {
        {sends_on_closed, "send on closed channel"},
        {closes_closed, "close of closed channel"},
        {closes_nil, "close of nil channel"},
        {selects_closed, "send on closed channel"},
        {counts_below_zero, "sync: negative WaitGroup counter"},
    };
    chan_make(&c, 1);
    chan_close(c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[80];
        cases[i].fn(text);
        EXPECT(!strcmp(text, cases[i].text));
    }
    EXPECT(!chan_recv(c, NULL));
}

Test(panic, misuse_that_panics_can_be_recovered_from) {
    EVERY_WORLD(misuse_root, 20) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_RECOVER), 5);
        cr_assert_null(world_event(EV_PANIC, 0));
    }
}

TASK(sends_in_vain, char *into;) {
    sends_on_closed(a->into);
    say("%s ", a->into);
}

static void closed_under_senders_root(void *arg) {
    (void)arg;
    say_nothing();
    chan_make(&c, 0);
    for (int i = 0; i < 2; i++)
        go(sends_in_vain, .into = run_alloc(80));
    task_yield();
    chan_close(c);
}

Test(panic, parked_senders_recover_when_their_channel_is_closed) {
    EVERY_WORLD(closed_under_senders_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(trace, "send on closed channel send on closed channel ");
    }
    EVERY_SCHEDULE(closed_under_senders_root, 1000) {
        cr_assert(world_finished());
        cr_assert_str_eq(trace, "send on closed channel send on closed channel ");
    }
}

static void misuses_for_ever_root(void *arg) {
    (void)arg;
    say_nothing();
    char text[80];
    chan_make(&c, 0);
    chan_close(c);
    for (;;)
        sends_on_closed(text);
}

Test(panic, who_recovers_from_misuse_for_ever_is_cut_off) {
    world_log_use(1 << 12, true);
    world.config.max_steps = 5000;
    EVERY_WORLD(misuses_for_ever_root, 3) {
        cr_assert_eq(world.end, RUN_STEPS, "%s", world_name());
    }
}

static mutex mu;

#define FATAL(name, ...)                                                                           \
    static void name(void *arg) {                                                                  \
        (void)arg;                                                                                 \
        say_nothing();                                                                             \
        deferring();                                                                               \
        mu = (mutex){0};                                                                           \
        defer_to_return(recovers_into, &value, 0);                                                 \
        defer(says, "never");                                                                      \
        __VA_ARGS__;                                                                               \
    }
FATAL(unlocks_unlocked, mutex_unlock(&mu))
FATAL(runlocks_unlocked, rwmutex rw = {0}; rwmutex_runlock(&rw))
FATAL(unlocks_unlocked_rw, rwmutex rw = {0}; rwmutex_unlock(&rw))
FATAL(waits_unlocked, cond changed = {0}; cond_wait(&changed, &mu))
FATAL(uses_up_memory, for (;;) run_alloc(1 << 20))
FATAL(starts_too_many, for (;;) go(sends_in_vain, .into = NULL))

Test(panic, what_go_calls_a_fatal_error_makes_no_deferred_call_and_is_not_recovered) {
    static const struct {
        task_fn *root;
        const char *text;
    } cases[] = {
        {unlocks_unlocked, "sync: unlock of unlocked mutex"},
        {runlocks_unlocked, "sync: RUnlock of unlocked RWMutex"},
        {unlocks_unlocked_rw, "sync: Unlock of unlocked RWMutex"},
        {waits_unlocked, "sync: unlock of unlocked mutex"},
        {uses_up_memory, "out of memory: the run's 256 MB are used up"},
        {starts_too_many, "too many tasks: 100 are alive, which is this run's limit"},
    };
    world.config.max_tasks = 100;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        EVERY_WORLD(cases[i].root, 5) {
            cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
            cr_assert_str_eq(world_panic(), cases[i].text, "%s", world_panic());
            cr_assert_null(world_event(EV_PANICKING, 0));
            cr_assert_str_eq(trace, "", "%s", trace);
        }
    }
}

// All memory is used up, and yet it panics and recovers: only with what it was given before.
static void no_memory_root(void *arg) {
    (void)arg;
    say_nothing();
    while (run_heap_used() < (1 << 20) - 100)
        run_alloc(16);
    panic("the last %d bytes", 100);
}

Test(panic, a_panic_needs_no_memory) {
    world.config.heap_quota = 1 << 20;
    world_default(no_memory_root);
    cr_assert_str_eq(world_panic(), "the last 100 bytes");
}

// --- deferred calls that wait --------------------------------------------------------------------------

TASK(panics_with_the_lock, int unused;) {
    mutex_lock(&mu);
    defer(mutex_unlock, &mu);
    task_yield();
    divides(1, 0);
    recovers_wrongly();
}

static void lock_root(void *arg) {
    (void)arg;
    say_nothing();
    mu = (mutex){0};
    for (int i = 0; i < 3; i++)
        go(panics_with_the_lock, .unused = 0);
}

Test(panic, tasks_that_panic_under_a_lock_each_recover_their_own) {
    EVERY_WORLD(lock_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_RECOVER), 6, "%s", world_name());
    }
}

static int switched;

DEFERRED(yields_and_recovers, int number;) {
    switched += task_id() != (uint32_t)a->number + 1;
    task_yield();
    const panicked *p = recover();
    EXPECT(p && p->value == &trace[a->number]);
    task_yield();
}

static void panics_while_others_do(int number) {
    deferring();
    defer(yields_and_recovers, number);
    task_yield();
    panic_value(&trace[number], "of %d", number);
}

TASK(panics_concurrently, int number;) {
    panics_while_others_do(a->number);
}

static void concurrently_root(void *arg) {
    (void)arg;
    say_nothing();
    switched = 0;
    for (int i = 0; i < 3; i++)
        go(panics_concurrently, .number = i);
}

Test(panic, panics_of_different_tasks_have_nothing_to_do_with_each_other) {
    EVERY_WORLD(concurrently_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_RECOVER), 3, "%s", world_name());
        cr_assert_eq(switched, 0);
    }
}

DEFERRED(locks, int unused;) {
    mutex_lock(&mu);
}

static void locks_in_call_root(void *arg) {
    (void)arg;
    say_nothing();
    mu = (mutex){0};
    mutex_lock(&mu);
    defer(says, "never");
    defer(locks, .unused = 0);
    panic("unheard");
}

Test(panic, a_panic_waits_for_ever_with_the_deferred_call_that_does) {
    EVERY_WORLD(locks_in_call_root, 20) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_MUTEX), 1);
        cr_assert_null(world_event(EV_PANIC, 0));
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)world_event(EV_PANICKING, 0)->value),
                         "unheard");
        cr_assert_str_eq(trace, "");
    }
}

// --- functions that the core calls ----------------------------------------------------------------------

static once o;

static void fails(void *arg) {
    say("fails ");
    task_yield();
    if (arg)
        goexit();
    panic("once");
}

MISUSES(does_once, once_do(&o, fails, NULL))

TASK(does_once_task, bool exits;) {
    char text[80];
    if (a->exits)
        once_do(&o, fails, &o);
    else
        does_once(text);
    once_do(&o, fails, NULL);
    say("done ");
}

static void once_root(void *arg) {
    (void)arg;
    say_nothing();
    o = (once){0};
    for (int i = 0; i < 3; i++)
        go(does_once_task, .exits = false);
}

Test(panic, a_once_whose_function_panics_is_done) {
    EVERY_WORLD(once_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(trace, "fails done done done ", "%s: %s", world_name(), trace);
    }
}

static void once_exits_root(void *arg) {
    (void)arg;
    say_nothing();
    o = (once){0};
    for (int i = 0; i < 3; i++)
        go(does_once_task, .exits = true);
}

Test(panic, a_once_whose_function_calls_goexit_is_done) {
    EVERY_WORLD(once_exits_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(trace, "fails done done ", "%s: %s", world_name(), trace);
    }
}

GROUP_TASK(leaves_group, bool exits;) {
    if (a->exits)
        goexit();
    return OK;
}

static void group_root(void *arg) {
    (void)arg;
    say_nothing();
    group g = {0};
    group_set_limit(&g, 1);
    for (int i = 0; i < 3; i++)
        group_go(&g, leaves_group, .exits = i != 1);
    EXPECT(group_wait(&g) == OK);
    say("waited ");
}

Test(panic, a_task_that_calls_goexit_leaves_its_group) {
    EVERY_WORLD(group_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_count(EV_GROUP_DONE), 3);
    }
}

// --- the log ------------------------------------------------------------------------------------------------

static const char *said(const event *e) {
    return event_log_string(world.log, (uint32_t)e->value);
}

static void logged_root(void *arg) {
    (void)arg;
    say_nothing();
    divides(1, 0);
    panic("plain");
}

Test(panic, the_log_tells_of_each_panic_and_recover) {
    EVERY_WORLD(logged_root, 20) {
        const event *begins = world_event(EV_PANICKING, 0), *ends = world_event(EV_RECOVER, 0);
        cr_assert(begins && ends && begins < ends, "%s", world_name());
        cr_assert_str_eq(said(begins), "division of 1 by zero");
        cr_assert_str_eq(said(ends), "division of 1 by zero");
        log_site at = event_log_site(world.log, ends->site);
        cr_assert_str_eq(event_log_string(world.log, at.function), "recovers_into");
        cr_assert_eq(world_count(EV_PANICKING), 1, "the last one has no calls to make");
        cr_assert_str_eq(world_panic(), "plain");
    }
}

static void endless_root(void *arg) {
    (void)arg;
    say_nothing();
    for (;;)
        run_free((void *)(uintptr_t)caught(0, NULL));
}

Test(panic, who_panics_and_recovers_for_ever_ends_when_the_log_is_full) {
    world_default(endless_root);
    cr_assert_eq(world.end, RUN_LOG_FULL);
    cr_assert_null(world_event(EV_PANIC, 0));
}
