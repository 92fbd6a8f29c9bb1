// heap: the run's arena.
//
// A bump allocator with free lists by size class, in one reservation at a fixed address, so that
// addresses repeat from run to run and machine to machine. Every block has a 16-byte header.
// Invariant: memory above `top` is zero, so fresh blocks need no clearing.
//
// Under a sanitizer blocks are never handed out twice within a run: ThreadSanitizer would see two
// owners of one address as a race, AddressSanitizer keeps freed blocks poisoned.
//
// Rejected: libc malloc (its addresses depend on history, and what a killed task held would have
// to be found and freed); no reuse at all (a load driver runs for hours).
#include "core/heap.h"

#include "core/internal.h"
#include "core/memory.h"
#include "core/panic.h"

#include <string.h>
#include <sys/mman.h>

static char *const ARENA_BASE = (char *)0x7ea000000000;
enum { COMMIT = 1 << 20, CLASSES = 48, FORGET = 1 << 20 };
static const size_t ARENA_MOST = (size_t)16 << 30;
static const size_t DEFAULT_QUOTA = (size_t)256 << 20;

enum { LIVE = 0x6c697665, FREED = 0x66726565 };

struct block {
    uint64_t size;  // usable bytes: the whole of its class
    uint32_t mark;  // LIVE or FREED
    uint16_t class; // of its size
    uint16_t site;  // of the allocation; 0 but under ThreadSanitizer
};
_Static_assert(sizeof(struct block) == 16, "blocks keep 16-byte alignment");

struct free_block {
    struct free_block *next; // of the same class, freed before it
};

static char *arena;      // NULL: not reserved yet
static size_t reserved;  // bytes
static size_t top;       // bytes handed out so far
static size_t committed; // bytes that may be touched
static size_t quota, used, peak;
static struct free_block *free_lists[CLASSES];

// Classes: 16, 24, 32, 48, 64, 96, ... two per power of two.
static uint16_t class_of(size_t size) {
    if (size <= 16)
        return 0;
    uint32_t power = 63 - (uint32_t)__builtin_clzl(size - 1); // 2^power < size <= 2^(power+1)
    size_t middle = ((size_t)1 << power) + ((size_t)1 << power) / 2;
    return (uint16_t)((power - 4) * 2 + (size <= middle ? 1 : 2));
}

static size_t class_size(uint16_t class) {
    size_t base = (size_t)16 << (class / 2);
    return class % 2 ? (base + base / 2 + 15) & ~(size_t)15 : base;
}

static void arena_reserve(void) {
    reserved = ARENA_MOST;
    arena = memory_reserve_most(ARENA_BASE, &reserved, COMMIT);
    if (!arena)
        panic_fatal_at(HERE, "out of memory: the machine has no address space for the run's");
}

static bool arena_commit(size_t upto) {
    size_t want = (upto + COMMIT - 1) & ~(size_t)(COMMIT - 1);
    if (want > reserved || !memory_commit(arena + committed, want - committed))
        return false;
    committed = want;
    return true;
}

static _Noreturn void exhausted(site *at) {
    panic_fatal_at(at, "out of memory: the run's %zu MB are used up", quota >> 20);
}

static _Noreturn void refused(site *at) {
    panic_fatal_at(at, "out of memory: the machine refuses more than the %zu MB that the run has",
                   committed >> 20);
}

static bool may_reuse(void) {
    return !sanitize_threads && !sanitize_addresses();
}

static struct block *block_reuse(uint16_t class) {
    struct free_block *f = free_lists[class];
    if (!f)
        return NULL;
    free_lists[class] = f->next;
    struct block *b = (struct block *)f - 1;
    memset(f, 0, b->size);
    return b;
}

static struct block *block_fresh(uint16_t class, site *at) {
    size_t size = class_size(class);
    size_t end = top + sizeof(struct block) + size;
    if (end > committed && !arena_commit(end))
        refused(at);
    struct block *b = (struct block *)(arena + top);
    top = end;
    b->size = size;
    b->class = class;
    return b;
}

void *run_alloc_at(size_t size, site *at) {
    if (size > quota || used + size > quota)
        exhausted(at);
    if (memory_refused())
        refused(at);
    uint16_t class = class_of(size);
    struct block *b = block_reuse(class);
    if (!b)
        b = block_fresh(class, at);
    b->mark = LIVE;
    if (unlikely(sanitize_threads))
        b->site = event_site(at);
    used += b->size;
    if (used > peak)
        peak = used;
    sanitize_unpoison(b + 1, b->size);
    if (size < b->size)
        sanitize_poison((char *)(b + 1) + ((size + 7) & ~(size_t)7),
                        b->size - ((size + 7) & ~(size_t)7));
    return b + 1;
}

void *run_calloc_at(size_t count, size_t size, site *at) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        exhausted(at);
    return run_alloc_at(bytes, at);
}

static struct block *block_of(void *p, site *at) {
    char *c = p;
    if (c < arena + sizeof(struct block) || c >= arena + top || (uintptr_t)c % 16)
        panic_at(at, "free of memory that the run did not allocate");
    struct block *b = (struct block *)p - 1;
    if (b->mark == FREED)
        panic_at(at, "double free");
    if (b->mark != LIVE)
        panic_at(at, "free of memory that the run did not allocate");
    return b;
}

void *run_realloc_at(void *p, size_t size, site *at) {
    if (!p)
        return run_alloc_at(size, at);
    struct block *b = block_of(p, at);
    if (may_reuse() && size <= b->size && size > b->size / 4) {
        memset((char *)p + size, 0, b->size - size); // what a later realloc may uncover
        return p;
    }
    void *q = run_alloc_at(size, at);
    size_t keep = size < b->size ? size : b->size;
    sanitize_unpoison(p, b->size);
    for (size_t i = 0; i < keep; i++)
        ((char *)q)[i] = ((char *)p)[i];
    run_free_at(p, at);
    return q;
}

void run_free_at(void *p, site *at) {
    if (!p)
        return;
    struct block *b = block_of(p, at);
    sanitize_wrote(p, b->size, CALLER);
    b->mark = FREED;
    used -= b->size;
    if (!may_reuse()) {
        sanitize_poison(p, b->size);
        return;
    }
    struct free_block *f = p;
    f->next = free_lists[b->class];
    free_lists[b->class] = f;
}

char *run_strdup_at(const char *s, site *at) {
    size_t size = strlen(s) + 1;
    char *copy = run_alloc_at(size, at);
    for (size_t i = 0; i < size; i++)
        copy[i] = s[i];
    return copy;
}

size_t run_heap_used(void) {
    return used;
}

size_t run_heap_peak(void) {
    return peak;
}

void heap_bounds(char **base, size_t *size) {
    *base = arena;
    *size = top;
}

struct heap_block heap_block_at(size_t offset) {
    const struct block *b = (const struct block *)(arena + offset);
    return (struct heap_block){offset + sizeof *b, b->size, b->mark == LIVE};
}

bool run_block_of(const void *address, struct run_block *out) {
    const char *p = address;
    for (size_t at = 0; arena && p >= arena && at < top;) {
        const struct block *b = (const struct block *)(arena + at);
        const char *first = (const char *)(b + 1);
        if (p < first)
            return false;
        if (p < first + b->size) {
            *out = (struct run_block){first, b->size, b->site};
            return true;
        }
        at += sizeof *b + b->size;
    }
    return false;
}

// Forgets everything. Short runs clear what they touched, long ones give the pages back.
void heap_reset(size_t new_quota) {
    if (!arena)
        arena_reserve();
    sanitize_unpoison(arena, top);
    if (top <= FORGET) {
        for (size_t i = 0; i < top; i += 8)
            *(volatile uint64_t *)(arena + i) = 0;
    } else {
        madvise(arena, committed, MADV_DONTNEED);
    }
    if (memory_was_short() && committed > COMMIT) {
        memory_give_back(arena + COMMIT, committed - COMMIT);
        committed = COMMIT;
    }
    top = used = peak = 0;
    quota = new_quota ? new_quota : DEFAULT_QUOTA;
    memset(free_lists, 0, sizeof free_lists);
}
