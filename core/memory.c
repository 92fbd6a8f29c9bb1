// memory: reserving address space, and committing parts of it. The run's own blocks and the stacks
// of its tasks come out of those; they ask memory_refused as well, so that each can fail on its
// own.
//
// Invariants: every allocation of a run is counted once, in the order of the run, so the n-th is
// the same one each time but for what the machine gave to a run before; after a run that was short
// nobody keeps more than a small one needs.
//
// Rejected: overcommitting it all at once (where the limit is on private writable pages, none would
// be left for anybody else, and a debugger's core file would hold every byte of the reservation).
#include "core/memory.h"

#include "core/run.h"

#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static uint64_t asked, failing;  // allocations of this run so far; which one fails
static bool is_short, was_short; // the machine refused something in this run, in the one before

bool memory_refused(void) {
    return ++asked == failing;
}

uint64_t run_allocations(void) {
    return asked;
}

void *memory_reserve(void *where, size_t size) {
    if (memory_refused())
        return NULL;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *p = mmap(where, size, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED)
        p = mmap(NULL, size, PROT_NONE, flags, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    madvise(p, size, MADV_DONTDUMP);
    return p;
}

void *memory_reserve_most(void *where, size_t *size, size_t least) {
    void *p = NULL;
    for (; *size >= least && !(p = memory_reserve(where, *size)); *size /= 2)
        continue;
    return p;
}

bool memory_commit(void *p, size_t size) {
    if (memory_refused() || mprotect(p, size, PROT_READ | PROT_WRITE)) {
        is_short = true;
        return false;
    }
    madvise(p, size, MADV_DODUMP);
    return true;
}

void memory_give_back(void *p, size_t size) {
    madvise(p, size, MADV_DONTNEED);
    madvise(p, size, MADV_DONTDUMP);
    mprotect(p, size, PROT_NONE);
}

bool memory_was_short(void) {
    return was_short;
}

void memory_begin(uint64_t fail) {
    asked = 0;
    failing = fail;
    was_short = is_short;
    is_short = false;
}
