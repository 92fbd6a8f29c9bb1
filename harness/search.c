// search: one phase after another over the same kind of run.
//
// Invariants:
//   - steps[0 .. min(depth, SEARCH_DEPTH)) are the choices of the run under way, each written
//     before the choice is acted on, so that a run that kills its process can be named;
//   - in the phases with a tree the nodes of its path are replayed and all later ones are new;
//   - all state lives in this struct, which may be mapped by several processes in turn, or in what
//     reduce.c knows of the run under way; function pointers are per process, so search_begin sets
//     them each time.
//
// A run whose replayed prefix meets other ways than before, or gets there by other operations, has gone
// astray: the node where it did is given up, nothing is learnt from the run, and the answer is never
// exhaustive.
#include "harness/search.h"

#include <stdio.h>
#include <string.h>

// --- plans ----------------------------------------------------------------------------------------

enum { SERIAL_MOST = 1000, PCT_LEAST = 16 };

static uint64_t at_most(uint64_t n, uint64_t most) {
    return n < most ? n : most;
}

struct search_plan search_plan_of(const char *scenario, uint64_t systematic, uint64_t sampled) {
    struct search_plan p = {.scenario = scenario, .seed = 1, .reduce = true};
    bool endless = systematic == UINT64_MAX;
    p.runs[SEARCH_SERIAL] = at_most(systematic / 10, SERIAL_MOST);
    p.runs[SEARCH_ONE] = endless ? 0 : systematic / 10;
    p.runs[SEARCH_TWO] = endless ? 0 : systematic / 5;
    p.runs[SEARCH_TREE] = endless ? UINT64_MAX
                                  : systematic - p.runs[SEARCH_SERIAL] - p.runs[SEARCH_ONE] -
                                        p.runs[SEARCH_TWO];
    p.runs[SEARCH_RANDOM] = sampled - sampled / 2;
    p.runs[SEARCH_PCT] = sampled / 2;
    return p;
}

static uint64_t add(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

// Runs that may have been made by the end of a phase.
static uint64_t room(const struct search *s, enum search_phase phase) {
    uint64_t runs = 0;
    for (unsigned p = 0; p <= phase; p++)
        runs = add(runs, s->plan.runs[p]);
    return runs;
}

static bool has_tree(enum search_phase phase) {
    return phase <= SEARCH_TWO;
}

static bool reduces(const struct search *s) {
    return s->phase == SEARCH_TREE && s->plan.reduce;
}

// --- tree -----------------------------------------------------------------------------------------

static size_t go_astray(struct search *s) {
    s->astray = s->diverged = true;
    return POLICY_DIVERGED;
}

static void passed_node(struct search *s) {
    if (reduces(s))
        reduce_chose(s->at);
    s->at++;
}

static size_t pick_again(struct search *s, const struct choice *ways, size_t count,
                         uint32_t check) {
    const struct tree_node *n = &s->tree.nodes[s->at];
    size_t i = tree_way(&s->tree, n, ways, count);
    if (i >= count || n->own != ways[0].local || n->check != check)
        return go_astray(s);
    passed_node(s);
    return i;
}

static bool enter(struct search *s, struct tree_node *n, const struct choice *preferred) {
    if (reduces(s) && !n->own)
        return reduce_enter(n);
    tree_want_all(&s->tree, n);
    for (uint32_t i = 0; i < n->count; i++)
        if (tree_option(&s->tree, n, i)->process == tree_process(preferred))
            tree_take(&s->tree, n, i);
    return true;
}

static size_t pick_new(struct search *s, const struct choice *ways, size_t count, size_t preferred,
                       uint32_t check) {
    if (!tree_has_room(&s->tree, count)) {
        s->bounded = true;
        if (reduces(s))
            reduce_give_up();
        return preferred;
    }
    struct tree_node *n = tree_grow(&s->tree, ways, count, preferred);
    n->check = check;
    if (!enter(s, n, &ways[preferred])) {
        s->tree.depth--;
        return POLICY_STOP;
    }
    passed_node(s);
    return tree_way(&s->tree, n, ways, count);
}

static size_t pick_tree(struct search *s, const struct choice *ways, size_t count,
                        size_t preferred) {
    uint32_t check = reduces(s) && !ways[0].local ? reduce_arrive() : 0;
    if (s->at < s->prefix)
        return pick_again(s, ways, count, check);
    return pick_new(s, ways, count, preferred, check);
}

static void advance(struct search *s) {
    if (s->at < s->prefix) { // it ended, or went astray, before all of the prefix was replayed
        s->astray = s->diverged = true;
        s->tree.depth = s->at;
    }
    s->finished[s->phase] = !tree_advance(&s->tree);
    s->prefix = s->tree.depth;
}

// --- random ---------------------------------------------------------------------------------------

// The same generator as policy_random's, so that r1.SEED names the same run.
static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t pick_random(struct search *s, size_t count) {
    return (size_t)(((unsigned __int128)splitmix64(&s->random_state) * count) >> 64);
}

uint32_t search_pct_steps(uint32_t choice_points) {
    return choice_points * 2 > PCT_LEAST ? choice_points * 2 : PCT_LEAST;
}

void search_pct_of(const struct search *s, uint64_t n, uint64_t *seed, uint32_t *depth) {
    *seed = s->plan.seed + n / 3;
    *depth = 2 + (uint32_t)(n % 3);
}

// --- one choice -------------------------------------------------------------------------------------

static size_t pick_forced(const struct search *s, const struct choice *ways, size_t count) {
    const struct search_step *step = &s->steps[s->depth];
    for (size_t i = 0; i < count; i++)
        if (ways[i].task == step->task && ways[i].branch == step->branch)
            return i;
    return POLICY_DIVERGED;
}

static size_t pick_pct(struct search *s, const struct choice *ways, size_t count,
                       size_t preferred) {
    for (size_t i = 0; i < count; i++)
        if (ways[i].task == CHOICE_CLOCK && ways[i].timer >= s->most_timers)
            s->most_timers = (uint32_t)ways[i].timer + 1;
    return s->pct.policy.pick(&s->pct.policy, ways, count, preferred);
}

static size_t pick_by_phase(struct search *s, const struct choice *ways, size_t count,
                            size_t preferred) {
    if (s->depth < s->forced)
        return pick_forced(s, ways, count);
    if (s->phase == SEARCH_RANDOM)
        return pick_random(s, count);
    if (s->phase == SEARCH_PCT)
        return pick_pct(s, ways, count, preferred);
    return pick_tree(s, ways, count, preferred);
}

static size_t pick(struct policy *self, const struct choice *ways, size_t count, size_t preferred) {
    struct search *s = (struct search *)self;
    s->looked += count;
    size_t taken = pick_by_phase(s, ways, count, preferred);
    if (taken >= count)
        return taken;
    if (s->depth < SEARCH_DEPTH)
        s->steps[s->depth] = (struct search_step){ways[taken].task, ways[taken].branch,
                                                  taken != preferred};
    s->depth++;
    return taken;
}

// --- from run to run --------------------------------------------------------------------------

static void tree_of_phase(struct search *s) {
    switch (s->phase) {
    case SEARCH_SERIAL:
        tree_clear(&s->tree, TREE_PREEMPTIONS, 0);
        break;
    case SEARCH_ONE:
        tree_clear(&s->tree, TREE_PREEMPTIONS, 1);
        break;
    case SEARCH_TWO:
        tree_clear(&s->tree, TREE_PREEMPTIONS, 2);
        break;
    default:
        tree_clear(&s->tree, s->plan.limit, s->plan.most);
        break;
    }
    s->prefix = 0;
}

void search_init(struct search *s, const struct search_plan *plan) {
    memset(s, 0, offsetof(struct search, steps));
    s->plan = *plan;
    s->failed_in_all = UINT32_MAX;
    snprintf(s->scenario, sizeof s->scenario, "%s", plan->scenario);
    tree_of_phase(s);
}

static uint32_t steps_used(const struct search *s) {
    uint32_t used = s->depth > s->forced ? s->depth : s->forced;
    return used < SEARCH_DEPTH ? used : SEARCH_DEPTH;
}

void search_copy(struct search *to, const struct search *from) {
    memcpy(to, from, offsetof(struct search, steps));
    if (to->phase > SEARCH_OVER)
        to->phase = SEARCH_OVER;
    to->scenario[SCHEDULE_NAME - 1] = 0;
    if (to->found_count > SEARCH_FOUND)
        to->found_count = SEARCH_FOUND;
    for (uint32_t i = 0; i < to->found_count; i++)
        schedule_copy(&to->found[i].schedule, &from->found[i].schedule);
    memcpy(to->steps, from->steps, steps_used(to) * sizeof *to->steps);
    tree_copy(&to->tree, &from->tree);
}

void search_force(struct search *s, const struct search_step *steps, uint32_t count) {
    s->forced = count < SEARCH_DEPTH ? count : SEARCH_DEPTH;
    memmove(s->steps, steps, s->forced * sizeof *steps);
}

// Whether the runs so far were so long that there is no room for more.
static bool spent_out(const struct search *s) {
    const uint64_t least = 5000000;
    uint64_t most;
    if (__builtin_mul_overflow(room(s, SEARCH_PCT), SEARCH_EVENTS, &most))
        return false;
    return s->spent >= (most > least ? most : least);
}

// Runs that were cut find nothing: more of them than of others, by far, are no search.
static bool phase_over(const struct search *s) {
    const uint64_t cuts_least = 10000;
    return s->finished[s->phase] || s->explored >= room(s, s->phase) ||
           s->cut / 10 > s->explored + cuts_least;
}

static void phase_move(struct search *s) {
    while (s->phase != SEARCH_OVER && phase_over(s)) {
        bool all = s->phase == SEARCH_TREE && s->finished[SEARCH_TREE];
        s->phase = all ? SEARCH_OVER : s->phase + 1;
        if (s->phase != SEARCH_OVER && has_tree(s->phase))
            tree_of_phase(s);
    }
    if (spent_out(s))
        s->phase = SEARCH_OVER;
}

static void begin_sample(struct search *s) {
    uint64_t seed;
    uint32_t depth;
    s->random_state = s->plan.seed + s->runs[SEARCH_RANDOM];
    search_pct_of(s, s->runs[SEARCH_PCT], &seed, &depth);
    policy_pct_init(&s->pct, seed, depth, search_pct_steps(s->first_depth));
}

bool search_begin(struct search *s) {
    phase_move(s);
    if (s->phase == SEARCH_OVER)
        return false;
    s->policy = (struct policy){.announce = true, .pick = pick};
    s->depth = s->at = 0;
    s->looked = 0;
    s->astray = false;
    if (reduces(s)) {
        reduce_begin(&s->tree);
        s->policy.watch = tell_watch();
    } else if (!has_tree(s->phase)) {
        begin_sample(s);
    }
    s->under_way = true;
    return true;
}

bool search_counts(const struct search *s) {
    return !s->astray && !(reduces(s) && reduce_was_cut());
}

void search_checks(struct search *s, uint32_t failed) {
    s->failed_in_some |= failed;
    s->failed_in_all &= failed;
}

void search_spend(struct search *s, uint64_t events, uint32_t tasks) {
    s->spent += events + (s->looked + (reduces(s) ? reduce_waits() : 0)) / SEARCH_LOOKS;
    if (tasks > s->most_tasks)
        s->most_tasks = tasks;
}

static void found_schedule(struct search *s, struct search_found *f) {
    f->run = s->explored;
    f->lossy = !search_schedule(s, &f->schedule);
    f->died = false;
}

static void found_add(struct search *s, unsigned verdicts) {
    s->all_failing++;
    s->failing[s->phase]++;
    s->verdicts |= verdicts;
    for (uint32_t i = 0; i < s->found_count; i++) {
        if (s->found[i].verdicts == verdicts) {
            s->found[i].times++;
            if (s->found[i].lossy)
                found_schedule(s, &s->found[i]);
            return;
        }
    }
    if (s->found_count == SEARCH_FOUND)
        return;
    struct search_found *f = &s->found[s->found_count++];
    *f = (struct search_found){.verdicts = verdicts, .times = 1};
    found_schedule(s, f);
}

static void count_run(struct search *s, unsigned verdicts) {
    s->explored++;
    s->runs[s->phase]++;
    if (s->explored == 1)
        s->first_depth = s->depth;
    if (s->depth > s->most_depth)
        s->most_depth = s->depth;
    if (verdicts)
        found_add(s, verdicts);
}

// All of the tree again, since what was left out may not have been the same.
static void begin_again(struct search *s) {
    tree_of_phase(s);
    s->tree.strict = true;
    s->again += s->runs[SEARCH_TREE];
    s->runs[SEARCH_TREE] = s->failing[SEARCH_TREE] = 0;
}

void search_end(struct search *s, unsigned verdicts, bool bounded) {
    bool cut = !search_counts(s) && !s->astray;
    s->bounded |= bounded || (reduces(s) && reduce_gave_up());
    bool again = reduces(s) && reduce_is_too_loose();
    if (has_tree(s->phase) && !again)
        advance(s);
    if (cut)
        s->cut++;
    else
        count_run(s, s->astray ? 0 : verdicts);
    if (again)
        begin_again(s);
    if (s->plan.stop_at_failure && s->all_failing)
        s->phase = SEARCH_OVER;
    s->under_way = false;
}

// Of the step that killed it nothing is known: it may conflict with anything.
static void want_everything(struct search *s) {
    struct tree *t = &s->tree;
    for (uint32_t i = 0; i < t->depth; i++)
        tree_want_all(t, &t->nodes[i]);
    if (t->depth)
        tree_option(t, &t->nodes[t->depth - 1], t->nodes[t->depth - 1].current)->all = true;
}

// What this process knows of the reduction is not of that run.
void search_died(struct search *s, unsigned verdicts) {
    s->bounded = true;
    if (has_tree(s->phase)) {
        if (reduces(s))
            want_everything(s);
        advance(s);
    }
    count_run(s, verdicts);
    for (uint32_t i = 0; i < s->found_count; i++)
        s->found[i].died |= s->found[i].run == s->explored;
    if (s->plan.stop_at_failure && s->all_failing)
        s->phase = SEARCH_OVER;
    s->under_way = false;
}

bool search_schedule(const struct search *s, struct schedule *out) {
    uint32_t depth = s->depth < SEARCH_DEPTH ? s->depth : SEARCH_DEPTH, deviating = 0;
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", s->scenario);
    out->slow = s->plan.slow;
    out->memory = s->plan.memory;
    for (uint32_t step = 0; step < depth; step++) {
        const struct search_step *n = &s->steps[step];
        if (n->deviates && deviating++ < SCHEDULE_DEVIATIONS)
            out->deviations[out->count++] = (struct deviation){step, n->task, n->branch};
    }
    bool lossy = deviating > SCHEDULE_DEVIATIONS || s->depth > SEARCH_DEPTH;
    if (!lossy || s->plan.slow || s->plan.memory || has_tree(s->phase))
        return !lossy;
    uint64_t n = s->runs[s->phase] - (s->under_way ? 0 : 1);
    out->kind = s->phase == SEARCH_PCT ? SCHEDULE_PCT : SCHEDULE_RANDOM;
    out->seed = s->plan.seed + n;
    if (out->kind == SCHEDULE_PCT)
        search_pct_of(s, n, &out->seed, &out->depth);
    out->count = 0;
    return true;
}

bool search_exhaustive(const struct search *s) {
    return s->finished[SEARCH_TREE] && !s->bounded && !s->diverged;
}

uint64_t search_explored(const struct search *s) {
    return search_exhaustive(s) ? s->runs[SEARCH_TREE] : s->explored;
}

uint64_t search_failing(const struct search *s) {
    return search_exhaustive(s) ? s->failing[SEARCH_TREE] : s->all_failing;
}
