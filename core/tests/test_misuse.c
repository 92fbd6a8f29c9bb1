// Misuse of each primitive: the sentence, the place where it was used, and the task that did. What Go
// says too is said in Go's words, and compared with Go in conformance/.
#include "core/core.h"

#include "core/tests/said.h"

typedef cmap_of(int, int) int_map;

// --- how each is tried ------------------------------------------------------------------------------

enum { MACRO_LINES = 3 }; // which of its lines a macro is said to be on differs by compiler

// The task that does it is #1, and has the name of the test.
#define MISUSED(as, test, sentence, ...)                                                           \
    TASK(test, int unused;) {                                                                      \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    static void test##_root(void *arg) {                                                           \
        (void)arg;                                                                                 \
        go(test, .unused = 0);                                                                     \
    }                                                                                              \
    Test(misuse, test) {                                                                           \
        EVERY_WORLD(test##_root, 3) {                                                              \
            is_told(as, sentence, #test, __LINE__);                                                \
        }                                                                                          \
    }
#define PANICS(test, sentence, ...)  MISUSED(EV_PANIC, test, sentence, __VA_ARGS__)
#define MISUSES(test, sentence, ...) MISUSED(EV_MISUSE, test, sentence, __VA_ARGS__)

static void is_told(enum event_kind kind, const char *sentence, const char *function, int line) {
    const event *e = world_event(kind, 0);
    cr_assert_not_null(e, "%s: nothing is said of it", world_name());
    cr_assert_str_eq(event_log_string(world.log, (uint32_t)e->value), sentence);
    log_site at = event_log_site(world.log, e->site);
    cr_assert_str_eq(event_log_string(world.log, at.file), "core/tests/test_misuse.c");
    cr_assert_str_eq(event_log_string(world.log, at.function), function);
    cr_assert_leq(abs((int)at.line - line), MACRO_LINES, "%s: line %u", world_name(), at.line);
    cr_assert_eq(e->task, 1, "%s", world_name());
    cr_assert_eq(world.end, kind == EV_PANIC ? RUN_PANICKED : RUN_QUIESCENT, "%s", world_name());
}

// --- channels and select ----------------------------------------------------------------------------

PANICS(close_of_nil, "close of nil channel", chan_close((signal_chan){0}))

PANICS(close_of_closed, "close of closed channel", signal_chan c; chan_make(&c, 0); chan_close(c);
       chan_close(c))

PANICS(send_on_closed, "send on closed channel", int_chan c; chan_make(&c, 1); chan_close(c);
       chan_send(c, 1))

PANICS(select_send_on_closed, "send on closed channel", int_chan c; chan_make(&c, 1); chan_close(c);
       chan_select(SEND(c, 1)))

PANICS(select_of_65, "select with 65 arms, at most 64 are possible",
       select_arm arms[65] = {{.kind = ARM_AFTER}};
       select_at(arms, 65, HERE))

PANICS(alternatives, "choose: 65 alternatives asked for, 1 to 64 are possible", choose(65))

// --- locks and counters -----------------------------------------------------------------------------

PANICS(mutex_unlocked, "sync: unlock of unlocked mutex", mutex m = {0}; mutex_unlock(&m))

PANICS(rwmutex_unlocked, "sync: Unlock of unlocked RWMutex", rwmutex rw = {0}; rwmutex_unlock(&rw))

PANICS(rwmutex_runlocked, "sync: RUnlock of unlocked RWMutex", rwmutex rw = {0};
       rwmutex_runlock(&rw))

PANICS(cond_without_lock, "sync: unlock of unlocked mutex", mutex m = {0}; cond c = {0};
       cond_wait(&c, &m))

PANICS(waitgroup_negative, "sync: negative WaitGroup counter", waitgroup w = {0};
       waitgroup_done(&w))

PANICS(sema_not_held, "semaphore: released more than held", sema s = {.size = 2};
       sema_release(&s, 1))

PANICS(sema_negative, "semaphore: -1 permits", sema s = {.size = 2};
       sema_acquire(&s, ctx_background(), -1))

// --- tasks in company -------------------------------------------------------------------------------

GROUP_TASK(returns, int unused;) {
    return OK;
}

SCOPE_TASK(ends, int unused;) {
    return OK;
}

GROUP_TASK(sleeps, int unused;) {
    task_sleep(1);
    return OK;
}

PANICS(group_limit, "errgroup: modify limit while 1 goroutines in the group are still active",
       group g = {0};
       group_go(&g, sleeps, .unused = 0); group_set_limit(&g, 2))

MISUSES(group_late, "returns was started in a group after its wait had returned", group g = {0};
        group_wait(&g); group_go(&g, returns, .unused = 0); task_sleep(1))

MISUSES(scope_late, "ends was not started: its scope had been left", SCOPE(s, ctx_background());
        scope_wait(s); scope_go(s, ends, .unused = 0))

static err nothing(void *arg, void **value) {
    (void)arg, (void)value;
    return OK;
}

PANICS(flight_without_key, "singleflight: nil key", singleflight s = {0};
       singleflight_do(&s, NULL, nothing, NULL))

// --- contexts and timers ----------------------------------------------------------------------------

PANICS(ctx_without_parent, "cannot create context from nil parent", ctx_with_cancel(NULL))

PANICS(ctx_of_all, "cancel of the background context", ctx_cancel(ctx_background()))

PANICS(ctx_in_use, "ctx_free: the context has not ended",
       ctx_free(ctx_with_cancel(ctx_background())))

PANICS(timer_of_nothing, "time: Stop called on uninitialized Timer", timer_stop((timer *)NULL))

PANICS(ticker_without_time, "non-positive interval for NewTicker", ticker_start(0))

enum { TIMERS = 1 << 20 };

TASK(sets_timers, int unused;) {
    for (int i = 0; i <= TIMERS; i++)
        timer_start(HOUR);
}

static void timers_root(void *arg) {
    (void)arg;
    go(sets_timers, .unused = 0);
}

Test(misuse, more_timers_than_there_can_be) {
    world.config.heap_quota = (size_t)4 << 30;
    world.config.max_steps = world.config.grace_steps = UINT64_MAX;
    world_log_use(1 << 10, true);
    world_seed(timers_root, WORLD_INLINE);
    cr_assert_eq(world.end, RUN_PANICKED);
    const event *e = &world.log->events[(world.log->head - 2) % world.log->capacity];
    cr_assert_str_eq(event_log_string(world.log, (uint32_t)e->value),
                     "too many timers: 1048576 are pending");
    cr_assert_eq(e->task, 1);
}

// --- memory, objects, resources ---------------------------------------------------------------------

PANICS(freed_twice, "double free", void *p = run_alloc(8); run_free(p); run_free(p))

static void *fresh(void) {
    return run_alloc(1);
}

PANICS(pool_twice, "pool: put of an object that is in the pool already", pool p = {.make = fresh};
       void *item = pool_get(&p); pool_put(&p, item); pool_put(&p, item))

MISUSES(resource_twice, "body closed twice", resource r = {0}; resource_open_at(&r, "body", HERE);
        resource_close_at(&r, HERE); resource_close_at(&r, HERE))

PANICS(label_without_key, "task_label: a label needs a key", task_label(NULL, "x"))

PANICS(panic_with_nothing, "panic_again: there is nothing to panic with", panic_again(NULL))

// Whatever can be declared must not be copied once it was used.
#define COPIED(type, word, use)                                                                    \
    PANICS(copied_##word,                                                                          \
           #word                                                                                   \
           " &copy was copied after its first use, or its memory is gone: the function that "      \
           "declared it has returned",                                                             \
           type one = {0}, copy;                                                                   \
           use(one); copy = one; use(copy))

#define USE_MUTEX(m)     mutex_trylock(&m)
#define USE_RWMUTEX(rw)  rwmutex_tryrlock(&rw)
#define USE_WAITGROUP(w) waitgroup_wait(&w)
#define USE_COND(c)      cond_signal(&c)
#define USE_SEMA(s)      sema_try(&s, 0)
#define USE_POOL(p)      pool_get(&p)
#define USE_MAP(m)       cmap_clear(&m)
#define USE_GROUP(g)     group_wait(&g)
#define USE_ONCE(o)      once_do(&o, tally, NULL)
#define USE_FLIGHT(s)    singleflight_forget(&s, "key")

static void tally(void *arg) {
    (void)arg;
}

COPIED(mutex, mutex, USE_MUTEX)
COPIED(rwmutex, rwmutex, USE_RWMUTEX)
COPIED(waitgroup, waitgroup, USE_WAITGROUP)
COPIED(cond, cond, USE_COND)
COPIED(sema, sema, USE_SEMA)
COPIED(pool, pool, USE_POOL)
COPIED(int_map, cmap, USE_MAP)
COPIED(group, group, USE_GROUP)
COPIED(once, once, USE_ONCE)
COPIED(singleflight, singleflight, USE_FLIGHT)

// --- connections ------------------------------------------------------------------------------------

PANICS(listens_twice, "net: db is already listened on", net_listen("db"); net_listen("db"))

PANICS(requests_without_context, "net/http: nil Context", http_response r;
       http_get(http_client_make(.max_conns = 1), NULL, "http://db/", &r))

PANICS(fewer_than_no_connections, "http_client_make: -1 connections",
       http_client_make(.max_conns = -1))

// --- and told to whoever runs the program -----------------------------------------------------------

TASK(looks_on, int unused;) {
    chan_recv((signal_chan){0}, NULL);
}

TASK(unlocks, mutex *m;) {
    mutex_unlock(a->m);
}
enum { UNLOCKED = __LINE__ - 2 };

static void unlock_root(void *arg) {
    (void)arg;
    mutex m = {0};
    go(looks_on, .unused = 0);
    go(unlocks, .m = &m);
    task_sleep(1);
}

Test(misuse, a_program_says_what_where_and_who_was_there) {
    char at[80];
    snprintf(at, sizeof at, "\tin task 2, at core/tests/test_misuse.c:%d", UNLOCKED);
    SAYS(unlock_root, 2, "panic: sync: unlock of unlocked mutex", at, "", "   id  name ",
         "    0  main             sleep ", "    1  looks_on         chan receive (nil chan) ",
         "    2  unlocks          ");
}
