// shared: the memory that a runner and its parent both map. The job goes in, the log comes out.
#pragma once

#include "core/event.h"
#include "harness/leaks.h"
#include "harness/schedule.h"
#include "harness/search.h"
#include "harness/tape.h"

enum job_kind {
    JOB_RUN,     // one run by `schedule`; its log is the result
    JOB_EXPLORE, // many runs by `search`, judged in the runner
    JOB_FATE,    // from where on every run that begins like `schedule` fails: `fate` is the result
    JOB_LIVE,    // the load driver, paced, until stopped
};

struct job {
    enum job_kind kind;
    struct schedule schedule; // RUN, FATE
    bool lenient;             // RUN: go on in the usual order where the schedule does not fit
    bool reduce;              // FATE: schedules that cannot differ are left out
    bool races;               // EXPLORE: only races are looked for
    bool taped;               // EXPLORE: the parent follows the search (witness.h)
    unsigned until;      // EXPLORE: a run with one of these verdicts is enough; 0: all are made
    int64_t pace;        // LIVE: virtual ns per real second; 0: 1 s per s
    uint32_t max_tasks;  // LIVE: stop starting requests at so many tasks alive; 0: 10,000
    int64_t duration;    // LIVE: virtual ns, 0: until stopped
    bool ignore_globals; // LIVE: who only globals lead to is leaked, too (core/reach.h)
    struct judge_limits {
        uint64_t max_steps; // 0: the core's default
        size_t heap_quota;  // 0: 256 MB
    } limits;
    int64_t grace;
    uint32_t check_count; // checks every run must reach
    char checks[12][64];
    uint32_t timed; // those of them that are about time (judge_terms)
};

// The point of no return of a failing schedule.
struct fate {
    bool known;
    uint32_t step;  // choices made by then
    uint64_t event; // the event that the last of them brought about, from 1; 0: before the first
    uint64_t continuations; // runs that went on from there; all of them failed
    bool exhaustive;        // and that is all there are
};

// Code that computes on and on: the parent sends SIGXCPU, whose handler says where that is.
enum hang_state { HANG_NONE, HANG_NAMING, HANG_NAMED };
struct hang {
    _Atomic uint32_t state; // enum hang_state
    int32_t line;
    char file[120], function[48];
};

enum runner_state { RUNNER_STARTING, RUNNER_LOADED, RUNNER_RUNNING, RUNNER_DONE, RUNNER_REFUSED };

struct shared {
    uint64_t magic;
    uint64_t size;                // of the whole mapping
    _Atomic uint32_t state;       // enum runner_state
    _Atomic uint32_t stop;        // set by the parent: end as soon as possible
    char refusal[300];            // REFUSED: why
    bool refused_source;          // ... because of what the exercise's source says
    bool refused_store;           // ... because of where it stored: refusal says who and where
    uint32_t fault_task;          // stack overflow seen by the signal handler: who
    char fault_name[64];          // ... by name; "" none
    uint32_t fault_kilobytes;     // ... and how large its stack is
    _Atomic int32_t fault_signal; // the signal that ended it, 0: none
    uint64_t fault_address;
    struct hang hang;         // where it was when the parent gave up on it
    char guard[40];           // how its stacks are guarded
    char sandbox[80];         // its layers in force, or why there are none (runner/sandbox.h)
    struct schedule as_run;   // RUN: the deviations the run really took
    uint32_t diverged_step;   // RUN that ended RUN_DIVERGED: the first STEP that did not fit
    struct fate fate;         // FATE
    struct leaks_shown leaks; // LIVE; RUN that was cut off: who is leaked, as far as is known
    uint64_t heap_peak;       // RUN: bytes of the run's memory, at most
    struct job job;
    struct search search; // EXPLORE: the search, resumable by another runner
    struct tape tape;     // EXPLORE, taped: what its runs did
    event_log log;        // last: it is as long as its capacity asks
};

#define SHARED_MAGIC UINT64_C(0x646572616873736e)
