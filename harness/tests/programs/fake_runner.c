// fake_runner: stands in for the runner in tests of what the parent does. What it does is the last
// part of its driver's path:
//
//     fake_runner --fd 3 /any/BEHAVIOUR exercise.so
#include "harness/shared.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct shared *s;

// A world with one task, whose last operation was at exercise.c:7.
static void at_work(void) {
    strcpy(s->log.strings + 1, "/x/exercise.c");
    s->log.sites[1] = (log_site){.file = 1, .line = 7};
    s->log.site_count = 2;
    s->log.last_site = 1;
    s->log.current = 0;
    s->state = RUNNER_RUNNING;
}

static int finish(void) {
    s->state = RUNNER_DONE;
    return 0;
}

static int done(void) {
    return finish();
}

static int refuse(void) {
    strcpy(s->refusal, "the exercise does not define lookup");
    s->state = RUNNER_REFUSED;
    return 4;
}

static int crash(void) {
    at_work();
    raise(SIGSEGV);
    return 0;
}

static int overflow(void) {
    at_work();
    strcpy(s->fault_name, "worker");
    s->fault_task = 3;
    s->fault_kilobytes = 64;
    raise(SIGSEGV);
    return 0;
}

static int overflow_small(void) {
    at_work();
    strcpy(s->fault_name, "worker");
    s->fault_task = 3;
    s->fault_kilobytes = 2;
    raise(SIGABRT);
    return 0;
}

static int early(void) {
    at_work();
    return 3;
}

static int unready(void) {
    fputs("one line\nunexpected memory mapping\x1b[31m\n", stderr);
    return 66;
}

static int spin(void) {
    at_work();
    for (volatile int i = 0; s; i++)
        continue;
    return 0;
}

// Like spin, but deaf to SIGTERM.
static int deaf(void) {
    signal(SIGTERM, SIG_IGN);
    return spin();
}

static int idle(void) {
    at_work();
    while (s)
        pause();
    return 0;
}

// Slow, but with a sign of life now and then.
static int slow(void) {
    at_work();
    for (int i = 0; i < 40; i++) {
        struct timespec nap = {.tv_nsec = 20000000};
        nanosleep(&nap, NULL);
        s->log.steps++;
    }
    return finish();
}

// Needs 2 ms of the CPU, and is given it only when nobody else wants it.
static int starved(void) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    struct timespec used = {0};
    if (sched_setaffinity(0, sizeof first, &first) ||
        sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0}))
        return 1;
    at_work();
    while (used.tv_sec == 0 && used.tv_nsec < 2000000)
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return finish();
}

// Busy for ever, with signs of life.
static int pretend(void) {
    at_work();
    while (s)
        s->log.steps++;
    return 0;
}

static int flood(void) {
    at_work();
    char line[1024];
    memset(line, 'x', sizeof line);
    for (int i = 0; i < 4096; i++)
        if (write(1, line, sizeof line) < 0)
            return 1;
    return finish();
}

static int tamper(void) {
    s->log.capacity = 1u << 31;
    s->log.head = 1u << 30;
    return idle();
}

static int tamper_and_end(void) {
    at_work();
    s->log.capacity = 0;
    return finish();
}

// A process that outlives its parent, in the same group. Its number goes into heap_peak.
static int orphan(void) {
    pid_t child = fork();
    while (child == 0)
        pause();
    s->heap_peak = (uint64_t)child;
    return finish();
}

static void note(const char *text) {
    strncat(s->refusal, text, sizeof s->refusal - strlen(s->refusal) - 1);
}

// Everything it was given: descriptors, environment, folder, group, limits, blocked signals.
static int surroundings(void) {
    char path[200], cwd[120] = "";
    struct rlimit core, data, files;
    sigset_t blocked;
    for (int fd = 0; fd < 60; fd++)
        if (fcntl(fd, F_GETFD) >= 0) {
            snprintf(path, sizeof path, "fd%d ", fd);
            note(path);
        }
    getrlimit(RLIMIT_CORE, &core);
    getrlimit(RLIMIT_DATA, &data);
    getrlimit(RLIMIT_NOFILE, &files);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    snprintf(path, sizeof path, "home=%s path=%s leader=%d core=%d data=%d files=%d int=%d cwd=%s",
             getenv("HOME") ? "set" : "unset", getenv("PATH"), getpgrp() == getpid(),
             (int)core.rlim_cur, data.rlim_cur != RLIM_INFINITY, (int)files.rlim_cur,
             sigismember(&blocked, SIGINT), getcwd(cwd, sizeof cwd));
    note(path);
    FILE *out = fopen("left-behind", "w");
    if (out)
        fclose(out);
    return finish();
}

static int searching(void) {
    s->search.explored++;
    return finish();
}

static const struct {
    const char *name;
    int (*run)(void);
} behaviours[] = {
    {"done", done},
    {"refuse", refuse},
    {"crash", crash},
    {"overflow", overflow},
    {"overflow_small", overflow_small},
    {"early", early},
    {"unready", unready},
    {"spin", spin},
    {"deaf", deaf},
    {"idle", idle},
    {"slow", slow},
    {"starved", starved},
    {"pretend", pretend},
    {"flood", flood},
    {"tamper", tamper},
    {"orphan", orphan},
    {"tamper_and_end", tamper_and_end},
    {"surroundings", surroundings},
    {"searching", searching},
};

int main(int argc, char **argv) {
    struct stat st;
    if (argc != 5 || strcmp(argv[1], "--fd") != 0 || fstat(atoi(argv[2]), &st))
        return 2;
    s = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[2]), 0);
    if (s == MAP_FAILED || s->magic != SHARED_MAGIC)
        return 2;
    const char *slash = strrchr(argv[3], '/');
    for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++)
        if (strcmp(slash ? slash + 1 : argv[3], behaviours[i].name) == 0)
            return behaviours[i].run();
    return 2;
}
