// What logs tell of read-write mutexes, conds, onces, semaphores and groups: real worlds under every
// policy, read to the end and held against the objects themselves; and each explanation, word by word.
#include "core/core.h"

#include "core/tests/world.h"
#include "harness/explain.h"

enum { SEEDS = 300 };

static struct seen s;
static struct judgement j;
static struct explanation why;

static rwmutex rw;
static mutex mu;
static cond changed;
static once loaded;
static sema permits;
static group g;
static int items;

static void reset(void) {
    rw = (rwmutex){0};
    mu = (mutex){0};
    changed = (cond){0};
    loaded = (once){0};
    permits = (sema){.size = 3};
    g = (group){0};
    items = 0;
}

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

// An object that was used, as the log tells it.
static const struct seen_object *told(const struct object *o) {
    cr_assert(o->id && o->id < s.object_count);
    return &s.objects[o->id];
}

// --- the log and the objects agree ------------------------------------------------------------------

static void tally(void *arg) {
    (void)arg;
    task_yield();
}

static void read_or_write(bool write) {
    if (write) {
        rwmutex_lock(&rw);
        task_yield();
        rwmutex_unlock(&rw);
        return;
    }
    if (choose(2))
        rwmutex_rlock(&rw);
    else if (!rwmutex_tryrlock(&rw))
        return;
    task_yield();
    rwmutex_runlock(&rw);
}

static void put_or_take(bool put) {
    mutex_lock(&mu);
    while (!put && items == 0)
        cond_wait(&changed, &mu);
    items += put ? 1 : -1;
    if (put)
        cond_signal(&changed);
    mutex_unlock(&mu);
}

GROUP_TASK(actor, int number; ctx * ctx;) {
    once_do(&loaded, tally, NULL);
    put_or_take(a->number % 2);
    if (sema_acquire(&permits, a->ctx, 1 + a->number) == OK) {
        read_or_write(a->number % 2);
        if (choose(3)) // or keeps them
            sema_release(&permits, 1 + a->number);
    }
    return a->number == 1 && choose(2) ? ERR_EOF : OK;
}

static void mixed_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 3);
    ctx *c = group_with_ctx(&g, ctx_background());
    for (int i = 0; i < 4; i++)
        group_go(&g, actor, .number = i, .ctx = c);
    if (choose(2))
        sema_acquire(&permits, c, 2);
    group_wait(&g);
}

Test(primitives, the_log_tells_what_the_objects_say) {
    int waiting = 0, holding = 0;
    EVERY_WORLD(mixed_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s: %s", world_name(), world_panic());
        read_log();
        cr_assert_eq(told(&mu.object)->owner, mu.owner ? mu.owner - 1 : EVENT_NOBODY, "%s",
                     world_name());
        cr_assert_eq(told(&permits.object)->held, permits.held, "%s", world_name());
        cr_assert_eq(told(&permits.object)->capacity, 3);
        cr_assert_eq(told(&g.object)->count, (int32_t)g.active, "%s", world_name());
        cr_assert_eq(told(&g.object)->limit, 3);
        cr_assert_eq(told(&loaded.object)->closed, loaded.done);
        if (rw.object.id) {
            cr_assert_eq(told(&rw.object)->count, (int32_t)rw.inside, "%s", world_name());
            cr_assert_eq(told(&rw.object)->owner, rw.owner ? rw.owner - 1 : EVENT_NOBODY, "%s",
                         world_name());
        }
        waiting += s.waiting[WAIT_SEMA] > 0;
        holding += permits.held > 0;
    }
    cr_assert(waiting && holding, "%d and %d", waiting, holding);
}

// --- explanations, in the default schedule ----------------------------------------------------------

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

TASK(reads_for_ever, int unused;) {
    signal_chan never = {0};
    rwmutex_rlock(&rw);
    chan_recv(never, NULL);
}

TASK(writes, int unused;) {
    rwmutex_lock(&rw);
}

static void rwmutex_root(void *arg) {
    (void)arg;
    reset();
    go(reads_for_ever, .unused = 0);
    task_sleep(1);
    go(writes, .unused = 0);
    task_sleep(1);
    rwmutex_rlock(&rw);
}

Test(primitives, a_reader_behind_a_writer_is_explained) {
    explained(rwmutex_root, 0);
    expect("writes (#2) waits to write; a writer that waits keeps new readers out.");
    expect("rw (rwmutex#1) is locked for reading 1 time.");
    expect("reads_for_ever (#1) has locked it for reading and not unlocked it; it itself waits");
    expect("so nobody will ever unlock it.");
    explain_task(&s, 2, &why);
    expect("rw (rwmutex#1) is locked for reading 1 time.");
}

static void written_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_lock(&rw);
    rwmutex_rlock(&rw);
}

Test(primitives, reading_what_one_writes_is_explained) {
    explained(written_root, 0);
    expect("rw (rwmutex#1) is locked for writing by this task itself; it cannot be locked twice.");
}

static void reread_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_rlock(&rw);
    go(writes, .unused = 0);
    task_sleep(1);
    rwmutex_rlock(&rw);
}

Test(primitives, reading_again_behind_a_writer_is_explained) {
    explained(reread_root, 0);
    expect("This task itself has locked it for reading and not unlocked it.");
    explain_task(&s, 1, &why);
    expect("main (#0) has locked it for reading and not unlocked it; it itself waits in "
           "sync.RWMutex.RLock on rw (rwmutex#1)");
}

TASK(signals, int unused;) {
    cond_signal(&changed);
}

static void cond_root(void *arg) {
    (void)arg;
    reset();
    go(signals, .unused = 0);
    task_sleep(1);
    mutex_lock(&mu);
    cond_wait(&changed, &mu);
}

Test(primitives, a_signal_that_came_too_early_is_explained) {
    explained(cond_root, 0);
    expect("On changed (cond#1) signal was called 1 time and broadcast 0 times; none of them "
           "reached this wait.");
    expect("Only signals (#1) ever signalled it; it has ended");
    expect("so nobody will ever signal it.");
    cr_assert_eq(told(&mu.object)->owner, EVENT_NOBODY, "the wait has unlocked it");
}

static void comes_back(void *arg) {
    once_do(&loaded, comes_back, arg);
}

static void once_root(void *arg) {
    (void)arg;
    reset();
    once_do(&loaded, comes_back, NULL);
}

Test(primitives, a_once_that_comes_back_to_itself_is_explained) {
    explained(once_root, 0);
    expect("This task itself runs the function of loaded (once#1), which came back to it.");
    expect("so nobody will ever finish its function.");
}

TASK(asks, int n;) {
    sema_acquire(&permits, ctx_background(), a->n);
}

static void sema_root(void *arg) {
    (void)arg;
    reset();
    sema_try(&permits, 2);
    go(asks, .n = 3);
    task_sleep(1);
    go(asks, .n = 1);
    go(asks, .n = 4);
}

Test(primitives, permits_that_nobody_gives_back_are_explained) {
    explained(sema_root, 1);
    expect("2 of 3 permits of permits (sema#1) are taken; it asks for 3.");
    expect("so nobody will ever release what it asks for.");
    explain_task(&s, 2, &why);
    expect("asks (#1) came before it, asks for 3 and must be served first.");
    explain_task(&s, 3, &why);
    expect("It asks for 4 permits of permits (sema#1), which has 3 in all.");
}

GROUP_TASK(stuck, int unused;) {
    signal_chan never = {0};
    chan_recv(never, NULL);
    return OK;
}

TASK(adds, int unused;) {
    group_go(&g, stuck, .unused = 0);
}

static void group_root(void *arg) {
    (void)arg;
    reset();
    group_set_limit(&g, 1);
    group_go(&g, stuck, .unused = 0);
    go(adds, .unused = 0);
    group_wait(&g);
}

Test(primitives, a_group_with_a_stuck_task_is_explained) {
    explained(group_root, 0);
    expect("1 task of g (group#1) has not returned.");
    expect("stuck (#1) itself waits in chan receive (nil chan)");
    expect("so nobody will ever return as the last of its tasks.");
    explain_task(&s, 2, &why);
    expect("Its limit is 1, so no other can be started.");
    expect("so nobody will ever make room in it.");
}

static void late_root(void *arg) {
    (void)arg;
    reset();
    group_wait(&g);
    adds(&(struct adds_args){0});
}

Test(primitives, a_task_started_after_wait_is_misuse) {
    world_default(late_root);
    read_log();
    cr_assert(j.verdicts & VERDICT_MISUSE);
    cr_assert_str_eq(j.note, "stuck was started in a group after its wait had returned");
}

// --- words ----------------------------------------------------------------------------------------

// Whether some record of the log reads like this.
static void reads(const char *words) {
    char text[200];
    for (uint64_t n = 0; n < world.log->head; n++)
        if (!strcmp(seen_event_text(&s, n, text, sizeof text), words))
            return;
    cr_assert_fail("no record reads \"%s\"", words);
}

Test(primitives, records_have_their_words) {
    explained(sema_root, 1);
    reads("try acquire got 2 permits of permits (sema#1)");
    reads("acquire 1 permit of permits (sema#1): waits");
    explained(cond_root, 0);
    reads("signal changed (cond#1)");
    reads("wait on changed (cond#1), unlocking mu (mutex#2): waits");
    explained(once_root, 0);
    reads("once loaded (once#1): runs the function");
    reads("once loaded (once#1): the function is running, waits");
    explained(group_root, 0);
    reads("limit g (group#1) to 1 task at once");
    reads("group go g (group#1): waits");
    explained(rwmutex_root, 0);
    reads("write lock rw (rwmutex#1): waits");
}
