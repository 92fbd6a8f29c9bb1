// sandbox: what the process may no longer do once learner code is about to be loaded.
//
// A seccomp filter refuses new processes and threads, other programs, sockets, tracing, signals to
// others, and everything that changes a file: the call fails with EPERM. Reading stays possible,
// and memory is bounded by limits the parent set. Where the kernel or a container refuses the
// filter, the run goes on without and says so.
#include "harness/runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const int refused[] = {
    SCMP_SYS(fork),           SCMP_SYS(vfork),
    SCMP_SYS(clone),          SCMP_SYS(execve),
    SCMP_SYS(execveat),       SCMP_SYS(socket),
    SCMP_SYS(connect),        SCMP_SYS(bind),
    SCMP_SYS(ptrace),         SCMP_SYS(creat),
    SCMP_SYS(unlink),         SCMP_SYS(unlinkat),
    SCMP_SYS(rename),         SCMP_SYS(renameat),
    SCMP_SYS(renameat2),      SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),        SCMP_SYS(rmdir),
    SCMP_SYS(link),           SCMP_SYS(linkat),
    SCMP_SYS(symlink),        SCMP_SYS(symlinkat),
    SCMP_SYS(chmod),          SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),       SCMP_SYS(chown),
    SCMP_SYS(fchown),         SCMP_SYS(lchown),
    SCMP_SYS(fchownat),       SCMP_SYS(truncate),
    SCMP_SYS(mknod),          SCMP_SYS(mknodat),
    SCMP_SYS(mount),          SCMP_SYS(umount2),
    SCMP_SYS(setsid),         SCMP_SYS(setpgid),
    SCMP_SYS(io_uring_setup), SCMP_SYS(process_vm_writev),
    SCMP_SYS(utimensat),      SCMP_SYS(shmget),
};

// clone3 passes its flags in memory, which a filter cannot read: ENOSYS makes libc use clone.
static int rules_add(scmp_filter_ctx filter) {
    int bad = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    const int writing[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
    for (size_t i = 0; i < sizeof writing / sizeof *writing; i++) {
        scmp_datum_t flag = (scmp_datum_t)writing[i];
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(open), 1,
                                SCMP_A1(SCMP_CMP_MASKED_EQ, flag, flag));
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, flag, flag));
    }
    const int signals[] = {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(pidfd_send_signal)};
    scmp_datum_t me = (scmp_datum_t)getpid();
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), signals[i], 1,
                                SCMP_A0(SCMP_CMP_NE, me, 0));
    return bad;
}

void sandbox_enter(char *said, size_t size) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int bad = filter ? rules_add(filter) : -ENOMEM;
    if (!bad)
        bad = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    if (bad)
        snprintf(said, size, "none: %s", strerror(bad < 0 ? -bad : bad));
    else
        snprintf(said, size, "seccomp");
}
