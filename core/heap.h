// heap: memory that belongs to the run.
//
// One arena per run at a fixed address, so addresses repeat from run to run. What is not freed is
// gone with the run. There is a quota; passing it ends the run with a panic.
#pragma once

#include "core/base.h"

// Zeroed memory, aligned to 16 bytes. Never NULL.
#define run_alloc(size) run_alloc_at((size), HERE)
void *run_alloc_at(size_t size, site *at);

// The same for an array; an overflowing product is a panic.
#define run_calloc(count, size) run_calloc_at((count), (size), HERE)
void *run_calloc_at(size_t count, size_t size, site *at);

// Resizes; new bytes are zero. NULL: alloc.
#define run_realloc(p, size) run_realloc_at((p), (size), HERE)
void *run_realloc_at(void *p, size_t size, site *at);

// Gives back early. NULL is fine; anything run_alloc did not return panics.
#define run_free(p) run_free_at((p), HERE)
void run_free_at(void *p, site *at);

// A copy of s that belongs to the run.
#define run_strdup(s) run_strdup_at((s), HERE)
char *run_strdup_at(const char *s, site *at);

// Bytes in use now, and the most so far.
size_t run_heap_used(void);
size_t run_heap_peak(void);

// The block of the run's memory that holds an address: for reports, not to be looked into.
struct run_block {
    const void *at; // its first byte
    size_t size;    // bytes that its owner may use: as many as were asked for, or some more
    uint16_t site;  // of the allocation, in the log; 0: not kept, as nobody looks for races
};
// False: the address is in none. Blocks that were freed count too. Takes time in proportion to their number.
bool run_block_of(const void *address, struct run_block *out);
