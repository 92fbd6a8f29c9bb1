// run_main: what a program says and returns when its root is done, stuck, or left others behind.
#include "core/tests/said.h"

#include <signal.h>
#include <sys/resource.h>

static int_chan never;

TASK(receives, int unused;) {
    chan_recv(never, NULL);
}

static void clean_root(void *arg) {
    if (strcmp(arg, "argument") != 0)
        panic("the argument is lost");
    chan_make(&never, 0);
    go_daemon(receives, .unused = 0);
    task_sleep(1);
}

Test(main, of_a_run_that_ends_as_it_should_nothing_is_said) {
    SAYS(clean_root, 0, );
}

static void leak_root(void *arg) {
    (void)arg;
    chan_make(&never, 0);
    go(receives, .unused = 0);
    go(receives, .unused = 0);
}

Test(main, tasks_left_are_counted_and_shown) {
    SAYS(leak_root, 1, "2 tasks can never run again", "", "   id  name ",
         "    1  receives         chan receive ", "    2  receives         chan receive ");
}

static void stuck_root(void *arg) {
    (void)arg;
    chan_make(&never, 0);
    chan_recv(never, NULL);
}

Test(main, a_root_that_is_stuck_is_a_deadlock) {
    SAYS(stuck_root, 2, "fatal error: all tasks are asleep - deadlock!", "", "   id  name ",
         "    0  main             chan receive ");
}

static void panic_root(void *arg) {
    (void)arg;
    chan_make(&never, 0);
    chan_close(never);
    chan_close(never);
}

Test(main, a_panic_is_told_with_its_place) {
    int line = __LINE__ - 4;
    char at[80];
    snprintf(at, sizeof at, "\tin task 0, at core/tests/test_main.c:%d", line);
    SAYS(panic_root, 2, "panic: close of closed channel", at, "", "   id  name ",
         "    0  main             ");
}

static int dig(volatile int depth) {
    volatile char frame[200];
    frame[depth % 200] = 1;
    return depth < 0 ? 0 : dig(depth + 1) + frame[0];
}

TASK(digger, int unused;) {
    dig(0);
}

static void dig_root(void *arg) {
    (void)arg;
    go(receives, .unused = 0);
    go(digger, .unused = 0);
}

Test(main, a_stack_that_overflows_is_told_with_its_task) {
    int code;
    const char *said = said_by(dig_root, &code);
    const char *expected = "fatal error: stack overflow\n\tin task 2 (digger)\n";
    cr_assert(strncmp(said, expected, strlen(expected)) == 0, "%s", said);
    cr_assert_neq(code, 0);
#if !WORLD_ASAN // which has words of its own for the fault that follows, and an exit code
    cr_assert_eq(code, -SIGSEGV, "%d", code);
    cr_assert_str_eq(said, expected);
#endif
}

#if !WORLD_ASAN // whose shadow counts as well

// As much memory as there is may be less than a million tasks need.
static void million_root(void *arg) {
    (void)arg;
    never = (int_chan){0};
    setrlimit(RLIMIT_DATA, &(struct rlimit){(size_t)256 << 20, (size_t)256 << 20});
    for (int i = 0; i < 1000 * 1000; i++) {
        go(receives, .unused = 0);
        if (i % 100 == 0)
            task_yield();
    }
}

Test(main, a_machine_that_has_no_memory_left_is_told) {
    static const char *const shape = "panic: out of memory: no stack for task %u\n"
                                     "\tin task 0, at core/tests/test_main.c:%u\n\n"
                                     "%u tasks are there; of those that wait:\n"
                                     "%u  chan receive (nil chan)%n";
    int code, end = 0;
    uint32_t refused, line, there, waiting;
    const char *said = said_by(million_root, &code);
    cr_assert_eq(code, 2, "%d: %s", code, said);
    cr_assert_eq(sscanf(said, shape, &refused, &line, &there, &waiting, &end), 4, "%s", said);
    cr_assert_str_eq(said + end, "\n");
    cr_assert_eq(there, refused);
    cr_assert(waiting < there && waiting + 200 > there, "%s", said);
}
#endif

static void quiet_root(void *arg) {
    (void)arg;
}

Test(main, handlers_of_faults_are_as_they_were) {
    struct sigaction mine = {.sa_handler = SIG_IGN}, now;
    stack_t stack;
    sigaction(SIGSEGV, &mine, NULL);
    cr_assert_eq(run_main(quiet_root, NULL), 0);
    sigaction(SIGSEGV, NULL, &now);
    cr_assert(now.sa_handler == SIG_IGN);
    sigaction(SIGBUS, NULL, &now);
    cr_assert(!(now.sa_flags & SA_ONSTACK) || WORLD_ASAN);
    cr_assert_eq(sigaltstack(NULL, &stack), 0);
    cr_assert(stack.ss_flags & SS_DISABLE || WORLD_ASAN);
}

Test(main, one_may_follow_another) {
    cr_assert_eq(run_main(clean_root, "argument"), 0);
    cr_assert_eq(run_main(clean_root, "argument"), 0);
}
