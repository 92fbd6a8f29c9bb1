// Policies: a run is a function of its schedule. Same decisions, same bytes; recorded deviations
// replay; every alternative can be reached.
#include "core/tests/world.h"

static int_chan c;
static mutex mu;
static waitgroup wg;
static int result;

TASK(worker, int number;) {
    defer(waitgroup_done, &wg);
    int v = -1;
    mutex_lock(&mu);
    uint32_t delay = choose(3);
    mutex_unlock(&mu);
    task_sleep(delay * SECOND);
    switch (chan_select(SEND(c, a->number), RECV(c, &v), AFTER(SECOND))) {
    case 1:
        result = result * 10 + v;
        break;
    case 2:
        result = result * 10 + 9;
        break;
    }
}

// Every kind of choice: who goes next, locks, arms, equal deadlines, choose.
static void mixed_root(void *arg) {
    (void)arg;
    result = 0;
    mu = (mutex){0};
    wg = (waitgroup){0};
    chan_make(&c, 1);
    for (int i = 1; i <= 4; i++) {
        waitgroup_add(&wg, 1);
        go(worker, .number = i);
    }
    waitgroup_wait(&wg);
}

// --- seeds ----------------------------------------------------------------------------------------------

enum { KEPT = 512 };
struct copy {
    uint64_t head;
    event events[KEPT];
};

static void copy_log(struct copy *copy) {
    copy->head = world.log->head;
    cr_assert_leq(copy->head, KEPT);
    memcpy(copy->events, world.log->events, copy->head * sizeof(event));
}

static bool same_log(const struct copy *copy) {
    return world.log->head == copy->head &&
           memcmp(world.log->events, copy->events, copy->head * sizeof(event)) == 0;
}

Test(policy, the_same_seed_gives_the_same_bytes_100_times) {
    static struct copy first;
    world_seed(mixed_root, 12345);
    copy_log(&first);
    for (int i = 0; i < 100; i++) {
        world_seed(mixed_root, i);
        world_seed(mixed_root, 12345);
        cr_assert(same_log(&first), "round %d", i);
    }
}

Test(policy, different_seeds_give_different_schedules) {
    static struct copy logs[100];
    int distinct = 0;
    for (int i = 0; i < 100; i++) {
        world_seed(mixed_root, i);
        bool known = false;
        for (int k = 0; k < i && !known; k++)
            known = same_log(&logs[k]);
        copy_log(&logs[i]);
        distinct += !known;
    }
    cr_assert_gt(distinct, 90, "%d of 100", distinct);
}

// --- replay ---------------------------------------------------------------------------------------------

// Decides at random, checks what it is offered, and writes down where it left the default.
struct recorder {
    struct policy policy;
    struct policy_random random;
    struct deviation deviations[KEPT];
    size_t count;
    uint32_t step;
    const char *wrong; // what was wrong with an offer, NULL: nothing
};

static void check_offer(struct recorder *r, const struct choice *ways, size_t count,
                        size_t preferred) {
    if (count < 2)
        r->wrong = "fewer than two ways";
    if (preferred >= count)
        r->wrong = "the preferred way is none of the ways";
    for (size_t i = 1; i < count; i++)
        if (ways[i].task < ways[i - 1].task ||
            (ways[i].task == ways[i - 1].task && ways[i].branch <= ways[i - 1].branch))
            r->wrong = "ways are not in order, or not distinct";
}

static size_t pick_and_record(struct policy *self, const struct choice *ways, size_t count,
                              size_t preferred) {
    struct recorder *r = (struct recorder *)self;
    check_offer(r, ways, count, preferred);
    size_t taken = r->random.policy.pick(&r->random.policy, ways, count, preferred);
    if (taken != preferred && r->count < KEPT)
        r->deviations[r->count++] = (struct deviation){r->step, ways[taken].task,
                                                       ways[taken].branch};
    r->step++;
    return taken;
}

static struct policy *recorder_init(struct recorder *r, uint64_t seed) {
    *r = (struct recorder){.policy = {.announce = true, .pick = pick_and_record}};
    policy_random_init(&r->random, seed);
    return &r->policy;
}

Test(policy, replaying_the_deviations_gives_the_same_bytes) {
    static struct recorder recorder;
    static struct policy_replay replay;
    static struct copy log;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        world_run(mixed_root, recorder_init(&recorder, seed));
        cr_assert_null(recorder.wrong, "%s", recorder.wrong);
        cr_assert_eq(run_choice_points(), recorder.step, "seed %" PRIu64, seed);
        copy_log(&log);
        int before = result;
        world_run(mixed_root, policy_replay_init(&replay, recorder.deviations, recorder.count));
        cr_assert_eq(replay.next, recorder.count, "seed %" PRIu64, seed);
        cr_assert(same_log(&log), "seed %" PRIu64, seed);
        cr_assert_eq(result, before);
    }
}

Test(policy, replaying_nothing_is_the_default_schedule) {
    static struct policy_replay replay;
    static struct copy log;
    world_default(mixed_root);
    copy_log(&log);
    world_run(mixed_root, policy_replay_init(&replay, NULL, 0));
    cr_assert(same_log(&log));
}

Test(policy, a_deviation_that_does_not_fit_says_at_which_step) {
    static struct policy_replay replay;
    struct deviation none[] = {{.step = 3, .task = 77}};
    world_run(mixed_root, policy_replay_init(&replay, none, 1));
    cr_assert_eq(world.end, RUN_DIVERGED);
    cr_assert_eq(replay.diverged_step, 3);
    cr_assert_eq(run_choice_points(), 3, "the three before it were met");
    cr_assert_eq(world_event(EV_END, 0)->value, RUN_DIVERGED);

    struct deviation branch[] = {{.step = 0, .task = 1, .branch = 5}};
    world_run(mixed_root, policy_replay_init(&replay, branch, 1));
    cr_assert_eq(world.end, RUN_DIVERGED);
    cr_assert_eq(replay.diverged_step, 0);
}

Test(policy, deviations_past_the_end_are_left_over) {
    static struct policy_replay replay;
    struct deviation late[] = {{.step = 100000, .task = 1}};
    world_run(mixed_root, policy_replay_init(&replay, late, 1));
    cr_assert_eq(world.end, RUN_QUIESCENT);
    cr_assert_eq(replay.next, 0);
}

// --- choose ---------------------------------------------------------------------------------------------

static uint32_t alternatives;

static void choose_root(void *arg) {
    (void)arg;
    result = (int)choose(alternatives);
    EXPECT(result >= 0 && (uint32_t)result < alternatives);
}

Test(choose, every_alternative_is_reached_by_its_deviation) {
    static struct policy_replay replay;
    static const uint32_t counts[] = {2, 3, 7, 64};
    for (size_t n = 0; n < 4; n++) {
        alternatives = counts[n];
        for (uint32_t k = 0; k < alternatives; k++) {
            struct deviation d = {.step = 0, .task = 0, .branch = k};
            world_run(choose_root, policy_replay_init(&replay, &d, 1));
            cr_assert_eq(result, (int)k);
            cr_assert_eq(run_choice_points(), 1);
            cr_assert_eq(world_event(EV_CHOOSE, 0)->value, (int64_t)alternatives << 32 | k);
        }
    }
}

Test(choose, every_alternative_is_reached_by_some_seed) {
    uint64_t seen = 0;
    alternatives = 64;
    for (int seed = 0; seed < 1000; seed++) {
        world_seed(choose_root, seed);
        seen |= UINT64_C(1) << result;
    }
    cr_assert_eq(seen, UINT64_MAX);
}

Test(choose, the_default_is_0_and_of_one_there_is_no_choice) {
    alternatives = 5;
    world_default(choose_root);
    cr_assert_eq(result, 0);
    alternatives = 1;
    world_seed(choose_root, 3);
    cr_assert_eq(result, 0);
    cr_assert_eq(run_choice_points(), 0);
}

Test(choose, of_none_or_too_many_panics) {
    alternatives = 0;
    world_default(choose_root);
    cr_assert_str_eq(world_panic(), "choose: 0 alternatives asked for, 1 to 64 are possible");
    alternatives = 65;
    world_default(choose_root);
    cr_assert_str_eq(world_panic(), "choose: 65 alternatives asked for, 1 to 64 are possible");
}

// --- the policy may stop ----------------------------------------------------------------------------------

struct stopper {
    struct policy policy;
    uint32_t left; // decisions until it stops
};

static size_t pick_then_stop(struct policy *self, const struct choice *ways, size_t count,
                             size_t preferred) {
    (void)ways, (void)count;
    struct stopper *s = (struct stopper *)self;
    return s->left-- ? preferred : POLICY_STOP;
}

Test(policy, it_may_stop_the_run_at_any_choice_point) {
    world_default(mixed_root);
    uint32_t points = run_choice_points();
    cr_assert_gt(points, 10);
    for (uint32_t i = 0; i < points; i++) {
        struct stopper s = {{.announce = true, .pick = pick_then_stop}, i};
        world_run(mixed_root, &s.policy);
        cr_assert_eq(world.end, RUN_STOPPED, "at %u", i);
        cr_assert_eq(run_choice_points(), i);
        cr_assert_eq(world_event(EV_END, 0)->value, RUN_STOPPED);
    }
}

// --- every schedule of a small world ------------------------------------------------------------------

TASK(adds, int number;) {
    mutex_lock(&mu);
    result = result * 10 + a->number;
    mutex_unlock(&mu);
}

static void three_root(void *arg) {
    (void)arg;
    result = 0;
    mu = (mutex){0};
    for (int i = 1; i <= 3; i++)
        go(adds, .number = i);
}

// Depth first over all choice points: the way taken at each, and how many there were.
struct walker {
    struct policy policy;
    size_t taken[KEPT], ways[KEPT], depth, known;
};

static size_t pick_next_path(struct policy *self, const struct choice *ways, size_t count,
                             size_t preferred) {
    (void)ways, (void)preferred;
    struct walker *w = (struct walker *)self;
    size_t at = w->depth++;
    if (at == w->known) {
        w->taken[at] = 0;
        w->ways[at] = count;
        w->known++;
    }
    return w->taken[at];
}

static bool walker_advance(struct walker *w) {
    w->depth = 0;
    while (w->known && ++w->taken[w->known - 1] == w->ways[w->known - 1])
        w->known--;
    return w->known > 0;
}

Test(policy, all_schedules_of_three_locks_give_all_six_orders) {
    static struct walker w = {.policy = {.announce = true, .pick = pick_next_path}};
    int seen[400] = {0}, runs = 0;
    do {
        world_run(three_root, &w.policy);
        cr_assert(world_finished());
        seen[result]++;
        runs++;
    } while (walker_advance(&w) && runs < 100000);
    static const int orders[] = {123, 132, 213, 231, 312, 321};
    int total = 0;
    for (int i = 0; i < 6; i++) {
        cr_assert_gt(seen[orders[i]], 0, "order %d", orders[i]);
        total += seen[orders[i]];
    }
    cr_assert_eq(total, runs, "and nothing else");
    // Locks wait by not being enabled: after each unlock the rest compete, 3 * 2 * 1 ways.
    cr_assert_eq(runs, 6);
}

Test(policy, inline_there_are_no_choice_points) {
    world_seed(mixed_root, WORLD_INLINE);
    cr_assert(world_finished());
    world_seed(three_root, WORLD_INLINE);
    cr_assert_eq(run_choice_points(), 0);
    cr_assert_eq(result, 123);
}

// --- a slow machine ---------------------------------------------------------------------------------

TASK(nap, int64_t ns;) {
    task_sleep(a->ns);
}

static void napping_root(void *arg) {
    (void)arg;
    memset(&mu, 0, sizeof mu);
    for (int i = 1; i <= 3; i++)
        go(nap, .ns = i * SECOND);
    for (int i = 0; i < 2; i++) {
        mutex_lock(&mu);
        mutex_unlock(&mu);
    }
}

// Of the last run: how often the log says that time moved early, which no other record ever does.
static int early_moves(void) {
    int moves = 0;
    for (uint64_t i = 0; i < world.log->head; i++) {
        const event *e = &world.log->events[i];
        cr_assert(!(e->flags & EVENT_EARLY) || e->kind == EV_FIRE);
        moves += (e->flags & EVENT_EARLY) != 0;
    }
    return moves;
}

// Of all runs: how many had so many.
static void count_early_moves(uint32_t allowed, int runs[4]) {
    struct walker w = {.policy = {.announce = true, .pick = pick_next_path}};
    world.config.early = allowed;
    do {
        world_run(napping_root, &w.policy);
        cr_assert(world_finished());
        int moves = early_moves();
        cr_assert_leq(moves, 3);
        runs[moves]++;
    } while (walker_advance(&w));
}

Test(policy, time_moves_early_as_often_as_may_be_and_says_so) {
    int none[4] = {0}, twice[4] = {0};
    count_early_moves(0, none);
    count_early_moves(2, twice);
    cr_assert_gt(none[0], 0);
    cr_assert_eq(none[1] + none[2] + none[3], 0);
    cr_assert_eq(twice[0], none[0], "the runs without are among those with");
    cr_assert(twice[1] > 0 && twice[2] > 0 && twice[3] == 0);
}
