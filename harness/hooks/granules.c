// granules: of every 8 bytes that were accessed, by whom and how.
//
// A granule has a list of records: what one fiber did to some of its bytes at one epoch. An access races with
// each record of another fiber that touches one of its bytes, if one of the two writes, not both are atomic,
// and the record's epoch is not known to the fiber at hand.
//
// What may be forgotten without losing a race (that is: whoever would race with it also races with
// something that is kept):
//   - what the same fiber did before to these bytes, if it did no more (a read stands for a read, a write
//     for both; what is atomic stands only for what is atomic too);
//   - what happened before a plain write of these bytes, whoever did it: who is not ordered after it
//     is not ordered after the write either.
//
// A fiber's own stack is recorded like everything else: a pointer to it may be anywhere, and nobody can
// know before the run whose accesses it will meet.
//
// Invariants: masks of records are never empty; a granule of another run is none.
//
// Rejected: four records a granule as libtsan keeps (a fifth reader pushes out the one that races); a shadow of
// the address space (whether it can be had depends on the machine's layout of it).
#include "harness/hooks/runtime.h"

#include <string.h>

struct record {
    void *pc;
    uint32_t stack; // calls.c
    uint32_t epoch;
    uint32_t event; // events in the log by then
    uint32_t next;  // 0: the last
    uint16_t fiber;
    uint8_t mask; // which bytes
    uint8_t how;  // set of WRITES, ATOMIC
};

struct granule {
    uintptr_t at; // address / 8
    uint32_t run;
    uint32_t first; // record, 0: none
};

enum { RECORDS = 1 << 27, PAIRS = 64 };
static const size_t GRANULES_FIRST = 1 << 14;

static struct {
    struct granule *at;
    size_t room, used;      // a power of two; taken in this run
    struct record *records; // [0] is none
    uint32_t record_count;  // ever used in this run, and the one
    uint32_t free;          // first of those that are no longer used
} memory;

// Places that were reported in this run.
static struct pair { void *before, *now; } pairs[PAIRS];
static uint32_t pair_count;

void granules_begin(void) {
    if (!memory.records)
        memory.records = reserve(RECORDS * sizeof *memory.records);
    memory.used = 0;
    memory.record_count = 1;
    memory.free = 0;
    pair_count = 0;
}

// --- granules -----------------------------------------------------------------------------------------

static struct granule *find(struct granule *table, size_t room, uintptr_t at) {
    size_t i = (size_t)(at * UINT64_C(0x9e3779b97f4a7c15) >> 24) & (room - 1);
    while (table[i].run == runtime.run && table[i].at != at)
        i = (i + 1) & (room - 1);
    return &table[i];
}

static void grow(void) {
    size_t room = memory.room ? 4 * memory.room : GRANULES_FIRST;
    struct granule *wider = reserve(room * sizeof *wider);
    for (size_t i = 0; i < memory.room; i++)
        if (memory.at[i].run == runtime.run)
            *find(wider, room, memory.at[i].at) = memory.at[i];
    memory.at = wider;
    memory.room = room;
}

static struct granule *granule_of(uintptr_t at) {
    if (unlikely(2 * memory.used >= memory.room))
        grow();
    struct granule *g = find(memory.at, memory.room, at);
    if (unlikely(g->run != runtime.run)) {
        *g = (struct granule){.at = at, .run = runtime.run};
        memory.used++;
    }
    return g;
}

static void record_add(struct granule *g, const struct record *new) {
    uint32_t n = memory.free;
    if (n)
        memory.free = memory.records[n].next;
    else if (memory.record_count < RECORDS)
        n = memory.record_count++;
    else
        __builtin_trap();
    memory.records[n] = *new;
    memory.records[n].next = g->first;
    g->first = n;
}

// --- races --------------------------------------------------------------------------------------------

static bool is_known_pair(void *before, void *now) {
    for (uint32_t i = 0; i < pair_count; i++)
        if (pairs[i].before == before && pairs[i].now == now)
            return true;
    if (pair_count < PAIRS)
        pairs[pair_count++] = (struct pair){before, now};
    return false;
}

static void told_of(const struct record *r, uintptr_t granule, uint8_t both, struct fiber *f,
                    struct hooks_access *out) {
    out->address = (const void *)(granule * 8 + (unsigned)__builtin_ctz(both));
    out->size = (uint32_t)__builtin_popcount(r->mask);
    out->write = r->how & WRITES;
    out->atomic = r->how & ATOMIC;
    out->event = r->event;
    out->task = f->name;
    calls_frames(r->stack, r->pc, out->frames);
}

static __attribute__((noinline, cold)) void report(const struct record *before,
                                                   const struct record *now, uintptr_t granule) {
    runtime.races++;
    if (!runtime.config.race || is_known_pair(before->pc, now->pc))
        return;
    struct hooks_access a, b;
    uint8_t both = before->mask & now->mask;
    struct fiber *me = runtime.me, *base = me - me->number;
    told_of(before, granule, both, &base[before->fiber], &a);
    told_of(now, granule, both, me, &b);
    struct stored stored = runtime.stored; // which has not happened yet
    runtime.stored.at = NULL;
    runtime.me = base; // what whoever is told does to memory is none of the task's
    runtime.config.race(&a, &b);
    runtime.me = me;
    runtime.stored = stored;
}

// --- one access -----------------------------------------------------------------------------------------

// Of two accesses of the same fiber, or one after the other: who races with the first also races with this.
static inline bool stands_for(unsigned how, unsigned first) {
    return (how & WRITES || !(first & WRITES)) && (!(how & ATOMIC) || first & ATOMIC);
}

// Takes those bytes out of a record. Returns the place of the next one.
static uint32_t *forget(uint32_t *place, uint8_t mask) {
    uint32_t n = *place;
    struct record *r = &memory.records[n];
    r->mask &= (uint8_t)~mask;
    if (r->mask)
        return &r->next;
    *place = r->next;
    r->next = memory.free;
    memory.free = n;
    return place;
}

static void access_granule(uintptr_t at, const struct record *new) {
    struct granule *g = granule_of(at);
    const struct fiber *me = runtime.me;
    bool plain_write = (new->how &(WRITES | ATOMIC)) == WRITES;
    for (uint32_t *place = &g->first; *place;) {
        struct record *r = &memory.records[*place];
        bool mine = r->fiber == new->fiber;
        if (!(r->mask & new->mask)) {
            place = &r->next;
            continue;
        }
        if (mine && r->epoch == new->epoch &&
            (r->mask & new->mask) == new->mask &&stands_for(r->how, new->how))
            return;
        bool known = mine || clock_knows(&me->clock, r->fiber, r->epoch);
        if (unlikely(!known) && (r->how | new->how) & WRITES && !(r->how & new->how &ATOMIC))
            report(r, new, at);
        if (mine ? stands_for(new->how, r->how) : known && plain_write)
            place = forget(place, new->mask);
        else
            place = &r->next;
    }
    record_add(g, new);
}

static uint8_t mask_of(uintptr_t from, uintptr_t to, uintptr_t granule) {
    unsigned first = from > granule * 8 ? (unsigned)(from & 7) : 0;
    unsigned end = to < granule * 8 + 8 ? (unsigned)(to - granule * 8) : 8;
    return (uint8_t)((1u << end) - (1u << first));
}

void access_record(const volatile void *address, size_t size, unsigned how, void *pc) {
    const struct fiber *me = runtime.me;
    if (unlikely(!me) || unlikely(!me->number) || unlikely(!size))
        return;
    uintptr_t from = (uintptr_t)address, to = from + size;
    if (how & WRITES)
        bounds_check(address, size, pc);
    const _Atomic uint64_t *events = runtime.config.events;
    struct record new = {
        .pc = pc,
        .stack = calls_now(me),
        .epoch = me->epoch,
        .event = events ? (uint32_t)atomic_load_explicit(events, memory_order_relaxed) : 0,
        .fiber = (uint16_t)me->number,
        .how = (uint8_t)how,
    };
    for (uintptr_t g = from / 8; g <= (to - 1) / 8; g++) {
        new.mask = mask_of(from, to, g);
        access_granule(g, &new);
    }
}

// --- runs -----------------------------------------------------------------------------------------------

void hooks_begin(const struct hooks_config *config) {
    runtime.config = *config;
    runtime.run++;
    runtime.races = 0;
    runtime.stored.at = NULL;
    run_memory_forget();
    clocks_begin();
    granules_begin();
}

void hooks_end(void) {
    runtime.me = NULL;
}

uint64_t hooks_races(void) {
    return runtime.races;
}
