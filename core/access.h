// access: an access to memory as a visible operation.
//
// What code does to plain memory happens between two operations, so no schedule can come between a task's
// read of a counter and its write. Whoever is told of an access before it happens (harness/hooks) may make it
// an operation: a choice point like any other, with its record, and with a footprint for who explores. The
// access itself is the caller's, directly after; until its next operation nobody else runs.
//
// Only in announced runs, and only from a task.
#pragma once

#include "core/base.h"

struct access {
    const void *address;
    uint32_t size; // bytes
    bool writes;
};

// Waits for its turn. The record, EV_LOAD or EV_STORE, tells the value that is there now, for up to 8 bytes.
// Returns where in the record that value stands, for who writes to tell what it wrote; NULL: there is no
// such record.
int64_t *access_announce(const struct access *a);

// The value of that many bytes, with its sign; 0 where there are more than 8 of them.
int64_t access_value(const void *address, uint32_t size);

// Outside of any operation of its own: whoever watches is told that the calling task accesses this now.
void access_touch(const struct access *a);
