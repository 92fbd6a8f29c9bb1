// Stacks: an overflow is caught and named under each of the three guards, and many fit.
#include "core/internal.h"
#include "core/tests/world.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BEST, MADVISE, MPROTECT, CANARY };
enum { CAUGHT = 40, WRONG_TASK, NO_FAULT_OF_A_STACK };

// --- overflow, in a child process -----------------------------------------------------------------------

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    const char *name = "";
    uint32_t id = 0, kilobytes = 0;
    if (!stack_fault(info->si_addr, &name, &id, &kilobytes))
        _exit(NO_FAULT_OF_A_STACK);
    _exit(strcmp(name, "digger") == 0 && id == 3 && kilobytes == 64 ? CAUGHT : WRONG_TASK);
}

static void catch_faults(void) {
    static char room[1 << 16];
    sigaltstack(&(stack_t){.ss_sp = room, .ss_size = sizeof room}, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

static int dig(volatile int depth) {
    volatile char frame[200];
    frame[depth % 200] = 1;
    return depth < 0 ? 0 : dig(depth + 1) + frame[0];
}

TASK(digger, int unused;) {
    dig(0);
}

TASK(bystander, int unused;) {
    task_sleep(HOUR);
}

// Among tasks above and below it in memory.
static void dig_root(void *arg) {
    (void)arg;
    go(bystander, .unused = 0);
    go(bystander, .unused = 0);
    go(digger, .unused = 0);
    go(bystander, .unused = 0);
    task_sleep(SECOND);
}

// The wait status of a child process that runs `root` under a guard.
static int status_of(task_fn *root, int guard, const char **text) {
    int fds[2];
    static char said[400];
    cr_assert_eq(pipe(fds), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]), close(fds[1]);
        stack_guard_force(guard);
        catch_faults();
        world_default(root);
        _exit(0);
    }
    close(fds[1]);
    ssize_t size = 0, n;
    while ((n = read(fds[0], said + size, sizeof said - 1 - (size_t)size)) > 0)
        size += n;
    said[size] = 0;
    close(fds[0]);
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    if (text)
        *text = said;
    return status;
}

static bool have_madvise(void) {
    stack_guard_force(BEST);
    return strcmp(stack_guard_name(), "guard page (madvise)") == 0;
}

static void check_caught(int guard) {
    int status = status_of(dig_root, guard, NULL);
    cr_assert(WIFEXITED(status), "signal %d", WTERMSIG(status));
    cr_assert_eq(WEXITSTATUS(status), CAUGHT, "exit code %d", WEXITSTATUS(status));
}

Test(stack, an_overflow_hits_the_madvise_guard) {
    if (!have_madvise())
        cr_skip_test("unavailable: MADV_GUARD_INSTALL needs Linux 6.13");
    check_caught(MADVISE);
}

Test(stack, an_overflow_hits_the_mprotect_guard) {
    check_caught(MPROTECT);
}

#if !WORLD_ASAN // which catches the stores themselves

Test(stack, a_runaway_recursion_past_canaries_ends_at_a_guard) {
    check_caught(CANARY);
}

// A little too deep, and back: no guard page is touched.
TASK(dipper, int unused;) {
    volatile char *low = (volatile char *)__builtin_frame_address(0);
    for (size_t i = 0; i < STACK_USABLE + 512; i += 8)
        low[-(ptrdiff_t)i - 1024] = 1;
    task_yield();
}

static void dip_root(void *arg) {
    (void)arg;
    go(bystander, .unused = 0);
    go(dipper, .unused = 0);
    task_sleep(SECOND);
}

Test(stack, a_dead_canary_is_seen_at_the_next_switch) {
    const char *text;
    int status = status_of(dip_root, CANARY, &text);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %x", (unsigned)status);
    cr_assert_str_eq(text, "unstuck core: task dipper overflowed its 64 KB stack\n");
}
#endif

Test(stack, the_guard_has_a_name) {
    static const char *const names[] = {"", "guard page (madvise)", "guard page (mprotect)",
                                        "canary"};
    for (int guard = MADVISE; guard <= CANARY; guard++) {
        pid_t child = fork();
        if (child == 0) {
            stack_guard_force(guard);
            _exit(strcmp(stack_guard_name(), names[guard]) == 0 ? 0 : 1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        cr_assert_eq(status, 0, "guard %d", guard);
    }
}

static void no_fault_root(void *arg) {
    (void)arg;
    int here = 0;
    const char *name = NULL;
    uint32_t id = 0, size = 0;
    EXPECT(!stack_fault(&here, &name, &id, &size)); // on the stack, not below it
    EXPECT(!stack_fault(NULL, &name, &id, &size));
    EXPECT(!stack_fault(world.log, &name, &id, &size));
    EXPECT(!stack_fault((void *)UINTPTR_MAX, &name, &id, &size));
}

Test(stack, other_addresses_are_no_fault_of_a_stack) {
    const char *name = NULL;
    uint32_t id = 0, size = 0;
    cr_assert_not(stack_fault(&name, &name, &id, &size), "before any run");
    EVERY_WORLD(no_fault_root, 1) {
        cr_assert(world_finished());
    }
}

// --- what a task finds --------------------------------------------------------------------------------

static int deepest;

static int descend(int depth) {
    volatile char frame[1000];
    frame[0] = (char)depth;
    deepest = depth;
    return depth == 0 ? frame[0] : descend(depth - 1) + frame[0];
}

TASK(uses_most, int unused;) {
    descend(40);
    task_yield();
    descend(40);
}

static void room_root(void *arg) {
    (void)arg;
    for (int i = 0; i < 50; i++)
        go(uses_most, .unused = 0);
}

Test(stack, forty_kilobytes_can_be_used) {
    for (int guard = MPROTECT; guard <= CANARY; guard++)
        cr_assert_eq(status_of(room_root, guard, NULL), 0, "guard %d", guard);
}

static bool aligned;

TASK(looks_at_alignment, char some[3];) {
    _Alignas(16) volatile char on_stack[16];
    aligned &= (uintptr_t)on_stack % 16 == 0 && (uintptr_t)a % 16 == 0;
}

static void alignment_root(void *arg) {
    (void)arg;
    aligned = true;
    for (int i = 0; i < 40; i++)
        go(looks_at_alignment, .some = "ab");
    task_sleep(1);
    EXPECT(aligned);
}

Test(stack, frames_and_arguments_are_aligned) {
    EVERY_WORLD(alignment_root, 1) {
        cr_assert(world_finished());
    }
}

// --- many -----------------------------------------------------------------------------------------------

#if WORLD_ASAN // which keeps a shadow of each stack
enum { MANY = 2000, MOST = 4000, MEGABYTES = 1000 };
#else
enum { MANY = 20000, MOST = 100000, MEGABYTES = 1000 };
#endif

static int_chan never;
static uint32_t wanted;

TASK(stays, int unused;) {
    chan_recv(never, NULL);
}

static size_t resident(void) {
    size_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%*s %zu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void many_root(void *arg) {
    (void)arg;
    chan_make(&never, 0);
    for (uint32_t i = 0; i < wanted; i++)
        go(stays, .unused = 0);
    task_sleep(1);
    EXPECT(resident() < (size_t)MEGABYTES << 20);
}

static void check_many(uint32_t count, int guard) {
    stack_guard_force(guard);
    wanted = count;
    world.config.max_tasks = count + 1;
    world_log_use(WORLD_EVENTS, true);
    for (int round = 0; round < 2; round++) {
        world_seed(many_root, WORLD_INLINE);
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world.log->alive, count);
        cr_assert_eq(world_waiting(WAIT_RECV), count);
    }
    wanted = 0;
    world_default(many_root);
    cr_assert_leq(resident(), (size_t)200 << 20, "the next run gives the pages back");
}

// --- on a machine that refuses the memory ---------------------------------------------------------------

#if !WORLD_ASAN // whose shadow alone is more

enum { MILLION = 1000 * 1000 };

static void million_root(void *arg) {
    (void)arg;
    chan_make(&never, 0);
    for (uint32_t i = 0; i < MILLION; i++)
        go(stays, .unused = 0);
}

static void small_root(void *arg) {
    (void)arg;
    for (int i = 0; i < 50; i++)
        go(uses_most, .unused = 0);
    run_alloc(1 << 20);
}

// Exit codes of the child.
enum { AS_IT_SHOULD, NO_PANIC, OTHER_SENTENCE, TOO_EARLY, NEXT_RUN_FAILED, NO_AREAS_TAKEN };

// A million tasks where only some can be had, but not fewer than `least`; then a run that is content
// with less.
static int try_a_million(size_t least) {
    world.config.max_tasks = MILLION + 1;
    world_log_use(WORLD_EVENTS, true);
    world_seed(million_root, WORLD_INLINE);
    uint32_t started = world.log->started;
    char expected[80];
    snprintf(expected, sizeof expected, "out of memory: no stack for task %u", started);
    const event *panic = &world.log->events[(world.log->head - 2) % world.log->capacity];
    if (world.end != RUN_PANICKED)
        return NO_PANIC;
    if (strcmp(event_log_string(world.log, (uint32_t)panic->value), expected) != 0)
        return OTHER_SENTENCE;
    if (started < least)
        return TOO_EARLY;
    world_seed(small_root, WORLD_INLINE);
    return world_finished() ? AS_IT_SHOULD : NEXT_RUN_FAILED;
}

static int status_of_a_million(int which, size_t most) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        setrlimit(which, &(struct rlimit){most, most});
        _exit(try_a_million(most / STACK_USABLE / 4));
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

Test(stack, a_million_tasks_where_address_space_is_short_end_with_a_sentence) {
    for (size_t megabytes = 512; megabytes <= 8192; megabytes *= 4)
        cr_assert_eq(status_of_a_million(RLIMIT_AS, megabytes << 20), 0, "%zu MB", megabytes);
}

Test(stack, a_million_tasks_where_memory_is_short_end_with_a_sentence) {
    for (size_t megabytes = 64; megabytes <= 1024; megabytes *= 4)
        cr_assert_eq(status_of_a_million(RLIMIT_DATA, megabytes << 20), 0, "%zu MB", megabytes);
}

// A process may have vm.max_map_count memory areas. Takes all of them but about `left`: pages with
// and without access in turn are an area each.
static bool take_areas(size_t left) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), most = 0, taken = 0;
    FILE *f = fopen("/proc/sys/vm/max_map_count", "r");
    if (!f || fscanf(f, "%zu", &most) != 1)
        return false;
    fclose(f);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    char *pages = mmap(NULL, (most + 2) * page, PROT_NONE, flags, -1, 0);
    if (pages == MAP_FAILED)
        return false;
    while (taken <= most && mprotect(pages + taken * page, page, PROT_READ) == 0)
        taken += 2;
    return taken < most + 2 && taken > left && munmap(pages, left * page) == 0;
}

Test(stack, a_million_tasks_where_areas_are_short_end_with_a_sentence) {
    enum { LEFT = 4000 };
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        stack_guard_force(MPROTECT);
        if (!take_areas(LEFT))
            _exit(NO_AREAS_TAKEN);
        _exit(try_a_million(LEFT / 4));
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

// Not even address space for one stack, or for the run's own memory.
static int try_nothing_left(void) {
    setrlimit(RLIMIT_AS, &(struct rlimit){1 << 20, 1 << 20});
    world_seed(small_root, WORLD_INLINE);
    if (world.end != RUN_PANICKED)
        return NO_PANIC;
    return strncmp(world_panic(), "out of memory: ", 15) ? OTHER_SENTENCE : AS_IT_SHOULD;
}

Test(stack, where_there_is_no_address_space_at_all_the_run_says_so) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        world_log_use(WORLD_EVENTS, false);
        _exit(try_nothing_left());
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}
#endif

// --- many -----------------------------------------------------------------------------------------------

Test(stack, twenty_thousand_live_behind_mprotect_and_canaries) {
    check_many(MANY, MPROTECT);
}

Test(stack, a_hundred_thousand_live_in_a_gigabyte) {
    check_many(MOST, BEST);
}
