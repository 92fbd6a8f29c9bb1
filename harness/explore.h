// explore: from "judge this variant" to an answer, without ever blocking the caller.
//
// One examination is a row of child processes: the default run, the search, where nothing failed and
// the scenario asks for it the search of a slow machine, the run of the first failing schedule again to
// explain it, and then the race engines: our own, on every schedule that the
// search tries, and ThreadSanitizer as an independent second one. examine_poll moves it on; each partial
// answer can be read as it comes.
#pragma once

#include "harness/child.h"
#include "harness/claims.h"
#include "harness/raced.h"

struct examine_config {
    const struct scenario_info *scenario;
    const struct variant *variant;
    bool explore;             // every schedule, not just one
    struct schedule schedule; // when not exploring: which
    bool exhaustive; // however many runs that takes; of a slow machine only if `slow` asks for it
    uint64_t tree_budget;   // 0: 100,000 runs, and 20,000 of a slow machine
    uint64_t random_budget; // 0: 2,000 runs, and 1,000 of a slow machine
    uint64_t budget;  // instead of both: runs in all, a slow machine gets what is left; 0: none
    uint64_t seed;    // of the random phase; 0: 1
    bool slow;        // a slow machine too, whether or not the scenario asks for it
    bool no_slow;     // no slow machine, even if the scenario asks for it
    bool no_race;     // leave the race engines out
    bool witnessed;   // follow each run of a search here (witness.h), and believe no runner
    bool lenient;     // where the schedule does not fit, go on in the usual order
    int64_t patience; // with a child that hangs, ns of its CPU time; 0: 3 s
};

enum examine_state { EXAMINE_RUNNING, EXAMINE_DONE };

enum race_state {
    RACE_UNKNOWN, // not judged yet
    RACE_NONE,    // judged, none
    RACE_FOUND,
    RACE_UNAVAILABLE, // no engine works here: never counts as a pass of that check
};

// What one race engine says.
struct race_judged {
    enum race_state state;
    uint64_t runs;         // FOUND: until it showed
    char note[JUDGE_NOTE]; // UNAVAILABLE: why; FOUND: the race in words
    bool
        refuted; // UNAVAILABLE because it reported a race of accesses that the log orders (before.h)
};

// The answer so far. Strings and arrays belong to the examination.
struct answer {
    unsigned verdicts;       // union
    unsigned first_verdicts; // of the first run: the default schedule, or the one asked for
    uint32_t failed_in_some, failed_in_all; // the driver's checks, a bit for each
    uint64_t explored, failing;
    bool exhaustive;
    // The search of a slow machine, begun where all else holds. If it fails, its runs are among `explored`
    // and `failing`; `exhaustive` is of the other search alone.
    struct {
        uint64_t explored, failing; // 0: there was none
        bool exhaustive;
    } slow;
    bool
        diverged; // a run began with the choices of an earlier one and met others: the code is not a
                  // function of its schedule, so this is not exhaustive
    bool atomics; // the source uses atomic accesses. They are choice points only where our own
                  // race engine works; without it not every order of them was tried
    struct {
        unsigned verdicts;
        uint64_t run;             // of the search, from 1: the first that failed so
        struct schedule schedule; // minimised
    } ways[SEARCH_FOUND];         // the ways in which it was seen to fail, each with a schedule
    uint32_t way_count;
    uint64_t seed;        // used in the random phase
    bool sampled;         // the random phase was entered
    struct claims claims; // of a search that is not exhaustive: what it has shown all the same
    enum race_state race; // of all engines: found by any, or none by those there are
    uint64_t race_runs;   // FOUND: runs of that engine, until it showed
    char race_note[JUDGE_NOTE];         // UNAVAILABLE: why; FOUND: the race in words
    struct race_judged engine[ENGINES]; // but for the plain one
    char race_dispute[2 * JUDGE_NOTE];  // the engines differ, or one is refuted: how; "" neither
    struct raced
        races[RACED_MOST]; // FOUND: of the first engine's racy run, those that its log confirms
    uint32_t race_count;
    struct race_effect {
        unsigned verdicts;        // what the race leads to, beside itself; 0: nothing was seen
        struct schedule schedule; // where accesses are choice points, so that it shows step by step
        uint64_t explored;        // such schedules until then
        bool exhaustive;          // ... and these are all there are
        char note[JUDGE_NOTE];    // what was wrong, in words
        const event_log
            *log; // of that run, to be played; NULL: nothing was seen, or it ended its process
        struct judgement judgement; // of that run
    } effect;                       // FOUND
    struct schedule schedule;       // the (minimised) failing schedule, or the one that was run
    bool failing_schedule;          // `schedule` fails
    struct fate fate;               // of that schedule, where a search found it
    bool went_on;                   // lenient: the schedule fitted only up to ...
    uint32_t went_on_at;            // ... this step
    bool misfit;      // the schedule asked for does not fit the code; `error` says at which step
    struct seen seen; // the world at the end of that run, with touches
    struct judgement judgement; // of that run
    const event_log *log;       // of that run; NULL before there is one
    char error[600];            // ERROR verdicts: what happened, where, what to do
};

struct examination;

struct examination *examine_start(const struct examine_config *config, char *why);
enum examine_state examine_poll(struct examination *x);
// Blocks until it is done.
void examine_finish(struct examination *x);
// Ends the search early: what was tried so far is the answer, which is then explained as usual and
// is not exhaustive. Never blocks; go on polling. No effect when there is no search under way.
void examine_stop(struct examination *x);
const struct answer *examine_answer(const struct examination *x);
// What is under way now, in a few words: "all schedules: 4,211 so far".
const char *examine_progress(const struct examination *x, char *out, size_t size);
// Cancels what is under way and frees everything, the answer too.
void examine_free(struct examination *x);
