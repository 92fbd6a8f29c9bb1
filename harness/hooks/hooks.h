// hooks: our own runtime for code that was compiled with -fsanitize=thread.
//
// The compiler puts a call before each access to memory, around each function and in place of each atomic
// operation; libtsan is what usually answers them. This library answers them too, and also offers the
// calls by which the core tells of fibers and their synchronisation (core/sanitize.c). So it is given exactly
// what libtsan is given, by the very same objects, and decides by itself which accesses race.
//
// Exact: happens-before by whole vector clocks (as DJIT+: Pozniansky, Schuster, "Efficient On-the-Fly Data Race
// Detection in Multithreaded C++ Programs", PPoPP 2003), and of every byte the last accesses of each task
// that no later write stands for. It needs no shadow of the address space, so it starts wherever a program
// does. One OS thread: nothing here is locked, and atomic operations are plain ones.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

enum { HOOKS_FRAMES = 8 };

// One of the two accesses of a race.
struct hooks_access {
    const void *address; // of the first byte that both touch
    uint32_t size;       // of the access at hand; of the earlier one what it touched in 8 bytes
    bool write, atomic;
    uint64_t event;             // how many events were in the log by then
    const char *task;           // name of its fiber; valid until the run is over
    void *frames[HOOKS_FRAMES]; // return addresses, innermost first; NULL at the end
};

struct hooks_range {
    const char *at, *end;
};

struct hooks_config {
    // Called at the second of two accesses that race, once for each pair of places in a run; NULL: nobody.
    void (*race)(const struct hooks_access *before, const struct hooks_access *now);
    const _Atomic uint64_t *events; // the number of events so far; NULL: none are counted
    // An access that is a choice point is about to happen, at that place in the code; it does once this
    // returns, and others may have run meanwhile. For who writes: returns where the value is to be told that
    // it wrote; NULL: nowhere.
    int64_t *(*choice)(const void *address, size_t size, bool writes, void *pc);
    // The same of what this program itself does for the code that it has loaded: it has happened.
    void (*touch)(const void *address, size_t size, bool writes);
    const char *program, *program_end; // its own code
    // A store by loaded code to where none was yet. True: it may be, as may all in the range that *in then
    // says. NULL: everything may be.
    bool (*bounds)(const void *address, size_t size, void *pc, struct hooks_range *in);
};

// A run begins: all that was known of accesses and clocks is forgotten. Call stacks and names stay. Cost: none
// that depends on what the last run did.
void hooks_begin(const struct hooks_config *config);

// The run is over: nothing is recorded until the next begins.
void hooks_end(void);

// From here on, also in later runs, accesses are choice points: all atomic ones, and those at the places
// given to hooks_choice_add.
void hooks_choose(void);

// A place, as in hooks_access.frames: of an access in loaded code the first; of one in this program the call
// that led there. Returns whether it is a new one; also false: there is no room for more.
bool hooks_choice_add(void *const frames[HOOKS_FRAMES]);

// Racing pairs of accesses in this run, those that were not reported again included.
uint64_t hooks_races(void);

#pragma GCC visibility pop
