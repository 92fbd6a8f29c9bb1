// lab: the examinations of one sitting, one trial per variant of a scenario, moved on without
// ever blocking. Views ask for trials and read their answers; only the lab owns them.
//
// A variant whose source was edited since its object was built is compiled first. Until there is a
// new examination the last whole answer stays, so that it can still be looked at.
//
// A trial that a reader looks at runs at once; of the others (the list's) one runs at a time.
#pragma once

#include "harness/compile.h"
#include "harness/explore.h"

enum trial_state {
    TRIAL_NEW,       // nobody asked yet
    TRIAL_WAITING,   // its turn will come
    TRIAL_BUILDING,  // the source is newer than its object; an answer is of the source before
    TRIAL_UNDER_WAY, // the answer may already be partly there
    TRIAL_DONE,
    TRIAL_UNBUILT, // the source does not compile: see compilation; an answer is of the source before
    TRIAL_REFUSED, // could not be started: see why
};

struct trial {
    const struct scenario_info *scenario;
    const struct variant *variant;
    enum trial_state state;
    struct compilation *compilation; // of the edited source; NULL: there was no need
    struct variant examined;         // the variant, with the compilation's objects if there is one
    struct examination *examination; // from UNDER_WAY on; NULL for answers given by hand
    const struct answer *answer;     // NULL: nothing yet. Valid until the next lab_tick
    uint32_t round;                  // changes when the answer is of another examination
    char progress[120];              // UNDER_WAY: what is happening, in a few words
    char why[300];                   // REFUSED
};

struct lab {
    const struct catalogue *catalogue;
    struct trial **trials; // in the order they were first asked for; each stays where it is
    size_t count;
};

void lab_init(struct lab *lab, const struct catalogue *c);
// Ends what is under way.
void lab_close(struct lab *lab);

// The trial of a variant; made when there is none yet.
struct trial *lab_trial(struct lab *lab, const struct scenario_info *s, const struct variant *v);
// Runs it as soon as possible. Nothing happens when it was asked for before.
void lab_queue(struct trial *t);
// Runs it now, beside others.
void lab_start(struct lab *lab, struct trial *t);
// Runs it once more, compiled again where it was edited.
void lab_again(struct lab *lab, struct trial *t);
// Gives it an answer that was found elsewhere; the answer must outlive the lab.
void lab_offer(struct trial *t, const struct answer *a);

// Whether its state will change by itself, now and not only when its turn comes.
bool trial_moving(const struct trial *t);

// Moves everything on. True when something that is shown may have changed.
bool lab_tick(struct lab *lab);
// Whether something runs or waits.
bool lab_busy(const struct lab *lab);

// "FAIL leak", "PASS", "ERROR build"; "judging", "" before there is a verdict. Returns out.
const char *trial_verdict(const struct trial *t, char *out, size_t size);
// "12 of 12 schedules, exhaustive", "fails on 5 of 12 schedules, exhaustive", the progress while
// it runs, the reason when it was refused, what was before when it does not compile. Returns out.
const char *trial_reach(const struct trial *t, char *out, size_t size);

// The numbers alone, where there is little room: "5 of 12 fail". Returns out.
const char *trial_reach_short(const struct trial *t, char *out, size_t size);

// How it looks at a glance.
enum outcome { OUTCOME_NONE, OUTCOME_JUDGING, OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_ERROR };
enum outcome trial_outcome(const struct trial *t);
