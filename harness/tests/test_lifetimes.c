// What logs tell of timers, tickers, contexts, scopes, singleflights, pools and maps: each explanation
// and each record, word by word.
#include "core/core.h"

#include "core/tests/world.h"
#include "harness/explain.h"

static struct seen s;
static struct judgement j;
static struct explanation why;

static void read_log(void) {
    struct judge_terms terms = {0};
    seen_init(&s, world.log, 0);
    s.record_touches = true;
    judge(&s, &terms, &j);
    cr_assert_neq(j.verdicts, VERDICT_TAMPERED, "%s: %s", world_name(), j.note);
    for (int r = 0; r < WAIT_REASON_COUNT; r++)
        cr_assert_eq(s.waiting[r], world_waiting(r), "%s: %s", world_name(), wait_reason_text(r));
    cr_assert_eq(s.alive, world.log->alive);
}

static void explained(task_fn *root, uint32_t task) {
    world_default(root);
    read_log();
    explain_task(&s, task, &why);
}

// Whether some line of the explanation holds the words.
static void expect(const char *words) {
    for (uint32_t i = 0; i < why.count; i++)
        if (strstr(why.lines[i], words))
            return;
    for (uint32_t i = 0; i < why.count; i++)
        fprintf(stderr, "    %s\n", why.lines[i]);
    cr_assert_fail("no line says \"%s\"", words);
}

// Whether some record of the log reads like this.
static void reads(const char *words) {
    char text[200];
    for (uint64_t n = 0; n < world.log->head; n++)
        if (!strcmp(seen_event_text(&s, n, text, sizeof text), words))
            return;
    for (uint64_t n = 0; n < world.log->head; n++)
        fprintf(stderr, "    %s\n", seen_event_text(&s, n, text, sizeof text));
    cr_assert_fail("no record reads \"%s\"", words);
}

static const struct seen_object *told(uint32_t id) {
    cr_assert_lt(id, s.object_count);
    return &s.objects[id];
}

static void verdict(const char *words) {
    char text[400];
    explain_verdict(&s, &j, text, sizeof text);
    cr_assert(strstr(text, words), "%s", text);
}

// --- timers -----------------------------------------------------------------------------------------

static void mixed_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    ticker *k = ticker_start(SECOND);
    for (int i = 0; i < 4; i++) {
        chan_select(RECV(timer_chan(t), NULL), RECV(ticker_chan(k), NULL), AFTER(SECOND / 2));
        if (choose(2))
            timer_reset(t, SECOND / 4);
        if (choose(2))
            chan_poll(RECV(ticker_chan(k), NULL));
    }
    if (choose(2))
        ticker_stop(k);
}

Test(lifetimes, whatever_timers_give_is_no_contradiction) {
    int open = 0;
    EVERY_WORLD(mixed_root, 300) {
        cr_assert(world_finished(), "%s", world_name());
        read_log();
        cr_assert_eq(s.open_resources, j.verdicts == VERDICT_RESOURCE, "%s", world_name());
        open += s.open_resources;
    }
    cr_assert(open);
}

static void stopped_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    timer_stop(t);
    chan_recv(timer_chan(t), NULL);
}

Test(lifetimes, waiting_for_a_stopped_timer_is_explained) {
    explained(stopped_root, 0);
    expect("timer#2 was stopped by main (#0) at test_lifetimes.c:");
    expect("its channel stays open, and no time comes any more.");
    expect("so nobody will ever set it again.");
    reads("stop a timer in time timer#2");
}

static void twice_root(void *arg) {
    (void)arg;
    timer *t = timer_start(SECOND);
    timer_reset(t, 2 * SECOND);
    chan_recv(timer_chan(t), NULL);
    signal_chan never = {0};
    chan_select(RECV(timer_chan(t), NULL), RECV(never, NULL));
}

Test(lifetimes, waiting_for_a_second_time_of_a_timer_is_explained) {
    explained(twice_root, 0);
    expect("Arm 0 waits for the time of timer#2, which gives none any more.");
    reads("set a timer to 1 s");
    reads("reset a timer to 2 s");
    reads("a timer fires timer#2: wakes main (#0)");
}

static void ticker_root(void *arg) {
    (void)arg;
    ticker *t = ticker_start(SECOND);
    chan_recv(ticker_chan(t), NULL);
}

Test(lifetimes, a_ticker_that_nobody_stops_is_a_resource) {
    explained(ticker_root, 0);
    cr_assert_eq(j.verdicts, VERDICT_RESOURCE);
    verdict("resource: ticker#2 was never given back, in main (#0) at test_lifetimes.c:");
}

TASK(called_later, signal_chan never;) {
    chan_recv(a->never, NULL);
}

static void after_func_root(void *arg) {
    (void)arg;
    signal_chan never;
    chan_make(&never, 0);
    after_func(SECOND, called_later, .never = never);
}

Test(lifetimes, a_task_that_a_timer_started_is_explained) {
    explained(after_func_root, 1);
    cr_assert_eq(j.verdicts, VERDICT_LEAK);
    expect("A timer started it at test_lifetimes.c:");
    reads("go called_later (#1)");
}

// --- contexts ---------------------------------------------------------------------------------------

static void cause_root(void *arg) {
    (void)arg;
    signal_chan never = {0};
    ctx *c = ctx_with_cancel(ctx_background());
    ctx_after *a = ctx_after_func(c, called_later, .never = never);
    ctx_after_func(c, called_later, .never = never);
    ctx_after_stop(a);
    ctx_after_stop(a);
    ctx_cancel_cause(c, ERR_EOF);
    ctx_cancel(ctx_with_cancel(ctx_background()));
}

Test(lifetimes, contexts_have_their_words) {
    explained(cause_root, 1);
    expect("main (#0) started it at test_lifetimes.c:");
    reads("called_later is to follow the end of ctx#1");
    reads("call off what follows ctx#1");
    reads("too late to call off what follows");
    reads("cancel ctx#1: context canceled, because: EOF");
    reads("cancel ctx#3: context canceled");
}

// --- pools and maps ---------------------------------------------------------------------------------

static void kept_root(void *arg) {
    (void)arg;
    int one = 1;
    pool buffers = {.lends = "buffer"};
    cmap_of(int, int) map = {0};
    pool_put(&buffers, &one);
    pool_get(&buffers);
    pool_get(&buffers);
    cmap_store(&map, 1, 1);
    cmap_load(&map, 1, NULL);
    cmap_compare_and_swap(&map, 1, 5, 6);
    cmap_delete(&map, 2);
}

Test(lifetimes, pools_and_maps_have_their_words) {
    explained(kept_root, 0);
    reads("pool put buffers (pool#1)");
    reads("pool get buffers (pool#1): one put before");
    reads("pool get buffers (pool#1): none is there");
    reads("map store map (cmap#3)");
    reads("map load map (cmap#3): the key was there");
    reads("map compare map (cmap#3): not equal");
    reads("map delete map (cmap#3): the key was not there");
    cr_assert_eq(j.verdicts, VERDICT_RESOURCE | VERDICT_MISUSE);
    verdict("misuse: buffer was put into a pool that had not handed it out, in main (#0)");
}

// --- scopes -----------------------------------------------------------------------------------------

SCOPE_TASK(deaf, signal_chan never;) {
    chan_recv(a->never, NULL);
    return OK;
}

SCOPE_TASK(fails) {
    return ERR_EOF;
}

static void scope_left_root(void *arg) {
    (void)arg;
    signal_chan never = {0};
    SCOPE(s_, ctx_background());
    scope_go(s_, deaf, .never = never);
    scope_go(s_, fails);
    task_sleep(SECOND);
}

Test(lifetimes, leaving_a_scope_with_a_deaf_task_is_explained) {
    explained(scope_left_root, 0);
    cr_assert_eq(j.verdicts, VERDICT_DEADLOCK);
    expect("1 task of s_ (scope#1) has not returned.");
    expect("Its context has ended, but who does not heed that is waited for all the same.");
    expect("deaf (#1) itself waits in chan receive (nil chan)");
    expect("so nobody will ever return as the last of its tasks.");
    reads("scope go s_ (scope#1)");
    reads("error in s_ (scope#1): EOF");
    reads("cancel ctx#2: context canceled, because: EOF");
    reads("scope join s_ (scope#1): waits");
}

static void scope_wait_root(void *arg) {
    (void)arg;
    signal_chan never = {0};
    SCOPE(s_, ctx_background());
    scope_go(s_, deaf, .never = never);
    scope_go(s_, deaf, .never = never);
    scope_wait(s_);
}

Test(lifetimes, waiting_for_a_scope_is_explained) {
    explained(scope_wait_root, 0);
    expect("2 tasks of s_ (scope#1) have not returned.");
    expect("Its context was never cancelled, and no deadline of it is pending.");
    cr_assert_eq(told(1)->count, 2);
}

static void late_root(void *arg) {
    (void)arg;
    scope *kept;
    {
        SCOPE(s_, ctx_background());
        kept = s_;
    }
    scope_go(kept, fails);
}

Test(lifetimes, starting_in_a_scope_that_was_left_is_misuse) {
    explained(late_root, 0);
    cr_assert_eq(j.verdicts, VERDICT_MISUSE);
    verdict("misuse: fails was not started: its scope had been left, in main (#0)");
    reads("too late to start a task in s_ (scope#1)");
}

// --- singleflights ------------------------------------------------------------------------------------

static singleflight users;

static err stuck(void *arg, void **value) {
    (void)arg, (void)value;
    signal_chan never = {0};
    chan_recv(never, NULL);
    return OK;
}

static err comes_back(void *arg, void **value) {
    (void)value;
    return singleflight_do(&users, "root", comes_back, arg).err;
}

TASK(asks, const char *key;) {
    singleflight_do(&users, a->key, stuck, NULL);
}

static void flight_root(void *arg) {
    (void)arg;
    users = (singleflight){0};
    go(asks, .key = "a");
    go(asks, .key = "b");
    task_sleep(1);
    go(asks, .key = "b");
    singleflight_do_chan(&users, "c", stuck, NULL);
    singleflight_forget(&users, "c");
    task_sleep(1);
    singleflight_do(&users, "root", comes_back, NULL);
}

Test(lifetimes, waiting_for_a_shared_call_is_explained) {
    explained(flight_root, 3);
    expect(
        "The call for \"b\" of users (singleflight#1) is made by asks (#2), which itself waits in "
        "chan receive (nil chan)");
    expect("so nobody will ever finish the call.");
    explain_task(&s, 0, &why);
    expect(
        "This task itself makes the call for \"root\" of users (singleflight#1), which came back "
        "to it.");
    cr_assert_eq(told(1)->count, 4);
    reads("begin the call for \"a\" of users (singleflight#1)");
    reads("share the call for \"b\" of users (singleflight#1): waits");
    reads("ask for a result of the call for \"c\" of users (singleflight#1)");
    reads("run the call for \"c\" of users (singleflight#1)");
    reads("forget a call of users (singleflight#1)");
}

// --- the log and the objects agree --------------------------------------------------------------------

static err loads(void *arg, void **value) {
    (void)arg, (void)value;
    task_yield();
    return OK;
}

SCOPE_TASK(mixes, int depth;) {
    SCOPE(inner, a->ctx);
    if (a->depth)
        scope_go(inner, mixes, .depth = a->depth - 1);
    singleflight_do(&users, "k", loads, NULL);
    if (choose(2))
        return ERR_EOF;
    return scope_wait(inner);
}

static void mixed_scopes_root(void *arg) {
    (void)arg;
    users = (singleflight){0};
    SCOPE(s_, ctx_background());
    scope_go(s_, mixes, .depth = 2);
    scope_go(s_, mixes, .depth = 1);
    if (choose(2))
        scope_wait(s_);
}

Test(lifetimes, after_all_scopes_and_calls_nothing_is_left) {
    int failed = 0;
    EVERY_WORLD(mixed_scopes_root, 300) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
        read_log();
        cr_assert_eq(j.verdicts, 0, "%s: %s", world_name(), j.note);
        for (uint32_t i = 1; i < s.object_count; i++)
            cr_assert_eq(s.objects[i].count, 0, "%s: object %u", world_name(), i);
        failed += world_count(EV_SCOPE_ERR) > 0;
    }
    cr_assert(failed);
}
