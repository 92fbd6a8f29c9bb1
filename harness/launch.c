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

// Ignored and blocked signals would be inherited through exec.
static void signals_reset(void) {
    sigset_t none;
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child(const struct launch *l, pid_t parent, int report) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // it died before the line above
        _exit(FAILED);
    signals_reset();
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

// Forks with all signals blocked. Returns the pid, -1: errno says why not.
static pid_t fork_child(const struct launch *l, int report) {
    sigset_t all, before;
    pid_t parent = getpid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        child(l, parent, report);
    int bad = errno;
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
    *pid = fork_child(l, report[1]);
    int bad = *pid < 0 ? errno : 0;
    close(report[1]);
    if (!bad) {
        setpgid(*pid, *pid); // here too: whoever is first
        bad = report_read(report[0]);
        if (bad)
            waitpid(*pid, NULL, 0);
    }
    close(report[0]);
    return bad;
}
