// runtime: what the files of this library share.
#pragma once

#include "harness/hooks/hooks.h"

#pragma GCC visibility push(hidden)

#define HOOK   __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

// A vector clock: how far each fiber is known. Of those past `length` nothing is known.
struct clock {
    uint32_t *at;
    uint32_t length, room;
};

// A call under way.
struct call {
    uint32_t stack;  // the node of the call stack (calls.c)
    uintptr_t frame; // of the function: what lies below it has been left
};

enum { CALLS_DEEP = 4096, FIBER_NAME = 64 };

struct fiber {
    uint32_t number; // 0: the scheduler, whose accesses count for nothing
    uint32_t run;    // that knows it; in any other it is as new
    uint32_t epoch;  // its own place in its clock
    uint32_t depth;  // calls under way
    struct clock clock;
    struct clock fence_release; // what its last release fence knew
    struct clock fence_acquire; // what its atomic loads since have met
    struct call *calls;         // CALLS_DEEP of them
    char name[FIBER_NAME];
};

extern struct runtime {
    struct hooks_config config;
    struct fiber *me; // whose code runs, NULL: no run is under way
    uint32_t run;     // number of the run, from 1
    uint64_t races;
    bool choosing;  // some accesses are choice points
    struct stored { // what is being written, to be told once it is; `at` NULL: nothing
        const void *address;
        size_t size;
        int64_t *at;
    } stored;
} runtime;

// How something is accessed.
enum { WRITES = 1, ATOMIC = 2 };

// --- memory.c -----------------------------------------------------------------------------------
// Zeroed pages that cost nothing until they are touched. Never NULL: a process without address space
// says so and ends.
void *reserve(size_t size);
// Memory that lasts until the next run, aligned to 16 bytes and not zeroed.
void *run_memory(size_t size);
void run_memory_forget(void);

// --- clocks.c -----------------------------------------------------------------------------------
void clock_join(struct clock *into, const struct clock *from);
void clock_copy(struct clock *into, const struct clock *from);
// What happened to `fiber` up to its `epoch` happens before what the current fiber does now.
static inline bool clock_knows(const struct clock *c, uint32_t fiber, uint32_t epoch) {
    return fiber < c->length && c->at[fiber] >= epoch;
}
// The clock by which an address synchronises.
struct cell {
    uintptr_t address;
    uint32_t run;
    uint32_t releaser; // atomics: the fiber whose release it holds
    struct clock clock;
};
struct cell *cell_of(const volatile void *address);
// What happened so far is what others may learn from now on.
void fiber_advance(struct fiber *f);
void clocks_begin(void);

// --- calls.c ------------------------------------------------------------------------------------
// The frames of an access: where it is, then the calls that led there.
void calls_frames(uint32_t stack, void *pc, void *frames[HOOKS_FRAMES]);
static inline uint32_t calls_now(const struct fiber *f) {
    return f->depth && f->depth <= CALLS_DEEP ? f->calls[f->depth - 1].stack : 0;
}

void *calls_caller(uint32_t stack); // the innermost; NULL: none is known

// --- bounds.c -----------------------------------------------------------------------------------
// Loaded code is about to store there: whether it may is asked, once for each range of memory.
void bounds_check(const volatile void *address, size_t size, void *pc);

// --- choices.c ----------------------------------------------------------------------------------
// If the access that is about to happen is a choice point: it is one.
void choice_point(const volatile void *address, size_t size, unsigned how, void *pc);
void tell_stored(void);

// --- granules.c ---------------------------------------------------------------------------------
// The current fiber accesses [address, address + size); `how` is a set of WRITES and ATOMIC.
void access_record(const volatile void *address, size_t size, unsigned how, void *pc);
static inline void access_range(const volatile void *address, size_t size, unsigned how, void *pc) {
    if (unlikely(runtime.choosing))
        choice_point(address, size, how, pc);
    access_record(address, size, how, pc);
}
void granules_begin(void);

#pragma GCC visibility pop
