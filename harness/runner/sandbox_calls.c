// sandbox_calls: seccomp. See sandbox.h.
//
// A list of what may be called, not of what may not: what kernels add later is refused from its first day.
// It is what the core, the loader, libbacktrace and the runtimes of the sanitizers need once the process
// is set up, found by watching them. Many calls are allowed for certain arguments alone: files are opened
// for reading, only stdout and stderr are written to, signals go to this process, memory never becomes
// executable but from a file.
//
// Rejected: ending the process at a call that is refused (a libc or a sanitizer of another version that
// tries something new would be taken for a crash of the exercise, and goes on without it very well).
#include "harness/runner/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const int always[] = {
    // memory
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mincore),
    // reading, of what Landlock lets be opened
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(statx),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(getcwd),
    // time
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    // itself
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(arch_prctl),
    // signals that it is sent, and its end
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

// Of libc's calls those that it can do without, if it is told that there is no such call.
static const int unknown[] = {SCMP_SYS(clone3), SCMP_SYS(openat2), SCMP_SYS(faccessat2)};

enum { VALUES = 4 };

// Calls with an argument that has to be one of these values.
static const struct {
    int call;
    unsigned argument, count;
    scmp_datum_t values[VALUES];
} listed[] = {
    {SCMP_SYS(write), 0, 2, {STDOUT_FILENO, STDERR_FILENO}},
    {SCMP_SYS(writev), 0, 2, {STDOUT_FILENO, STDERR_FILENO}},
    {SCMP_SYS(fcntl), 1, 3, {F_GETFD, F_SETFD, F_GETFL}},
    {SCMP_SYS(ioctl), 1, 1, {TCGETS}},
    {SCMP_SYS(prctl), 0, 3, {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE}},
};

static int allow(scmp_filter_ctx filter, int call, unsigned count,
                 const struct scmp_arg_cmp *tests) {
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, tests);
}

static int allow_listed(scmp_filter_ctx filter) {
    int bad = 0;
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        for (unsigned k = 0; k < listed[i].count; k++)
            bad |= allow(
                filter, listed[i].call, 1,
                &(struct scmp_arg_cmp){listed[i].argument, SCMP_CMP_EQ, listed[i].values[k], 0});
    return bad;
}

// Flags that neither write nor make anything.
static int allow_opening(scmp_filter_ctx filter) {
    const scmp_datum_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    return allow(filter, SCMP_SYS(open), 1,
                 &(struct scmp_arg_cmp){1, SCMP_CMP_MASKED_EQ, writing, 0}) |
           allow(filter, SCMP_SYS(openat), 1,
                 &(struct scmp_arg_cmp){2, SCMP_CMP_MASKED_EQ, writing, 0});
}

// Code comes from files alone, and is never written to.
static int allow_mapping(scmp_filter_ctx filter) {
    const struct scmp_arg_cmp data[] = {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}};
    const struct scmp_arg_cmp code[] = {
        {2, SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC},
        {3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0},
    };
    return allow(filter, SCMP_SYS(mmap), 1, data) | allow(filter, SCMP_SYS(mmap), 2, code) |
           allow(filter, SCMP_SYS(mprotect), 1, data);
}

// It may end itself, and ask what its limits are.
static int allow_own(scmp_filter_ctx filter) {
    const int signals[] = {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(tkill)};
    const struct scmp_arg_cmp asking[] = {{0, SCMP_CMP_EQ, 0, 0}, {2, SCMP_CMP_EQ, 0, 0}};
    int bad = allow(filter, SCMP_SYS(prlimit64), 2, asking);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        bad |= allow(filter, signals[i], 1,
                     &(struct scmp_arg_cmp){0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0});
    return bad;
}

static int rules_add(scmp_filter_ctx filter) {
    int bad = 0;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        bad |= allow(filter, always[i], 0, NULL);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), unknown[i], 0);
    return bad | allow_listed(filter) | allow_opening(filter) | allow_mapping(filter) |
           allow_own(filter);
}

int sandbox_close_calls(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int bad = filter ? rules_add(filter) : -ENOMEM;
    if (!bad)
        bad = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return bad < 0 ? -bad : bad;
}
