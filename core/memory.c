// memory: reserving address space, and committing parts of it.
//
// Rejected: overcommitting it all at once (where the limit is on private writable pages, none would
// be left for anybody else, and a debugger's core file would hold every byte of the reservation).
#include "core/memory.h"

#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

void *memory_reserve(void *where, size_t size) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *p = mmap(where, size, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED)
        p = mmap(NULL, size, PROT_NONE, flags, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    madvise(p, size, MADV_DONTDUMP);
    return p;
}

bool memory_commit(void *p, size_t size) {
    if (mprotect(p, size, PROT_READ | PROT_WRITE))
        return false;
    madvise(p, size, MADV_DODUMP);
    return true;
}
