// memory: what the core asks of the machine, and the place where every allocation can be made to
// fail. Private to the core.
#pragma once

#include "core/base.h"

#pragma GCC visibility push(hidden)

// Counts one allocation. True: it is the one that run_config.fail_allocation asks to fail.
bool memory_refused(void);

// Address space without memory, at `where` if that is free, else anywhere. NULL: refused. What is
// never committed costs nothing and is in no core file.
void *memory_reserve(void *where, size_t size);

// The same, or half of it, or a quarter, ..., but not less than `least`; *size says how much.
void *memory_reserve_most(void *where, size_t *size, size_t least);

// Makes reserved pages usable, zeroed. False: refused.
bool memory_commit(void *p, size_t size);

// Gives back what was committed: reserved again, and no more than that.
void memory_give_back(void *p, size_t size);

// Whether the machine refused something in the run before: then nobody keeps what he does not need.
bool memory_was_short(void);

// A run begins, in which allocation number `fail` is to fail; 0: none.
void memory_begin(uint64_t fail);

#pragma GCC visibility pop
