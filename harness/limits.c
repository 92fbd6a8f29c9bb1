// limits: resource limits of a runner, and the few variables it sees.
//
// Never RLIMIT_AS: stacks and sanitizer shadows are reserved by the terabyte and cost nothing.
// Never RLIMIT_NPROC: it does not bind root; the runner's own filter refuses forks and threads.
#include "harness/limits.h"

#include <errno.h>
#include <sys/personality.h>
#include <sys/resource.h>

static const uint64_t GIGABYTE = UINT64_C(1) << 30, MEGABYTE = UINT64_C(1) << 20,
                      STACK_BYTES = 68 << 10, CPU_SECONDS = 3600;

struct limits limits_for_runner(bool sanitized, bool endless, uint32_t tasks, size_t heap) {
    uint64_t data = GIGABYTE + heap + (uint64_t)tasks * STACK_BYTES;
    return (struct limits){
        .cpu_seconds = endless ? 0 : CPU_SECONDS,
        .data_bytes = sanitized ? 0 : data,
        .file_bytes = 64 * MEGABYTE,
        .files = 64,
        .fixed_addresses = sanitized,
    };
}

uint32_t limits_started(uint32_t tasks) {
    const uint64_t least = 1000000, for_each = 5;
    uint64_t most = for_each * tasks;
    return (uint32_t)(most < least ? least : most > UINT32_MAX ? UINT32_MAX : most);
}

static int set_one(int which, uint64_t most) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)which, &now))
        return errno;
    if (now.rlim_max != RLIM_INFINITY && most > now.rlim_max)
        most = now.rlim_max;
    struct rlimit wanted = {most, most};
    return setrlimit((__rlimit_resource_t)which, &wanted) ? errno : 0;
}

int limits_apply(const struct limits *l) {
    int bad = set_one(RLIMIT_CORE, 0);
    if (!bad && l->cpu_seconds)
        bad = set_one(RLIMIT_CPU, l->cpu_seconds);
    if (!bad && l->data_bytes)
        bad = set_one(RLIMIT_DATA, l->data_bytes);
    if (!bad)
        bad = set_one(RLIMIT_FSIZE, l->file_bytes);
    if (!bad)
        bad = set_one(RLIMIT_NOFILE, l->files);
    // A container may refuse this: then the sanitizer itself says whether it can start.
    if (l->fixed_addresses)
        personality(ADDR_NO_RANDOMIZE);
    return bad;
}

char *const *limits_environment(void) {
    static char path[] = "PATH=/usr/bin:/bin", language[] = "LANG=C.UTF-8";
    static char tsan[] = "TSAN_OPTIONS=atexit_sleep_ms=0:exitcode=0:symbolize=0:"
                         "suppress_equal_stacks=0:suppress_equal_addresses=0:detect_deadlocks=0:"
                         "handle_segv=0";
    static char asan[] = "ASAN_OPTIONS=detect_leaks=0:symbolize=0:use_sigaltstack=0:handle_segv=0:"
                         "detect_stack_use_after_return=0:abort_on_error=1";
    static char *const variables[] = {path, language, tsan, asan, NULL};
    return variables;
}
