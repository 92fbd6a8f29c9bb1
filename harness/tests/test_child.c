// What the parent does with runners that behave, and with those that do not.
#include "harness/child.h"
#include "harness/judge.h"
#include "harness/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char runner[PATH_MAX + 40], folder[] = "/tmp/test-child-XXXXXX";
static struct scenario_info scenario = {.name = "fake"};
static struct variant variant = {.label = "exercise", .object = "exercise.so"};
static struct child_config config = {
    .scenario = &scenario, .variant = &variant, .runner = runner, .log_events = 64};
static struct job job;
static struct child *child;
static char why[300], said[600];

// Its own TMPDIR, so that what is left behind is seen.
static void begin(void) {
    char self[PATH_MAX] = "";
    cr_assert_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
    *strrchr(self, '/') = 0;
    snprintf(runner, sizeof runner, "%s/programs/fake_runner", self);
    cr_assert_not_null(mkdtemp(folder));
    setenv("TMPDIR", folder, 1);
}

static void end(void) {
    child_free(child);
    cr_expect_eq(rmdir(folder), 0, "a child's folder was left behind");
}

TestSuite(child, .init = begin, .fini = end, .timeout = 60);

static void start(const char *behaviour) {
    scenario.driver = text_format("/nowhere/%s", behaviour);
    child = child_start(&config, &job, why);
    cr_assert_not_null(child, "%s", why);
    free(scenario.driver);
}

static unsigned outcome(const char *behaviour) {
    start(behaviour);
    cr_assert_neq(child_wait(child, 30 * SECOND), CHILD_RUNNING);
    return child_error(child, said, sizeof said);
}

static void says(const char *words) {
    cr_expect_not_null(strstr(said, words), "\"%s\" is not in \"%s\"", words, said);
}

Test(child, one_that_does_its_job) {
    cr_assert_eq(outcome("done"), 0);
    cr_assert_eq(child_poll(child), CHILD_FINISHED);
    cr_assert(eq(str, said, ""));
    cr_assert_eq(child_shared(child)->state, RUNNER_DONE);
}

// What a child does, the verdict, and words that must be said.
#define FAILURE(name, verdict, ...)                                                                \
    Test(child, failure_##name) {                                                                  \
        const char *const words[] = {__VA_ARGS__};                                                 \
        config.patience = 200 * MILLISECOND;                                                       \
        cr_assert_eq(outcome(#name), verdict, "%s", said);                                         \
        cr_assert_eq(child_poll(child), CHILD_FAILED);                                             \
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)                                  \
            says(words[i]);                                                                        \
    }

FAILURE(refuse, VERDICT_ENVIRONMENT, "the exercise does not define lookup")
FAILURE(crash, VERDICT_CRASH, "SIGSEGV", "main (#0)", "exercise.c:7", "pointer")
FAILURE(overflow, VERDICT_CRASH, "task worker (#3) overflowed its 64 KB stack", "exercise.c:7")
FAILURE(overflow_small, VERDICT_CRASH, "task worker (#3) overflowed its 2 KB stack", "go_small")
FAILURE(early, VERDICT_ENDED_EARLY, "status 3", "main (#0)", "exercise.c:7", "exit()")
FAILURE(unready, VERDICT_ENVIRONMENT, "status 66", "It said: unexpected memory mapping")
FAILURE(spin, VERDICT_TIMEOUT, "main (#0)", "exercise.c:7", "loop")
FAILURE(deaf, VERDICT_TIMEOUT, "main (#0)", "loop")
FAILURE(idle, VERDICT_TIMEOUT, "system call")
FAILURE(tamper, VERDICT_TAMPERED, "memory it reports in")
FAILURE(tamper_and_end, VERDICT_TAMPERED, "memory it reports in")

Test(child, an_escape_sequence_is_not_passed_on) {
    outcome("unready");
    cr_assert_null(strchr(said, '\x1b'));
}

Test(child, signs_of_life_are_enough) {
    config.patience = 100 * MILLISECOND;
    cr_assert_eq(outcome("slow"), 0, "%s", said);
}

// Keeps the first CPU busy until the test ends.
static void keep_busy(void) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    pid_t busy = fork();
    if (busy)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sched_setaffinity(0, sizeof first, &first);
    for (volatile int i = 0; getppid() != 1; i++)
        continue;
    _exit(0);
}

Test(child, one_that_waits_for_a_cpu_is_not_idle) {
    config.patience = 40 * MILLISECOND;
    keep_busy();
    cr_assert_eq(outcome("starved"), 0, "%s", said);
}

Test(child, of_one_that_is_doubted_they_are_not) {
    config.doubted = true;
    config.patience = 100 * MILLISECOND;
    cr_assert_eq(outcome("slow"), VERDICT_TIMEOUT, "%s", said);
    cr_assert(child_hung(child));
    child_free(child);
    config.patience = 20 * MILLISECOND;
    cr_assert_eq(outcome("pretend"), VERDICT_TIMEOUT, "%s", said);
}

// What one run may take, in twenty.
Test(child, one_that_finishes_its_runs_may_go_on) {
    config.doubted = true;
    config.patience = 20 * MILLISECOND;
    start("pretend");
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(child_wait(child, 2 * config.patience), CHILD_RUNNING);
        child_run_over(child);
        child_excuse(child);
    }
}

// As when ctrl-z and ctrl-c are pressed before it has left the parent's group.
static void send_signals(void) {
    raise(SIGTSTP);
    raise(SIGINT);
}

Test(child, what_the_terminal_sends_the_parent_does_not_reach_it) {
    pthread_atfork(NULL, NULL, send_signals);
    cr_assert_eq(outcome("done"), 0, "%s", said);
}

Test(child, a_flood_of_output_blocks_nobody) {
    cr_assert_eq(outcome("flood"), 0, "%s", said);
}

Test(child, polling_does_not_wait) {
    start("idle");
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(child_poll(child), CHILD_RUNNING);
    cr_assert_gt(child_resident(child), 0);
    child_kill(child);
    cr_assert_eq(child_poll(child), CHILD_FAILED);
    cr_assert_eq(child_error(child, said, sizeof said), VERDICT_ENDED_EARLY);
    cr_assert_eq(child_resident(child), 0);
}

Test(child, kill_ends_even_the_deaf) {
    start("deaf");
    while (child_shared(child)->state != RUNNER_RUNNING)
        cr_assert_eq(child_wait(child, MILLISECOND), CHILD_RUNNING);
    child_kill(child);
    cr_assert_eq(child_poll(child), CHILD_FAILED);
}

// A process of its group, adopted by others when the child ended: gone, or a zombie of theirs.
static bool lives(pid_t pid) {
    char path[40], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "r");
    if (!in)
        return false;
    int got = fscanf(in, "%*d (%*[^)]) %c", &state);
    fclose(in);
    return got == 1 && state != 'Z' && state != 'X';
}

Test(child, no_descendant_survives) {
    cr_assert_eq(outcome("orphan"), 0);
    pid_t pid = (pid_t)child_shared(child)->heap_peak;
    cr_assert_gt(pid, 0);
    for (int i = 0; i < 1000 && lives(pid); i++)
        usleep(1000);
    cr_assert_not(lives(pid));
}

Test(child, gets_nothing_but_what_it_needs) {
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigprocmask(SIG_BLOCK, &block, NULL);
    cr_assert_eq(outcome("surroundings"), 0);
    snprintf(said, sizeof said, "%s", child_shared(child)->refusal);
    says("fd0 fd1 fd2 fd3 home=unset");
    says("path=/usr/bin:/bin leader=1 core=0");
    says("files=64 int=0 cwd=");
    says(folder);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    says("data=1");
#endif
}

// The parent's own descriptors may then take the very numbers that the child is to get.
Test(child, free_descriptors_0_to_3_do_not_confuse_it) {
    int kept[4];
    for (int fd = 0; fd < 4; fd++) {
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 40);
        close(fd);
    }
    unsigned verdict = outcome("surroundings");
    snprintf(why, sizeof why, "%s", child_shared(child)->refusal);
    child_free(child);
    child = NULL;
    for (int fd = 0; fd < 4; fd++)
        if (kept[fd] >= 0)
            dup2(kept[fd], fd);
    cr_assert_eq(verdict, 0, "%s", said);
    snprintf(said, sizeof said, "%s", why);
    says("fd0 fd1 fd2 fd3 home=unset");
}

Test(child, a_search_is_handed_on) {
    struct search *search = calloc(1, sizeof *search);
    search_init(search, &(struct search_plan){.scenario = "fake", .runs[SEARCH_TREE] = 10});
    search->explored = 41;
    config.search = search;
    job.kind = JOB_EXPLORE;
    cr_assert_eq(outcome("searching"), 0);
    cr_assert_eq(child_shared(child)->search.explored, 42);
    cr_assert(eq(str, (char *)child_shared(child)->search.scenario, "fake"));
    free(search);
}

Test(child, the_log_has_room_for_a_power_of_two) {
    config.log_events = 1000;
    cr_assert_eq(outcome("done"), 0);
    cr_assert_eq(child_shared(child)->log.capacity, 1024);
    cr_assert_not(child_shared(child)->log.ring);
}

Test(child, a_live_log_is_a_ring) {
    config.live = true;
    cr_assert_eq(outcome("done"), 0);
    cr_assert(child_shared(child)->log.ring);
}

static void refused(const char *words) {
    child = child_start(&config, &job, why);
    cr_assert_null(child);
    cr_assert_not_null(strstr(why, words), "%s", why);
}

Test(child, a_missing_runner_is_named) {
    scenario.driver = "driver.so";
    config.runner = "/nowhere/unstuck-runner";
    refused("/nowhere/unstuck-runner: cannot be started: No such file or directory. Build again");
}

Test(child, a_missing_object_is_named) {
    scenario.driver = "driver.so";
    config.engine = ENGINE_TSAN;
    refused("fake, exercise: not built for the race checks");
}

Test(child, a_missing_temporary_folder_is_named) {
    scenario.driver = "driver.so";
    setenv("TMPDIR", "/nowhere", 1);
    refused("/nowhere/unstuck-");
}
