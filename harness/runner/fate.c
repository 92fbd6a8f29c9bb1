// fate: from which event on a failing schedule cannot be saved any more.
//
// A schedule is a row of choices. If every schedule that begins with the first k of them fails, so does every
// one that begins with more; so the smallest such k is found by halving, each time with a search of all that
// begins with k choices, which ends at the first run that passes. The event is the first that the k-th choice
// has brought about.
#include "harness/judge.h"
#include "harness/runner/runner.h"

#include <string.h>

enum { RUNS_MOST = 1000, EVENTS_MOST = 5000000 };

// Replays a schedule and writes down every choice, and how much was in the log by then.
static struct {
    struct policy policy;
    struct policy_replay replay;
    const event_log *log;
    uint32_t count;
    struct search_step steps[SEARCH_DEPTH];
    uint64_t heads[SEARCH_DEPTH];
} path;

static struct search continuations;
static uint64_t spent; // events of all searches so far

static uint64_t head_of(const event_log *log) {
    return atomic_load_explicit(&log->head, memory_order_relaxed);
}

static size_t pick_and_note(struct policy *self, const struct choice *ways, size_t count,
                            size_t preferred) {
    (void)self;
    size_t taken = path.replay.policy.pick(&path.replay.policy, ways, count, preferred);
    if (taken < count && path.count < SEARCH_DEPTH) {
        path.steps[path.count] = (struct search_step){.task = ways[taken].task,
                                                      .branch = ways[taken].branch};
        path.heads[path.count++] = head_of(path.log);
    }
    return taken;
}

// False: the schedule does not fit, passes, or is too long.
static bool follow(struct shared *s, const struct loaded *what, const struct judge_terms *terms) {
    const struct schedule *failing = &s->job.schedule;
    policy_replay_init(&path.replay, failing->deviations, failing->count);
    path.policy = (struct policy){.announce = true, .pick = pick_and_note};
    path.log = &s->log;
    path.count = 0;
    enum run_end end = job_run_once(s, what->scenario, &path.policy, failing->slow);
    return (end == RUN_QUIESCENT || end == RUN_PANICKED) && path.count < SEARCH_DEPTH &&
           path.replay.next == path.replay.count && job_judge(s, terms);
}

// Whether no run that begins with the first k choices was seen to pass. What meets a bound of its own counts
// as failing, so then it is not all of them.
static bool all_fail(struct shared *s, const struct loaded *what, const struct judge_terms *terms,
                     uint32_t k) {
    const struct schedule *failing = &s->job.schedule;
    bool passes = false;
    search_init(&continuations, &(struct search_plan){.scenario = failing->name,
                                                      .runs[SEARCH_TREE] = RUNS_MOST,
                                                      .reduce = s->job.reduce,
                                                      .slow = failing->slow});
    search_force(&continuations, path.steps, k);
    while (!passes && spent < EVENTS_MOST && !atomic_load(&s->stop) &&
           search_begin(&continuations)) {
        enum run_end end = job_run_once(s, what->scenario, &continuations.policy, failing->slow);
        unsigned verdicts = search_counts(&continuations) ? job_judge(s, terms) : 0;
        passes = search_counts(&continuations) && !verdicts;
        spent += head_of(&s->log);
        search_end(&continuations, verdicts, job_met_a_bound(end));
    }
    return !passes && continuations.explored;
}

static void tell(struct shared *s, uint32_t k) {
    s->fate = (struct fate){.known = true,
                            .step = k,
                            .event = k ? path.heads[k - 1] + 1 : 0,
                            .continuations = search_explored(&continuations),
                            .exhaustive = search_exhaustive(&continuations)};
}

void job_fate(struct shared *s, const struct loaded *what, const struct judge_terms *terms) {
    s->fate = (struct fate){0};
    spent = 0;
    if (!follow(s, what, terms))
        return;
    uint32_t saved = 0, lost = path.count; // the smallest k is in [saved, lost]
    while (saved < lost) {
        uint32_t k = saved + (lost - saved) / 2;
        if (all_fail(s, what, terms, k))
            lost = k;
        else
            saved = k + 1;
    }
    if (spent < EVENTS_MOST && all_fail(s, what, terms, lost))
        tell(s, lost);
}
