// sandbox: what the process may no longer do once learner code is about to be loaded. In layers, each of
// which holds without the others, and each of which a kernel or a container may not have.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Goes in, for good: namespaces, privileges, files, system calls, in this order. From here on only
// `driver` and `exercise` (may be NULL), what this process has loaded already and what it may know about
// itself can be opened, for reading. `said` gets the layers in force, parted by ", ", in the words below;
// "none" and why where there are none.
void sandbox_enter(const char *driver, const char *exercise, char *said, size_t size);

// The words.
#define SANDBOX_CALLS    "seccomp"
#define SANDBOX_FILES    "landlock"
#define SANDBOX_NETWORK  "network namespace"
#define SANDBOX_MESSAGES "ipc namespace"

// --- the layers, each as one call ------------------------------------------------------------------

// What sandbox_unshare got.
enum { UNSHARED_NETWORK = 1, UNSHARED_IPC = 2 };

// sandbox_spaces.c: a network without any interface, and no shared memory or queues of others; as root
// by right, else by a user namespace. Returns a set of UNSHARED_*. To be called while there is one thread.
unsigned sandbox_unshare(void);
// Gives up every privilege but that of reading, which a root needs for what others own.
void sandbox_unprivileged(void);

// sandbox_files.c: by Landlock no file can be opened any more but, for reading, those above. False:
// errno says why not.
bool sandbox_close_files(const char *driver, const char *exercise);

// sandbox_calls.c: by seccomp only the system calls of a list can be made; every other fails with
// EPERM. Returns 0 or an errno.
int sandbox_close_calls(void);
