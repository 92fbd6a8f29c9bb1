// clocks: who knows of whom.
//
// Each fiber has a vector clock, and each address by which fibers synchronise has one too. A release adds what
// its fiber knows to the address, and lets the fiber's own time advance; an acquire adds what the address
// knows to the fiber. A switch of fibers is no synchronisation.
//
// Invariants: a clock's own entry of a fiber is its epoch; what is of another run counts as empty, so that
// forgetting all of it costs one addition.
#include "harness/hooks/runtime.h"

#include <string.h>

enum { FIBERS = 1 << 14, FIRST_ROOM = 8 };
static const size_t CELLS_FIRST = 1 << 12;

struct runtime runtime;
static struct fiber *fibers; // FIBERS of them; [0] is the scheduler's
static uint32_t fiber_count;

static struct {
    struct cell *at;
    size_t room, used; // a power of two; taken in this run
} cells;

// --- clocks -----------------------------------------------------------------------------------------

static void clock_widen(struct clock *c, uint32_t length) {
    if (length > c->room) {
        uint32_t room = c->room ? c->room : FIRST_ROOM;
        while (room < length)
            room *= 2;
        uint32_t *wider = run_memory(room * sizeof *wider);
        for (uint32_t i = 0; i < c->length; i++)
            wider[i] = c->at[i];
        c->at = wider;
        c->room = room;
    }
    for (; c->length < length; c->length++)
        c->at[c->length] = 0;
}

void clock_join(struct clock *into, const struct clock *from) {
    if (into->length < from->length)
        clock_widen(into, from->length);
    for (uint32_t i = 0; i < from->length; i++)
        if (from->at[i] > into->at[i])
            into->at[i] = from->at[i];
}

void clock_copy(struct clock *into, const struct clock *from) {
    into->length = 0;
    clock_join(into, from);
}

// --- fibers -----------------------------------------------------------------------------------------

static void fiber_renew(struct fiber *f) {
    f->run = runtime.run;
    f->depth = 0;
    f->clock = f->fence_release = f->fence_acquire = (struct clock){0};
    f->calls = run_memory(CALLS_DEEP * sizeof *f->calls);
    f->epoch = 0;
    clock_widen(&f->clock, f->number + 1);
    fiber_advance(f);
}

void fiber_advance(struct fiber *f) {
    f->clock.at[f->number] = ++f->epoch;
}

static struct fiber *fiber_make(void) {
    if (!fibers)
        fibers = reserve(FIBERS * sizeof *fibers);
    if (fiber_count == FIBERS)
        return &fibers[FIBERS - 1]; // the core starts fewer (core/sanitize.c)
    struct fiber *f = &fibers[fiber_count];
    f->number = fiber_count++;
    return f;
}

void clocks_begin(void) {
    if (!fiber_count)
        fiber_make();
    cells.used = 0;
    runtime.me = &fibers[0];
    fiber_renew(runtime.me);
}

// --- cells ------------------------------------------------------------------------------------------

static size_t place_of(uintptr_t address, size_t room) {
    return (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (room - 1);
}

static struct cell *find(struct cell *table, size_t room, uintptr_t address) {
    size_t i = place_of(address, room);
    while (table[i].run == runtime.run && table[i].address != address)
        i = (i + 1) & (room - 1);
    return &table[i];
}

static void cells_grow(void) {
    size_t room = cells.room ? 2 * cells.room : CELLS_FIRST;
    struct cell *wider = reserve(room * sizeof *wider);
    for (size_t i = 0; i < cells.room; i++)
        if (cells.at[i].run == runtime.run)
            *find(wider, room, cells.at[i].address) = cells.at[i];
    cells.at = wider;
    cells.room = room;
}

struct cell *cell_of(const volatile void *address) {
    if (2 * cells.used >= cells.room)
        cells_grow();
    struct cell *c = find(cells.at, cells.room, (uintptr_t)address);
    if (c->run != runtime.run) {
        *c = (struct cell){.address = (uintptr_t)address, .run = runtime.run};
        cells.used++;
    }
    return c;
}

// --- what the core tells ------------------------------------------------------------------------------

HOOK void *__tsan_get_current_fiber(void) {
    if (!fiber_count)
        fiber_make();
    return runtime.me ? runtime.me : &fibers[0];
}

HOOK void *__tsan_create_fiber(unsigned flags) {
    (void)flags;
    return fiber_make();
}

HOOK void __tsan_set_fiber_name(void *fiber, const char *name) {
    struct fiber *f = fiber;
    size_t i = 0;
    for (; name[i] && i + 1 < FIBER_NAME; i++)
        f->name[i] = name[i];
    f->name[i] = 0;
}

HOOK void __tsan_switch_to_fiber(void *fiber, unsigned flags) {
    (void)flags;
    if (unlikely(!runtime.me))
        return;
    if (unlikely(runtime.stored.at != NULL))
        tell_stored();
    runtime.me = fiber;
    if (unlikely(runtime.me->run != runtime.run))
        fiber_renew(runtime.me);
}

HOOK void __tsan_acquire(void *cell) {
    if (likely(runtime.me != NULL))
        clock_join(&runtime.me->clock, &cell_of(cell)->clock);
}

HOOK void __tsan_release(void *cell) {
    if (unlikely(!runtime.me))
        return;
    clock_join(&cell_of(cell)->clock, &runtime.me->clock);
    fiber_advance(runtime.me);
}
