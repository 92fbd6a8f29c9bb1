// unstuck-runner: runs one scenario for its parent.
//
//     unstuck-runner --fd N driver.so exercise.so      do the job in the shared memory at fd N
//     unstuck-runner --describe driver.so exercise.so  print the scenario's declaration
//     unstuck-runner --debug ID EVENTS driver.so exercise.so
//                                                      run that schedule for a debugger: no sandbox
//
// Learner code runs only here, never in a process that judges it.
#include "harness/runner/runner.h"
#include "harness/runner/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int usage(void) {
    fputs("usage: unstuck-runner --fd N DRIVER.so EXERCISE.so\n"
          "       unstuck-runner --describe DRIVER.so EXERCISE.so\n"
          "       unstuck-runner --debug ID EVENTS DRIVER.so EXERCISE.so\n"
          "This program is started by `unstuck`; use that.\n",
          stderr);
    return 2;
}

static int run_describe(const char *driver, const char *exercise) {
    struct loaded what;
    char why[300], sandbox[80];
    bool source;
    sandbox_enter(driver, exercise, sandbox, sizeof sandbox);
    if (!load_scenario(driver, exercise, &what, &source, why, sizeof why)) {
        fprintf(stderr, "unstuck-runner: %s\n", why);
        return 4;
    }
    return describe(what.scenario);
}

// Maps what the parent passed. NULL: it is not what it should be.
static struct shared *shared_map(int fd) {
    struct stat st;
    if (fstat(fd, &st) || (size_t)st.st_size < sizeof(struct shared))
        return NULL;
    struct shared *s = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (s == MAP_FAILED || s->magic != SHARED_MAGIC || s->size != (uint64_t)st.st_size)
        return NULL;
    return s;
}

static int refuse(struct shared *s) {
    atomic_store(&s->state, RUNNER_REFUSED);
    return 4;
}

static int run_job(int fd, const char *driver, const char *exercise) {
    struct shared *s = shared_map(fd);
    if (!s) {
        fputs("unstuck-runner: the memory it was given is not its parent's\n", stderr);
        return 4;
    }
    snprintf(s->guard, sizeof s->guard, "%s", stack_guard_name());
    const char *blind = probe_races(driver, exercise);
    if (blind) {
        snprintf(s->refusal, sizeof s->refusal, "%s", blind);
        return refuse(s);
    }
    fault_watch(s);
    stray_watch(s);
    sandbox_enter(driver, exercise, s->sandbox, sizeof s->sandbox);
    struct loaded what;
    if (!load_scenario(driver, exercise, &what, &s->refused_source, s->refusal, sizeof s->refusal))
        return refuse(s);
    names_begin(&what);
    if (!statics_remember(what.exercise) || !statics_remember(what.driver)) {
        snprintf(s->refusal, sizeof s->refusal,
                 "the writable data of the exercise is too large to be reset between runs (8 MB at "
                 "most); make it smaller or allocate it with malloc");
        s->refused_source = true;
        return refuse(s);
    }
    atomic_store(&s->state, RUNNER_RUNNING);
    job_do(s, &what);
    atomic_store(&s->state, RUNNER_DONE);
    return 0;
}

// Memory as a parent would share it, for one run of this schedule.
static struct shared *shared_make(const char *id, char *why) {
    enum { EVENTS = 1 << 17 };
    struct schedule schedule;
    size_t size = offsetof(struct shared, log) + event_log_size(EVENTS);
    if (!schedule_parse(id, &schedule, why))
        return NULL;
    struct shared *s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return NULL;
    s->job = (struct job){.kind = JOB_RUN, .schedule = schedule};
    event_log_init(&s->log, EVENTS, false);
    return s;
}

static int run_debug(const char *id, const char *events, const char *driver, const char *exercise) {
    struct loaded what;
    char why[300] = "no memory";
    bool source;
    struct shared *s = shared_make(id, why);
    if (!s || !load_scenario(driver, exercise, &what, &source, why, sizeof why) ||
        !statics_remember(what.exercise) || !statics_remember(what.driver)) {
        fprintf(stderr, "unstuck-runner: %s\n", why);
        return 4;
    }
    names_begin(&what);
    job_debug(s, &what, strtoull(events, NULL, 10));
    return 0;
}

// _exit: what an exercise registered to happen at exit is not part of any run.
int main(int argc, char **argv) {
    int status = 2;
    if (argc == 4 && !strcmp(argv[1], "--describe")) {
        status = run_describe(argv[2], argv[3]);
        fflush(stdout);
    } else if (argc == 6 && !strcmp(argv[1], "--debug")) {
        status = run_debug(argv[2], argv[3], argv[4], argv[5]);
    } else if (argc == 5 && !strcmp(argv[1], "--fd")) {
        status = run_job(atoi(argv[2]), argv[3], argv[4]);
    } else {
        return usage();
    }
    _exit(status);
}
