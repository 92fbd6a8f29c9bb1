// search: which schedules to try, in which order. Lives in shared memory, so that when a run
// kills its process another goes on with the rest. Knows choices, not what they mean.
//
// In this order, each with its own budget of runs; what one leaves over the next may use:
//   serial   the default schedule and the others without preemption: who goes on is chosen only where
//            the last one cannot. Few, short to tell, and most failures show here.
//   tree     every schedule, reduced to one of each class of equivalent ones (reduce.h), or not.
// and where that was not all of them:
//   one, two every schedule with at most one preemption, then two
//   random   seeded, every way with equal chance
//   pct      probabilistic concurrency testing, of depth 2, 3 and 4 in turn
#pragma once

#include "harness/reduce.h"
#include "harness/schedule.h"

enum { SEARCH_DEPTH = TREE_DEPTH, SEARCH_FOUND = 8, SEARCH_EVENTS = 500, SEARCH_LOOKS = 64 };

enum search_phase {
    SEARCH_SERIAL,
    SEARCH_TREE,
    SEARCH_ONE,
    SEARCH_TWO,
    SEARCH_RANDOM,
    SEARCH_PCT,
    SEARCH_OVER,
};

// What to do at most.
struct search_plan {
    const char *scenario;       // for the ids of what is found
    uint64_t runs[SEARCH_OVER]; // of each phase; UINT64_MAX: without a bound
    uint64_t seed;              // of the first random run; each further adds one
    bool stop_at_failure;       // the first failing run ends the search
    bool reduce;                // the tree leaves out orders that cannot differ
    bool slow;                  // for a slow machine: only names what is found so
    bool memory;                // accesses are choice points: only names what is found so
    enum tree_limit limit;      // of the tree, without reduction ...
    uint32_t most;              // ... and the cost it allows
};

// The usual shares: runs of everything that is systematic, and of sampling. A systematic part without
// bound is all for the tree.
struct search_plan search_plan_of(const char *scenario, uint64_t systematic, uint64_t sampled);

// One choice of a run.
struct search_step {
    uint32_t task, branch;
    bool deviates; // it is not the preferred way
};

struct search {
    struct policy policy; // first: what run_world is given
    char scenario[SCHEDULE_NAME];
    struct search_plan plan; // `scenario` is of the process that made it
    enum search_phase phase;
    uint64_t runs[SEARCH_OVER];    // finished
    uint64_t failing[SEARCH_OVER]; // of those, how many failed
    bool finished[SEARCH_OVER];    // there is nothing more to be tried
    uint64_t explored;             // all of them
    uint64_t again;                // of those, how many before the tree began again, in no phase
    uint64_t all_failing;
    uint64_t cut;        // runs ended early, their rest being tried before; in none of the counts
    uint64_t spent;      // events of all its runs
    uint64_t looked;     // ways that there were at the choices of this run
    bool bounded;        // some run met a bound (depth, steps): never exhaustive
    bool under_way;      // a run has begun and not ended: if seen by a new process, it died
    bool diverged;       // a replayed prefix met other ways: the code is not deterministic
    bool astray;         // ... in the run under way
    uint32_t at, prefix; // nodes passed in this run, and to be replayed in it
    uint32_t depth;      // choices of this run so far
    uint32_t first_depth, most_depth; // of the first run, of any
    uint32_t most_tasks;              // of any run, as far as told
    uint32_t most_timers;             // of any run of PCT: set before the last that could fire
    uint64_t random_state;
    struct policy_pct pct;
    unsigned verdicts;                      // union over failing runs
    uint32_t failed_in_some, failed_in_all; // the driver's checks, as judgement_failed says it
    struct search_found {                   // the first failing schedules of each kind of verdict
        unsigned verdicts;
        uint64_t run;   // which run it was, from 1
        uint64_t times; // how many runs failed in this way
        bool lossy;     // it deviates more often than a schedule can say
        bool died;      // that run ended its process
        struct schedule schedule;
    } found[SEARCH_FOUND];
    uint32_t found_count;
    uint32_t forced; // choices that every run makes as `steps` says at the start
    struct search_step steps[SEARCH_DEPTH];
    struct tree tree;
};

// Sets it up. Deterministic: equal plans give equal runs in equal order.
void search_init(struct search *s, const struct search_plan *plan);

// From here on every run begins with these choices. Before the first.
void search_force(struct search *s, const struct search_step *steps, uint32_t count);

// Prepares the next run; false: the search is over. The policy to run it with is &s->policy.
bool search_begin(struct search *s);

// After a run: whether it went to its end and is to be judged. If not, end it without verdicts.
bool search_counts(const struct search *s);

// Tells how long the run under way was, and how many tasks it had. A search ends when its runs have used
// up SEARCH_EVENTS times its budget of runs: runs that spin up to their bound are ten thousand times as
// long as others, and a budget of runs alone would let them go on for hours. SEARCH_LOOKS ways to be chosen
// from, or locks that wait, count as an event.
void search_spend(struct search *s, uint64_t events, uint32_t tasks);

// Tells which of the driver's checks the run under way failed (judgement_failed).
void search_checks(struct search *s, uint32_t failed);

// The run is over and was judged. bounded: it met a bound, so the tree below is not known.
void search_end(struct search *s, unsigned verdicts, bool bounded);

// The run under way died with its process: counts as failing with these verdicts.
void search_died(struct search *s, unsigned verdicts);

// The schedule of the run under way or just ended, as deviations from the default. False: it deviates
// more often than can be said; a random one is then named by its seed.
bool search_schedule(const struct search *s, struct schedule *out);

// Copies what it knows: no choice behind those of its run, of its path, and of what is forced.
// `from` may hold anything: counts and texts of `to` are within their bounds.
void search_copy(struct search *to, const struct search *from);

// Whether the answer covers every schedule.
bool search_exhaustive(const struct search *s);

// How many runs the answer is about, and how many of them failed: of an exhaustive one those of the tree,
// since the others are among them; else all.
uint64_t search_explored(const struct search *s);
uint64_t search_failing(const struct search *s);

// The steps that PCT runs reckon with (policy_pct_init), by the choice points of the default run.
uint32_t search_pct_steps(uint32_t choice_points);

// Seed and depth of the n-th PCT run, from 0.
void search_pct_of(const struct search *s, uint64_t n, uint64_t *seed, uint32_t *depth);
