// runner: the program that loads one scenario and one variant of its exercise, and runs them as
// its parent asks. What its files share.
#pragma once

#include "core/reach.h"
#include "harness/judge.h"
#include "harness/scenario.h"
#include "harness/shared.h"

struct loaded {
    const struct scenario *scenario;
    void *driver, *exercise; // handles of the shared objects
};

// load.c: loads both objects. False: `why` says what is wrong with which; *source is set when the
// exercise lacks what its driver calls, or calls what there is not.
bool load_scenario(const char *driver, const char *exercise, struct loaded *out, bool *source,
                   char *why, size_t size);

// reset.c: remembers the writable data of a loaded object, and puts it back before each run.
bool statics_remember(void *handle);
void statics_restore(void);
// What it restores: where the loaded objects keep their globals.
const struct reach_range *statics_ranges(size_t *count);

// leaks.c: who is leaked while others run, told in shared->leaks. begin: nobody yet. look: from
// run_config.tick; it costs the run no more than its own work. tell: now; also from run_config.ended.
void leaks_begin(struct shared *shared);
void leaks_look(struct shared *shared);
void leaks_tell(struct shared *shared);

// env.c: forgets the counts of environment calls.
void env_reset(void);

// load_next's counts and bounds.
struct load {
    int64_t every;      // virtual ns between requests
    int64_t count;      // requests so far
    int64_t until;      // virtual time of the end, INT64_MAX: none
    uint32_t max_tasks; // no further request at so many tasks alive
    const event_log *log;
};

// names.c: where in the source an address belongs. To be told first what is loaded.
void names_begin(const struct loaded *what);
struct place {
    char file[120];
    char function[48];
    int line;
};
// Whether that is the exercise's or its driver's.
bool in_program(const void *address);
// The first of these return addresses (NULL: none) that is the exercise's or the driver's; the line
// is 0 if there is none.
struct place place_of_frames(void *const *frames, int count);
// All of them, innermost first, what was inlined included; at most `most`. Returns how many there are.
int places_of_frames(void *const *frames, int count, struct place *out, int most);
// The variable that lies at an address, "" for none.
void name_of_variable(const void *address, char *out, size_t size);

// fault.c: a handler on its own stack that tells the parent which task overflowed or crashed, or
// where in its source the one is that never calls the core again.
void fault_watch(struct shared *shared);

// stray.c: a store by the exercise or its driver to memory that is not theirs ends the process, which tells
// the parent. By anybody else: nothing.
void stray_watch(struct shared *shared);
void stray_store(const void *address, size_t size, void *pc);

// races.c: a race engine tells of two accesses; their text is found after the run.
enum { RACE_FRAMES = 8, RACE_NAME = 40, RACE_TASK = 64 };
struct race_access {
    bool write;
    char task[RACE_TASK];      // "worker (#3)"
    uint32_t events;           // how many there were in the log; RACE_WHENEVER: not known
    void *frames[RACE_FRAMES]; // return addresses, innermost first; NULL at the end
};
void race_add(const void *address, const struct race_access *before, const struct race_access *now);
void race_task(struct race_access *a, const char *name);

// objects.c: a block of the heap was asked for by the code that `caller` returns to. Returns it.
void *alloc_seen(void *block, size_t size, void *caller);
// Forgets all blocks. From here on they are remembered, unless `log` is NULL.
void allocs_begin(const event_log *log);
// What lies at an address, as people call it: a global's name, a variable on the stack of the task so called
// ("": it is on none), a block of the heap and who allocated it; "" nobody knows.
void object_of_address(const void *address, const char *stack_of, char *out, size_t size);

// What a race engine that is told of each run does then. NULL: there is none, or it needs no telling.
struct race_engine {
    void (*begin)(const event_log *log);
    void (*end)(void);
    // From here on accesses are choice points: atomic ones, and those at places that have raced in any
    // run so far. Returns how many such places there are.
    uint32_t (*reveal)(void);
};
extern const struct race_engine *race_engine;

// accesses.c: makes accesses choice points, for all runs to come. Always the same ones for a program.
void accesses_learn(struct shared *shared, const struct loaded *what);
bool accesses_are_learnt(void); // false: while that is found out
// Such an access was recorded as that event; its place in the source is found after the run.
void access_add(const event *e, const void *address, void *pc);
void accesses_begin(void);
void accesses_name(void);

// named: what it tells gets its words and its place in the source (races_end).
void races_begin(const event_log *log, bool named);
// Once the run is over; named: what it told of races and accesses gets its place in the source.
void races_end(event_log *log, bool named);
// Such a place, as a site of the log: of the instruction at pc, and what lies at the address.
uint16_t race_site(const void *address, void *pc);
bool races_seen(void); // whether the last run had any

// probe.c: whether the race engine of this runner can be believed about these two objects. Before they are
// loaded. NULL: it can, or there is none; else why not.
const char *probe_races(const char *driver, const char *exercise);
// As races_begin, for a run whose race is not the exercise's.
void races_probe(const event_log *log);
bool races_are_probed(void); // by the run under way, or the last one
// instrumented/racy.c: adds 1, as code of an exercise does. NULL in a runner without a race engine.
__attribute__((weak)) void racy_add(int *value);

// jobs.c
void job_do(struct shared *shared, const struct loaded *what);

// One run of the driver, from a clean start; its log is in `shared`. `slow`: time may move early.
enum run_end job_run_once(struct shared *shared, const struct scenario *scenario,
                          struct policy *policy, bool slow);
// The verdicts of the last run.
unsigned job_judge(struct shared *shared, const struct judge_terms *terms);
// Whether the last run was ended by a bound, so that what could have followed is not known.
bool job_met_a_bound(enum run_end end);

// fate.c: fills shared->fate for the job's schedule.
void job_fate(struct shared *shared, const struct loaded *what, const struct judge_terms *terms);

// The one run of s->job.schedule, for a debugger to look at: where that many events have happened (0: at
// no such place), and when it is over.
void job_debug(struct shared *shared, const struct loaded *what, uint64_t events);

// debug.c: watches a run, and calls debugger_stops_here there. That does nothing.
struct watch *debug_watch(const event_log *log, uint64_t events);
void debugger_stops_here(void);

// describe.c: prints the scenario's declaration as JSON.
int describe(const struct scenario *s);
