// explore: the examination of one variant, as a row of stages with one child process each.
//
//     RUN          one plain run: the default schedule, or the one asked for
//     SEARCH       every schedule, judged in the child, or in a grade here (witness.h); resumed when a run
//                  kills its child
//     SLOW_SEARCH  the same where time may move early, if nothing failed
//     RERUN        the most frequent failure once more, judged and explained here
//     HOOKS_RUN    the first run again with our own race engine
//     HOOKS_SEARCH the search again, with it
//     HOOKS_RERUN  a racy run again, for its words
//     TSAN_RUN     that racy run, or the first again, under ThreadSanitizer
//     TSAN_SEARCH  some schedules under ThreadSanitizer, where no race was found
//     TSAN_RERUN   ... and one that is racy by it alone
//     MEMORY_SEARCH  with our own engine, where there is a race or atomics are used: schedules in which
//                  accesses to memory are choice points, to see what comes of the race
//     MEMORY_RERUN one of them that shows it, for its words
//
// Invariants: at most one child is under way; the answer's log lies in the memory of `kept`, a
// child that has ended; a stage only ever adds to the answer's verdicts. Everything but the
// patience with a child that hangs is a count, so equal questions get equal answers.
//
// Only `race` counts from the runs of race engines: whatever else they show the plain runs show too. The two
// must agree on whether a variant races; where they do not, it does, and the answer says who says so.
//
// What an engine reports counts where the log of that run, judged here, does not order the two accesses. If the
// log orders all that it reports, the engine is at fault, or somebody wrote into its log: whichever it is,
// neither that nor its silence counts, so it is unavailable, and the answer says why.
#include "harness/explore.h"

#include "harness/before.h"
#include "harness/explain.h"
#include "harness/judge.h"
#include "harness/text.h"
#include "harness/witness.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TREE_BUDGET = 100000,
    RANDOM_BUDGET = 2000,
    SLOW_TREE_BUDGET = 20000,
    SLOW_RANDOM_BUDGET = 1000,
    RACE_TREE_BUDGET = 200,
    RACE_RANDOM_BUDGET = 50,
    EFFECT_TREE_BUDGET = 20000,
    EFFECT_RANDOM_BUDGET = 500,
    DEATHS_MOST = 50,  // children that a search may use up
    HANGS_MOST = 3,    // ... of those, by hanging, which takes seconds each
    TSAN_TASKS = 2000, // what a run costs it grows with their square
};

enum stage {
    STAGE_RUN,
    STAGE_SEARCH,
    STAGE_SLOW_SEARCH,
    STAGE_RERUN,
    STAGE_FATE,
    STAGE_HOOKS_RUN,
    STAGE_HOOKS_SEARCH,
    STAGE_HOOKS_RERUN,
    STAGE_TSAN_RUN,
    STAGE_TSAN_SEARCH,
    STAGE_TSAN_RERUN,
    STAGE_MEMORY_SEARCH,
    STAGE_MEMORY_RERUN,
    STAGE_DONE,
};

struct examination {
    struct examine_config config;
    struct answer answer;
    enum stage stage;
    struct child *child;        // under way, NULL: none
    struct child *kept;         // holds the answer's log
    struct child *harmed;       // holds that of the race's effect, NULL: there is none
    struct search *search;      // where the search stands, between its children
    struct search *slow_search; // of a slow machine
    struct search *race_search; // of the race engine under way
    struct search *searching;   // the one under way, or the last
    struct witness *witness;    // who follows it; NULL: the runner is believed
    bool busy;                  // there was something to follow
    bool slow;                  // the run under way, or the last one, is of a slow machine
    struct schedule racy;       // FOUND: a schedule that races
    uint32_t deaths, hangs;     // of children so far, counted anew for each race engine
    bool stopped;               // the search was ended by the caller
    unsigned found_verdicts;    // what the schedule of RERUN is known to get
    char search_error[600];     // how the first child of the search died
};

// --- children -------------------------------------------------------------------------------------

static struct job job_of(const struct examination *x, enum job_kind kind) {
    const struct judge_terms *terms = &x->config.scenario->terms;
    struct job job = {.kind = kind, .grace = terms->grace, .timed = terms->timed};
    uint32_t most = sizeof job.checks / sizeof job.checks[0];
    for (uint32_t i = 0; i < most && i < JUDGE_CHECKS && terms->checks[i]; i++)
        snprintf(job.checks[job.check_count++], sizeof job.checks[0], "%s", terms->checks[i]);
    return job;
}

static bool start_run(struct examination *x, const struct schedule *schedule, enum engine engine,
                      char *why) {
    struct child_config config = {.scenario = x->config.scenario,
                                  .variant = x->config.variant,
                                  .engine = engine,
                                  .doubted = x->config.witnessed,
                                  .patience = x->config.patience};
    struct job job = job_of(x, JOB_RUN);
    job.schedule = *schedule;
    job.lenient = x->config.lenient;
    x->slow = schedule->slow;
    x->child = child_start(&config, &job, why);
    return x->child;
}

static bool race_is_found(const struct examination *x) {
    return x->answer.race == RACE_FOUND;
}

// A race engine's report may be all that counts of a run; where the race is known, all but that.
static void follow_search(struct examination *x, const struct job *job) {
    struct witness_terms terms = {.judge = x->config.scenario->terms,
                                  .counts = job->races ? VERDICT_RACE : ~0u,
                                  .until = job->until};
    terms.judge.slow = x->searching->plan.slow;
    if (x->witness)
        witness_begin(x->witness, x->searching, &terms);
    if (x->witness && x->stopped)
        witness_stop(x->witness);
}

static bool start_search(struct examination *x, struct search *search, enum engine engine,
                         char *why) {
    struct child_config config = {.scenario = x->config.scenario,
                                  .variant = x->config.variant,
                                  .engine = engine,
                                  .doubted = x->config.witnessed,
                                  .patience = x->config.patience,
                                  .search = search};
    struct job job = job_of(x, JOB_EXPLORE);
    job.races = engine != ENGINE_PLAIN && !search->plan.memory;
    job.until = job.races                                 ? VERDICT_RACE
                : search->plan.memory && race_is_found(x) ? ~(unsigned)VERDICT_RACE
                                                          : 0;
    job.taped = x->witness;
    x->slow = search->plan.slow;
    x->searching = search;
    x->child = child_start(&config, &job, why);
    follow_search(x, &job);
    if (x->child && x->stopped)
        atomic_store(&child_shared_mutable(x->child)->stop, 1);
    return x->child;
}

static void drop_child(struct examination *x) {
    child_free(x->child);
    x->child = NULL;
}

// The child that has ended becomes the one the answer's log lies in.
static void keep_child(struct examination *x) {
    child_free(x->kept);
    x->kept = x->child;
    x->child = NULL;
    x->answer.log = &child_shared(x->kept)->log;
}

// What the child's tape says that cannot be, once all of it is read; NULL: nothing. `well`: the child says
// that it did all that it was to do.
static const char *tape_wrong(struct examination *x, bool well) {
    while (witness_look(x->witness, child_shared_mutable(x->child)))
        continue;
    if (well && !witness_wrong(x->witness) && !witness_searched(x->witness))
        return "it has no end";
    return witness_wrong(x->witness);
}

// Where the search stands, once its child has ended; `failed` and `error` are how. Returns how it is to be taken.
static unsigned search_take(struct examination *x, unsigned failed, char *error, size_t size) {
    const char *why = NULL;
    if (x->witness)
        why = tape_wrong(x, !failed);
    else
        search_copy(x->searching, &child_shared(x->child)->search);
    if (!why && x->searching->verdicts & VERDICT_TAMPERED && !(failed & VERDICT_TAMPERED))
        why = "the events of a run contradict each other";
    if (!why)
        return failed;
    snprintf(
        error, size,
        "What the process wrote down of its runs cannot be (%s), and the core never writes such a "
        "thing. Look for a pointer that runs wild.",
        why);
    return VERDICT_TAMPERED;
}

// --- judging one run --------------------------------------------------------------------------

// Who acted last, EVENT_NOBODY when nobody did.
static uint32_t last_actor(const struct seen *s) {
    for (uint64_t n = s->next; n > 0; n--) {
        uint32_t task = s->log->events[(n - 1) & (s->capacity - 1)].task;
        if (task < s->task_count)
            return task;
    }
    return EVENT_NOBODY;
}

// "worker (#2), last seen at exercise.c:12"; "" for a task that there is not.
static void say_last_seen(const struct seen *s, uint32_t task, char *out, size_t size) {
    char who[80], place[64];
    *out = '\0';
    if (task >= s->task_count)
        return;
    seen_task_label(s, task, who, sizeof who);
    seen_site_label(s, s->tasks[task].at, place, sizeof place);
    snprintf(out, size, "%s%s%s", who, *place ? ", last seen at " : "", place);
}

// Who was leaked when the run was cut off, in one sentence; "" where nobody is known to be.
static void say_leaked(const struct answer *a, const struct leaks *l, char *out, size_t size) {
    char words[LEAKS_TEXT];
    size_t used = 0;
    *out = '\0';
    for (uint32_t i = 0; l->known && i < l->group_count && used < size; i++) {
        leaks_group_words(a->log, &l->groups[i], words, sizeof words);
        int n = snprintf(out + used, size - used, "%s%s",
                         i ? ", " : " Leaked by then (decided by reachability): ", words);
        used += n > 0 ? (size_t)n : 0;
    }
    if (*out && used < size)
        snprintf(out + used, size - used, ".");
}

// A run that went on and on, while the root, in the worst case, waited for something else.
static void explain_endless(struct answer *a, const struct leaks *leaks) {
    const struct seen *s = &a->seen;
    char where[180], waits[EXPLAIN_WIDTH];
    uint32_t actor = last_actor(s);
    say_last_seen(s, actor, where, sizeof where);
    snprintf(a->error, sizeof a->error, "%s%s%s.", a->judgement.note, *where ? ", in " : "", where);
    size_t used = strlen(a->error);
    if (s->task_count > 0 && actor != 0 && s->tasks[0].state == TASK_PARKED)
        snprintf(a->error + used, sizeof a->error - used,
                 leaks->root ? " Meanwhile %s; nobody who runs can reach that."
                             : " Meanwhile %s; whether anything would ever wake it is not decided.",
                 explain_where(s, 0, waits, sizeof waits));
    used = strlen(a->error);
    say_leaked(a, leaks, a->error + used, sizeof a->error - used);
    used = strlen(a->error);
    snprintf(a->error + used, sizeof a->error - used, " Look for a loop that never ends.");
}

// What no child said because it ended well: why its log is an ERROR all the same.
static void explain_error(struct answer *a, const struct leaks *leaks) {
    const struct judgement *j = &a->judgement;
    char where[180];
    if (j->verdicts & VERDICT_TIMEOUT) {
        explain_endless(a, leaks);
        return;
    }
    say_last_seen(&a->seen, j->note_task, where, sizeof where);
    snprintf(a->error, sizeof a->error, "%s%s%s.", j->note, *where ? ", in " : "", where);
}

// What the schedule asks for did not happen, in the middle of the run or because it was over before.
static void explain_misfit(struct answer *a, uint32_t step) {
    a->misfit = true;
    snprintf(a->error, sizeof a->error,
             "The schedule does not fit this code: %s step %" PRIu32 "%s. It may be from another "
             "version of the source; explore again for one that fits.",
             a->judgement.end == RUN_DIVERGED ? "at" : "the run was over before", step,
             a->judgement.end == RUN_DIVERGED ? " what it names cannot happen" : "");
}

static struct judge_terms terms_of_run(const struct examination *x) {
    struct judge_terms terms = x->config.scenario->terms;
    terms.slow = x->slow;
    return terms;
}

// The races that the log confirms.
static uint32_t read_races(const struct seen *s, const struct judgement *j, struct raced *out) {
    uint32_t count = 0, reports = 0;
    for (uint32_t i = 0; i < s->note_count && count < RACED_MOST; i++) {
        if (s->log->events[s->notes[i] & (s->capacity - 1)].kind != EV_RACE)
            continue;
        uint32_t n = reports++;
        if (n >= BEFORE_MOST || !(j->refuted >> n & 1))
            raced_read(s, s->notes[i], &out[count++]);
    }
    return count;
}

// What a run that is only looked at shows.
struct peeked {
    unsigned verdicts;
    char note[JUDGE_NOTE];    // the race's sentence
    char refuted[JUDGE_NOTE]; // that of a report which the log refutes; "" there is none
    struct raced races[RACED_MOST];
    uint32_t race_count;
};

// Looks at the run without touching what the answer shows.
static void peek(const struct examination *x, struct peeked *out) {
    struct seen seen = {0};
    struct judgement judgement = {0};
    struct judge_terms terms = terms_of_run(x);
    seen_init(&seen, &child_shared(x->child)->log, judge_grace(&terms));
    judge(&seen, &terms, &judgement);
    out->verdicts = judgement.verdicts;
    snprintf(out->note, sizeof out->note, "%s", judgement.note);
    snprintf(out->refuted, sizeof out->refuted, "%s", judgement.refuted_note);
    out->race_count = judgement.verdicts & VERDICT_RACE ? read_races(&seen, &judgement, out->races)
                                                        : 0;
    judgement_free(&judgement);
    seen_free(&seen);
}

// How the child that has ended did, before it is dropped or kept. 0: well. What hung after the
// root's end is no error: its log has an end, and says what is left.
static unsigned how_it_ended(const struct examination *x, char *error, size_t size) {
    struct peeked run = {0};
    unsigned failed = child_error(x->child, error, size);
    if (child_hung(x->child))
        peek(x, &run);
    return run.verdicts & VERDICT_OUTLIVES ? run.verdicts : failed;
}

// Judges the log of the child that has ended and keeps it. Returns the verdicts of that run.
static unsigned judge_child(struct examination *x) {
    struct answer *a = &x->answer;
    char error[sizeof a->error];
    unsigned failed = how_it_ended(x, error, sizeof error) & VERDICT_ERRORS;
    keep_child(x);
    const struct shared *s = child_shared(x->kept);
    struct judge_terms terms = terms_of_run(x);
    seen_init(&a->seen, a->log, judge_grace(&terms));
    a->seen.record_touches = true;
    judge(&a->seen, &terms, &a->judgement);
    if (failed) {
        a->judgement.verdicts = failed | (a->judgement.verdicts & VERDICT_RACE);
        snprintf(a->judgement.note, sizeof a->judgement.note, "%.*s", JUDGE_NOTE - 1, error);
        snprintf(a->error, sizeof a->error, "%s", error);
    } else if (s->diverged_step != UINT32_MAX && x->config.lenient) {
        a->went_on = true;
        a->went_on_at = s->diverged_step;
    } else if (s->diverged_step != UINT32_MAX) {
        explain_misfit(a, s->diverged_step);
    } else if (a->judgement.verdicts & VERDICT_ERRORS) {
        struct leaks leaks = {0};
        leaks_read(&s->leaks, &leaks);
        explain_error(a, &leaks);
    }
    return a->judgement.verdicts;
}

// The deviations that the run really took, if they are all known; else the schedule asked for.
static void schedule_of_run(struct examination *x, const struct schedule *asked) {
    const struct shared *s = child_shared(x->kept);
    struct answer *a = &x->answer;
    bool whole = s->as_run.count < SCHEDULE_DEVIATIONS && a->judgement.verdicts &&
                 atomic_load(&s->state) == RUNNER_DONE && a->judgement.end != RUN_DIVERGED;
    schedule_copy(&a->schedule, whole ? &s->as_run : asked);
    snprintf(a->schedule.name, sizeof a->schedule.name, "%s", x->config.scenario->name);
    a->failing_schedule = a->judgement.verdicts != 0;
}

// --- the answer of a search -----------------------------------------------------------------------

// The way of failing that most runs took, the first of equals. NULL: none failed.
static const struct search_found *found_most(const struct search *s, unsigned with) {
    const struct search_found *best = NULL;
    for (uint32_t i = 0; i < s->found_count; i++)
        if ((s->found[i].verdicts & with) && (!best || s->found[i].times > best->times))
            best = &s->found[i];
    return best;
}

// Compiled for ThreadSanitizer, atomic accesses are calls, so the object names them. Without that
// object nothing is known, and races are unavailable anyway.
static bool uses_atomics(const struct variant *v) {
    static const char word[] = "__tsan_atomic";
    int fd = v->tsan ? open(v->tsan, O_RDONLY | O_CLOEXEC) : -1;
    struct stat info;
    if (fd < 0)
        return false;
    bool found = false;
    if (!fstat(fd, &info) && info.st_size > 0) {
        size_t size = (size_t)info.st_size;
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        found = bytes != MAP_FAILED && memmem(bytes, size, word, sizeof word - 1);
        if (bytes != MAP_FAILED)
            munmap(bytes, size);
    }
    close(fd);
    return found;
}

// The ways of failing that a search met.
static void ways_answer(struct answer *a, const struct search *s) {
    a->verdicts |= s->verdicts;
    a->failed_in_some |= s->failed_in_some;
    a->failed_in_all &= s->failed_in_all;
    a->way_count = s->found_count;
    for (uint32_t i = 0; i < s->found_count; i++) {
        a->ways[i].verdicts = s->found[i].verdicts;
        a->ways[i].run = s->found[i].run;
        a->ways[i].schedule = s->found[i].schedule;
    }
}

static void search_answer(struct examination *x, const struct search *s) {
    struct answer *a = &x->answer;
    a->explored = search_explored(s);
    a->failing = search_failing(s);
    a->atomics = uses_atomics(x->config.variant);
    a->diverged = s->diverged;
    a->exhaustive = search_exhaustive(s) && (!a->atomics || s->plan.memory);
    a->sampled = s->runs[SEARCH_RANDOM] > 0;
    claims_of(s, &a->claims);
    ways_answer(a, s);
}

static void slow_answer(struct examination *x, const struct search *s) {
    struct answer *a = &x->answer;
    a->slow.explored = search_explored(s);
    a->slow.failing = search_failing(s);
    a->diverged |= s->diverged;
    a->slow.exhaustive = search_exhaustive(s) && !a->atomics;
    claims_add_slow(s, !a->atomics, &a->claims);
    if (!s->verdicts)
        return;
    a->explored += a->slow.explored;
    a->failing += a->slow.failing;
    ways_answer(a, s);
}

static void count_death(struct examination *x, bool hung) {
    x->deaths++;
    x->hangs += hung;
}

// A run of the search killed its child. Whether to go on with the rest in another.
static bool search_survives(struct examination *x, struct search *s, unsigned verdict, bool hung) {
    if (!s->under_way || verdict & (VERDICT_TAMPERED | VERDICT_ENVIRONMENT))
        return false;
    search_died(s, verdict);
    count_death(x, hung);
    return x->deaths < DEATHS_MOST && x->hangs < HANGS_MOST && !x->stopped;
}

// --- stages: each begins with no child, and returns false when there is nothing for it to do ----

static void environment(struct examination *x, const char *why) {
    x->answer.verdicts |= VERDICT_ENVIRONMENT;
    snprintf(x->answer.error, sizeof x->answer.error, "%s", why);
}

// Code that hangs on the default schedule hangs on most others: a search would only wait for it.
static bool begin_search(struct examination *x) {
    char why[300];
    if (!x->config.explore || x->answer.verdicts & (VERDICT_TAMPERED | VERDICT_ENVIRONMENT))
        return false;
    if (x->hangs)
        return false;
    if (start_search(x, x->search, ENGINE_PLAIN, why))
        return true;
    environment(x, why);
    return false;
}

// Of a budget in all one part in 50 is for sampling.
static struct search_plan plan_of_all(const struct examine_config *c, uint64_t budget) {
    struct search_plan plan = search_plan_of(c->scenario->name, budget - budget / 50, budget / 50);
    plan.seed = c->seed ? c->seed : 1;
    plan.reduce = !uses_atomics(c->variant);
    return plan;
}

static struct search_plan plan_of(const struct examine_config *c, uint64_t tree, uint64_t random) {
    if (c->budget)
        return plan_of_all(c, c->budget);
    struct search_plan plan = search_plan_of(c->scenario->name,
                                             c->tree_budget ? c->tree_budget : tree,
                                             c->random_budget ? c->random_budget : random);
    plan.seed = c->seed ? c->seed : 1;
    plan.reduce = !uses_atomics(c->variant);
    return plan;
}

// What holds anyway may rely on its code taking no time.
static bool begin_slow_search(struct examination *x) {
    char why[300];
    bool asked = !x->config.no_slow && (x->config.slow || x->config.scenario->slow);
    if (!x->config.explore || !asked || x->stopped || x->answer.verdicts)
        return false;
    uint64_t tried = x->search->explored;
    if (x->config.budget && tried >= x->config.budget) {
        claims_add_slow(x->slow_search, false, &x->answer.claims);
        return false;
    }
    if (x->config.budget) {
        struct search_plan rest = plan_of_all(&x->config, x->config.budget - tried);
        rest.slow = true;
        search_init(x->slow_search, &rest);
    }
    if (start_search(x, x->slow_search, ENGINE_PLAIN, why))
        return true;
    environment(x, why);
    return false;
}

// The search that failed first, if any did.
static const struct search *failed_search(const struct examination *x) {
    return x->search->verdicts ? x->search : x->slow_search;
}

// The run at hand is as good as another where it failed in that very way.
static bool begin_rerun(struct examination *x) {
    const struct search_found *f = found_most(failed_search(x), ~0u);
    char why[300];
    if (!f || (f->schedule.count == 0 && f->schedule.kind == SCHEDULE_DEFAULT &&
               x->answer.judgement.verdicts == f->verdicts))
        return false;
    x->found_verdicts = f->verdicts;
    x->answer.schedule = f->schedule;
    x->answer.failing_schedule = true;
    if (start_run(x, &x->answer.schedule, ENGINE_PLAIN, why))
        return true;
    environment(x, why);
    return false;
}

// Of the schedule at hand. What ends its process, or never ends, has no continuations to be looked at.
static bool begin_fate(struct examination *x) {
    const struct answer *a = &x->answer;
    char why[300];
    if (!x->config.explore || x->stopped || x->hangs || !a->failing_schedule ||
        a->schedule.kind != SCHEDULE_DEFAULT || !a->judgement.verdicts ||
        a->judgement.verdicts & VERDICT_ERRORS)
        return false;
    struct child_config config = {.scenario = x->config.scenario,
                                  .variant = x->config.variant,
                                  .doubted = x->config.witnessed};
    struct job job = job_of(x, JOB_FATE);
    job.schedule = a->schedule;
    job.reduce = x->search->plan.reduce;
    x->child = child_start(&config, &job, why);
    return x->child;
}

// The race engine whose stage it is, and what it says.
static enum engine engine_of(const struct examination *x) {
    return x->stage < STAGE_TSAN_RUN ? ENGINE_HOOKS : ENGINE_TSAN;
}

static struct race_judged *judged(struct examination *x) {
    return &x->answer.engine[engine_of(x)];
}

// What the engines say together.
static void settle_races(struct answer *a) {
    static const enum race_state strongest[] = {RACE_FOUND, RACE_NONE, RACE_UNAVAILABLE};
    const struct race_judged *hooks = &a->engine[ENGINE_HOOKS], *tsan = &a->engine[ENGINE_TSAN];
    for (size_t i = 0; i < sizeof strongest / sizeof *strongest; i++) {
        const struct race_judged *by = hooks->state == strongest[i] ? hooks : tsan;
        if (by->state != strongest[i])
            continue;
        a->race = by->state;
        a->race_runs = by->runs;
        snprintf(a->race_note, sizeof a->race_note, "%s", by->note);
        return;
    }
}

static void dispute(struct answer *a) {
    const struct race_judged *hooks = &a->engine[ENGINE_HOOKS], *tsan = &a->engine[ENGINE_TSAN];
    bool differ = (hooks->state == RACE_FOUND && tsan->state == RACE_NONE) ||
                  (hooks->state == RACE_NONE && tsan->state == RACE_FOUND);
    if (differ)
        snprintf(a->race_dispute, sizeof a->race_dispute,
                 "the race engines differ: found by %s, not by %s",
                 hooks->state == RACE_FOUND ? "our own" : "ThreadSanitizer",
                 hooks->state == RACE_FOUND ? "ThreadSanitizer on the same schedule" : "our own");
}

// Whatever comes of it, it is told.
static void tell_refuted(struct examination *x, const char *report) {
    if (*report)
        snprintf(x->answer.race_dispute, sizeof x->answer.race_dispute,
                 "%s reported a race of accesses that the log of that run orders, so that is none: "
                 "%.180s. Please report this; or something wrote into the log",
                 engine_of(x) == ENGINE_HOOKS ? "our own race engine" : "ThreadSanitizer", report);
}

// All that it reported is none by its own log: neither that nor its silence counts.
static void refuted(struct examination *x, const char *report) {
    struct race_judged *j = judged(x);
    *j = (struct race_judged){.state = RACE_UNAVAILABLE, .refuted = true};
    snprintf(j->note, sizeof j->note,
             "it reported a race of accesses that the log of that run orders: %.150s", report);
    tell_refuted(x, report);
    settle_races(&x->answer);
}

static void unavailable(struct examination *x, const char *why) {
    judged(x)->state = RACE_UNAVAILABLE;
    snprintf(judged(x)->note, JUDGE_NOTE, "%.*s", JUDGE_NOTE - 1, why);
    settle_races(&x->answer);
}

static bool race_possible(struct examination *x) {
    if (x->config.no_race)
        return false;
    if (!x->config.scenario->driver_tsan || !x->config.variant->tsan) {
        unavailable(x, "it was not built with -fsanitize=thread, for ThreadSanitizer and our own "
                       "race engine; build again with gcc or clang");
        return false;
    }
    bool endless = x->answer.judgement.verdicts & VERDICT_ERRORS ||
                   x->answer.seen.hung < x->answer.seen.task_count;
    if (endless && x->stage == STAGE_HOOKS_RUN) {
        unavailable(x, "races are not judged in a run that does not come to its end");
        x->answer.engine[ENGINE_TSAN] = x->answer.engine[ENGINE_HOOKS];
        return false;
    }
    if (x->answer.seen.task_count > TSAN_TASKS && engine_of(x) == ENGINE_TSAN) {
        char why[200];
        snprintf(why, sizeof why, "a run of %u tasks is too large for it: %d are the most",
                 x->answer.seen.task_count, TSAN_TASKS);
        unavailable(x, why);
        return false;
    }
    return !endless;
}

// The second engine begins with what the first found.
static bool begin_race_run(struct examination *x) {
    char why[300];
    if (!race_possible(x))
        return false;
    x->deaths = x->hangs = 0;
    if (!race_is_found(x))
        x->racy = x->config.schedule;
    if (x->racy.memory && engine_of(x) == ENGINE_TSAN) // for it accesses are no choice points
        return false;
    if (start_run(x, &x->racy, engine_of(x), why))
        return true;
    unavailable(x, why);
    return false;
}

// Our own engine looks at every schedule that the search tries, ThreadSanitizer at some.
static bool begin_race_search(struct examination *x) {
    char why[300];
    if (!x->config.explore || judged(x)->state != RACE_NONE || x->answer.race == RACE_FOUND ||
        x->stopped)
        return false;
    struct search_plan plan = x->search->plan;
    plan.scenario = x->config.scenario->name;
    if (engine_of(x) == ENGINE_TSAN) {
        plan = search_plan_of(plan.scenario, RACE_TREE_BUDGET, RACE_RANDOM_BUDGET);
        plan.seed = x->search->plan.seed;
    }
    plan.stop_at_failure = false;
    search_init(x->race_search, &plan);
    return start_search(x, x->race_search, engine_of(x), why);
}

static bool begin_race_rerun(struct examination *x) {
    const struct search_found *f = found_most(x->race_search, VERDICT_RACE);
    char why[300];
    if (judged(x)->state != RACE_FOUND || *judged(x)->note || !f)
        return false;
    x->racy = f->schedule;
    return start_run(x, &x->racy, engine_of(x), why);
}

// What a race leads to; or what else the order of atomic accesses may lead to. Not on a slow machine: a race is
// none of time's, since the clock orders nobody, so what it leads to shows without early timers wherever the code
// is reached without them; and each access that is a choice point is one more place where time could move
// early, which would use up the budget before two accesses have met.
static bool begin_memory_search(struct examination *x) {
    char why[300];
    enum race_state own = x->answer.engine[ENGINE_HOOKS].state;
    if (!x->config.explore || x->stopped ||
        !(own == RACE_FOUND || (own == RACE_NONE && x->answer.atomics)))
        return false;
    struct search_plan plan = x->search->plan;
    if (own == RACE_FOUND)
        plan = search_plan_of("", EFFECT_TREE_BUDGET, EFFECT_RANDOM_BUDGET);
    plan.scenario = x->config.scenario->name;
    plan.seed = x->search->plan.seed;
    plan.memory = plan.reduce = true;
    x->deaths = x->hangs = 0;
    search_init(x->race_search, &plan);
    return start_search(x, x->race_search, ENGINE_HOOKS, why);
}

static bool begin_memory_rerun(struct examination *x) {
    const struct search_found *f = found_most(x->race_search, ~(unsigned)VERDICT_RACE);
    char why[300];
    if (!x->race_search->plan.memory || !f || f->lossy)
        return false;
    x->racy = f->schedule;
    x->found_verdicts = f->verdicts;
    return start_run(x, &x->racy, ENGINE_HOOKS, why);
}

static bool begin_nothing(struct examination *x) {
    (void)x;
    return false;
}

// --- stages: the child has ended ------------------------------------------------------------------

static void end_run(struct examination *x) {
    struct answer *a = &x->answer;
    char error[sizeof a->error];
    if (child_error(x->child, error, sizeof error))
        count_death(x, child_hung(x->child));
    a->verdicts = a->first_verdicts = judge_child(x);
    a->failed_in_some = a->failed_in_all = judgement_failed(&a->judgement);
    a->explored = 1;
    a->failing = a->verdicts != 0;
    schedule_of_run(x, &x->config.schedule);
}

static void end_any_search(struct examination *x, struct search *s,
                           void (*answer)(struct examination *x, const struct search *s)) {
    char error[sizeof x->search_error], why[300];
    unsigned failed = how_it_ended(x, error, sizeof error);
    bool hung = child_hung(x->child);
    failed = search_take(x, failed, error, sizeof error);
    drop_child(x);
    if (failed & VERDICT_TAMPERED || (failed & VERDICT_ERRORS && !*x->search_error))
        snprintf(x->search_error, sizeof x->search_error, "%s", error);
    if (failed && search_survives(x, s, failed, hung) && start_search(x, s, ENGINE_PLAIN, why))
        return;
    answer(x, s);
    if (failed & (VERDICT_TAMPERED | VERDICT_ENVIRONMENT))
        x->answer.verdicts |= failed;
    if (failed & VERDICT_TAMPERED || (x->answer.verdicts & VERDICT_ERRORS && !*x->answer.error))
        snprintf(x->answer.error, sizeof x->answer.error, "%s", x->search_error);
}

static void end_search(struct examination *x) {
    end_any_search(x, x->search, search_answer);
}

static void end_slow_search(struct examination *x) {
    end_any_search(x, x->slow_search, slow_answer);
}

// A run must be a function of its schedule. Where it is not, both ways of failing are told; of a process that writes
// into its own record that is known already.
static void end_rerun(struct examination *x) {
    struct answer *a = &x->answer;
    char before[100], now[100];
    unsigned verdicts = judge_child(x);
    a->verdicts |= verdicts;
    if (verdicts == x->found_verdicts)
        return;
    a->exhaustive = false;
    if (a->verdicts & VERDICT_TAMPERED ||
        (verdicts & VERDICT_ERRORS && verdicts != VERDICT_ENDED_EARLY))
        return;
    snprintf(a->error, sizeof a->error,
             "The same schedule gave \"%s\" in the search and \"%s\" when it was run again: the "
             "code does not depend on its schedule alone. Look for memory that is used before it "
             "is set.",
             verdict_list(x->found_verdicts, before, sizeof before),
             verdict_list(verdicts, now, sizeof now));
}

// A continuation that kills its process leaves it unknown.
static void end_fate(struct examination *x) {
    char error[sizeof x->answer.error];
    if (!child_error(x->child, error, sizeof error))
        x->answer.fate = child_shared(x->child)->fate;
    drop_child(x);
}

// The races of the run that is shown: its accesses, whichever engine confirms them later.
static void keep_races(struct examination *x, const struct peeked *run) {
    struct answer *a = &x->answer;
    if (a->race_count)
        return;
    a->race_count = run->race_count;
    memcpy(a->races, run->races, run->race_count * sizeof *run->races);
}

static void race_found(struct examination *x, uint64_t runs) {
    struct answer *a = &x->answer;
    judged(x)->state = RACE_FOUND;
    judged(x)->runs = runs;
    a->exhaustive = false;
    a->verdicts |= VERDICT_RACE;
    if (!a->failing)
        a->failing = 1;
    settle_races(a);
}

// A racy run: its sentence is kept in any case; it becomes the run at hand where no other failure
// is explained already.
static void race_show(struct examination *x, uint64_t runs, const struct peeked *run) {
    snprintf(judged(x)->note, JUDGE_NOTE, "%s", run->note);
    keep_races(x, run);
    tell_refuted(x, run->refuted);
    race_found(x, runs);
    if (x->answer.judgement.verdicts) {
        drop_child(x);
        return;
    }
    judge_child(x);
    schedule_of_run(x, &x->racy);
}

// Whatever else the runs of a race engine say, that counts.
static void tampered(struct examination *x, unsigned failed, const char *error) {
    if (!(failed & VERDICT_TAMPERED))
        return;
    x->answer.verdicts |= VERDICT_TAMPERED;
    if (!*x->answer.error)
        snprintf(x->answer.error, sizeof x->answer.error, "%s", error);
}

static void end_race_run(struct examination *x) {
    struct peeked run;
    char error[sizeof x->answer.error];
    unsigned failed = child_error(x->child, error, sizeof error);
    tampered(x, failed, error);
    peek(x, &run);
    if (run.verdicts & VERDICT_RACE) {
        race_show(x, 1, &run);
        return;
    }
    if (*run.refuted) {
        refuted(x, run.refuted);
    } else if (failed) {
        unavailable(x, error);
    } else {
        judged(x)->state = RACE_NONE;
        settle_races(&x->answer);
        dispute(&x->answer);
    }
    drop_child(x);
}

static void end_race_search(struct examination *x) {
    char error[sizeof x->search_error], why[300];
    unsigned failed = child_error(x->child, error, sizeof error);
    bool hung = child_hung(x->child);
    failed = search_take(x, failed, error, sizeof error);
    drop_child(x);
    tampered(x, failed, error);
    if (failed && search_survives(x, x->race_search, failed, hung) &&
        start_search(x, x->race_search, engine_of(x), why))
        return;
    if (x->race_search->verdicts & VERDICT_RACE) {
        race_found(x, 1 + found_most(x->race_search, VERDICT_RACE)->run);
        dispute(&x->answer);
    }
}

// The search's word is the child's alone; the log of the same run is judged here.
static void take_back(struct examination *x, const char *report) {
    struct answer *a = &x->answer;
    *a->race_dispute = '\0';
    refuted(x, report);
    if (race_is_found(x))
        return;
    a->verdicts &= ~(unsigned)VERDICT_RACE;
    if (!a->verdicts)
        a->failing = 0;
}

static void end_race_rerun(struct examination *x) {
    struct peeked run;
    peek(x, &run);
    if (run.verdicts & VERDICT_RACE)
        race_show(x, judged(x)->runs, &run);
    else if (*run.refuted)
        take_back(x, run.refuted);
    if (x->child)
        drop_child(x);
}

// Atomic accesses are no race: what their order leads to counts like everything else.
static void end_memory_search(struct examination *x) {
    char error[sizeof x->search_error], why[300];
    struct answer *a = &x->answer;
    unsigned failed = child_error(x->child, error, sizeof error);
    bool hung = child_hung(x->child);
    failed = search_take(x, failed, error, sizeof error);
    drop_child(x);
    tampered(x, failed, error);
    if (failed && search_survives(x, x->race_search, failed, hung) &&
        start_search(x, x->race_search, ENGINE_HOOKS, why))
        return;
    if (race_is_found(x)) {
        a->effect.explored = x->race_search->explored;
        a->effect.exhaustive = search_exhaustive(x->race_search);
    } else if (!a->failing) {
        search_answer(x, x->race_search);
        if (a->slow.explored)
            claims_add_slow(x->slow_search, false, &a->claims);
    }
}

// What was wrong in that run, beside the race.
static void say_effect(const struct judgement *j, unsigned verdicts, char *out, size_t size) {
    for (uint32_t i = 0; i < j->check_count; i++) {
        const struct judged_check *c = &j->checks[i];
        if (c->state != CHECK_FAILED)
            continue;
        snprintf(out, size, "\"%.80s\" fails: %.140s", c->name, c->detail);
        return;
    }
    if (verdicts & VERDICT_PANIC)
        snprintf(out, size, "%s", j->note);
    else
        verdict_list(verdicts, out, size);
}

// The race may well end the process.
static void effect_show(struct examination *x, unsigned failed, const char *error) {
    struct seen seen = {0};
    struct race_effect *effect = &x->answer.effect;
    effect->schedule = x->racy;
    effect->verdicts = failed;
    snprintf(effect->note, sizeof effect->note, "%.*s", JUDGE_NOTE - 1, error);
    if (failed)
        return;
    seen_init(&seen, &child_shared(x->child)->log, x->config.scenario->terms.grace);
    judge(&seen, &x->config.scenario->terms, &effect->judgement);
    seen_free(&seen);
    effect->verdicts = effect->judgement.verdicts & ~(unsigned)VERDICT_RACE;
    if (!effect->verdicts)
        return;
    say_effect(&effect->judgement, effect->verdicts, effect->note, sizeof effect->note);
    x->harmed = x->child;
    x->child = NULL;
    effect->log = &child_shared(x->harmed)->log;
}

static void end_memory_rerun(struct examination *x) {
    char error[sizeof x->answer.error];
    unsigned failed = child_error(x->child, error, sizeof error);
    if (!race_is_found(x) && !x->answer.judgement.verdicts) {
        x->answer.schedule = x->racy;
        x->answer.failing_schedule = true;
        end_rerun(x);
        return;
    }
    if (race_is_found(x))
        effect_show(x, failed, error);
    if (x->child)
        drop_child(x);
}

// --- the row of stages ----------------------------------------------------------------------------

static const struct {
    bool (*begin)(struct examination *x);
    void (*end)(struct examination *x);
    const char *words;
} stages[] = {
    [STAGE_RUN] = {begin_nothing, end_run, "one run"},
    [STAGE_SEARCH] = {begin_search, end_search, "all schedules"},
    [STAGE_SLOW_SEARCH] = {begin_slow_search, end_slow_search, "a slow machine"},
    [STAGE_RERUN] = {begin_rerun, end_rerun, "the failing schedule again"},
    [STAGE_FATE] = {begin_fate, end_fate, "from where on it was lost"},
    [STAGE_HOOKS_RUN] = {begin_race_run, end_race_run, "looking for races"},
    [STAGE_HOOKS_SEARCH] = {begin_race_search, end_race_search, "looking for races"},
    [STAGE_HOOKS_RERUN] = {begin_race_rerun, end_race_rerun, "the racy schedule again"},
    [STAGE_TSAN_RUN] = {begin_race_run, end_race_run, "looking for races by ThreadSanitizer"},
    [STAGE_TSAN_SEARCH] = {begin_race_search, end_race_search,
                           "looking for races by ThreadSanitizer"},
    [STAGE_TSAN_RERUN] = {begin_race_rerun, end_race_rerun, "the racy schedule again"},
    [STAGE_MEMORY_SEARCH] = {begin_memory_search, end_memory_search,
                             "schedules with memory accesses"},
    [STAGE_MEMORY_RERUN] = {begin_memory_rerun, end_memory_rerun,
                            "looking for what the race leads to"},
};

// The schedules of a slow machine are so many more that even one who wants them all has to ask for those
// by name.
static void begin_plans(struct examination *x) {
    const struct examine_config *c = &x->config;
    uint64_t tree = c->exhaustive ? UINT64_MAX : TREE_BUDGET;
    uint64_t slow_tree = c->exhaustive && c->slow ? UINT64_MAX : SLOW_TREE_BUDGET;
    struct search_plan plan = plan_of(c, tree, RANDOM_BUDGET);
    struct search_plan slow = plan_of(c, slow_tree, SLOW_RANDOM_BUDGET);
    slow.slow = true;
    search_init(x->search, &plan);
    search_init(x->slow_search, &slow);
}

struct examination *examine_start(const struct examine_config *config, char *why) {
    struct examination *x = zero_alloc(1, sizeof *x);
    x->config = *config;
    x->search = zero_alloc(1, sizeof *x->search);
    x->slow_search = zero_alloc(1, sizeof *x->slow_search);
    x->race_search = zero_alloc(1, sizeof *x->race_search);
    begin_plans(x);
    if (config->witnessed)
        x->witness = witness_new(CHILD_EVENTS);
    if (config->explore)
        x->config.schedule = (struct schedule){0};
    snprintf(x->config.schedule.name, sizeof x->config.schedule.name, "%s", config->scenario->name);
    x->answer.seed = x->search->plan.seed;
    x->answer.schedule = x->config.schedule;
    enum engine engine = x->config.schedule.memory ? ENGINE_HOOKS : ENGINE_PLAIN;
    if (start_run(x, &x->config.schedule, engine, why))
        return x;
    examine_free(x);
    return NULL;
}

// As far as it is known.
static const struct search *search_under_way(const struct examination *x) {
    return x->witness ? x->searching : &child_shared(x->child)->search;
}

// Partial counts of a search, while it is under way.
static void look_at_search(struct examination *x) {
    if (x->stage != STAGE_SEARCH)
        return;
    const struct search *s = search_under_way(x);
    if (s->explored > x->answer.explored) {
        x->answer.explored = s->explored;
        x->answer.failing = s->all_failing;
    }
}

static bool is_searching(const struct examination *x) {
    return x->stage == STAGE_SEARCH || x->stage == STAGE_SLOW_SEARCH ||
           x->stage == STAGE_HOOKS_SEARCH || x->stage == STAGE_TSAN_SEARCH ||
           x->stage == STAGE_MEMORY_SEARCH;
}

static void look_at_tape(struct examination *x) {
    uint64_t runs = witness_runs(x->witness);
    x->busy = witness_look(x->witness, child_shared_mutable(x->child));
    if (witness_runs(x->witness) != runs)
        child_run_over(x->child);
    if (witness_was_awaited(x->witness))
        child_excuse(x->child);
    if (witness_wrong(x->witness))
        child_kill(x->child);
}

enum examine_state examine_poll(struct examination *x) {
    if (x->stage == STAGE_DONE)
        return EXAMINE_DONE;
    x->busy = false;
    if (x->witness && is_searching(x))
        look_at_tape(x);
    if (child_poll(x->child) == CHILD_RUNNING) {
        look_at_search(x);
        return EXAMINE_RUNNING;
    }
    stages[x->stage].end(x);
    if (x->child)
        return EXAMINE_RUNNING;
    do
        x->stage++;
    while (x->stage < STAGE_DONE && !stages[x->stage].begin(x));
    return x->stage == STAGE_DONE ? EXAMINE_DONE : EXAMINE_RUNNING;
}

void examine_finish(struct examination *x) {
    while (examine_poll(x) == EXAMINE_RUNNING)
        child_wait(x->child, x->busy ? 0 : x->witness ? MILLISECOND : SECOND);
}

void examine_stop(struct examination *x) {
    if (!is_searching(x))
        return;
    x->stopped = true;
    if (x->witness)
        witness_stop(x->witness);
    atomic_store(&child_shared_mutable(x->child)->stop, 1);
}

const struct answer *examine_answer(const struct examination *x) {
    return &x->answer;
}

const char *examine_progress(const struct examination *x, char *out, size_t size) {
    char count[32];
    if (x->stage == STAGE_DONE)
        snprintf(out, size, "done");
    else if (is_searching(x) && x->child)
        snprintf(out, size, "%s: %s so far", stages[x->stage].words,
                 text_count(search_under_way(x)->explored, count, sizeof count));
    else
        snprintf(out, size, "%s", stages[x->stage].words);
    return out;
}

void examine_free(struct examination *x) {
    if (!x)
        return;
    child_free(x->child);
    child_free(x->kept);
    witness_free(x->witness);
    child_free(x->harmed);
    seen_free(&x->answer.seen);
    judgement_free(&x->answer.judgement);
    judgement_free(&x->answer.effect.judgement);
    free(x->search);
    free(x->slow_search);
    free(x->race_search);
    free(x);
}
