// tell: what the core tells of a run that is watched, as plain data.
//
// Who follows a run (reduce.h) need not be in the process that makes it: of operations and tasks nothing is
// left here but numbers.
#pragma once

#include "core/watch.h"

enum telling_kind {
    TELL_TASK, // a step begins: the operation that a task announced. key: the first thing that it is
               // about, 0 none; how: its event's kind; other: its object
    TELL_TIMER, // a step begins: a timer fires. key: its number
    TELL_ALL,   // the step may use anything
    TELL_USE,   // its operation uses this thing. key, how
    TELL_ENTER, // its operation enters or leaves what is counted (depend_enters). task, other: its object
    TELL_DID, // its operation was attempted, and all that it uses has been told
    TELL_WOKE, // a parked operation is being completed, and all that uses has been told. task, other:
               // its object
    TELL_PASSED,  // the task used a place of a buffer. task, key
    TELL_MET,     // the task met a parked one. task, other
    TELL_STARTED, // a task was started. task; other: by whom, EVENT_NOBODY: the step itself
    TELL_ACTED,   // code between operations did one that is not announced. task, key, how
    TELL_TOUCHED, // ... or acted on something by itself. task, EVENT_NOBODY: the step itself; key, how
    TELL_SET,     // a timer was set. key: its number; task: by whom, EVENT_NOBODY: the step itself
    TELL_CLEARED, // a timer was cleared. key: its number
    TELL_WAITS,   // a lock that waits, told before time moves and before the end. task, key
    TELL_ENDED,   // the run is over
    TELL_KINDS,
};

enum telling_flag {
    TELLING_LOCK = 1,        // TASK: it waits by not being enabled
    TELLING_MOVES = 2,       // TIMER: time moves with it
    TELLING_LAST = 4,        // TIMER: it may not fire while tasks can go on
    TELLING_EARLY = 8,       // TIMER, SET, CLEARED, ENDED: this may decide whether time moves early
    TELLING_LOOKS = 16,      // USE: of an operation that did not wait, and may have only looked
    TELLING_PARKED = 32,     // ENTER: it waits from here on
    TELLING_ENTERS = 64,     // ENTER, WOKE
    TELLING_LEAVES = 128,    // ENTER, WOKE
    TELLING_EXHAUSTS = 256,  // DID: as depend.h says of each
    TELLING_TAKES = 512,     // DID
    TELLING_SUMMED = 1024,   // DID
    TELLING_AWAITS = 2048,   // DID, WOKE: it waits, or waited, for a sum
    TELLING_PANICKED = 4096, // ENDED: by a panic
};

struct telling {
    uint8_t kind;   // enum telling_kind
    uint8_t how;    // set of USE_
    uint16_t flags; // enum telling_flag
    uint32_t task, other;
    uint64_t key;
};

// The watch of a run that is followed by reduce_hear, here and now.
struct watch *tell_watch(void);

// Whoever else is to hear every telling, before reduce_hear does. NULL: nobody.
void tell_also(void (*hear)(void *user, const struct telling *t), void *user);
