// search: depth-first over every choice point, then seeded random sampling.
//
// Invariants:
//   - nodes[0 .. min(depth, SEARCH_DEPTH)) are the choices of the run under way, each written
//     before the choice is acted on, so that a run that kills its process can be named;
//   - in the tree phase the first `prefix` of them are replayed and all later ones are new, with
//     the preferred way taken; advancing takes the next way at the deepest node that has one left;
//   - all state lives in this struct, which may be mapped by several processes in turn; only the
//     function pointer is per process, so search_begin sets it each time.
//
// A run whose replayed prefix meets other ways than before has gone astray: the node where it did
// is given up, nothing is learnt from the run, and the answer is never exhaustive.
#include "harness/search.h"

#include <stdio.h>
#include <string.h>

// The index of the k-th way to try where `preferred` comes first and the others follow in order.
static size_t way_index(size_t k, size_t preferred) {
    if (k == 0)
        return preferred;
    return k <= preferred ? k - 1 : k;
}

static void node_fill(struct search_node *n, const struct choice *way, size_t ways, size_t k) {
    *n = (struct search_node){.ways = (uint32_t)ways,
                              .taken = (uint32_t)k,
                              .task = way->task,
                              .branch = way->branch,
                              .deviates = k != 0};
}

// --- tree -----------------------------------------------------------------------------------------

// Takes at a replayed node what it says. The last node of the prefix has only just been told to
// take another way, whose task and branch are learnt now.
static size_t pick_again(struct search *s, const struct choice *ways, size_t count,
                         size_t preferred) {
    struct search_node *n = &s->nodes[s->depth];
    bool fits = n->ways == count && n->taken < count;
    size_t index = fits ? way_index(n->taken, preferred) : 0;
    bool newest = s->depth + 1 == s->prefix;
    if (fits && newest)
        node_fill(n, &ways[index], count, n->taken);
    if (!fits || n->task != ways[index].task || n->branch != ways[index].branch) {
        s->astray = s->diverged = true;
        return POLICY_DIVERGED;
    }
    s->depth++;
    return index;
}

static size_t pick_tree(struct search *s, const struct choice *ways, size_t count,
                        size_t preferred) {
    if (s->depth < s->prefix)
        return pick_again(s, ways, count, preferred);
    if (s->depth < SEARCH_DEPTH)
        node_fill(&s->nodes[s->depth], &ways[preferred], count, 0);
    else
        s->bounded = true;
    s->depth++;
    return preferred;
}

// Goes on to the next way of the deepest node that has one. False: the tree is finished.
static bool advance(struct search *s) {
    uint32_t depth = s->depth < SEARCH_DEPTH ? s->depth : SEARCH_DEPTH;
    while (depth > 0 && s->nodes[depth - 1].taken + 1 >= s->nodes[depth - 1].ways)
        depth--;
    s->prefix = depth;
    if (depth == 0)
        return false;
    s->nodes[depth - 1].taken++;
    return true;
}

// --- random ---------------------------------------------------------------------------------------

// The same generator as policy_random's, so that r1.SEED names the same run.
static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t pick_random(struct search *s, const struct choice *ways, size_t count,
                          size_t preferred) {
    size_t i = (size_t)(((unsigned __int128)splitmix64(&s->random_state) * count) >> 64);
    if (s->depth < SEARCH_DEPTH)
        node_fill(&s->nodes[s->depth], &ways[i], count, i != preferred);
    s->depth++;
    return i;
}

static size_t pick(struct policy *self, const struct choice *ways, size_t count, size_t preferred) {
    struct search *s = (struct search *)self;
    return s->phase == SEARCH_RANDOM ? pick_random(s, ways, count, preferred)
                                     : pick_tree(s, ways, count, preferred);
}

// --- from run to run --------------------------------------------------------------------------

void search_init(struct search *s, const char *scenario, uint64_t tree_budget,
                 uint64_t random_budget, uint64_t seed, bool stop_at_failure) {
    memset(s, 0, sizeof *s);
    snprintf(s->scenario, sizeof s->scenario, "%s", scenario);
    s->tree_budget = tree_budget;
    s->random_budget = random_budget;
    s->seed = seed;
    s->stop_at_failure = stop_at_failure;
}

// Whether the runs so far were so long that there is no room for more.
static bool spent_out(const struct search *s) {
    const uint64_t least = 5000000;
    uint64_t room;
    if (__builtin_add_overflow(s->tree_budget, s->random_budget, &room) ||
        __builtin_mul_overflow(room, SEARCH_EVENTS, &room))
        return false;
    return s->spent >= (room > least ? room : least);
}

static void phase_move(struct search *s) {
    uint64_t tree_done = s->explored - s->random_done;
    bool tree_over = s->tree_finished || tree_done >= s->tree_budget;
    if (s->phase == SEARCH_TREE && tree_over)
        s->phase = s->tree_finished ? SEARCH_OVER : SEARCH_RANDOM;
    if (s->phase == SEARCH_RANDOM && s->random_done >= s->random_budget)
        s->phase = SEARCH_OVER;
    if (spent_out(s))
        s->phase = SEARCH_OVER;
}

bool search_begin(struct search *s) {
    phase_move(s);
    if (s->phase == SEARCH_OVER)
        return false;
    s->policy = (struct policy){.announce = true, .pick = pick};
    s->depth = 0;
    s->astray = false;
    s->random_state = s->seed + s->random_done;
    s->under_way = true;
    return true;
}

void search_spend(struct search *s, uint64_t events) {
    s->spent += events;
}

static void found_add(struct search *s, unsigned verdicts) {
    s->failing++;
    s->verdicts |= verdicts;
    for (uint32_t i = 0; i < s->found_count; i++) {
        if (s->found[i].verdicts == verdicts) {
            s->found[i].times++;
            return;
        }
    }
    if (s->found_count == SEARCH_FOUND)
        return;
    struct search_found *f = &s->found[s->found_count];
    f->verdicts = verdicts;
    f->run = s->explored;
    f->times = 1;
    search_schedule(s, &f->schedule);
    s->found_count++;
}

void search_end(struct search *s, unsigned verdicts, bool bounded) {
    s->explored++;
    s->bounded |= bounded;
    if (verdicts && !s->astray)
        found_add(s, verdicts);
    if (s->phase == SEARCH_RANDOM)
        s->random_done++;
    else if (!advance(s))
        s->tree_finished = true;
    if (s->stop_at_failure && s->failing)
        s->phase = SEARCH_OVER;
    s->under_way = false;
}

void search_died(struct search *s, unsigned verdicts) {
    search_end(s, verdicts, true);
}

// A random run with more deviations than a schedule holds is named by its seed.
void search_schedule(const struct search *s, struct schedule *out) {
    uint32_t depth = s->depth < SEARCH_DEPTH ? s->depth : SEARCH_DEPTH, deviating = 0;
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", s->scenario);
    for (uint32_t step = 0; step < depth; step++) {
        const struct search_node *n = &s->nodes[step];
        if (n->deviates && deviating++ < SCHEDULE_DEVIATIONS)
            out->deviations[out->count++] = (struct deviation){step, n->task, n->branch};
    }
    bool lossy = deviating > SCHEDULE_DEVIATIONS || s->depth > SEARCH_DEPTH;
    if (s->phase == SEARCH_RANDOM && lossy) {
        out->kind = SCHEDULE_RANDOM;
        out->seed = s->seed + s->random_done - (s->under_way ? 0 : 1);
        out->count = 0;
    }
}

bool search_exhaustive(const struct search *s) {
    return s->tree_finished && !s->bounded && !s->diverged;
}
