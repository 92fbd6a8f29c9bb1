// stack: the stacks of all tasks, in slots of one reservation at a fixed address.
//
//     slot:  | guard page | 64 KB, growing down ............ | task header |
//
// Invariants: a slot is either in use or on the free list; the free list is last in, first out, so
// a warm stack is used again; slots that were never used come in order of their address, so the
// same run gets the same addresses. The header sits in the top page, which is touched anyway, 64
// bytes lower for each of 16 colours: headers of neighbours then fall into different cache sets
// (6.3 to 3.0 ns a switch over 1,000 tasks). The stride is an odd number of pages for the same
// reason.
//
// Guards, best first: MADV_GUARD_INSTALL (Linux 6.13: no memory area is split, so a million stacks
// fit); leaving the guard page PROT_NONE, which splits areas, for the first 16,000; a canary, looked
// at on each switch, and a PROT_NONE page every 1,024 slots, where a runaway recursion ends.
//
// Rejected: one mmap per stack (stops at 32,753 of them: two memory areas each, 65,530 allowed);
// growing by copying (needs the compiler's help); giving pages back at each exit (0.5-4 us a task;
// we trim in bulk when a run ends).
#include "core/internal.h"
#include "core/memory.h"
#include "core/panic.h"

#include <string.h>
#include <sys/mman.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum {
    PAGE = 4096,
    STRIDE = STACK_USABLE + PAGE,
    CHUNK = 64, // slots made usable at a time
    COLOURS = 16,
    COLOUR_STEP = 64,
    MPROTECT_GUARDS = 16000, // slots guarded by mprotect before canaries take over
    CANARY_SPAN = 1024,      // slots with canaries from one guard page to the next
    KEEP_WARM = 4 * CHUNK,   // slots whose pages survive the end of a run
};
static const uint64_t CANARY = UINT64_C(0x5ca1ab1e0ddba11);
static char *const STACKS_BASE = (char *)0x7eb000000000;

enum guard { GUARD_UNKNOWN, GUARD_MADVISE, GUARD_MPROTECT, GUARD_CANARY };

static char *base; // NULL: not reserved yet
static enum guard guard, forced;
static uint32_t slots;          // for how many there is address space
static uint32_t ready_slots;    // slots [0, ready_slots) have memory and guards
static uint32_t used_slots;     // slots [0, used_slots) were used in this run
static uint32_t dirty_slots;    // slots [0, dirty_slots) have pages
static struct task *free_first; // headers of slots given back in this run

static char *slot_low(uint32_t slot) {
    return base + (size_t)slot * STRIDE;
}

static struct task *slot_header(uint32_t slot) {
    size_t room = (sizeof(struct task) + 63) & ~(size_t)63;
    return (struct task *)(slot_low(slot) + STRIDE - room - (slot % COLOURS) * COLOUR_STEP);
}

static enum guard guard_probe(void) {
    if (forced != GUARD_UNKNOWN)
        return forced;
    void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool light = p != MAP_FAILED && madvise(p, PAGE, MADV_GUARD_INSTALL) == 0;
    if (p != MAP_FAILED)
        munmap(p, PAGE);
    return light ? GUARD_MADVISE : GUARD_MPROTECT;
}

// False: the machine has no address space for any.
static bool stacks_reserve(void) {
    size_t size = (size_t)STACKS_MAX * STRIDE;
    base = memory_reserve_most(STACKS_BASE, &size, (size_t)CHUNK * STRIDE);
    if (!base)
        return false;
    slots = (uint32_t)(size / STRIDE);
    madvise(base, size, MADV_NOHUGEPAGE);
    guard = guard_probe();
    return true;
}

static enum guard guard_of(uint32_t slot) {
    return guard == GUARD_MPROTECT && slot >= MPROTECT_GUARDS ? GUARD_CANARY : guard;
}

static bool chunk_open(uint32_t first) {
    if (guard_of(first) == GUARD_MPROTECT)
        return true;
    size_t closed = guard_of(first) == GUARD_CANARY && first % CANARY_SPAN == 0 ? PAGE : 0;
    return memory_commit(slot_low(first) + closed, (size_t)CHUNK * STRIDE - closed);
}

// Makes the next chunk of slots usable. False: the machine refuses the memory.
static bool chunk_commit(void) {
    uint32_t first = ready_slots;
    if (first + CHUNK > slots || !chunk_open(first))
        return false;
    for (uint32_t slot = first; slot < first + CHUNK; slot++) {
        char *low = slot_low(slot);
        if ((guard_of(slot) == GUARD_MADVISE && madvise(low, PAGE, MADV_GUARD_INSTALL)) ||
            (guard_of(slot) == GUARD_MPROTECT && !memory_commit(low + PAGE, STACK_USABLE)))
            return false;
        sanitize_stack_made(slot_low(slot) + PAGE,
                            (size_t)((char *)slot_header(slot) - slot_low(slot)) - PAGE);
    }
    ready_slots = first + CHUNK;
    return true;
}

static uint64_t *canary_of(const struct task *t) {
    return (uint64_t *)(slot_low(t->slot) + PAGE);
}

// A slot never used in this run. Under ThreadSanitizer there is no other kind: a second owner of
// the same addresses would look like a race.
static struct task *slot_fresh(void) {
    if ((!base && !stacks_reserve()) || (used_slots == ready_slots && !chunk_commit()))
        return NULL;
    uint32_t slot = used_slots++;
    if (used_slots > dirty_slots)
        dirty_slots = used_slots;
    struct task *t = slot_header(slot);
    memset(t, 0, sizeof *t);
    t->slot = slot;
    return t;
}

struct task *stack_take(void) {
    if (memory_refused())
        return NULL;
    struct task *t = free_first;
    if (t) {
        free_first = t->older;
        uint32_t slot = t->slot;
        memset(t, 0, sizeof *t);
        t->slot = slot;
    } else {
        t = slot_fresh();
    }
    if (!t)
        return NULL;
    void *low;
    size_t size;
    stack_bounds(t, &low, &size);
    sanitize_unpoison(low, size);
    t->canary = guard_of(t->slot) == GUARD_CANARY;
    if (t->canary)
        *canary_of(t) = CANARY;
    return t;
}

void stack_give(struct task *t) {
    if (sanitize_threads)
        return;
    t->older = free_first;
    free_first = t;
}

void stack_bounds(const struct task *t, void **low, size_t *size) {
    *low = slot_low(t->slot) + PAGE;
    *size = (size_t)((const char *)t - (char *)*low);
}

bool stack_overflowed(const struct task *t) {
    return t->canary && *canary_of(t) != CANARY;
}

// Forgets all slots; gives back the pages of those that a short run would not need.
void stacks_reset(void) {
    free_first = NULL;
    used_slots = 0;
    if (memory_was_short() && ready_slots > KEEP_WARM) {
        memory_give_back(slot_low(KEEP_WARM), (size_t)(ready_slots - KEEP_WARM) * STRIDE);
        ready_slots = KEEP_WARM;
    } else if (dirty_slots > KEEP_WARM) {
        madvise(slot_low(KEEP_WARM), (size_t)(dirty_slots - KEEP_WARM) * STRIDE, MADV_DONTNEED);
    }
    if (dirty_slots > KEEP_WARM)
        dirty_slots = KEEP_WARM;
}

const char *stack_guard_name(void) {
    if (!base && !stacks_reserve())
        return "none: the machine has no address space for stacks";
    switch (guard) {
    case GUARD_MADVISE:
        return "guard page (madvise)";
    case GUARD_MPROTECT:
        return "guard page (mprotect)";
    default:
        return "canary";
    }
}

void stack_guard_force(int which) {
    if (!base)
        forced = (enum guard)which;
}

bool stack_fault(const void *address, const char **name, uint32_t *number) {
    const char *p = address;
    if (!base || p < base || p >= slot_low(used_slots))
        return false;
    uint32_t slot = (uint32_t)((size_t)(p - base) / STRIDE);
    if (p >= slot_low(slot) + PAGE)
        return false;
    // Who has but a canary ran through the stacks below his own to come here.
    const struct task *t = slot_header(slot);
    if (run.current && guard_of(run.current->slot) == GUARD_CANARY)
        t = run.current;
    *name = t->name;
    *number = t->number;
    return true;
}
