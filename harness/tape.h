// tape: what a runner writes down of each run of its search, for a parent that follows it (witness.h).
//
// A ring of cells in the memory that both map. The runner searches as if nobody looked on, and waits only where
// the ring is full; the parent reads as fast as it can. Of a run of the search: TAPE_RUN, its tellings (tell.h)
// and choices, TAPE_END, and what is new in its log. Then TAPE_SEARCHED, and when the parent has answered what was
// found the runs that make that shorter: TAPE_TRIAL, the deviations they took, TAPE_END, the log.
//
// All plain data. Who reads it believes nothing: see witness.c.
#pragma once

#include "core/event.h"
#include "harness/tell.h"

enum { TAPE_CELLS = 1 << 16 };

enum tape_kind {           // behind those of a telling
    TAPE_RUN = TELL_KINDS, // a run of the search begins
    TAPE_CHOICE,           // a choice; its ways follow, two in a cell
    TAPE_END, // the run is over; what is new in its log follows: sites, literals, texts, events
    TAPE_SEARCHED, // there are no more runs
    TAPE_TRIAL,    // a run that tries a schedule begins
    TAPE_TOOK,     // ... which took another way than the preferred one
};

enum tape_end_flag {
    TAPE_BOUNDED = 1, // the run met a bound
    TAPE_LOGGED = 2,  // it counts, so that its log follows
};

enum { TAPE_STOP = UINT32_MAX, TAPE_DIVERGED = UINT32_MAX - 1 }; // of a choice: none was taken

enum tape_way_flag { TAPE_LOCAL = 1, TAPE_GOES_ON = 2, TAPE_MOVES = 4, TAPE_LAST = 8 };

struct tape_cell {
    union {
        struct telling telling;
        struct tape_choice {
            uint8_t kind;
            uint32_t count, preferred, taken;
        } choice;
        struct tape_way {
            uint32_t task, branch, timer, flags;
        } ways[2]; // as in struct choice
        struct tape_end {
            uint8_t kind, flags;
            uint32_t depth;           // of a trial: choices made
            uint32_t tasks;           // started
            uint32_t sites;           // new ones
            uint32_t literals, texts; // bytes of new strings that stay, and of those of this run
            uint64_t events;
        } end;
        struct tape_trial {
            uint8_t kind;
            bool first;     // of those for this one
            bool bounded;   // its schedule is known up to SEARCH_DEPTH choices
            uint32_t found; // for which of the schedules that were found
        } trial;
        struct tape_took {
            uint8_t kind;
            uint32_t step, task, branch;
        } took;
        unsigned char bytes[32];
    };
};

struct tape {
    _Atomic uint64_t head;     // cells ever written
    _Atomic uint64_t tail;     // cells ever read
    _Atomic uint32_t answered; // what was found is now in the search of the shared memory
    struct tape_cell cells[TAPE_CELLS];
};

// The bytes of a log's strings that stay from run to run, and those of the run, each from where they begin.
enum { TAPE_STRINGS = LOG_STRING_BYTES / 2 };

// --- writing ----------------------------------------------------------------------------------------

// From here on this process writes. `log`: of all runs to come.
void tape_start(struct tape *t, const event_log *log);

// A run of the search begins, or a trial. The policy to run it with, which asks `inner`.
struct policy *tape_run(struct policy *inner);
struct policy *tape_trial(struct policy *inner);

// For which of the schedules found the next trials are; the first of them; of a search (tape_trial).
void tape_trials(uint32_t found, bool first, bool bounded);

// It is over; flags of enum tape_end_flag.
void tape_end(unsigned flags);

// There are no more runs. Blocks until the parent has answered.
void tape_searched(void);
