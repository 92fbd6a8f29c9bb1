// jobs: the things a parent can ask for: one run, many runs, a load, and what a run might still have become.
#include "harness/judge.h"
#include "harness/minimise.h"
#include "harness/runner/runner.h"
#include "harness/tape.h"

#include <stdio.h>
#include <string.h>

// --- one run, with what it really chose kept ----------------------------------------------------

// Asks another policy and writes down every choice that was not the preferred one.
struct recorder {
    struct policy policy;
    struct policy *inner;
    struct schedule *out;
    uint32_t step;
    bool lenient; // what does not fit is left to the default policy, from there on
};

static size_t pick_recorded(struct policy *self, const struct choice *ways, size_t count,
                            size_t preferred) {
    struct recorder *r = (struct recorder *)self;
    size_t taken = r->inner->pick(r->inner, ways, count, preferred);
    if (taken == POLICY_DIVERGED && r->lenient) {
        r->inner = policy_default();
        taken = preferred;
    }
    uint32_t step = r->step++;
    if (taken < count && taken != preferred && r->out->count < SCHEDULE_DEVIATIONS)
        r->out->deviations[r->out->count++] = (struct deviation){step, ways[taken].task,
                                                                 ways[taken].branch};
    return taken;
}

static void root(void *scenario) {
    ((const struct scenario *)scenario)->driver();
}

// Where a run is cut off nothing is decided by its end.
static void run_ended(enum run_end end, void *user) {
    struct shared *s = user;
    if (s->job.kind == JOB_RUN && (end == RUN_STEPS || end == RUN_LOG_FULL))
        leaks_tell(s);
}

static struct run_config config_of(struct shared *s, const struct scenario *scenario) {
    (void)scenario;
    return (struct run_config){
        .log = &s->log,
        .max_steps = s->job.limits.max_steps,
        .heap_quota = s->job.limits.heap_quota,
        .ended = run_ended,
        .user = s,
    };
}

enum run_end job_run_once(struct shared *s, const struct scenario *scenario, struct policy *policy,
                          bool slow) {
    struct run_config config = config_of(s, scenario);
    config.policy = policy;
    config.early = slow ? SCHEDULE_EARLY : 0;
    statics_restore();
    env_reset();
    bool named = s->job.kind == JOB_RUN && accesses_are_learnt();
    races_begin(&s->log, named);
    enum run_end end = run_world(&config, root, (void *)(uintptr_t)scenario);
    races_end(&s->log, named);
    return end;
}

// How long PCT reckons runs to be is learnt from the default one (as search_pct_steps does).
static uint32_t steps_of_default(struct shared *s, const struct scenario *scenario) {
    job_run_once(s, scenario, policy_default(), false);
    return search_pct_steps(run_choice_points());
}

// Who watches for a debugger; NULL: nobody.
static struct watch *debugged;

static enum run_end run_schedule(struct shared *s, const struct scenario *scenario,
                                 const struct schedule *wanted, struct schedule *as_run) {
    struct policy_replay replay;
    struct policy_random random;
    struct policy_pct pct;
    struct policy *inner = NULL;
    switch (wanted->kind) {
    case SCHEDULE_DEFAULT:
        inner = policy_replay_init(&replay, wanted->deviations, wanted->count);
        break;
    case SCHEDULE_RANDOM:
        inner = policy_random_init(&random, wanted->seed);
        break;
    case SCHEDULE_PCT:
        inner = policy_pct_init(&pct, wanted->seed, wanted->depth, steps_of_default(s, scenario));
        break;
    }
    memset(as_run, 0, sizeof *as_run);
    snprintf(as_run->name, sizeof as_run->name, "%s", wanted->name);
    as_run->slow = wanted->slow;
    as_run->memory = wanted->memory;
    struct recorder recorder = {
        .policy = {.announce = true, .pick = pick_recorded, .watch = debugged},
        .inner = inner,
        .out = as_run,
        .lenient = s->job.lenient};
    struct policy *policy = s->job.taped ? tape_trial(&recorder.policy) : &recorder.policy;
    enum run_end end = job_run_once(s, scenario, policy, wanted->slow);
    if (wanted->kind != SCHEDULE_DEFAULT)
        return end;
    if (end == RUN_DIVERGED || recorder.inner != inner)
        s->diverged_step = replay.diverged_step;
    else if (replay.next < replay.count) {
        s->diverged_step = replay.deviations[replay.next].step;
        return RUN_DIVERGED;
    }
    return end;
}

static void job_run(struct shared *s, const struct loaded *what) {
    leaks_begin(s);
    s->diverged_step = UINT32_MAX;
    run_schedule(s, what->scenario, &s->job.schedule, &s->as_run);
    s->heap_peak = run_heap_peak();
}

void job_debug(struct shared *s, const struct loaded *what, uint64_t events) {
    debugged = debug_watch(&s->log, events);
    job_run(s, what);
}

// --- many runs ------------------------------------------------------------------------------------

static struct seen seen;
static struct judgement judgement;

static struct judge_terms terms_of(const struct job *job) {
    struct judge_terms terms = {.grace = job->grace, .timed = job->timed};
    for (uint32_t i = 0; i < job->check_count && i < JUDGE_CHECKS - 1; i++)
        terms.checks[i] = job->checks[i];
    return terms;
}

unsigned job_judge(struct shared *s, const struct judge_terms *terms) {
    if (s->job.races)
        return races_seen() ? VERDICT_RACE : 0;
    seen_init(&seen, &s->log, judge_grace(terms));
    judge(&seen, terms, &judgement);
    return judgement.verdicts;
}

bool job_met_a_bound(enum run_end end) {
    return end == RUN_STEPS || end == RUN_LOG_FULL || run_was_pressed();
}

struct trial {
    struct shared *shared;
    uint64_t spent; // events of all trials so far
    const struct scenario *scenario;
    const struct judge_terms *terms;
};

// Does this schedule still fail? One that does not fit counts as passing, and so does every one
// once the trials were so long that there is no room for more (runs that spin up to their bound).
static unsigned try_schedule(void *user, const struct schedule *wanted, struct schedule *as_run) {
    struct trial *t = user;
    if (t->spent >= MINIMISE_EVENTS)
        return 0;
    enum run_end end = run_schedule(t->shared, t->scenario, wanted, as_run);
    t->spent += atomic_load_explicit(&t->shared->log.head, memory_order_relaxed);
    if (t->shared->job.taped)
        tape_end(end == RUN_DIVERGED ? 0 : TAPE_LOGGED);
    if (end == RUN_DIVERGED)
        return 0;
    return job_judge(t->shared, t->terms);
}

// Delta debugging leaves a schedule of which nothing can be left out; another may still need fewer deviations.
// So all with fewer are tried, as far as there is room.
static void fewer_deviations(struct trial *t, struct search_found *f) {
    static struct search fewer;
    struct search_plan plan = {.scenario = f->schedule.name,
                               .runs[SEARCH_TREE] = MINIMISE_TRIES,
                               .limit = TREE_DEVIATIONS,
                               .stop_at_failure = true,
                               .slow = f->schedule.slow,
                               .memory = f->schedule.memory};
    bool taped = t->shared->job.taped;
    for (; plan.most < f->schedule.count; plan.most++) {
        search_init(&fewer, &plan);
        while (t->spent < MINIMISE_EVENTS && search_begin(&fewer)) {
            struct policy *policy = taped ? tape_trial(&fewer.policy) : &fewer.policy;
            enum run_end end = job_run_once(t->shared, t->scenario, policy, plan.slow);
            if (taped)
                tape_end(search_counts(&fewer) ? TAPE_LOGGED : 0);
            unsigned verdicts = job_judge(t->shared, t->terms);
            t->spent += atomic_load_explicit(&t->shared->log.head, memory_order_relaxed);
            search_end(&fewer, verdicts == f->verdicts ? verdicts : 0, job_met_a_bound(end));
        }
        if (fewer.found_count && !fewer.found[0].lossy) {
            f->schedule = fewer.found[0].schedule;
            return;
        }
    }
}

static void minimise_found(struct shared *s, const struct loaded *what,
                           const struct judge_terms *terms) {
    struct trial trial = {.shared = s, .scenario = what->scenario, .terms = terms};
    for (uint32_t i = 0; i < s->search.found_count && !atomic_load(&s->stop); i++) {
        struct search_found *f = &s->search.found[i];
        tape_trials(i, true, false);
        if (f->died || !minimise(&f->schedule, f->verdicts, try_schedule, &trial))
            continue;
        tape_trials(i, false, true);
        fewer_deviations(&trial, f);
    }
}

// One run of the search, to be judged here. Returns its verdicts.
static unsigned explore_one(struct shared *s, const struct loaded *what,
                            const struct judge_terms *terms) {
    enum run_end end = job_run_once(s, what->scenario, &s->search.policy, terms->slow);
    unsigned verdicts = search_counts(&s->search) ? job_judge(s, terms) : 0;
    if (search_counts(&s->search))
        search_checks(&s->search, judgement_failed(&judgement));
    search_spend(&s->search, atomic_load_explicit(&s->log.head, memory_order_relaxed),
                 atomic_load_explicit(&s->log.started, memory_order_relaxed));
    search_end(&s->search, verdicts, job_met_a_bound(end));
    return verdicts;
}

// ... or by the parent, which says when it is enough.
static unsigned explore_one_taped(struct shared *s, const struct loaded *what,
                                  const struct judge_terms *terms) {
    struct search *search = &s->search;
    enum run_end end = job_run_once(s, what->scenario, tape_run(&search->policy), terms->slow);
    bool bounded = job_met_a_bound(end);
    tape_end((bounded ? TAPE_BOUNDED : 0u) | (search_counts(search) ? TAPE_LOGGED : 0u));
    search_spend(search, atomic_load_explicit(&s->log.head, memory_order_relaxed),
                 atomic_load_explicit(&s->log.started, memory_order_relaxed));
    search_end(search, 0, bounded);
    return 0;
}

static void job_explore(struct shared *s, const struct loaded *what) {
    struct judge_terms terms = terms_of(&s->job);
    terms.slow = s->search.plan.slow;
    if (s->job.taped)
        tape_start(&s->tape, &s->log);
    while (!atomic_load(&s->stop) && search_begin(&s->search)) {
        unsigned verdicts = s->job.taped ? explore_one_taped(s, what, &terms)
                                         : explore_one(s, what, &terms);
        if (verdicts & s->job.until)
            break;
    }
    if (s->job.taped)
        tape_searched();
    minimise_found(s, what, &terms);
}

// --- the load -------------------------------------------------------------------------------------

struct load_job {
    const struct scenario *scenario;
    struct load load;
};

static void load_root(void *arg) {
    struct load_job *l = arg;
    l->scenario->load(&l->load);
}

static bool load_tick(void *user) {
    leaks_look(user);
    return !atomic_load(&((struct shared *)user)->stop);
}

static void load_ended(enum run_end end, void *user) {
    (void)end;
    leaks_tell(user);
}

static void job_live(struct shared *s, const struct loaded *what) {
    const struct job *job = &s->job;
    uint32_t most = job->max_tasks ? job->max_tasks : 10000;
    struct load_job l = {
        .scenario = what->scenario,
        .load = {.every = what->scenario->load_every ? what->scenario->load_every : MILLISECOND,
                 .until = job->duration ? job->duration : INT64_MAX,
                 .max_tasks = most,
                 .log = &s->log},
    };
    struct run_config config = config_of(s, what->scenario);
    config.policy = policy_fifo();
    config.clock = CLOCK_PACED;
    config.pace = job->pace;
    config.max_tasks = most + 1000;
    config.max_steps = UINT64_MAX;
    config.grace_steps = UINT64_MAX;
    config.heap_quota = (size_t)2 << 30;
    config.tick = load_tick;
    config.ended = load_ended;
    config.user = s;
    leaks_begin(s);
    statics_restore();
    env_reset();
    run_world(&config, load_root, &l);
}

// Whether the job's runs have accesses as choice points.
static bool is_of_memory(const struct job *job, const struct search *search) {
    return job->kind == JOB_EXPLORE ? search->plan.memory : job->schedule.memory;
}

void job_do(struct shared *s, const struct loaded *what) {
    struct judge_terms terms = terms_of(&s->job);
    terms.slow = s->job.schedule.slow;
    if (s->job.kind != JOB_LIVE && is_of_memory(&s->job, &s->search))
        accesses_learn(s, what);
    switch (s->job.kind) {
    case JOB_FATE:
        job_fate(s, what, &terms);
        return;
    case JOB_RUN:
        job_run(s, what);
        return;
    case JOB_EXPLORE:
        job_explore(s, what);
        return;
    case JOB_LIVE:
        if (what->scenario->load)
            job_live(s, what);
        return;
    }
}
