// lockorder: locks that tasks take in opposite orders, seen in a run where nobody got stuck.
//
// The warning is about the locks, not about the schedule: had the tasks been interleaved differently,
// each could have held what the next one wants. It stays silent where that cannot be: when one task
// takes both orders itself; when a third lock is held around both (a gate); when all that hold are
// readers that do not keep each other out; and when the one order was over before the other began,
// because a start, a wait, a channel or anything else but a lock puts one task's step after the other's.
//
// Goodlock (Havelund, Using Runtime Analysis to Guide Model Checking of Java Programs, SPIN 2000, §3;
// gates and segments as in Bensalem and Havelund, Dynamic Deadlock Analysis of Multi-threaded
// Programs, HVC 2005, §4), on the happens-before order of vector clocks in place of segments.
#pragma once

#include "harness/seen.h"

// Cycles told of, tasks in one, and how many tasks and locks of a run are looked at.
enum { LOCKORDER_CYCLES = 4, LOCKORDER_LENGTH = 4, LOCKORDER_TASKS = 64, LOCKORDER_TEXT = 600 };

// One task of a cycle: it takes `wants` while it holds `holds`, which the one before it wants.
struct lockorder_step {
    uint32_t task, holds, wants;
    uint16_t held_at, wanted_at; // sites
};

struct lockorder_cycle {
    uint32_t length;
    struct lockorder_step steps[LOCKORDER_LENGTH];
};

struct lockorder {
    uint32_t count;
    bool cut; // the run has more tasks than are looked at: there may be more
    struct lockorder_cycle cycles[LOCKORDER_CYCLES];
};

// Looks through the log of one run that is over.
void lockorder_find(const event_log *log, struct lockorder *out);

// "worker (#1) takes b (mutex#2) at x.c:7 while it holds a (mutex#1) since x.c:6": one step in
// words. `s` is that log, folded to its end. Returns out.
const char *lockorder_text(const struct seen *s, const struct lockorder_step *step, char *out,
                           size_t size);
