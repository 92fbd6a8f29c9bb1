// reset: the variables of a loaded object, as they were before the first run.
//
// Each writable segment of the object is copied once after loading, without the part that becomes
// read-only after relocation (RELRO), and copied back before every run. The loops are plain and
// uninstrumented: sanitizers would refuse or slow them, and what they write is reset, not a store
// of the program under test.
#define _GNU_SOURCE // dlinfo, dl_iterate_phdr

#include "harness/runner/runner.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

enum { REGIONS = 8, LARGEST = 8 << 20 };

struct region {
    char *at;
    char *copy;
    size_t size;
};
static struct region regions[REGIONS];
static size_t region_count;

#define PLAIN                                                                                      \
    __attribute__((no_sanitize("address", "undefined"),                                            \
                   optimize("no-tree-loop-distribute-patterns")))
#ifdef __clang__
#undef PLAIN
#define PLAIN __attribute__((no_sanitize("address", "undefined"), no_builtin))
#endif

PLAIN static void copy(char *to, const char *from, size_t size) {
    while (size >= 8) {
        *(uint64_t *)to = *(const uint64_t *)from;
        to += 8, from += 8, size -= 8;
    }
    while (size--)
        *to++ = *from++;
}

static bool region_add(char *at, size_t size) {
    if (size == 0)
        return true;
    if (region_count == REGIONS || size > LARGEST)
        return false;
    struct region *r = &regions[region_count++];
    *r = (struct region){at, malloc(size), size};
    if (!r->copy)
        return false;
    copy(r->copy, r->at, size);
    return true;
}

// RELRO covers the beginning of the writable segment, up to a page boundary.
static bool segments_add(const struct dl_phdr_info *info) {
    uintptr_t relro_end = 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
            relro_end = info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    relro_end &= ~(uintptr_t)4095;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_LOAD || !(p->p_flags & PF_W))
            continue;
        uintptr_t start = p->p_vaddr, end = p->p_vaddr + p->p_memsz;
        if (relro_end > start)
            start = relro_end;
        if (start < end && !region_add((char *)info->dlpi_addr + start, end - start))
            return false;
    }
    return true;
}

struct wanted {
    uintptr_t base;
    const char *name;
    bool ok;
};

static int visit(struct dl_phdr_info *info, size_t size, void *user) {
    (void)size;
    struct wanted *w = user;
    if (info->dlpi_addr != w->base || strcmp(info->dlpi_name, w->name))
        return 0;
    w->ok = segments_add(info);
    return 1;
}

bool statics_remember(void *handle) {
    struct link_map *map;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map))
        return false;
    struct wanted w = {map->l_addr, map->l_name, false};
    dl_iterate_phdr(visit, &w);
    return w.ok;
}

const struct reach_range *statics_ranges(size_t *count) {
    static reach_range ranges[REGIONS];
    for (size_t i = 0; i < region_count; i++)
        ranges[i] = (reach_range){regions[i].at, regions[i].size};
    *count = region_count;
    return ranges;
}

void statics_restore(void) {
    for (size_t i = 0; i < region_count; i++)
        copy(regions[i].at, regions[i].copy, regions[i].size);
}
