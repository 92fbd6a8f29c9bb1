// wait: the one mechanism by which anything waits for anything.
//
// Everything a task can wait on embeds an `object`; everything that blocks is an `op` (internal.h)
// whose `waiter` stands in the object's queue. The types are public only because mutexes and wait
// groups are values that users declare; the fields are the core's.
#pragma once

#include "core/base.h"

struct op;
struct task;

// What a task can wait on, or must give back. Zero value: known to the run at its first use.
struct object {
    uint32_t id;               // number in this run, 0: not used yet
    uint32_t kind;             // enum object_kind
    const char *name;          // the text at its first use, "" when it has none
    const struct object *self; // itself, since its first use; else it was copied or overwritten
};

// One place in one queue. Lives on the stack of the parked task, which owns it; while it is
// queued the object's side may unlink and complete it, never free it.
struct waiter {
    struct waiter *next, *prev;
    struct wait_list *list; // the queue it stands in, NULL: none
    struct op *op;          // the parked operation
    void *elem;             // where a value is put or taken, NULL: drop
    bool *ok;               // RECV: told whether a value came, may be NULL
    uint32_t arm;           // SELECT: which arm
};

// First in, first out.
struct wait_list {
    struct waiter *first, *last;
};
