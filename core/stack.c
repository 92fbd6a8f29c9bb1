// stack: the tasks of a run, and their stacks in slots of two reservations, one for each class.
//
//     ordinary:  | guard page | 64 KB, growing down ......... top |
//     small:     | guard page | 2 KB, top | 2 KB, top | ... 64 of them ... |
//     tasks:     | task | task | ...          one for each slot, in a reservation of their own
//
// Invariants: a slot is either in use or on the free list of its class; the free list is last in,
// first out, so a warm stack is used again; slots that were never used come in order of their
// address, so the same run gets the same addresses. An ordinary stack begins in the top page, 64
// bytes lower for each of 16 colours: the frames of neighbours then fall into different cache sets.
// The stride is an odd number of pages for the same reason, a small slot an odd number of cache lines.
//
// Guards, best first: MADV_GUARD_INSTALL (Linux 6.13: no memory area is split, so a million stacks
// fit); leaving the guard page PROT_NONE, which splits areas, for the first 16,000; a canary, looked
// at on each switch, and a PROT_NONE page every 1,024 slots, where a runaway recursion ends. Small
// stacks always have a canary, and a guard page every 64 slots, or every 1,024 where it splits areas.
//
// Rejected: one mmap per stack (stops at 32,753 of them: two memory areas each, 65,530 allowed);
// growing by copying (needs the compiler's help); giving pages back at each exit (0.5-4 us a task;
// we trim in bulk when a run ends); a small stack for every task (printf alone takes 1.7 KB); the tasks
// at the tops of their stacks, whose pages are touched anyway (160 bytes less a task, but each look at
// one that is not warm costs a walk through the page tables: a snapshot of 100,000 took 30 times as
// long as 100 of 1,000).
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
    LINE = 64, // of the cache
    GROUP_BITS = 6,
    GROUP = 1 << GROUP_BITS, // small slots between two guard pages
    SMALL_SLOT = 31 * LINE,  // GROUP of them fill 31 pages
    CHUNK = 64,              // slots made usable at a time
    COLOURS = 16,            // of ordinary stacks
    MPROTECT_GUARDS = 16000, // slots guarded by mprotect before canaries take over
    CANARY_SPAN = 1024,      // slots with canaries from one guard page to the next
    KEEP_WARM = 4 * CHUNK,   // slots whose pages survive the end of a run
};
_Static_assert(GROUP *SMALL_SLOT % PAGE == 0, "a group of small slots fills its pages");
_Static_assert(CHUNK % GROUP == 0 && CANARY_SPAN % CHUNK == 0, "no chunk ends within a group");

static const uint64_t CANARY = UINT64_C(0x5ca1ab1e0ddba11);

enum guard { GUARD_UNKNOWN, GUARD_MADVISE, GUARD_MPROTECT, GUARD_CANARY };

struct stack_class {
    uint32_t kilobytes;   // as sentences call it
    uint32_t group_bits;  // 1 << group_bits slots share one guard page
    size_t slot_size;     // with its top
    size_t stride;        // from group to group
    uint32_t colours;     // a stack begins up to so many cache lines lower: a mask of slots
    char *where;          // to be reserved, if that is free
    char *tasks_where;    // the same for the tasks
    char *base;           // NULL: not reserved yet
    struct task *tasks;   // of all slots
    uint32_t slots;       // for how many there is address space
    uint32_t ready_slots; // slots [0, ready_slots) have memory and guards
    uint32_t used_slots;  // slots [0, used_slots) were used in this run
    uint32_t dirty_slots; // slots [0, dirty_slots) have pages
    struct task *free;    // given back in this run
};

static struct stack_class ordinary = {.kilobytes = STACK_USABLE / 1024,
                                      .group_bits = 0,
                                      .slot_size = STACK_USABLE,
                                      .stride = PAGE + STACK_USABLE,
                                      .colours = COLOURS - 1,
                                      .where = (char *)0x7eb000000000,
                                      .tasks_where = (char *)0x7e9400000000};
static struct stack_class small = {.kilobytes = (SMALL_SLOT + LINE) / 1024,
                                   .group_bits = GROUP_BITS,
                                   .slot_size = SMALL_SLOT,
                                   .stride = PAGE + GROUP * SMALL_SLOT,
                                   .colours = 0,
                                   .where = (char *)0x7ed000000000,
                                   .tasks_where = (char *)0x7e9800000000};
static enum guard guard, forced;

// The guard page of a slot's group, which begins above it.
static char *guard_page(const struct stack_class *c, uint32_t slot) {
    return c->base + (slot >> c->group_bits) * c->stride;
}

static char *slot_low(const struct stack_class *c, uint32_t slot) {
    uint32_t in_group = slot & ((1U << c->group_bits) - 1);
    return guard_page(c, slot) + PAGE + in_group * c->slot_size;
}

static struct stack_top *slot_top(const struct stack_class *c, uint32_t slot) {
    size_t colour = (slot & c->colours) * LINE;
    return (struct stack_top *)(slot_low(c, slot) + c->slot_size - colour) - 1;
}

static struct stack_class *class_of(const struct task *t) {
    return t->is_small ? &small : &ordinary;
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

// Where the pages end that hold the first `slots` tasks.
static size_t tasks_end(const struct stack_class *c, uint32_t slots) {
    return (slots * sizeof *c->tasks + PAGE - 1) / PAGE * PAGE;
}

// False: the machine has no address space for any.
static bool stacks_reserve(struct stack_class *c) {
    size_t size = (size_t)(STACKS_MAX >> c->group_bits) * c->stride;
    c->base = memory_reserve_most(c->where, &size, (size_t)(CHUNK >> c->group_bits) * c->stride);
    if (!c->base)
        return false;
    c->slots = (uint32_t)(size / c->stride) << c->group_bits;
    c->tasks = memory_reserve(c->tasks_where, tasks_end(c, c->slots));
    if (!c->tasks) {
        munmap(c->base, size);
        c->base = NULL;
        return false;
    }
    madvise(c->base, size, MADV_NOHUGEPAGE);
    if (guard == GUARD_UNKNOWN)
        guard = guard_probe();
    return true;
}

// How the guard page of a slot's group is made.
static enum guard guard_of(const struct stack_class *c, uint32_t slot) {
    bool too_many = c == &small || slot >= MPROTECT_GUARDS;
    return guard == GUARD_MPROTECT && too_many ? GUARD_CANARY : guard;
}

static bool has_canary(const struct stack_class *c, uint32_t slot) {
    return c == &small || guard_of(c, slot) == GUARD_CANARY;
}

static bool tasks_commit(const struct stack_class *c, uint32_t first) {
    size_t from = tasks_end(c, first), to = tasks_end(c, first + CHUNK);
    return memory_commit((char *)c->tasks + from, to - from);
}

static bool chunk_open(const struct stack_class *c, uint32_t first) {
    if (guard_of(c, first) == GUARD_MPROTECT)
        return true;
    size_t closed = guard_of(c, first) == GUARD_CANARY && first % CANARY_SPAN == 0 ? PAGE : 0;
    char *low = guard_page(c, first) + closed;
    return memory_commit(low, (size_t)(guard_page(c, first + CHUNK) - low));
}

static bool group_guard(const struct stack_class *c, uint32_t first) {
    char *page = guard_page(c, first);
    switch (guard_of(c, first)) {
    case GUARD_MADVISE:
        return madvise(page, PAGE, MADV_GUARD_INSTALL) == 0;
    case GUARD_MPROTECT:
        return memory_commit(page + PAGE, c->stride - PAGE);
    default:
        return true;
    }
}

// Makes the next chunk of slots usable. False: the machine refuses the memory.
static bool chunk_commit(struct stack_class *c) {
    uint32_t first = c->ready_slots;
    if (first + CHUNK > c->slots || !tasks_commit(c, first) || !chunk_open(c, first))
        return false;
    for (uint32_t slot = first; slot < first + CHUNK; slot++) {
        char *low = slot_low(c, slot);
        if (slot % (1U << c->group_bits) == 0 && !group_guard(c, slot))
            return false;
        sanitize_stack_made(low, (size_t)((char *)slot_top(c, slot) - low));
    }
    c->ready_slots = first + CHUNK;
    return true;
}

// A slot never used in this run. Under ThreadSanitizer there is no other kind: a second owner of
// the same addresses would look like a race.
static struct task *slot_fresh(struct stack_class *c, uint32_t *slot) {
    if ((!c->base && !stacks_reserve(c)) || (c->used_slots == c->ready_slots && !chunk_commit(c)))
        return NULL;
    *slot = c->used_slots++;
    if (c->used_slots > c->dirty_slots)
        c->dirty_slots = c->used_slots;
    return &c->tasks[*slot];
}

static struct task *slot_take(struct stack_class *c, uint32_t *slot) {
    struct task *t = c->free;
    if (!t)
        return slot_fresh(c, slot);
    c->free = t->older;
    *slot = t->slot;
    return t;
}

static uint64_t *canary_of(const struct task *t) {
    return (uint64_t *)slot_low(class_of(t), t->slot);
}

static void unpoison(const struct task *t) {
    void *low;
    size_t size;
    stack_bounds(t, &low, &size);
    sanitize_unpoison(low, size);
}

static struct task *take(struct stack_class *c) {
    uint32_t slot;
    struct task *t = memory_refused() ? NULL : slot_take(c, &slot);
    if (!t)
        return NULL;
    memset(t, 0, sizeof *t);
    t->is_small = c == &small;
    t->slot = slot;
    t->top = slot_top(c, slot);
    *t->top = (struct stack_top){0};
    if (unlikely(run.unwinding))
        unpoison(t);
    t->canary = has_canary(c, slot);
    if (t->canary)
        *canary_of(t) = CANARY;
    return t;
}

// Sanitizers need more room, who watches may need any, and a ucontext is half as large itself.
static bool may_be_small(void) {
#ifdef UNSTUCK_UCONTEXT
    return false;
#else
    return !run.unwinding && !run.watch;
#endif
}

struct task *stack_take(bool is_small) {
    return take(is_small && may_be_small() ? &small : &ordinary);
}

static void give(struct task *t) {
    struct stack_class *c = class_of(t);
    t->older = c->free;
    c->free = t;
}

void stack_give(struct task *t) {
    if (sanitize_threads)
        return;
    if (t->is_small && t->top->roomy)
        give(t->top->roomy);
    give(t);
}

void stack_bounds(const struct task *t, void **low, size_t *size) {
    *low = slot_low(class_of(t), t->slot);
    *size = (size_t)((char *)t->top - (char *)*low);
}

// Who has the slot that holds the address, NULL: none that was used in this run does. Whoever has
// given its stack back has ended; a task that never ran is READY.
static struct task *owner_in(const struct stack_class *c, const char *p) {
    if (!c->base || p < c->base || p >= guard_page(c, c->used_slots + (1U << c->group_bits) - 1))
        return NULL;
    size_t group = (size_t)(p - c->base) / c->stride, offset = (size_t)(p - c->base) % c->stride;
    if (offset < PAGE)
        return NULL;
    size_t slot = (group << c->group_bits) + (offset - PAGE) / c->slot_size;
    if (slot >= c->used_slots || c->tasks[slot].state == TASK_ENDED)
        return NULL;
    return &c->tasks[slot];
}

struct task *stack_owner(const void *address) {
    struct task *t = owner_in(&ordinary, address);
    return t ? t : owner_in(&small, address);
}

static struct run_memory range_of(const struct stack_class *c) {
    return (struct run_memory){c->base, (size_t)(c->ready_slots >> c->group_bits) * c->stride};
}

size_t run_memory_ranges(struct run_memory out[RUN_MEMORY]) {
    struct run_memory all[RUN_MEMORY] = {range_of(&ordinary), range_of(&small)};
    char *arena;
    size_t count = 0;
    heap_bounds(&arena, &all[2].size);
    all[2].at = arena;
    for (size_t i = 0; i < RUN_MEMORY; i++)
        if (all[i].at && all[i].size)
            out[count++] = all[i];
    return count;
}

// --- overflow -------------------------------------------------------------------------------------

static const struct task *overflown; // whose canary is dead, NULL: nobody's

static void check_canary(const struct task *t) {
    if (likely(*canary_of(t) == CANARY))
        return;
    overflown = t;
    bug("task %s overflowed its %u KB stack", t->name, class_of(t)->kilobytes);
}

void stack_check(const struct task *t) {
    check_canary(t);
    const struct task *roomy = t->top->roomy;
    if (unlikely(roomy != NULL) && roomy->canary)
        check_canary(roomy);
}

// Whose stack ends at a guard page that holds the address, NULL: it is in none. Who has a canary ran
// through the stacks below his own to come here.
static const struct task *owner_of_guard(const struct stack_class *c, const char *p) {
    if (!c->base || p < c->base || p >= guard_page(c, c->used_slots + (1U << c->group_bits) - 1))
        return NULL;
    size_t group = (size_t)(p - c->base) / c->stride;
    if ((size_t)(p - c->base) % c->stride >= PAGE)
        return NULL;
    if (run.current && run.current->canary)
        return run.current;
    return c == &small ? NULL : &c->tasks[group];
}

bool stack_fault(const void *address, const char **name, uint32_t *number, uint32_t *kilobytes) {
    const struct stack_class *c = &small;
    const struct task *t = owner_of_guard(&small, address);
    if (!t)
        t = owner_of_guard(c = &ordinary, address);
    if (!t && (t = overflown))
        c = class_of(t);
    if (!t)
        return false;
    *name = t->name;
    *number = t->number;
    *kilobytes = c->kilobytes;
    return true;
}

// --- a whole run ----------------------------------------------------------------------------------

// Gives back the pages of slots [KEEP_WARM, end), to be made usable again, or only what they hold.
static void cool(const struct stack_class *c, uint32_t end, void (*how)(void *p, size_t size)) {
    char *stacks = guard_page(c, KEEP_WARM), *tasks = (char *)c->tasks + tasks_end(c, KEEP_WARM);
    uint32_t groups_end = end + (1U << c->group_bits) - 1;
    how(stacks, (size_t)(guard_page(c, groups_end) - stacks));
    how(tasks, (size_t)((char *)c->tasks + tasks_end(c, end) - tasks));
}

static void empty(void *p, size_t size) {
    madvise(p, size, MADV_DONTNEED);
}

// Forgets all slots; gives back the pages of those that a short run would not need.
static void forget(struct stack_class *c) {
    c->free = NULL;
    c->used_slots = 0;
    if (memory_was_short() && c->ready_slots > KEEP_WARM) {
        cool(c, c->ready_slots, memory_give_back);
        c->ready_slots = KEEP_WARM;
    } else if (c->dirty_slots > KEEP_WARM) {
        cool(c, c->dirty_slots, empty);
    }
    if (c->dirty_slots > KEEP_WARM)
        c->dirty_slots = KEEP_WARM;
}

void stacks_reset(void) {
    if (ordinary.base)
        forget(&ordinary);
    if (small.base)
        forget(&small);
}

const char *stack_guard_name(void) {
    if (!ordinary.base && !stacks_reserve(&ordinary))
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
    if (!ordinary.base)
        forced = (enum guard)which;
}
