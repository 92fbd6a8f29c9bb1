// accesses: which of them are choice points, and where in the source they were.
//
// Which: atomic ones, and plain ones that race. To know the latter a bounded search looks for races; what
// becomes a choice point by that makes other runs possible, which another search looks into, until nothing new
// races or ROUNDS are over. The searches are always the same for a program, whatever the job: so a schedule
// whose accesses are choice points finds the same ones each time it is replayed.
#include "harness/runner/runner.h"

enum { LEARN_TREE = 1000, LEARN_RANDOM = 100, ROUNDS = 4, NAMED_MOST = 4096 };

// --- places -----------------------------------------------------------------------------------------

static struct named {
    event *event;
    const void *address;
    void *pc;
} named[NAMED_MOST];
static uint32_t named_count;

void accesses_begin(void) {
    named_count = 0;
}

void access_add(const event *e, const void *address, void *pc) {
    if (named_count < NAMED_MOST)
        named[named_count++] = (struct named){(event *)(uintptr_t)e, address, pc};
}

// An earlier access of the same variable by the same instruction; `n`: there is none.
static uint32_t like(uint32_t n) {
    uint32_t i = 0;
    while (i < n && (named[i].address != named[n].address || named[i].pc != named[n].pc))
        i++;
    return i;
}

void accesses_name(void) {
    for (uint32_t n = 0; n < named_count; n++) {
        uint32_t before = like(n);
        named[n].event->site = before < n ? named[before].event->site
                                          : race_site(named[n].address, named[n].pc);
    }
}

// --- learning ---------------------------------------------------------------------------------------

static struct search learning;
static bool is_learning;

bool accesses_are_learnt(void) {
    return !is_learning;
}

static void look_for_races(struct shared *s, const struct loaded *what, bool slow) {
    struct search_plan plan = search_plan_of("", LEARN_TREE, LEARN_RANDOM);
    plan.slow = slow;
    search_init(&learning, &plan);
    while (!atomic_load(&s->stop) && search_begin(&learning)) {
        enum run_end end = job_run_once(s, what->scenario, &learning.policy, slow);
        search_spend(&learning, atomic_load_explicit(&s->log.head, memory_order_relaxed),
                     atomic_load_explicit(&s->log.started, memory_order_relaxed));
        search_end(&learning, 0, job_met_a_bound(end));
    }
}

void accesses_learn(struct shared *s, const struct loaded *what) {
    bool slow = s->job.kind == JOB_EXPLORE ? s->search.plan.slow : s->job.schedule.slow;
    if (!race_engine)
        return;
    is_learning = true;
    uint32_t places = race_engine->reveal();
    for (int round = 0, more = 1; round < ROUNDS && more; round++) {
        look_for_races(s, what, slow);
        uint32_t now = race_engine->reveal();
        more = now > places;
        places = now;
    }
    is_learning = false;
}
