// A primitive that the harness has never heard of (core/tests/barrier.h): its waits are judged,
// named, explained and told as any other, in the words that it has borrowed.
#include "core/tests/barrier.h"

#include "core/core.h"
#include "core/tests/world.h"
#include "harness/explain.h"

static struct seen s;
static struct judgement j;
static barrier gate;

static void read_log(task_fn *root) {
    struct judge_terms terms = {0};
    world_default(root);
    seen_init(&s, world.log, 0);
    s.record_touches = true;
    judge(&s, &terms, &j);
}

static void is_verdict(unsigned expected, uint32_t left) {
    char words[100];
    cr_assert_eq(j.verdicts, expected, "%s", verdict_list(j.verdicts, words, sizeof words));
    cr_assert_eq(j.left_count, left);
}

TASK(comes, int unused;) {
    barrier_wait(&gate);
}

static void come(int tasks) {
    gate = (barrier){.size = 3};
    for (int i = 0; i < tasks; i++)
        go(comes, .unused = 0);
    task_sleep(1);
}

static void stuck_root(void *arg) {
    (void)arg;
    come(1);
    barrier_wait(&gate);
}

static void waits_here(uint32_t task, const char *expected) {
    char words[EXPLAIN_WIDTH];
    explain_where(&s, task, words, sizeof words);
    cr_assert(strncmp(words, expected, strlen(expected)) == 0, "%s", words);
}

Test(barrier, a_deadlock_at_it_is_a_verdict_that_names_every_wait) {
    read_log(stuck_root);
    is_verdict(VERDICT_DEADLOCK, 2);
    waits_here(0, "main (#0) waits in sync.Cond.Wait on gate (cond#1) at test_barrier.c:");
    waits_here(1, "comes (#1) waits in sync.Cond.Wait on gate (cond#1) at test_barrier.c:");
}

static bool says(const struct explanation *why, const char *words) {
    for (uint32_t i = 0; i < why->count; i++)
        if (strstr(why->lines[i], words))
            return true;
    return false;
}

Test(barrier, a_wait_is_explained) {
    struct explanation why;
    read_log(stuck_root);
    explain_task(&s, 1, &why);
    cr_assert(says(&why, "On gate (cond#1) "), "%s", why.lines[0]);
    cr_assert(says(&why, "Nothing can run any more and no timer is pending"));
    cr_assert(says(&why, "main (#0) started it at test_barrier.c:"));
}

static void leak_root(void *arg) {
    (void)arg;
    come(2);
}

Test(barrier, who_is_left_there_has_leaked) {
    read_log(leak_root);
    is_verdict(VERDICT_LEAK, 2);
}

static void all_root(void *arg) {
    (void)arg;
    come(2);
    barrier_wait(&gate);
}

Test(barrier, the_log_tells_it_in_words) {
    static const char *const expected[] = {
        "make gate (cond#1)",
        "wait on gate (cond#1), unlocking nothing: waits",
        "wait on gate (cond#1), unlocking nothing: waits",
        "wait on gate (cond#1), unlocking nothing: wakes comes (#1)",
    };
    char words[EXPLAIN_WIDTH];
    size_t told = 0;
    read_log(all_root);
    is_verdict(0, 0);
    for (uint64_t n = 0; n < world.log->head; n++)
        if (strstr(seen_event_text(&s, n, words, sizeof words), "gate (cond#1)")) {
            cr_assert(told < 4 && strcmp(words, expected[told]) == 0, "%zu: %s", told, words);
            told++;
        }
    cr_assert_eq(told, 4);
}
