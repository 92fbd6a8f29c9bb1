// No wake-up is lost: whoever waits for what has come about goes on, however the tasks interleave.
#include "core/conformance/conformance.h"

enum { WORKERS = 3, ITEMS = 12 };

// --- channels -----------------------------------------------------------------------------------------

TASK(produces, int_chan c; int count; waitgroup *wg;) {
    for (int i = 0; i < a->count; i++)
        chan_send(a->c, 1);
    waitgroup_done(a->wg);
}

TASK(consumes, int_chan c; int_chan sums;) {
    int value, sum = 0;
    while (chan_recv(a->c, &value))
        sum += value;
    chan_send(a->sums, sum);
}

// Everything sent is received by somebody, and everybody ends.
static void produce_and_consume(size_t capacity) {
    int_chan c, sums;
    chan_make(&c, capacity);
    chan_make(&sums, WORKERS);
    waitgroup wg = {0};
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        go(produces, .c = c, .count = ITEMS, .wg = &wg);
        go(consumes, .c = c, .sums = sums);
    }
    waitgroup_wait(&wg);
    chan_close(c);
    int sum, all = 0;
    for (int i = 0; i < WORKERS; i++) {
        chan_recv(sums, &sum);
        all += sum;
    }
    say("%d", all);
}

RULE(wakeup_by_send, "Without a buffer every send meets its receive.", "36\n") {
    produce_and_consume(0);
}

RULE(wakeup_by_send_buffered, "Through a buffer every value arrives, and no end waits too long.",
     "36\n") {
    produce_and_consume(2);
}

TASK(sends_to_either, int_chan a_chan; int_chan b_chan; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++)
        chan_select(SEND(a->a_chan, 1), SEND(a->b_chan, 1));
    waitgroup_done(a->wg);
}

TASK(receives_from_either, int_chan a_chan; int_chan b_chan; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++)
        chan_select(RECV(a->a_chan, NULL), RECV(a->b_chan, NULL));
    waitgroup_done(a->wg);
}

RULE(wakeup_of_selects, "Selects that send meet selects that receive, each time.", "all done\n") {
    int_chan one, other;
    chan_make(&one, 0);
    chan_make(&other, 1);
    waitgroup wg = {0};
    waitgroup_add(&wg, 2 * WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        go(sends_to_either, .a_chan = one, .b_chan = other, .wg = &wg);
        go(receives_from_either, .a_chan = other, .b_chan = one, .wg = &wg);
    }
    waitgroup_wait(&wg);
    say("all done");
}

TASK(waits_for_close, int_chan c; int_chan d; waitgroup *wg;) {
    task_yield();
    chan_recv(a->c, NULL);
    chan_select(RECV(a->c, NULL), RECV(a->d, NULL));
    waitgroup_done(a->wg);
}

RULE(wakeup_by_close, "A close wakes who waits, and lets pass who comes later.", "all done\n") {
    int_chan c, never;
    chan_make(&c, 0);
    chan_make(&never, 0);
    waitgroup wg = {0};
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        go(waits_for_close, .c = c, .d = never, .wg = &wg);
    chan_close(c);
    waitgroup_wait(&wg);
    say("all done");
}

// --- locks --------------------------------------------------------------------------------------------

TASK(locks_often, mutex *mu; int *count; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++) {
        mutex_lock(a->mu);
        ++*a->count;
        task_yield();
        mutex_unlock(a->mu);
    }
    waitgroup_done(a->wg);
}

RULE(wakeup_by_unlock, "Everybody who waits for a mutex gets it.", "36\n") {
    mutex mu = {0};
    waitgroup wg = {0};
    int count = 0;
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        go(locks_often, .mu = &mu, .count = &count, .wg = &wg);
    waitgroup_wait(&wg);
    say("%d", count);
}

TASK(writes_often, rwmutex *rw; int *count; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++) {
        rwmutex_lock(a->rw);
        ++*a->count;
        task_yield();
        rwmutex_unlock(a->rw);
    }
    waitgroup_done(a->wg);
}

TASK(reads_often, rwmutex *rw; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++) {
        rwmutex_rlock(a->rw);
        task_yield();
        rwmutex_runlock(a->rw);
    }
    waitgroup_done(a->wg);
}

RULE(wakeup_by_rwmutex, "Readers and writers of an rwmutex all get in.", "24\n") {
    rwmutex rw = {0};
    waitgroup wg = {0};
    int count = 0;
    waitgroup_add(&wg, 4);
    for (int i = 0; i < 2; i++) {
        go(writes_often, .rw = &rw, .count = &count, .wg = &wg);
        go(reads_often, .rw = &rw, .wg = &wg);
    }
    waitgroup_wait(&wg);
    say("%d", count);
}

// --- cond ---------------------------------------------------------------------------------------------

struct token_set {
    mutex mu;
    cond changed;
    int tokens;
};

TASK(takes_tokens, struct token_set *set; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++) {
        mutex_lock(&a->set->mu);
        while (a->set->tokens == 0)
            cond_wait(&a->set->changed, &a->set->mu);
        a->set->tokens--;
        mutex_unlock(&a->set->mu);
    }
    waitgroup_done(a->wg);
}

TASK(gives_tokens, struct token_set *set; bool locked;) {
    for (int i = 0; i < ITEMS; i++) {
        mutex_lock(&a->set->mu);
        a->set->tokens++;
        if (a->locked)
            cond_signal(&a->set->changed);
        mutex_unlock(&a->set->mu);
        if (!a->locked)
            cond_signal(&a->set->changed);
    }
}

static void pass_tokens(bool locked) {
    struct token_set set = {.tokens = 0};
    waitgroup wg = {0};
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        go(takes_tokens, .set = &set, .wg = &wg);
        go(gives_tokens, .set = &set, .locked = locked);
    }
    waitgroup_wait(&wg);
    sleep_ms(1);
    say("%d left", set.tokens);
}

RULE(wakeup_by_signal, "A wait that unlocks and a signal under the lock never miss each other.",
     "0 left\n") {
    pass_tokens(true);
}

RULE(wakeup_by_signal_unlocked, "Nor when the signal comes after the unlock.", "0 left\n") {
    pass_tokens(false);
}

// --- others -------------------------------------------------------------------------------------------

TASK(waits_for_group, waitgroup *wg; int_chan told;) {
    waitgroup_wait(a->wg);
    chan_send(a->told, 1);
}

TASK(is_done, waitgroup *wg;) {
    waitgroup_done(a->wg);
}

RULE(wakeup_by_done,
     "Who waits for a group goes on, whether it came before the last done or after.", "3\n") {
    waitgroup wg = {0};
    int_chan told;
    chan_make(&told, WORKERS);
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        go(waits_for_group, .wg = &wg, .told = told);
        go(is_done, .wg = &wg);
    }
    for (int i = 0; i < WORKERS; i++)
        chan_recv(told, NULL);
    say("%d", WORKERS);
}

static void yield_twice(void *unused) {
    (void)unused;
    task_yield();
    task_yield();
}

TASK(does_once, once *o; waitgroup *wg;) {
    once_do(a->o, yield_twice, NULL);
    waitgroup_done(a->wg);
}

RULE(wakeup_by_once, "Whoever asks a once goes on, before, while or after it runs.", "all done\n") {
    once o = {0};
    waitgroup wg = {0};
    waitgroup_add(&wg, 5);
    for (int i = 0; i < 5; i++)
        go(does_once, .o = &o, .wg = &wg);
    waitgroup_wait(&wg);
    say("all done");
}

TASK(waits_for_end, ctx *c; waitgroup *wg;) {
    ctx *child = ctx_with_cancel(a->c);
    chan_recv(ctx_done(child), NULL);
    waitgroup_done(a->wg);
}

RULE(wakeup_by_cancel,
     "Who waits for the end of a context goes on, derived before the end or after.", "all done\n") {
    ctx *c = ctx_with_cancel(ctx_background());
    waitgroup wg = {0};
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        go(waits_for_end, .c = c, .wg = &wg);
    ctx_cancel(c);
    waitgroup_wait(&wg);
    say("all done");
}

TASK(pushes_back, timer *t; int count;) {
    for (int i = 0; i < a->count; i++) {
        sleep_ms(1);
        timer_reset(a->t, 3 * MILLISECOND);
    }
}

RULE(wakeup_by_reset_timer, "Who waits for a timer that is reset again and again goes on at last.",
     "13 ms\n") {
    timer *t = timer_start(3 * MILLISECOND);
    go(pushes_back, .t = t, .count = 10);
    chan_recv(timer_chan(t), NULL);
    say("%d ms", (int)(time_now() / MILLISECOND));
}

TASK(acquires_often, sema *s; int64_t n; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++) {
        sema_acquire(a->s, ctx_background(), a->n);
        task_yield();
        sema_release(a->s, a->n);
    }
    waitgroup_done(a->wg);
}

TASK(gives_up_often, sema *s;) {
    for (int i = 0; i < ITEMS; i++)
        if (sema_acquire(a->s, ctx_with_timeout(ctx_background(), 0), 3) == OK)
            sema_release(a->s, 3);
}

RULE(wakeup_by_release, "Everybody who waits for permits gets them, also behind one who gives up.",
     "true\n", .x_sync = true) {
    sema s = {.size = 3};
    waitgroup wg = {0};
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        go(acquires_often, .s = &s, .n = i + 1, .wg = &wg);
    go(gives_up_often, .s = &s);
    waitgroup_wait(&wg);
    sleep_ms(1);
    say("%s", yes_no(sema_try(&s, 3)));
}

GROUP_TASK(yields, int unused;) {
    task_yield();
    return OK;
}

RULE(wakeup_at_limit, "Every start that waits for room in a group gets it.", "ok\n",
     .x_sync = true) {
    group g = {0};
    group_set_limit(&g, 2);
    for (int i = 0; i < ITEMS; i++)
        group_go(&g, yields, .unused = 0);
    say("%s", err_text(group_wait(&g)));
}

static err yield_in_flight(void *unused, void **value) {
    (void)unused, (void)value;
    task_yield();
    return OK;
}

TASK(asks_often, singleflight *s; waitgroup *wg;) {
    for (int i = 0; i < ITEMS; i++)
        singleflight_do(a->s, "a", yield_in_flight, NULL);
    waitgroup_done(a->wg);
}

RULE(wakeup_by_flight, "Whoever asks for what others ask for goes on, each time.", "all done\n",
     .x_sync = true) {
    singleflight s = {0};
    waitgroup wg = {0};
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        go(asks_often, .s = &s, .wg = &wg);
    waitgroup_wait(&wg);
    say("all done");
}

SCOPE_TASK(yields_in_scope, int unused;) {
    task_yield();
    return OK;
}

RULE(wakeup_by_last_of_scope, "Who leaves a scope goes on, before its tasks have ended or after.",
     "all left\n", .differs = "it has no scopes") {
    for (int i = 0; i < ITEMS; i++) {
        SCOPE(s, ctx_background());
        for (int k = 0; k < i % 3; k++)
            scope_go(s, yields_in_scope, .unused = 0);
        if (i % 2)
            task_yield();
    }
    say("all left");
}
