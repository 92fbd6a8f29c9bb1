// Calls made once for many: one test per rule, with the inline mode, the default schedule and 300
// seeds; and under every schedule where the order matters.
#include "core/singleflight.h"

#include "core/tests/aftermath.h"
#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static singleflight s;
static int calls, answers, shares;
static char words[80];

static void reset(void) {
    s = (singleflight){0};
    calls = answers = shares = 0;
    words[0] = 0;
}

static err load(void *arg, void **value) {
    int n = ++calls;
    task_sleep(SECOND);
    *value = (char *)arg + n;
    return n == 1 ? OK : ERR_EOF;
}

static char base[8];

TASK(asks, const char *key;) {
    flight f = singleflight_do(&s, a->key, load, base);
    EXPECT(f.value == base + 1 && f.err == OK);
    answers++;
    shares += f.shared;
}

// --- do -----------------------------------------------------------------------------------------------

static void many_root(void *arg) {
    (void)arg;
    reset();
    char key[] = "user:7"; // copied: the caller may write over it
    for (int i = 0; i < 4; i++)
        go(asks, .key = "user:7");
    flight f = singleflight_do(&s, key, load, base);
    EXPECT(f.value == base + 1 && f.err == OK && f.shared);
    EXPECT(calls == 1 && time_now() == SECOND);
    f = singleflight_do(&s, key, load, base);
    EXPECT(f.value == base + 2 && f.err == ERR_EOF && !f.shared && calls == 2);
}

Test(singleflight, one_calls_and_all_get_its_result) {
    EVERY_WORLD(many_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(calls == 2 && answers == 4 && shares == 4, "%s", world_name());
    }
}

static void settled_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 3; i++)
        go(asks, .key = "k");
}

Test(singleflight, all_who_ask_before_it_returns_share_it) {
    EVERY_WORLD(settled_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(calls, 1);
        cr_assert_eq(answers, 3);
        cr_assert_eq(shares, 3, "the one who called, too");
        cr_assert_eq(world.log->now, SECOND);
    }
}

static void keys_root(void *arg) {
    (void)arg;
    reset();
    char again[] = "a";
    flight_chan a = singleflight_do_chan(&s, "a", load, base);
    flight_chan b = singleflight_do_chan(&s, "b", load, base);
    flight_chan c = singleflight_do_chan(&s, again, load, base);
    flight f;
    EXPECT(chan_recv(a, &f) && f.shared && chan_recv(c, &f) && f.shared);
    EXPECT(chan_recv(b, &f) && !f.shared);
    EXPECT(calls == 2 && time_now() == SECOND);
}

Test(singleflight, keys_are_texts_and_their_calls_are_apart) {
    EVERY_WORLD(keys_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static err at_once(void *arg, void **value) {
    (void)value;
    ++*(int *)arg;
    return OK;
}

TASK(asks_at_once, int unused;) {
    flight f = singleflight_do(&s, "k", at_once, &calls);
    EXPECT(f.err == OK);
    shares += f.shared;
    answers++;
}

static void at_once_root(void *arg) {
    (void)arg;
    reset();
    go(asks_at_once, .unused = 0);
    go(asks_at_once, .unused = 0);
    go(asks_at_once, .unused = 0);
}

Test(singleflight, under_every_schedule_a_call_is_shared_or_made) {
    int most = 0, least = 9;
    EVERY_SCHEDULE(at_once_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(answers, 3);
        cr_assert_eq(shares, calls == 3 ? 0 : calls == 2 ? 2 : 3, "schedule %d", schedules.runs);
        most = calls > most ? calls : most;
        least = calls < least ? calls : least;
    }
    cr_assert(most == 3 && least == 1, "%d to %d calls", least, most);
}

static err comes_back(void *arg, void **value) {
    (void)value;
    singleflight_do(&s, "k", comes_back, arg);
    return OK;
}

static void comes_back_root(void *arg) {
    (void)arg;
    reset();
    singleflight_do(&s, "k", comes_back, NULL);
}

Test(singleflight, who_asks_for_its_own_key_waits_for_itself) {
    EVERY_WORLD(comes_back_root, 3) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_FLIGHT), 1, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_FLIGHT, 1)), WAIT_FLIGHT);
    }
}

static void nil_key_root(void *arg) {
    (void)arg;
    reset();
    singleflight_forget(&s, NULL);
}

Test(singleflight, a_key_must_be_there) {
    world_default(nil_key_root);
    cr_assert_str_eq(world_panic(), "singleflight: nil key");
}

// --- do_chan, forget ------------------------------------------------------------------------------------

static void chan_root(void *arg) {
    (void)arg;
    reset();
    flight f;
    flight_chan c = singleflight_do_chan(&s, "k", load, base);
    EXPECT(chan_cap(c) == 1 && chan_poll(RECV(c, &f)) == -1);
    flight joined = singleflight_do(&s, "k", load, base);
    EXPECT(joined.value == base + 1 && joined.shared);
    EXPECT(chan_recv(c, &f) && f.value == base + 1 && f.err == OK && f.shared);
    EXPECT(chan_select(RECV(c, &f), AFTER(HOUR)) == 1); // never closed
    singleflight_do_chan(&s, "k", load, base); // nobody receives: its task ends all the same
}

Test(singleflight, a_channel_gets_the_result_and_need_not_be_received_from) {
    EVERY_WORLD(chan_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(event_name(world_event(EV_GO, 0)), "load");
    }
}

TASK(asks_later, int64_t at;) {
    task_sleep(a->at);
    flight f = singleflight_do(&s, "k", load, base);
    EXPECT(f.value == base + 2);
    answers++;
}

static void forget_root(void *arg) {
    (void)arg;
    reset();
    go(asks, .key = "k");
    go(asks_later, .at = 2);
    task_sleep(1);
    singleflight_forget(&s, "k");
    singleflight_forget(&s, "nobody asked for it");
    task_sleep(SECOND / 2);
    flight f = singleflight_do(&s, "k", load, base); // joins the second
    EXPECT(f.value == base + 2 && f.shared);
}

Test(singleflight, who_asks_after_forget_makes_a_call_of_its_own) {
    EVERY_WORLD(forget_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert(calls == 2 && answers == 2 && shares == 0);
        cr_assert_eq(world_event(EV_FLIGHT_FORGET, 0)->value, 1);
        cr_assert_eq(world_event(EV_FLIGHT_FORGET, 1)->value, 0);
    }
}

// --- panics and goexit ----------------------------------------------------------------------------------

static err panics(void *arg, void **value) {
    (void)arg, (void)value;
    task_sleep(SECOND);
    panic("no such user");
}

DEFERRED(counts, int unused;) {
    const panicked *p = recover();
    if (p && strcmp(p->text, "no such user") == 0)
        answers++;
}

TASK(asks_for_trouble, flight_fn *fn;) {
    deferring();
    defer(counts, .unused = 0);
    singleflight_do(&s, "k", a->fn, NULL);
    EXPECT(false);
}

static void panic_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 3; i++)
        go(asks_for_trouble, .fn = panics);
    task_sleep(HOUR);
    EXPECT(answers == 3);
    flight f = singleflight_do(&s, "k", load, base);
    EXPECT(f.value == base + 1 && !f.shared);
}

Test(singleflight, a_panic_reaches_all_who_wait) {
    EVERY_WORLD(panic_root, SEEDS) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
    }
}

static void panic_chan_root(void *arg) {
    (void)arg;
    reset();
    go(asks_for_trouble, .fn = panics);
    task_sleep(1);
    chan_recv(singleflight_do_chan(&s, "k", panics, NULL), NULL);
}

Test(singleflight, a_panic_that_a_channel_waits_for_ends_the_run) {
    EVERY_WORLD(panic_chan_root, SEEDS) {
        cr_assert_eq(world.end, RUN_PANICKED, "%s", world_name());
        cr_assert_str_eq(world_panic(), "no such user");
        cr_assert_eq(answers, 0, "nobody could recover");
    }
}

static err exits(void *arg, void **value) {
    (void)arg, (void)value;
    task_sleep(SECOND);
    goexit();
}

static void goexit_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 3; i++)
        go(asks_for_trouble, .fn = exits);
    task_sleep(HOUR);
    EXPECT(world.log->alive == 1 && answers == 0);
    flight f = singleflight_do(&s, "k", load, base);
    EXPECT(f.value == base + 1 && !f.shared);
}

Test(singleflight, a_goexit_ends_all_who_wait) {
    EVERY_WORLD(goexit_root, SEEDS) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
    }
}

TASK(listens, int unused;) {
    chan_recv(singleflight_do_chan(&s, "k", exits, NULL), NULL);
    EXPECT(false);
}

static void goexit_chan_root(void *arg) {
    (void)arg;
    reset();
    go(listens, .unused = 0);
}

Test(singleflight, a_goexit_that_a_channel_waits_for_leaves_it_waiting) {
    EVERY_WORLD(goexit_chan_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(left_tasks("listens", WAIT_RECV), 1, "%s", world_name());
        cr_assert_eq(world.log->alive, 1);
    }
}

// --- memory -----------------------------------------------------------------------------------------

static void bounded_root(void *arg) {
    (void)arg;
    size_t before = 0;
    reset();
    for (int i = 0; i < 500; i++) {
        singleflight_do(&s, i % 2 ? "a" : "b", at_once, &calls);
        if (i == 10)
            before = run_heap_used();
    }
    EXPECT(calls == 500 && run_heap_used() == before);
}

Test(singleflight, a_call_that_is_over_leaves_nothing) {
    EVERY_WORLD(bounded_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}
