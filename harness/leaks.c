// leaks: which tasks are leaked while others still run.
//
// The runner writes, the parent reads, in memory that both map; neither waits for the other. A
// reader that meets a writer keeps what it read before (a sequence lock: Lameter, Effective
// Synchronization on Linux/NUMA Systems, 2005). What it reads is never trusted to be within bounds.
#include "harness/leaks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void leaks_publish(struct leaks_shown *shown, const struct leaks *leaks) {
    uint32_t version = atomic_load_explicit(&shown->version, memory_order_relaxed);
    atomic_store_explicit(&shown->version, version + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    shown->leaks = *leaks;
    atomic_store_explicit(&shown->version, version + 2, memory_order_release);
}

bool leaks_read(const struct leaks_shown *shown, struct leaks *out) {
    uint32_t before = atomic_load_explicit(&shown->version, memory_order_acquire);
    struct leaks read = shown->leaks;
    atomic_thread_fence(memory_order_acquire);
    if (before % 2 || atomic_load_explicit(&shown->version, memory_order_relaxed) != before)
        return false;
    if (read.group_count > LEAKS_GROUPS)
        read.group_count = LEAKS_GROUPS;
    for (uint32_t i = 0; i < read.group_count; i++)
        read.groups[i].name[LEAKS_NAME - 1] = 0;
    *out = read;
    return true;
}

const char *leaks_words(const struct leaks *leaks, bool held, char *out, size_t size) {
    uint32_t others = leaks->waiting > leaks->leaked ? leaks->waiting - leaks->leaked : 0;
    snprintf(out, size, "%s", "");
    if (!leaks->known)
        return out;
    int n = snprintf(out, size, "leaked %" PRIu32 " (decided by reachability%s)", leaks->leaked,
                     leaks->ignores_globals ? ", globals ignored" : "");
    if (held && others && n > 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, ", %" PRIu32 " held by %s: decided at the end of a run",
                 others,
                 leaks->by_globals == others ? "globals"
                 : leaks->by_globals         ? "globals or live tasks"
                                             : "live tasks");
    return out;
}

// The last part of a path.
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *leaks_group_words(const event_log *log, const struct leaks_group *g, char *out,
                              size_t size) {
    log_site at = event_log_site(log, g->at);
    snprintf(out, size, "%" PRIu32 " %s in %s at %s:%" PRIu32, g->count, g->name,
             wait_reason_text((enum wait_reason)g->reason),
             base_name(event_log_string(log, at.file)), at.line);
    return out;
}
