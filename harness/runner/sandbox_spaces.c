// sandbox_spaces: namespaces and privileges. See sandbox.h.
//
// A user namespace is asked for only by who has no right to the others without one: inside it a root
// could not read what belongs to another user any more.
#define _GNU_SOURCE // unshare

#include "harness/runner/sandbox.h"

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned unshare_these(int flags) {
    if (unshare(flags | CLONE_NEWNET | CLONE_NEWIPC) == 0)
        return UNSHARED_NETWORK | UNSHARED_IPC;
    if (unshare(flags | CLONE_NEWNET) == 0)
        return UNSHARED_NETWORK;
    return 0;
}

// Changing its credentials may make the process outlive its parent; that is asked for again.
unsigned sandbox_unshare(void) {
    unsigned got = unshare_these(0);
    if (!got)
        got = unshare_these(CLONE_NEWUSER);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return got;
}

// By the system call itself: no library is needed for so little.
void sandbox_unprivileged(void) {
    struct __user_cap_header_struct who = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &who, sets))
        return;
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        __u32 kept = i == 0 ? UINT32_C(1) << CAP_DAC_READ_SEARCH : 0;
        sets[i].effective &= kept;
        sets[i].permitted &= kept;
        sets[i].inheritable = 0;
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    syscall(SYS_capset, &who, sets);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}
