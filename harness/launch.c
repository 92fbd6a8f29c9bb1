// launch: fork, seal off, exec.
//
// Invariant: between fork and exec only async-signal-safe calls are made, with all signals blocked
// until the parent's handlers are gone: the parent may be in the middle of anything.
//
// Rejected: posix_spawn (it cannot set limits, the personality or the parent-death signal).
#include "harness/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    REPORT_FD = 4,   // in the child, until exec: where the errno of a failure goes
    OUT_OF_WAY = 16, // descriptors from here on cannot be one of those to be replaced
    FAILED = 127,
};

// --- in the child -------------------------------------------------------------------------------

static _Noreturn void fail(int report, int bad) {
    ssize_t ignored = write(report, &bad, sizeof bad);
    (void)ignored;
    _exit(FAILED);
}

static void descriptors_set(const struct launch *l, int report) {
    int from[] = {l->input, l->output, l->output, l->memory, report};
    int count = sizeof from / sizeof *from;
    for (int i = 0; i < count; i++)
        if ((from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, OUT_OF_WAY)) < 0)
            fail(report, errno);
    for (int i = 0; i < count; i++)
        if (dup2(from[i], i) < 0)
            fail(from[count - 1], errno);
    fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
    close_range(REPORT_FD + 1, ~0u, 0);
}

// Ignored and blocked signals would be inherited through exec. One that is pending came while this was still in the
// parent's group, as the ctrl-z of its terminal does: it was the parent's, and is dropped by being ignored.
static void signals_reset(void) {
    sigset_t none;
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_IGN);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
}

static void part_from(pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // it died before the line above
        _exit(FAILED);
    signals_reset();
}

static _Noreturn void child(const struct launch *l, int report) {
    descriptors_set(l, report);
    int bad = limits_apply(&l->limits);
    if (!bad && chdir(l->folder))
        bad = errno;
    if (bad)
        fail(REPORT_FD, bad);
    execve(l->argv[0], l->argv, limits_environment());
    fail(REPORT_FD, errno);
}

// --- in the parent --------------------------------------------------------------------------------

pid_t launch_fork(void) {
    sigset_t all, before;
    pid_t parent = getpid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        part_from(parent);
        return 0;
    }
    int bad = errno;
    if (pid > 0)
        setpgid(pid, pid); // here too: whoever is first
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = bad;
    return pid;
}

// The errno that the child reported, 0: the exec closed the pipe.
static int report_read(int report) {
    int bad = 0;
    ssize_t n;
    do
        n = read(report, &bad, sizeof bad);
    while (n < 0 && errno == EINTR);
    return n == sizeof bad ? bad : 0;
}

int launch(const struct launch *l, pid_t *pid) {
    int report[2];
    if (pipe2(report, O_CLOEXEC))
        return errno;
    *pid = launch_fork();
    if (*pid == 0)
        child(l, report[1]);
    int bad = *pid < 0 ? errno : 0;
    close(report[1]);
    if (!bad) {
        bad = report_read(report[0]);
        if (bad)
            waitpid(*pid, NULL, 0);
    }
    close(report[0]);
    return bad;
}
