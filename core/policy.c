// policy: the ready-made answers to "who goes next". Exploring is the harness's own policy.
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
