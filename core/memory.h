// memory: what the core asks of the machine, in one place. Private to the core.
#pragma once

#include "core/base.h"

#pragma GCC visibility push(hidden)

// Address space without memory, at `where` if that is free, else anywhere. NULL: refused. What is
// never committed costs nothing and is in no core file.
void *memory_reserve(void *where, size_t size);

// Makes reserved pages usable, zeroed. False: refused.
bool memory_commit(void *p, size_t size);

#pragma GCC visibility pop
