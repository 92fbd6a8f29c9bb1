// Small stacks: what fits on them, what happens when something does not, and that all else is as for
// other tasks.
#include "core/internal.h"
#include "core/tests/world.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// Whether go_small gives what it is named for: see task.h.
#if WORLD_ASAN || defined(UNSTUCK_UCONTEXT) || !defined(__OPTIMIZE__)
#define HAS_SMALL 0
#else
#define HAS_SMALL 1
#endif

enum { SLOT = 31 * 64 };

static size_t stack_size(const struct task *t) {
    void *low;
    size_t size;
    stack_bounds(t, &low, &size);
    return size;
}

__attribute__((unused)) static bool here_is_small(const void *frame) {
    void *low;
    size_t size;
    stack_bounds(run.current, &low, &size);
    return size < SLOT && (uintptr_t)frame - (uintptr_t)low < size;
}

// --- which stack it is --------------------------------------------------------------------------------

static size_t found[2];

TASK(looks, int which;) {
    found[a->which] = stack_size(run.current);
}

static void two_root(void *arg) {
    (void)arg;
    go(looks, .which = 0);
    go_small(looks, .which = 1);
}

Test(small, a_small_stack_is_of_two_kilobytes_where_it_can_be) {
    EVERY_WORLD(two_root, 10) {
        cr_assert(world_finished());
        cr_assert_gt(found[0], 60000);
        if (HAS_SMALL)
            cr_assert(found[1] > 1700 && found[1] < SLOT, "%zu", found[1]);
        else
            cr_assert_gt(found[1], 60000);
    }
}

static void watch_started(struct watch *w, uint32_t task, uint32_t parent) {
    (void)w, (void)task, (void)parent;
}
static bool watch_step(struct watch *w, const struct choice *way) {
    (void)w, (void)way;
    return true;
}
static void watch_met(struct watch *w, uint32_t task, uint32_t parked) {
    (void)w, (void)task, (void)parked;
}
static void watch_passed(struct watch *w, uint32_t task, const void *place) {
    (void)w, (void)task, (void)place;
}
static void watch_op(struct watch *w, const struct op *op, bool parked) {
    (void)w, (void)op, (void)parked;
}
static void watch_woke(struct watch *w, const struct op *op) {
    (void)w, (void)op;
}
static void watch_touched(struct watch *w, struct operand what) {
    (void)w, (void)what;
}
static void watch_timer_set(struct watch *w, uint64_t seq, bool due) {
    (void)w, (void)seq, (void)due;
}
static void watch_timer_cleared(struct watch *w, uint64_t seq) {
    (void)w, (void)seq;
}
static void watch_ended(struct watch *w, enum run_end end) {
    (void)w, (void)end;
}

static size_t pick_first(struct policy *self, const struct choice *ways, size_t count,
                         size_t preferred) {
    (void)self, (void)ways, (void)count, (void)preferred;
    return 0;
}

Test(small, who_watches_may_use_any_stack) {
    struct watch watch = {.step = watch_step,
                          .started = watch_started,
                          .did = watch_op,
                          .woke = watch_woke,
                          .passed = watch_passed,
                          .met = watch_met,
                          .touched = watch_touched,
                          .timer_set = watch_timer_set,
                          .timer_cleared = watch_timer_cleared,
                          .ended = watch_ended};
    struct policy policy = {.announce = true, .pick = pick_first, .watch = &watch};
    world_run(two_root, &policy);
    cr_assert(world_finished());
    cr_assert_gt(found[1], 60000);
}

// --- too deep -------------------------------------------------------------------------------------------

#if HAS_SMALL

enum { CAUGHT = 40, WRONG_TASK, WRONG_SIZE, NO_FAULT_OF_A_STACK };

static uint32_t expected_kilobytes;

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    const char *name = "";
    uint32_t id = 0, kilobytes = 0;
    if (!stack_fault(info->si_addr, &name, &id, &kilobytes))
        _exit(NO_FAULT_OF_A_STACK);
    if (kilobytes != expected_kilobytes)
        _exit(WRONG_SIZE);
    _exit(strcmp(name, "digger") == 0 && id == 4 ? CAUGHT : WRONG_TASK);
}

static void catch_faults(void) {
    static char room[1 << 16];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT};
    sigaltstack(&(stack_t){.ss_sp = room, .ss_size = sizeof room}, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

static const char *said;

// The exit code of a child process that runs `root` under a guard; what it says is in `said`.
static int code_of(task_fn *root, int guard, uint32_t kilobytes) {
    int fds[2];
    static char text[400];
    cr_assert_eq(pipe(fds), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]), close(fds[1]);
        expected_kilobytes = kilobytes;
        stack_guard_force(guard);
        catch_faults();
        world_seed(root, WORLD_INLINE);
        _exit(0);
    }
    close(fds[1]);
    ssize_t size = 0, n;
    while ((n = read(fds[0], text + size, sizeof text - 1 - (size_t)size)) > 0)
        size += n;
    text[size] = 0;
    said = text;
    close(fds[0]);
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status), "signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

enum { MADVISE = 1, MPROTECT, CANARY };

static bool have(int guard) {
    return guard != MADVISE || strcmp(stack_guard_name(), "guard page (madvise)") == 0;
}

static int dig(volatile int depth) {
    volatile char frame[200];
    frame[depth % 200] = 1;
    return depth < 0 ? 0 : dig(depth + 1) + frame[0];
}

TASK(rests, int unused;) {
    task_sleep(HOUR);
}

TASK(digger, void (*digs)(void);) {
    a->digs();
    task_yield();
}

static void start_digger(void (*digs)(void)) {
    go_small(rests, .unused = 0);
    go_small(rests, .unused = 0);
    go_small(rests, .unused = 0);
    go_small(digger, .digs = digs);
    go_small(rests, .unused = 0);
    task_sleep(SECOND);
}

static void run_away(void) {
    dig(0);
}

static void runaway_root(void *arg) {
    (void)arg;
    start_digger(run_away);
}

Test(small, a_runaway_recursion_ends_at_a_guard_page) {
    bool best = have(MADVISE);
    for (int guard = best ? MADVISE : MPROTECT; guard <= CANARY; guard++)
        cr_assert_eq(code_of(runaway_root, guard, 2), CAUGHT, "guard %d", guard);
}

// A little too deep, and back.
static void dip(void) {
    volatile char *low = (volatile char *)__builtin_frame_address(0);
    for (ptrdiff_t i = 0; i < SLOT; i += 8)
        low[-i - 64] = 1;
}

static void dip_root(void *arg) {
    (void)arg;
    start_digger(dip);
}

Test(small, an_overflow_is_named_at_the_next_switch) {
    for (int guard = MPROTECT; guard <= CANARY; guard++) {
        cr_assert_eq(code_of(dip_root, guard, 2), CAUGHT, "guard %d", guard);
        cr_assert_str_eq(said, "unstuck core: task digger overflowed its 2 KB stack\n");
    }
}

// With room, in a deferred call, but not with that much.
DEFERRED(digs_again, int unused;) {
    dig(0);
}

static void panic_then_dig(void) {
    defer(digs_again, 0);
    panic("first");
}

static void panic_root(void *arg) {
    (void)arg;
    start_digger(panic_then_dig);
}

Test(small, an_overflow_while_it_panics_is_one_of_the_roomy_stack) {
    for (int guard = MPROTECT; guard <= CANARY; guard++)
        cr_assert_eq(code_of(panic_root, guard, 64), CAUGHT, "guard %d", guard);
}
#endif

TASK(of_many_arguments, char bytes[257];) {
}

static void arguments_root(void *arg) {
    (void)arg;
#ifdef __OPTIMIZE__
    go_small(of_many_arguments, .bytes = "");
#else
    task_start_small_at(of_many_arguments_task, "", &(struct of_many_arguments_args){""}, 257,
                        HERE);
#endif
}

Test(small, too_many_arguments_panic) {
    EVERY_WORLD(arguments_root, 1) {
        cr_assert_eq(world.end, RUN_PANICKED);
        cr_assert_str_eq(world_panic(),
                         "257 bytes of arguments for a small task, at most 256 are possible");
    }
}

// --- panics ---------------------------------------------------------------------------------------------

static int_chan c;
static int steps;

TASK(panics, int n;) {
    EXPECT(!HAS_SMALL || here_is_small(__builtin_frame_address(0)));
    panic("%s number %d", "small", a->n);
}

static void panics_root(void *arg) {
    (void)arg;
    go_small(panics, .n = 7);
}

Test(small, a_panic_says_its_sentence) {
    EVERY_WORLD(panics_root, 20) {
        cr_assert_eq(world.end, RUN_PANICKED);
        cr_assert_str_eq(world_panic(), "small number 7");
    }
}

// An operation that panics is half way on some stack or other.
TASK(sends_on_closed, int_chan c;) {
    chan_send(a->c, 1);
}

static void closed_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    chan_close(c);
    go_small(sends_on_closed, .c = c);
}

Test(small, an_operation_that_panics_says_its_sentence) {
    EVERY_WORLD(closed_root, 20) {
        cr_assert_eq(world.end, RUN_PANICKED);
        cr_assert_str_eq(world_panic(), "send on closed channel");
    }
}

TASK(unlocks_free, mutex *mu;) {
    mutex_unlock(a->mu);
}

static void fatal_root(void *arg) {
    (void)arg;
    static mutex free_one;
    free_one = (mutex){0};
    go_small(unlocks_free, .mu = &free_one);
}

Test(small, a_fatal_error_says_its_sentence) {
    EVERY_WORLD(fatal_root, 20) {
        cr_assert_eq(world.end, RUN_PANICKED);
        cr_assert_str_eq(world_panic(), "sync: unlock of unlocked mutex");
    }
}

// Parks, and uses what a small stack does not have.
DEFERRED(says_and_recovers, int *result;) {
    char text[4000];
    const panicked *p = recover();
    memset(text, 1, sizeof text);
    snprintf(text, sizeof text, "%s!", p ? p->text : "nothing");
    EXPECT(!HAS_SMALL || !here_is_small(__builtin_frame_address(0)) || !p);
    task_sleep(MILLISECOND);
    EXPECT(strcmp(text, p ? "words 5!" : "nothing!") == 0);
    *a->result += p != NULL;
}

static int recovers(void) {
    int result = 0;
    deferring(result);
    defer_to_return(says_and_recovers, .result = &result);
    if (chan_len(c) == 0)
        panic("words %d", 5);
    return result;
}

// Again and again: the roomy stack is given back each time.
TASK(survives, int times;) {
    for (int i = 0; i < a->times; i++) {
        steps += recovers();
        EXPECT(!run.current->top->roomy);
        EXPECT(!HAS_SMALL || here_is_small(__builtin_frame_address(0)));
    }
    chan_send(c, 1);
}

enum { SURVIVORS = 5, TIMES = 3 };

static void survivors_root(void *arg) {
    (void)arg;
    steps = 0;
    chan_make(&c, SURVIVORS);
    for (int i = 0; i < SURVIVORS; i++)
        go_small(survives, .times = TIMES);
}

Test(small, a_panic_that_is_recovered_comes_back_to_the_small_stack) {
    EVERY_WORLD(survivors_root, 20) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s: %s", world_name(), world_panic());
        if (world.seed == WORLD_INLINE)
            cr_assert_eq(steps, SURVIVORS * TIMES);
        cr_assert_eq(world.log->alive, 0);
    }
}

// A panic in a deferred call of a panic, which lands on the roomy stack, then the first on the small.
DEFERRED(recovers_first, int *count;) {
    const panicked *p = recover();
    EXPECT(p && strcmp(p->text, "first") == 0);
    ++*a->count;
}

DEFERRED(recovers_second, int *count;) {
    const panicked *p = recover();
    EXPECT(p && strcmp(p->text, "second") == 0);
    ++*a->count;
}

static void panics_within(int *count) {
    deferring();
    defer_to_return(recovers_second, .count = count);
    panic("second");
}

DEFERRED(goes_through_a_second, int *count;) {
    panics_within(a->count);
    EXPECT(!HAS_SMALL || run.current->top->roomy);
    ++*a->count;
}

static void nests(int *count) {
    deferring();
    defer_to_return(recovers_first, .count = count);
    defer_to_return(goes_through_a_second, .count = count);
    panic("first");
}

TASK(nesting, int unused;) {
    int count = 0;
    nests(&count);
    EXPECT(!run.current->top->roomy);
    steps = count;
}

static void nesting_root(void *arg) {
    (void)arg;
    steps = 0;
    go_small(nesting, .unused = 0);
}

Test(small, panics_within_panics_land_where_they_belong) {
    EVERY_WORLD(nesting_root, 20) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
        cr_assert_eq(steps, 3);
    }
}

DEFERRED(counts, int n;) {
    steps = steps * 10 + a->n;
}

static void ends(void) {
    defer(counts, 2);
    goexit();
}

TASK(exits, int unused;) {
    defer(counts, 1);
    ends();
}

static void exits_root(void *arg) {
    (void)arg;
    steps = 0;
    go_small(exits, .unused = 0);
    task_sleep(1);
    go_small(exits, .unused = 0);
}

Test(small, goexit_makes_the_deferred_calls) {
    EVERY_WORLD(exits_root, 20) {
        cr_assert(world_finished());
        cr_assert_eq(steps, 2121);
    }
}

// Ends on the roomy stack, which is given back with the small one.
DEFERRED(ends_there, int unused;) {
    goexit();
}

TASK(exits_in_panic, int unused;) {
    defer(ends_there, 0);
    panic("in vain");
}

static size_t distinct;

static void exits_in_panic_root(void *arg) {
    (void)arg;
    for (int i = 0; i < 300; i++) {
        go_small(exits_in_panic, .unused = 0);
        task_sleep(1);
    }
    struct task *next = stack_take(false);
    EXPECT(next);
    distinct = next ? next->slot : 0;
}

Test(small, who_ends_while_it_panics_leaves_no_stack_behind) {
    EVERY_WORLD(exits_in_panic_root, 3) {
        cr_assert(world_finished(), "%s: %s", world_name(), world_panic());
        cr_assert_leq(distinct, HAS_SMALL ? 3 : 301);
    }
}

// --- other words ------------------------------------------------------------------------------------------

static FILE *paper;
static long printed;

TASK(speaks, int unused;) {
    misuse_at(HERE, "%s of %d", "misuse", 5);
    inspect_print(paper);
    EXPECT(!run.current->top->roomy);
    steps = 1;
}

static void speaks_root(void *arg) {
    (void)arg;
    rewind(paper);
    go_small(speaks, .unused = 0);
    task_sleep(1);
    printed = ftell(paper);
}

Test(small, misuse_and_snapshots_are_told_and_it_goes_on) {
    static char text[4000];
    paper = fmemopen(text, sizeof text, "w+");
    EVERY_WORLD(speaks_root, 20) {
        cr_assert(world_finished());
        cr_assert_eq(steps, 1);
        const event *e = world_event(EV_MISUSE, 0);
        cr_assert_str_eq(event_log_string(world.log, (uint32_t)e->value), "misuse of 5");
        cr_assert_gt(printed, 100);
        cr_assert(strstr(text, "speaks           running"), "%s", text);
    }
    fclose(paper);
}

// --- as other tasks -----------------------------------------------------------------------------------

// The same program with tasks of either kind, or some of each.
enum { ORDINARY, SMALL, MIXED, KINDS };
static int kind;
static waitgroup all;
static mutex lock;
static int_chan jobs, results, never;

// One site for all of them.
#define GO(n, name, ...)                                                                           \
    (kind == SMALL || (kind == MIXED && (n) % 2) ? TASK_START_SMALL_AT : task_start_at)(           \
        name##_task, #name, &(struct name##_args){__VA_ARGS__}, sizeof(struct name##_args), HERE)

TASK(worker, int n;) {
    defer(waitgroup_done, &all);
    int job = 0;
    while (chan_recv(jobs, &job)) {
        mutex_lock(&lock);
        steps += job;
        mutex_unlock(&lock);
        switch (chan_select(SEND(results, job * 2), RECV(never, NULL), AFTER(SECOND))) {
        case 2:
            return;
        }
    }
}

TASK(leaks, int n;) {
    chan_recv(never, NULL);
}

static void program_root(void *arg) {
    (void)arg;
    steps = 0;
    all = (waitgroup){0};
    lock = (mutex){0};
    chan_make(&jobs, 1);
    chan_make(&results, 2);
    chan_make(&never, 0);
    waitgroup_add(&all, 4);
    for (int i = 0; i < 4; i++)
        GO(i, worker, .n = i);
    GO(1, leaks, .n = 1);
    for (int i = 0, result = 0; i < 8; i++) {
        chan_send(jobs, i);
        chan_recv(results, &result);
    }
    chan_close(jobs);
    waitgroup_wait(&all);
}

enum { KEPT = 4000 };
static struct {
    event events[KINDS][KEPT];
    uint64_t heads[KINDS];
} logs;

static void keep_log(int which) {
    logs.heads[which] = world.log->head;
    cr_assert_lt(world.log->head, KEPT);
    memcpy(logs.events[which], world.log->events, world.log->head * sizeof(event));
}

static bool same_bytes(int one, int other) {
    return logs.heads[one] == logs.heads[other] &&
           memcmp(logs.events[one], logs.events[other], logs.heads[one] * sizeof(event)) == 0;
}

static void check_same(int64_t seed) {
    for (kind = 0; kind < KINDS; kind++) {
        world_seed(program_root, seed);
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s %d %s", world_name(), kind, world_panic());
        cr_assert_eq(world.log->alive, 1, "who leaks is seen");
        cr_assert_eq(world_waiting(WAIT_RECV), 1);
        keep_log(kind);
    }
    cr_assert(same_bytes(ORDINARY, SMALL), "%s", world_name());
    cr_assert(same_bytes(ORDINARY, MIXED), "%s", world_name());
}

Test(small, a_run_is_the_same_to_the_byte_with_tasks_of_either_kind) {
    for (int64_t seed = WORLD_RESTLESS; seed < 100; seed++)
        check_same(seed);
}

Test(small, a_schedule_recorded_with_one_kind_is_replayed_with_the_other) {
    static struct policy_replay replay;
    kind = ORDINARY;
    world_default(program_root);
    struct deviation first = {.step = 5};
    bool fits = false;
    for (first.task = 0; first.task < 6 && !fits; first.task++) {
        world_run(program_root, policy_replay_init(&replay, &first, 1));
        fits = world.end == RUN_QUIESCENT;
    }
    cr_assert(fits, "no other task could go at step 5");
    first.task--;
    for (kind = 0; kind < KINDS; kind++) {
        world_run(program_root, policy_replay_init(&replay, &first, 1));
        cr_assert_eq(world.end, RUN_QUIESCENT);
        keep_log(kind);
    }
    cr_assert(same_bytes(ORDINARY, SMALL) && same_bytes(ORDINARY, MIXED));
}

// --- many -----------------------------------------------------------------------------------------------

#if HAS_SMALL

enum { MANY = 100000, BYTES_MOST = 2250, AREAS_MOST = 20 };

static size_t resident(void) {
    size_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*s %zu", &pages) != 1)
        abort();
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static int areas(void) {
    int n = 0;
    FILE *f = fopen("/proc/self/maps", "r");
    for (int letter; f && (letter = getc(f)) != EOF;)
        n += letter == '\n';
    fclose(f);
    return n;
}

TASK(stays, int unused;) {
    chan_recv(never, NULL);
}

static size_t bytes_each;
static int areas_more;

static void many_root(void *arg) {
    (void)arg;
    chan_make(&never, 0);
    size_t before = resident();
    int areas_before = areas();
    for (int i = 0; i < MANY; i++)
        go_small(stays, .unused = 0);
    task_sleep(1);
    bytes_each = (resident() - before) / MANY;
    areas_more = areas() - areas_before;
}

// In a child, whose memory is fresh. The exit code says what was wrong.
static int try_many(int guard) {
    stack_guard_force(guard);
    world.config.max_tasks = MANY + 1;
    world_log_use(WORLD_EVENTS, true);
    world_seed(many_root, WORLD_INLINE);
    if (world.end != RUN_QUIESCENT || world.log->alive != MANY)
        return 1;
    if (bytes_each > BYTES_MOST || bytes_each < SLOT - 200)
        return 2;
    int most = guard == MPROTECT ? AREAS_MOST + 2 * MANY / 1024 : AREAS_MOST;
    return areas_more < most ? 0 : 3;
}

static void check_many(int guard) {
    pid_t child = fork();
    if (child == 0)
        _exit(try_many(guard));
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0, "%x", (unsigned)status);
}

Test(small, a_hundred_thousand_take_less_than_goroutines_and_few_areas) {
    if (!have(MADVISE))
        cr_skip_test("unavailable: MADV_GUARD_INSTALL needs Linux 6.13");
    check_many(MADVISE);
}

Test(small, a_hundred_thousand_live_on_an_older_kernel) {
    check_many(MPROTECT);
}

// Waves of both kinds: a slot is used again before a new one.
TASK(wave, uint32_t *most;) {
    if (run.current->slot > *a->most)
        *a->most = run.current->slot;
    task_yield();
}

enum { WAVES = 20, WAVE = 100 };
static uint32_t most_small, most_ordinary;

static void waves_root(void *arg) {
    (void)arg;
    most_small = most_ordinary = 0;
    for (int i = 0; i < WAVES; i++) {
        for (int k = 0; k < WAVE; k++) {
            go_small(wave, .most = &most_small);
            go(wave, .most = &most_ordinary);
        }
        task_sleep(1);
    }
}

Test(small, slots_of_either_kind_are_used_again) {
    EVERY_WORLD(waves_root, 2) {
        cr_assert(world_finished());
        cr_assert_leq(most_small, WAVE, "%s", world_name());
        cr_assert_leq(most_ordinary, WAVE + 1, "%s", world_name());
        if (world.seed == WORLD_DEFAULT)
            cr_assert_eq(most_small, WAVE - 1);
    }
}
#endif
