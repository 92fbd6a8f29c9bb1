// The search against little worlds whose schedules can be counted.
#include "harness/search.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

// A world of `tasks` tasks with `steps` operations each: any task that has one left may go next.
// Its run is the sequence of who went.
struct world {
    uint32_t tasks, steps;
    uint32_t left[8];
    char run[64];
    size_t length;
    uint32_t preemptions;
};

static struct search s;
static struct world w;

static void search_for(const char *name, uint64_t tree, uint64_t random, uint64_t seed,
                       bool stop_at_failure) {
    search_init(&s, &(struct search_plan){.scenario = name,
                                          .runs[SEARCH_TREE] = tree,
                                          .runs[SEARCH_RANDOM] = random,
                                          .seed = seed,
                                          .stop_at_failure = stop_at_failure});
}

static size_t collect(const struct world *world, struct choice *ways) {
    size_t count = 0;
    for (uint32_t t = 0; t < world->tasks; t++)
        if (world->left[t])
            ways[count++] = (struct choice){.task = t};
    return count;
}

// The default goes on with the last task while it can, else with the lowest.
static size_t preferred_of(const struct choice *ways, size_t count, uint32_t last) {
    for (size_t i = 0; i < count; i++)
        if (ways[i].task == last)
            return i;
    return 0;
}

static void world_run(struct policy *policy) {
    struct choice ways[8];
    uint32_t last = 0;
    size_t count;
    w.length = w.preemptions = 0;
    for (uint32_t t = 0; t < w.tasks; t++)
        w.left[t] = w.steps;
    while ((count = collect(&w, ways)) > 0) {
        size_t preferred = preferred_of(ways, count, last);
        bool goes_on = ways[preferred].goes_on = w.length && ways[preferred].task == last;
        size_t i = count > 1 ? policy->pick(policy, ways, count, preferred) : 0;
        if (i >= count)
            break;
        w.preemptions += goes_on && i != preferred;
        last = ways[i].task;
        w.left[last]--;
        w.run[w.length++] = (char)('0' + last);
    }
    w.run[w.length] = 0;
}

// Searches the whole world and returns how many different runs there were.
static char (*runs)[64];
static uint32_t run_count;

static bool is_new(const char *run) {
    for (uint32_t i = 0; i < run_count; i++)
        if (strcmp(runs[i], run) == 0)
            return false;
    return true;
}

static void explore_all(uint32_t tasks, uint32_t steps) {
    w = (struct world){.tasks = tasks, .steps = steps};
    run_count = 0;
    search_for("w", 1000000, 0, 1, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        cr_assert(is_new(w.run), "%s came twice", w.run);
        strcpy(runs[run_count++], w.run);
        search_end(&s, 0, false);
    }
}

static void begin(void) {
    runs = calloc(4000, sizeof *runs);
    run_count = 0;
}

static void end(void) {
    free(runs);
}

TestSuite(search, .init = begin, .fini = end);

// (n r)! / (r!)^n schedules, each exactly once.
#define EVERY(name, tasks, steps, count)                                                           \
    Test(search, every_schedule_once_##name) {                                                     \
        explore_all(tasks, steps);                                                                 \
        cr_assert_eq(run_count, count);                                                            \
        cr_assert_eq(s.explored, count);                                                           \
        cr_assert(search_exhaustive(&s));                                                          \
        cr_assert_eq(s.phase, SEARCH_OVER);                                                        \
    }

EVERY(one_task, 1, 5, 1)
EVERY(two_once, 2, 1, 2)
EVERY(two_twice, 2, 2, 6)
EVERY(three_once, 3, 1, 6)
EVERY(two_thrice, 2, 3, 20)
EVERY(three_twice, 3, 2, 90)
EVERY(three_thrice, 3, 3, 1680)

Test(search, the_default_comes_first) {
    explore_all(3, 2);
    cr_assert(eq(str, runs[0], "001122"));
}

Test(search, equal_searches_are_equal) {
    explore_all(3, 2);
    char(*first)[64] = runs;
    runs = calloc(2000, sizeof *runs);
    explore_all(3, 2);
    cr_assert_eq(memcmp(first, runs, 90 * sizeof *runs), 0);
    free(first);
}

// Every run's schedule, replayed by the core's own policy, is that run again.
Test(search, every_schedule_replays) {
    w = (struct world){.tasks = 3, .steps = 2};
    search_for("w", 1000000, 0, 1, false);
    while (search_begin(&s)) {
        struct schedule id;
        struct policy_replay replay;
        char was[64];
        world_run(&s.policy);
        strcpy(was, w.run);
        search_schedule(&s, &id);
        world_run(policy_replay_init(&replay, id.deviations, id.count));
        cr_assert(eq(str, w.run, was));
        cr_assert_eq(replay.next, replay.count);
        search_end(&s, 0, false);
    }
}

Test(search, a_budget_ends_the_tree) {
    w = (struct world){.tasks = 3, .steps = 3};
    search_for("w", 100, 0, 1, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_end(&s, 0, false);
    }
    cr_assert_eq(s.explored, 100);
    cr_assert_not(search_exhaustive(&s));
}

Test(search, long_runs_use_up_a_budget_sooner) {
    w = (struct world){.tasks = 3, .steps = 3};
    search_for("w", 10000, 10000, 1, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_spend(&s, 1000000, 1);
        search_end(&s, 0, false);
    }
    cr_assert_eq(s.explored, 10);
    cr_assert_not(search_exhaustive(&s));
}

Test(search, a_search_without_a_budget_goes_on_for_ever) {
    w = (struct world){.tasks = 3, .steps = 3};
    search_for("w", UINT64_MAX, 0, 1, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_spend(&s, UINT64_C(1) << 40, 1);
        search_end(&s, 0, false);
    }
    cr_assert_eq(s.explored, 1680);
    cr_assert(search_exhaustive(&s));
}

Test(search, then_come_random_runs) {
    w = (struct world){.tasks = 3, .steps = 3};
    search_for("w", 100, 50, 7, false);
    while (search_begin(&s)) {
        struct policy_random random;
        char was[64];
        world_run(&s.policy);
        strcpy(was, w.run);
        if (s.phase == SEARCH_RANDOM) {
            world_run(policy_random_init(&random, 7 + s.runs[SEARCH_RANDOM]));
            cr_assert(eq(str, w.run, was), "a random run is r1.SEED");
        }
        search_end(&s, 0, false);
    }
    cr_assert_eq(s.explored, 150);
    cr_assert_eq(s.runs[SEARCH_RANDOM], 50);
    cr_assert_not(search_exhaustive(&s));
}

Test(search, a_finished_tree_needs_no_random_runs) {
    w = (struct world){.tasks = 2, .steps = 2};
    search_for("w", 100, 50, 7, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_end(&s, 0, false);
    }
    cr_assert_eq(s.explored, 6);
    cr_assert(search_exhaustive(&s));
}

Test(search, random_failures_become_deviations) {
    w = (struct world){.tasks = 3, .steps = 3};
    search_for("w", 0, 200, 1, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_end(&s, w.run[0] == '2' && w.run[1] == '1' ? 4 : 0, false);
    }
    struct policy_replay replay;
    cr_assert_gt(s.all_failing, 0);
    cr_assert_eq(s.found_count, 1);
    cr_assert_eq(s.found[0].schedule.kind, SCHEDULE_DEFAULT);
    world_run(
        policy_replay_init(&replay, s.found[0].schedule.deviations, s.found[0].schedule.count));
    cr_assert_eq(w.run[0], '2');
    cr_assert_eq(w.run[1], '1');
}

static unsigned verdicts_of_run(void) {
    return (w.run[0] == '1' ? 2u : 0) | (w.run[w.length - 1] == '0' ? 4u : 0);
}

Test(search, the_first_of_each_kind_of_failure_is_kept) {
    w = (struct world){.tasks = 2, .steps = 2};
    search_for("abba", 1000, 0, 1, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_end(&s, verdicts_of_run(), false);
    }
    // Runs: 0011 0101 0110 1001 1010 1100; failing: 0110 (4), 1001 (2), 1010 (6), 1100 (6), 0101 (0)
    cr_assert_eq(s.all_failing, 4);
    cr_assert_eq(s.verdicts, 6);
    cr_assert_eq(s.found_count, 3);
    cr_assert_eq(s.found[0].times + s.found[1].times + s.found[2].times, 4);
    for (uint32_t i = 0; i < s.found_count; i++) {
        struct policy_replay replay;
        const struct search_found *f = &s.found[i];
        world_run(policy_replay_init(&replay, f->schedule.deviations, f->schedule.count));
        cr_assert_eq(verdicts_of_run(), f->verdicts);
        cr_assert(eq(str, (char *)f->schedule.name, "abba"));
        cr_assert_geq(f->run, 1);
        cr_assert_leq(f->run, 6);
    }
}

Test(search, stops_at_the_first_failure_when_told) {
    w = (struct world){.tasks = 2, .steps = 2};
    search_for("w", 1000, 1000, 1, true);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_end(&s, verdicts_of_run(), false);
    }
    cr_assert_eq(s.all_failing, 1);
    cr_assert_eq(s.found_count, 1);
    cr_assert_not(search_exhaustive(&s));
}

Test(search, a_bounded_run_is_never_exhaustive) {
    w = (struct world){.tasks = 2, .steps = 1};
    search_for("w", 1000, 0, 1, false);
    for (bool first = true; search_begin(&s); first = false) {
        world_run(&s.policy);
        search_end(&s, 0, first);
    }
    cr_assert_eq(s.explored, 2);
    cr_assert_not(search_exhaustive(&s));
}

// A world that dies on one schedule: another process, with the same memory, goes on with the rest.
Test(search, goes_on_after_a_death) {
    w = (struct world){.tasks = 2, .steps = 2};
    search_for("w", 1000, 0, 1, false);
    struct search *other = malloc(sizeof *other);
    uint32_t ends = 0;
    while (search_begin(&s)) {
        world_run(&s.policy);
        if (strcmp(w.run, "0110") != 0) {
            search_end(&s, 0, false);
            ends++;
            continue;
        }
        cr_assert(s.under_way);
        memcpy(other, &s, sizeof s);
        memset(&s, 0xee, sizeof s);
        memcpy(&s, other, sizeof s);
        s.policy.pick = NULL;
        search_died(&s, 0x200);
    }
    free(other);
    cr_assert_eq(ends, 5);
    cr_assert_eq(s.explored, 6);
    cr_assert_eq(s.all_failing, 1);
    struct policy_replay replay;
    world_run(
        policy_replay_init(&replay, s.found[0].schedule.deviations, s.found[0].schedule.count));
    cr_assert(eq(str, w.run, "0110"));
}

// A world with another number of tasks each time is not a function of its schedule.
Test(search, a_run_that_goes_astray_is_noticed) {
    w = (struct world){.tasks = 2, .steps = 2};
    search_for("w", 1000, 0, 1, false);
    while (search_begin(&s)) {
        w.tasks = 2 + s.explored % 2;
        world_run(&s.policy);
        search_end(&s, 1, false);
        cr_assert_lt(s.explored, 1000);
    }
    cr_assert(s.diverged);
    cr_assert_lt(s.all_failing, s.explored, "runs that went astray count for nothing");
    cr_assert_not(search_exhaustive(&s));
}

// A choice point at every step, deeper than the search remembers.
static size_t choose_many(struct policy *policy, uint32_t points) {
    struct choice ways[2] = {{.task = 0}, {.task = 1}};
    size_t sum = 0;
    for (uint32_t i = 0; i < points; i++)
        sum += policy->pick(policy, ways, 2, 0);
    return sum;
}

Test(search, depth_is_bounded) {
    search_for("w", 10, 0, 1, false);
    cr_assert(search_begin(&s));
    cr_assert_eq(choose_many(&s.policy, SEARCH_DEPTH + 100), 0);
    search_end(&s, 0, false);
    cr_assert(search_begin(&s));
    cr_assert_eq(choose_many(&s.policy, SEARCH_DEPTH + 100), 1);
    search_end(&s, 0, false);
    cr_assert_not(search_exhaustive(&s));
}

Test(search, a_random_run_too_long_for_deviations_is_named_by_its_seed) {
    struct schedule id;
    struct policy_random random;
    search_for("w", 0, 3, 40, false);
    cr_assert(search_begin(&s));
    choose_many(&s.policy, 2000);
    search_end(&s, 0, false);
    cr_assert(search_begin(&s));
    size_t sum = choose_many(&s.policy, 2000);
    search_schedule(&s, &id);
    cr_assert_eq(id.kind, SCHEDULE_RANDOM);
    cr_assert_eq(id.seed, 41);
    cr_assert_eq(choose_many(policy_random_init(&random, id.seed), 2000), sum);
    search_end(&s, 0, false);
    search_schedule(&s, &id);
    cr_assert_eq(id.seed, 41);
}

// --- phases ---------------------------------------------------------------------------------------

// How many schedules there are with at most so many preemptions, counted over all of them.
static uint32_t count_bounded(uint32_t preemptions) {
    uint32_t count = 0;
    search_for("w", 1000000, 0, 1, false);
    while (search_begin(&s)) {
        world_run(&s.policy);
        count += w.preemptions <= preemptions;
        search_end(&s, 0, false);
    }
    return count;
}

#define PREEMPTIVE(name, phase_, most)                                                             \
    Test(search, name) {                                                                           \
        w = (struct world){.tasks = 3, .steps = 3};                                                \
        uint32_t wanted = count_bounded(most);                                                     \
        search_init(&s, &(struct search_plan){.scenario = "w", .runs[phase_] = 100000});           \
        while (search_begin(&s) && s.phase == phase_) {                                            \
            world_run(&s.policy);                                                                  \
            cr_assert_leq(w.preemptions, most);                                                    \
            cr_assert(is_new(w.run), "%s came twice", w.run);                                      \
            strcpy(runs[run_count++], w.run);                                                      \
            search_end(&s, 0, false);                                                              \
        }                                                                                          \
        cr_assert_eq(run_count, wanted);                                                           \
        cr_assert_eq(s.runs[phase_], wanted);                                                      \
        cr_assert(s.finished[phase_]);                                                             \
        cr_assert_not(search_exhaustive(&s), "not all have so few preemptions");                   \
    }

PREEMPTIVE(serial_are_all_without_preemption, SEARCH_SERIAL, 0)
PREEMPTIVE(one_preemption_at_most, SEARCH_ONE, 1)
PREEMPTIVE(two_preemptions_at_most, SEARCH_TWO, 2)

Test(search, serial_schedules_are_the_permutations) {
    w = (struct world){.tasks = 4, .steps = 3};
    search_init(&s, &(struct search_plan){.scenario = "w", .runs[SEARCH_SERIAL] = 100000});
    while (search_begin(&s) && s.phase == SEARCH_SERIAL) {
        world_run(&s.policy);
        search_end(&s, 0, false);
    }
    cr_assert_eq(s.runs[SEARCH_SERIAL], 24);
}

// Every phase, each to its budget: the sum is exact, whatever each leaves over.
Test(search, the_budget_holds_exactly) {
    for (uint64_t systematic = 1; systematic < 4000; systematic = systematic * 3 + 1) {
        struct search_plan plan = search_plan_of("w", systematic, systematic / 2);
        w = (struct world){.tasks = 4, .steps = 4};
        plan.reduce = false;
        search_init(&s, &plan);
        while (search_begin(&s)) {
            world_run(&s.policy);
            search_end(&s, 0, false);
        }
        cr_assert_eq(s.explored, systematic + systematic / 2);
        uint64_t sum = 0;
        for (int phase = 0; phase < SEARCH_OVER; phase++)
            sum += s.runs[phase];
        cr_assert_eq(sum, s.explored);
        cr_assert_not(search_exhaustive(&s));
    }
}

Test(search, an_exhaustive_answer_counts_each_schedule_once) {
    struct search_plan plan = search_plan_of("w", 10000, 100);
    w = (struct world){.tasks = 3, .steps = 2};
    plan.reduce = false;
    search_init(&s, &plan);
    while (search_begin(&s)) {
        world_run(&s.policy);
        search_end(&s, verdicts_of_run(), false);
    }
    cr_assert(search_exhaustive(&s));
    cr_assert_eq(search_explored(&s), 90);
    cr_assert_eq(s.explored, 96, "the serial ones came first");
    cr_assert_lt(search_failing(&s), s.all_failing);
    cr_assert_eq(s.runs[SEARCH_ONE] + s.runs[SEARCH_TWO] + s.runs[SEARCH_RANDOM], 0);
}

Test(search, then_comes_pct) {
    w = (struct world){.tasks = 3, .steps = 3};
    search_init(&s,
                &(struct search_plan){
                    .scenario = "w", .runs[SEARCH_TREE] = 10, .runs[SEARCH_PCT] = 60, .seed = 5});
    while (search_begin(&s)) {
        struct policy_pct pct;
        uint64_t seed;
        uint32_t depth;
        char was[64];
        world_run(&s.policy);
        strcpy(was, w.run);
        if (s.phase == SEARCH_PCT) {
            search_pct_of(&s, s.runs[SEARCH_PCT], &seed, &depth);
            cr_assert(depth >= 2 && depth <= 4);
            world_run(policy_pct_init(&pct, seed, depth, search_pct_steps(s.first_depth)));
            cr_assert(eq(str, w.run, was), "a run of PCT is p1.SEED.DEPTH");
        }
        search_end(&s, 0, false);
    }
    cr_assert_eq(s.runs[SEARCH_PCT], 60);
}

Test(search, forced_choices_begin_every_run) {
    w = (struct world){.tasks = 3, .steps = 2};
    const struct search_step forced[] = {{.task = 2}, {.task = 0}};
    search_for("w", 1000, 0, 1, false);
    search_force(&s, forced, 2);
    while (search_begin(&s)) {
        world_run(&s.policy);
        cr_assert(w.run[0] == '2' && w.run[1] == '0', "%s", w.run);
        cr_assert(is_new(w.run), "%s came twice", w.run);
        strcpy(runs[run_count++], w.run);
        search_end(&s, 0, false);
    }
    cr_assert_eq(run_count, 12, "the orders of 0, 1, 1, 2");
    cr_assert(search_exhaustive(&s));
}

Test(search, few_deviations_come_first) {
    w = (struct world){.tasks = 3, .steps = 2};
    uint32_t before = 0;
    for (uint32_t most = 0; most < 6; most++) {
        search_init(&s, &(struct search_plan){.scenario = "w",
                                              .runs[SEARCH_TREE] = 1000,
                                              .limit = TREE_DEVIATIONS,
                                              .most = most});
        while (search_begin(&s)) {
            struct schedule id;
            world_run(&s.policy);
            search_schedule(&s, &id);
            cr_assert_leq(id.count, most);
            search_end(&s, 0, false);
        }
        cr_assert(most == 0 ? s.explored == 1 : s.explored > before);
        before = (uint32_t)s.explored;
    }
    cr_assert_eq(before, 90);
}

// --- a copy -------------------------------------------------------------------------------------------

// How many runs there are from here on, and a digest of what they were.
static uint64_t rest_of(struct search *search, uint64_t *digest) {
    uint64_t done = 0;
    while (search_begin(search)) {
        world_run(&search->policy);
        for (size_t i = 0; i < w.length; i++)
            *digest = *digest * 31 + (uint64_t)w.run[i];
        search_end(search, 0, false);
        done++;
    }
    return done;
}

Test(search, a_copy_goes_on_where_it_was_made) {
    static struct search copy;
    for (int before = 0; before < 90; before += 7) {
        uint64_t digests[2] = {0}, rest;
        w = (struct world){.tasks = 3, .steps = 2};
        search_for("w", 1000, 50, 3, false);
        for (int i = 0; i < before && search_begin(&s); i++) {
            world_run(&s.policy);
            search_end(&s, 0, false);
        }
        memset(&copy, 0xa5, sizeof copy);
        search_copy(&copy, &s);
        rest = rest_of(&s, &digests[0]);
        cr_assert_gt(rest, 0);
        cr_assert_eq(rest_of(&copy, &digests[1]), rest);
        cr_assert_eq(digests[0], digests[1]);
        cr_assert_eq(copy.explored, s.explored);
    }
}

Test(search, a_copy_of_anything_is_within_bounds) {
    static struct search copy;
    memset(&s, 0xff, sizeof s);
    search_copy(&copy, &s);
    cr_assert_leq(copy.found_count, SEARCH_FOUND);
    cr_assert_leq(copy.tree.depth, TREE_DEPTH);
    cr_assert_leq(copy.phase, SEARCH_OVER);
    cr_assert_not_null(memchr(copy.scenario, 0, sizeof copy.scenario));
    const struct tree_node bad[] = {{.first = 0, .count = TREE_OPTIONS + 1},
                                    {.first = UINT32_MAX, .count = 2},
                                    {.first = 0, .count = 2, .current = 2}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(&s.tree, 0, sizeof s.tree);
        s.tree.depth = 2;
        s.tree.nodes[0] = bad[i];
        s.tree.nodes[1] = (struct tree_node){.first = 0, .count = 1};
        search_copy(&copy, &s);
        cr_assert_eq(copy.tree.depth, 0, "%zu", i);
    }
    s.tree.nodes[0] = s.tree.nodes[1];
    search_copy(&copy, &s);
    cr_assert_eq(copy.tree.depth, 2);
    s.tree.options[0].use_count = TREE_USES + 1;
    search_copy(&copy, &s);
    cr_assert_eq(copy.tree.depth, 0);
}
