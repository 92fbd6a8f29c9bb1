// bench: the programs of core/bench, run in turn with the same work in Go and on POSIX threads.
//
// In each round every program runs once, ours and the others' one after the other, so that whatever
// else the machine is doing meets all of them alike. What counts is the ratio of the medians.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum bench_peer {
    BENCH_OURS,    // event log, sites and seeded scheduling on
    BENCH_NO_LOG,  // the same core, writing no log
    BENCH_GO,      // on one processor
    BENCH_GO_ALL,  // on all there are
    BENCH_THREADS, // on one processor
    BENCH_PEERS,
};

// Which numbers of tasks wait all the while, to show that none of them costs anything.
enum { BENCH_SCALES = 4, BENCH_SCALED = 4, BENCH_ROWS = 13, BENCH_WHY = 300 };
extern const unsigned bench_scales[BENCH_SCALES];

// Figures are ns per piece of work, or bytes per task; below 0: there is none.
struct bench_row {
    const char *name; // of the program
    bool bytes;
    double aim; // the most that the ratio to Go on one processor is meant to be
    double figures[BENCH_PEERS];
    double spread; // of ours over the rounds: (largest - smallest) / median
};

struct bench_scaled {
    const char *name;
    double figures[BENCH_SCALES]; // beside so many parked tasks
};

struct bench_report {
    unsigned rounds;
    char go[80];  // its version, "" without one
    double floor; // ns of a bare switch of stacks
    struct bench_row rows[BENCH_ROWS];
    struct bench_scaled scaled[BENCH_SCALED];
};

// Builds the programs, in a build tree, else takes those that are there. False: `why` (at least
// BENCH_WHY bytes) says why there are none.
bool bench_build(char *why);

// Runs them all, which takes minutes. `tell` hears what comes next; returning false ends it, and then
// so does this. A program that fails has told why on stderr, and leaves its figure out.
bool bench_run_all(unsigned rounds, bool (*tell)(unsigned round, const char *name),
                   struct bench_report *out);

// Ours to Go's on one processor; below 0: one of them is missing, or that Go is older than 1.23,
// which switched a third faster.
double bench_ratio(const struct bench_report *r, const struct bench_row *row);
