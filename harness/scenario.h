// scenario: what the author of a lesson writes against.
//
// A scenario is a driver around an exercise. The driver is the root task: it calls the exercise's
// functions with inputs and environments that vary by choose(), and checks what comes back. The
// scheduler tries every schedule; whoever is left when nothing can run any more is the verdict.
//
//     static void drive(void) {
//         int value = -1;
//         bool found = lookup(choose(2) ? 40 * MILLISECOND : 80 * MILLISECOND, &value);
//         check(!found || value == 7, "delivers the value", "got %d", value);
//     }
//
//     SCENARIO(.name = "send-no-receiver", .title = "The send nobody hears", ...
//              .driver = drive, .verdict = "leak",
//              .left = {{.name = "worker", .reason = "chan send", .object = "results"}});
#pragma once

#include "core/core.h"

enum { SCENARIO_LEFT = 16, SCENARIO_CHECKS = 12 };

// What each check of a grade brings. All 0: 1, 2, 4, 1, 1, 1.
struct points {
    int build;       // compiles without a warning
    int behaves;     // does the job
    int no_leak;     // nothing is left on any schedule
    int no_deadlock; // always comes to its end
    int no_race;     // no data race
    int kept;        // still concurrent, no busy wait
};

// A task that the shipped exercise must leave behind on its default schedule.
struct left_task {
    const char *name;   // as given to go
    const char *reason; // the wait reason, in the words of the reports ("chan send", ...)
    const char *object; // the object as the source names it, NULL: none (sleep, select)
    int count;          // how many such tasks; 0: 1
};

typedef struct load load;

struct scenario {
    const char *name;     // the folder's name
    int number;           // its place in the course
    const char *title;    // a few words
    const char *chapter;  // "send", "receive", "context", "group", "resource", "safety"
    const char *brief;    // what the code is and what goes wrong, up to 3 lines of 76 columns
    const char *goal;     // one sentence: what a right fix achieves
    const char *remember; // one sentence: the rule to keep
    void (*driver)(void);
    void (*load)(load *l); // calls the exercise over and over for the live view
    const char *verdict;   // what the shipped exercise must get
    struct left_task left[SCENARIO_LEFT];
    const char *checks[SCENARIO_CHECKS]; // every check the driver makes; one not reached fails
    const char *kept[SCENARIO_CHECKS]; // those of them that are about how the work is done: all at
                                       // once, without spinning; none: nothing is asked of that
    struct points points;
    // The slow machine: with `slow`, what holds on every schedule is then tried with time that moves early,
    // at most twice: the next timer may fire while tasks could still go on, as where the processor is busy
    // with something else. What a fix may not rely on is that its code takes no time. `timed` names those
    // checks that do rely on it (how long something took, what came in time, how much was under way at
    // once); there they are not judged, and the grace counts operations alone.
    bool slow;
    const char *timed[SCENARIO_CHECKS]; // of `checks`
    int64_t grace;      // ns after the driver's end in which tasks may still finish; 0: 1 minute
    int64_t load_every; // ns of virtual time between two requests of the load; 0: 1 ms
};

// Defines the scenario of this folder. Exactly one per scenario.c.
#define SCENARIO(...)                                                                              \
    extern const struct scenario scenario;                                                         \
    const struct scenario scenario = {__VA_ARGS__}

// Records whether a property holds. `name` is one of the scenario's checks, the rest a printf
// format that says what was seen; it is shown when the check fails. The run goes on.
#pragma GCC visibility push(default) // the runner exports these
#define check(condition, name, ...) scenario_check_at((condition), (name), HERE, __VA_ARGS__)
void scenario_check_at(bool passed, const char *name, site *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// An environment call: the calling task waits `ns` of virtual time, as for a slow disk or peer.
// Calls of one name are counted, so that a driver can tell work done together from work done one
// after another without reading any code.
#define env_call(name, ns) env_call_at((name), (ns), HERE)
void env_call_at(const char *name, int64_t ns, site *at);

// Calls of that name so far in this run, how many are under way now, and the most at any moment.
int env_calls(const char *name);
int env_now(const char *name);
int env_most(const char *name);

// For the load driver: waits until the next request arrives; false when the load is over, which
// it also is when too many tasks are alive or were ever started (limits_started in limits.h).
//     while (load_next(l)) { ... one request ... }
#define load_next(l) load_next_at((l), HERE)
bool load_next_at(load *l, site *at);

// How many requests have arrived so far.
int64_t load_count(const load *l);
#pragma GCC visibility pop
