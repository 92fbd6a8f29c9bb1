// heap: memory that belongs to the run.
//
// One arena per run at a fixed address, so addresses repeat from run to run. What is not freed is
// gone with the run. There is a quota; passing it ends the run with a panic.
#pragma once

#include "core/base.h"

// Zeroed memory, aligned to 16 bytes. Never NULL.
void *run_alloc(size_t size);

// The same for an array; an overflowing product is a panic.
void *run_calloc(size_t count, size_t size);

// Resizes; new bytes are zero. NULL: alloc.
void *run_realloc(void *p, size_t size);

// Gives back early. NULL is fine; anything run_alloc did not return panics.
void run_free(void *p);

// A copy of s that belongs to the run.
char *run_strdup(const char *s);

// Bytes in use now, and the most so far.
size_t run_heap_used(void);
size_t run_heap_peak(void);
