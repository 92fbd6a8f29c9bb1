// policy: the ready-made answers to "who goes next". Exploring is the harness's own policy.
//
// Invariants: a policy decides by its own state and the ways it is given, nothing else, so the same
// seed or the same deviations give the same run; an index past the ways is never one of them.
//
// Rejected: rand() (its state is the process's, and its numbers the C library's); a modulo for a number
// below n (the low numbers would come more often).
#include "core/run.h"

static size_t pick_preferred(struct policy *self, const struct choice *ways, size_t count,
                             size_t preferred) {
    (void)self, (void)ways, (void)count;
    return preferred;
}

struct policy *policy_fifo(void) {
    static struct policy fifo = {.announce = false, .pick = pick_preferred};
    return &fifo;
}

struct policy *policy_default(void) {
    static struct policy standard = {.announce = true, .pick = pick_preferred};
    return &standard;
}

// --- seeded random ------------------------------------------------------------------------------

static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

// The high half of a 128-bit product maps 64 random bits to [0, count) without a division; the
// bias is below count / 2^64.
static size_t pick_random(struct policy *self, const struct choice *ways, size_t count,
                          size_t preferred) {
    (void)ways, (void)preferred;
    struct policy_random *p = (struct policy_random *)self;
    return (size_t)(((unsigned __int128)splitmix64(&p->state) * count) >> 64);
}

struct policy *policy_random_init(struct policy_random *p, uint64_t seed) {
    *p = (struct policy_random){.policy = {.announce = true, .pick = pick_random}, .state = seed};
    return &p->policy;
}

struct policy *policy_shuffle_init(struct policy_random *p, uint64_t seed) {
    policy_random_init(p, seed);
    p->policy.announce = false;
    p->policy.shuffle = &p->state;
    splitmix64(&p->state); // seeds that lie close together are to differ at once
    return &p->policy;
}

// --- probabilistic concurrency testing ----------------------------------------------------------

static uint64_t mixed(uint64_t seed, uint64_t with) {
    uint64_t state = seed ^ with * UINT64_C(0x9e3779b97f4a7c15);
    return splitmix64(&state);
}

static uint32_t below(uint64_t *state, size_t count) {
    return (uint32_t)(((unsigned __int128)splitmix64(state) * count) >> 64);
}

// Timers have a priority each, like tasks; those who fell have one below all others', the later the
// lower.
static uint64_t priority(const struct policy_pct *p, const struct choice *way) {
    for (uint32_t i = p->fallen_count; i-- > 0;)
        if (way->task != CHOICE_CLOCK && p->fallen[i] == way->task)
            return p->fallen_count - 1 - i;
    uint64_t who = way->task == CHOICE_CLOCK ? ~way->timer : way->task;
    return mixed(p->seed, who) | UINT64_C(1) << 63;
}

static size_t highest(const struct policy_pct *p, const struct choice *ways, size_t count) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (priority(p, &ways[i]) > priority(p, &ways[best]))
            best = i;
    return best;
}

static bool is_change(const struct policy_pct *p) {
    for (uint32_t i = 0; i + 1 < p->depth; i++)
        if (p->changes[i] == p->step)
            return true;
    return false;
}

// One of the branches of who goes on, which stand together.
static size_t any_branch(struct policy_pct *p, const struct choice *ways, size_t count, size_t i) {
    size_t first = i, end = i;
    while (ways[first].task != CHOICE_CLOCK && first > 0 && ways[first - 1].task == ways[i].task)
        first--;
    while (ways[i].task != CHOICE_CLOCK && end + 1 < count && ways[end + 1].task == ways[i].task)
        end++;
    return end == first ? i : first + below(&p->state, end - first + 1);
}

static size_t pick_pct(struct policy *self, const struct choice *ways, size_t count,
                       size_t preferred) {
    (void)preferred;
    struct policy_pct *p = (struct policy_pct *)self;
    size_t best = highest(p, ways, count);
    if (is_change(p) && !ways[0].local && ways[best].task != CHOICE_CLOCK &&
        p->fallen_count + 1 < p->depth) {
        p->fallen[p->fallen_count++] = ways[best].task;
        best = highest(p, ways, count);
    }
    p->step++;
    return any_branch(p, ways, count, best);
}

struct policy *policy_pct_init(struct policy_pct *p, uint64_t seed, uint32_t depth,
                               uint32_t steps) {
    *p = (struct policy_pct){.policy = {.announce = true, .pick = pick_pct},
                             .seed = mixed(seed, depth),
                             .state = seed,
                             .depth = depth < PCT_DEPTH_MOST ? depth : PCT_DEPTH_MOST};
    for (uint32_t i = 0; i + 1 < p->depth; i++)
        p->changes[i] = below(&p->state, steps ? steps : 1);
    return &p->policy;
}

// --- replay -------------------------------------------------------------------------------------

static size_t pick_replayed(struct policy *self, const struct choice *ways, size_t count,
                            size_t preferred) {
    struct policy_replay *p = (struct policy_replay *)self;
    uint32_t step = p->step++;
    if (p->next == p->count || p->deviations[p->next].step != step)
        return preferred;
    const struct deviation *d = &p->deviations[p->next];
    for (size_t i = 0; i < count; i++) {
        if (ways[i].task == d->task && ways[i].branch == d->branch) {
            p->next++;
            return i;
        }
    }
    p->diverged_step = step;
    return POLICY_DIVERGED;
}

struct policy *policy_replay_init(struct policy_replay *p, const struct deviation *deviations,
                                  size_t count) {
    *p = (struct policy_replay){.policy = {.announce = true, .pick = pick_replayed},
                                .deviations = deviations,
                                .count = count};
    return &p->policy;
}
