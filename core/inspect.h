// inspect: every task of the run as it is at this moment.
#pragma once

#include "core/event.h"

#include <stdio.h>

enum task_state { TASK_READY, TASK_RUNNING, TASK_PARKED, TASK_ENDED };

typedef struct task_info {
    uint32_t number; // creation number
    uint32_t
        parent; // of the task that started it; EVENT_NOBODY for the root and who a timer started
    const char *name;
    enum task_state state;
    enum wait_reason reason; // while parked
    enum object_kind object_kind;
    uint32_t object;         // id of what it waits on, 0: nothing
    const char *object_name; // "" when it has none
    const site *at;          // its last operation
    const site *started_at;  // the go that started it, NULL for the root
    int64_t age;             // ns since it was started
    int64_t since;           // ns since it was parked
    bool daemon;
    const char *labels; // "job=3, urgent", "" when it has none
} task_info;

// Calls visit for every task that has not ended, in creation order, until it returns false.
// May be called from inside a task, from the scheduler's hooks, or between runs (nothing then).
void inspect_tasks(bool (*visit)(const task_info *task, void *user), void *user);

// The task on whose stack an address lies. False: on none's, or that task has ended.
bool inspect_stack_owner(const void *address, task_info *out);

// Prints the same as a table.
void inspect_print(FILE *out);
