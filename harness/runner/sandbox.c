// sandbox: the layers, one after the other. See sandbox.h.
//
// Invariant: no layer relies on another. A kernel without Landlock leaves files readable, but not
// writable; one without seccomp (or a container that refuses it) leaves calls possible that the other
// two make useless.
//
// Rejected: a mount namespace with a root of its own (what has to be in it is known no better than for
// Landlock, and making it costs more than a run); a process namespace (it begins with a child, and the
// process that loads learner code has none).
#include "harness/runner/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static void say(char *said, size_t size, const char *layer) {
    size_t used = strlen(said);
    snprintf(said + used, size - used, "%s%s", used ? ", " : "", layer);
}

void sandbox_enter(const char *driver, const char *exercise, char *said, size_t size) {
    *said = 0;
    unsigned spaces = sandbox_unshare();
    sandbox_unprivileged();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    bool files = sandbox_close_files(driver, exercise);
    int bad = sandbox_close_calls();
    if (!bad)
        say(said, size, SANDBOX_CALLS);
    if (files)
        say(said, size, SANDBOX_FILES);
    if (spaces & UNSHARED_NETWORK)
        say(said, size, SANDBOX_NETWORK);
    if (spaces & UNSHARED_IPC)
        say(said, size, SANDBOX_MESSAGES);
    if (!*said)
        snprintf(said, size, "none: %s", strerror(bad));
}
