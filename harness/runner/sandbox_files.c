// sandbox_files: Landlock. See sandbox.h.
//
// Everything that can be done to a file needs a right that nobody has any more, but for reading, which
// is granted file by file: the two objects, what is loaded already (whose names of functions and lines are
// read when a place in the source is asked for), debug information, and /proc/self, where sanitizers
// look up their own memory. Descriptors that are open stay usable.
//
// Invariant: /proc/self is held open. Its rule is bound to the kernel's object for that folder, which
// is made anew once nobody holds it.
#define _GNU_SOURCE // dl_iterate_phdr, O_PATH

#include "harness/runner/sandbox.h"

#include <errno.h>

#if __has_include(<linux/landlock.h>)
#include <fcntl.h>
#include <link.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Those that came with later versions of it, for headers that are older than the kernel.
enum {
    RIGHTS_AT_FIRST = 13, // how many there were: bits from 0 on
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
    NETWORK = 3, // bind and connect by TCP
    SCOPES = 3,  // abstract sockets and signals to who is outside
};

// As the newest kernel knows it; an older one is given the part that it knows.
struct rules {
    uint64_t files, network, scopes;
};

static struct rules rules_of(int version) {
    return (struct rules){
        .files = ((1 << RIGHTS_AT_FIRST) - 1) | (version >= 2 ? REFER : 0) |
                 (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0),
        .network = version >= 4 ? NETWORK : 0,
        .scopes = version >= 6 ? SCOPES : 0,
    };
}

static size_t rules_size(int version) {
    return version >= 6   ? sizeof(struct rules)
           : version >= 4 ? offsetof(struct rules, scopes)
                          : offsetof(struct rules, network);
}

// Grants reading of the file at the path, or of those below it. Nothing there: nothing granted.
static void grant(int set, const char *path, bool keep_open) {
    int fd = path && *path ? open(path, O_PATH | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
        .parent_fd = fd,
    };
    syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    if (!keep_open)
        close(fd);
}

static int grant_loaded(struct dl_phdr_info *object, size_t size, void *user) {
    (void)size;
    grant(*(const int *)user, object->dlpi_name, false);
    return 0;
}

bool sandbox_close_files(const char *driver, const char *exercise) {
    int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
                               LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return false;
    struct rules rules = rules_of(version);
    int set = (int)syscall(SYS_landlock_create_ruleset, &rules, rules_size(version), 0);
    if (set < 0)
        return false;
    dl_iterate_phdr(grant_loaded, &set);
    const char *const others[] = {driver, exercise, "/proc/self/exe", "/usr/lib/debug"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        grant(set, others[i], false);
    grant(set, "/proc/self", true);
    bool closed = syscall(SYS_landlock_restrict_self, set, 0) == 0;
    close(set);
    return closed;
}

#else

bool sandbox_close_files(const char *driver, const char *exercise) {
    (void)driver, (void)exercise;
    errno = ENOSYS;
    return false;
}

#endif
