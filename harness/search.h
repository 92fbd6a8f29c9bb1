// search: which schedules to try, in which order. Lives in shared memory, so that when a run
// kills its process another goes on with the rest. Knows choices, not what they mean.
//
// First form: depth-first over every choice point, the default way first, until the tree or the
// budget is used up; then seeded random sampling.
#pragma once

#include "harness/schedule.h"

enum { SEARCH_DEPTH = 4096, SEARCH_FOUND = 8, SEARCH_EVENTS = 500 };

struct search_node {
    uint32_t ways;  // how many there were
    uint32_t taken; // 0: the preferred way, then the others in order
    uint32_t task;  // what was taken, for the schedule id
    uint32_t branch;
    bool deviates; // taken is not the preferred way
};

// Which kind of schedule the run under way is.
enum search_phase { SEARCH_TREE, SEARCH_RANDOM, SEARCH_OVER };

struct search {
    struct policy policy;         // first: what run_world is given
    char scenario[SCHEDULE_NAME]; // for the ids of what is found
    enum search_phase phase;
    uint64_t tree_budget;   // runs of the tree phase
    uint64_t random_budget; // runs of the random phase, if the tree was not finished
    uint64_t seed;          // of the first random run; each further adds one
    bool stop_at_failure;   // the first failing run ends the search
    uint64_t explored;      // runs finished
    uint64_t failing;       // of those, how many failed
    uint64_t random_done;
    uint64_t spent;     // events of all its runs
    bool tree_finished; // every way at every point was tried
    bool bounded;       // some run met a bound (depth, steps): never exhaustive
    bool under_way;     // a run has begun and not ended: if seen by a new process, it died
    uint32_t prefix;    // nodes to replay in this run
    uint32_t depth;     // nodes of this run so far
    bool diverged;      // a replayed prefix met other ways: the code is not deterministic
    bool astray;        // ... in the run under way
    uint64_t random_state;
    unsigned verdicts;    // union over failing runs
    struct search_found { // the first failing schedules of each kind of verdict
        unsigned verdicts;
        uint64_t run;   // which run it was, from 1
        uint64_t times; // how many runs failed in this way
        struct schedule schedule;
    } found[SEARCH_FOUND];
    uint32_t found_count;
    struct search_node nodes[SEARCH_DEPTH];
};

// Sets it up. Deterministic: equal arguments give equal runs in equal order.
void search_init(struct search *s, const char *scenario, uint64_t tree_budget,
                 uint64_t random_budget, uint64_t seed, bool stop_at_failure);

// Prepares the next run; false: the search is over. The policy to run it with is &s->policy.
bool search_begin(struct search *s);

// Tells how long the run under way was. A search ends when its runs have used up SEARCH_EVENTS
// times its budget of runs: runs that spin up to their bound are ten thousand times as long as
// others, and a budget of runs alone would let them go on for hours.
void search_spend(struct search *s, uint64_t events);

// The run is over and was judged. bounded: it met a bound, so the tree below is not known.
void search_end(struct search *s, unsigned verdicts, bool bounded);

// The run under way died with its process: counts as failing with these verdicts.
void search_died(struct search *s, unsigned verdicts);

// The schedule of the run under way or just ended, as deviations from the default.
void search_schedule(const struct search *s, struct schedule *out);

// Whether the answer covers every schedule.
bool search_exhaustive(const struct search *s);
