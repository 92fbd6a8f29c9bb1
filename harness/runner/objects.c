// objects: what lies at an address, as people call it.
//
// A global has its symbol. A block of the heap is called by who allocated it: code that allocates through the
// core leaves the place in the block; who calls malloc and its kin is remembered here, by the return address of
// that call, because only few of the addresses will ever be asked for.
#include "core/heap.h"
#include "core/run.h"
#include "harness/runner/runner.h"

#include <stdio.h>
#include <string.h>

enum { ALLOCS = 1 << 14 };

static struct alloc {
    const void *block;
    size_t size; // asked for
    void *caller;
} allocs[ALLOCS];
static size_t alloc_count; // ALLOCS: those that come are not remembered
static const event_log *in_log;

void allocs_begin(const event_log *log) {
    in_log = log;
    alloc_count = 0;
}

void *alloc_seen(void *block, size_t size, void *caller) {
    if (in_log && alloc_count < ALLOCS)
        allocs[alloc_count++] = (struct alloc){block, size, caller};
    return block;
}

static const struct alloc *alloc_find(const void *block) {
    for (size_t i = alloc_count; i > 0; i--)
        if (allocs[i - 1].block == block)
            return &allocs[i - 1];
    return NULL;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// "byte 8 of the 64-byte block allocated in make_cache (cache.c:31)".
static void block_words(size_t offset, size_t size, const char *function, const char *file,
                        int line, char *out, size_t room) {
    char bytes[32] = "";
    if (size)
        snprintf(bytes, sizeof bytes, "%zu-byte ", size);
    snprintf(out, room, "byte %zu of the %sblock allocated in %.40s (%.40s:%d)", offset, bytes,
             *function ? function : "?", base_name(file), line);
}

static bool name_of_block(const void *address, char *out, size_t room) {
    struct run_block b;
    if (!run_block_of(address, &b))
        return false;
    size_t offset = (size_t)((const char *)address - (const char *)b.at);
    const struct alloc *a = alloc_find(b.at);
    log_site at = event_log_site(in_log, b.site);
    if (a) {
        struct place p = place_of_frames(&a->caller, 1);
        block_words(offset, a->size, p.function, p.file, p.line, out, room);
    } else {
        block_words(offset, 0, event_log_string(in_log, at.function),
                    event_log_string(in_log, at.file), (int)at.line, out, room);
    }
    return true;
}

void object_of_address(const void *address, const char *stack_of, char *out, size_t room) {
    char variable[RACE_NAME];
    name_of_variable(address, variable, sizeof variable);
    if (*variable)
        snprintf(out, room, "%s", variable);
    else if (*stack_of)
        snprintf(out, room, "a variable on the stack of %s", stack_of);
    else if (!in_log || !name_of_block(address, out, room))
        *out = 0;
}
