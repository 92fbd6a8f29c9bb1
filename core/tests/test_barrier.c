// A blocking primitive is one file (barrier.h). What it does, and that the log, the snapshot and the
// report of a deadlock show it, though none of them was told of it.
#include "core/tests/barrier.h"

#include "core/tests/every_schedule.h"
#include "core/tests/said.h"

enum { PARTIES = 3, ROUNDS = 4 };

static barrier gate;
static int arrived[ROUNDS], passed;

// --- what it does ---------------------------------------------------------------------------------------

TASK(party, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        arrived[i]++;
        barrier_wait(&gate);
        EXPECT(arrived[i] == PARTIES);
        passed++;
    }
}

static void meet(int rounds) {
    gate = (barrier){.size = PARTIES};
    passed = 0;
    for (int i = 0; i < rounds; i++)
        arrived[i] = 0;
    for (int i = 0; i < PARTIES; i++)
        go(party, .rounds = rounds);
}

static void rounds_root(void *arg) {
    (void)arg;
    meet(ROUNDS);
}

Test(barrier, nobody_goes_on_before_all_have_come) {
    EVERY_WORLD(rounds_root, 1000) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(passed, PARTIES * ROUNDS, "%s", world_name());
        cr_assert_eq(gate.waiting, 0);
    }
}

static void once_root(void *arg) {
    (void)arg;
    meet(1);
}

Test(barrier, so_in_every_schedule) {
    int runs = 0;
    EVERY_SCHEDULE(once_root, 1000) {
        cr_assert(world_finished());
        cr_assert_eq(passed, PARTIES);
        runs++;
    }
    cr_assert_eq(runs, 6, "who comes first, who second: %d", runs);
}

static void no_size_root(void *arg) {
    (void)arg;
    gate = (barrier){0};
    barrier_wait(&gate);
}

Test(barrier, one_without_a_size_panics) {
    EVERY_WORLD(no_size_root, 3) {
        cr_assert_eq(world.end, RUN_PANICKED);
        cr_assert_str_eq(world_panic(), "barrier: wait at one of size 0");
    }
}

// --- who shows it ---------------------------------------------------------------------------------------

TASK(comes, int unused;) {
    barrier_wait(&gate);
}

static void in_turn_root(void *arg) {
    (void)arg;
    gate = (barrier){.size = PARTIES};
    for (int i = 0; i < PARTIES; i++) {
        go(comes, .unused = 0);
        task_sleep(1);
    }
}

Test(barrier, the_log_tells_who_waits_and_whom_the_last_one_wakes) {
    EVERY_WORLD(in_turn_root, 10) {
        const event *first = world_event(EV_COND_WAIT, 0), *last = world_event(EV_COND_WAIT, 2);
        cr_assert_eq(world_count(EV_COND_WAIT), PARTIES);
        cr_assert(first->flags & EVENT_PARKED && !(last->flags & EVENT_PARKED));
        cr_assert(first->task == 1 && first->object == gate.object.id);
        cr_assert(last->task == 3 && last->peer == 1, "%s", world_name());
        cr_assert_eq(last[1].kind, EV_WAKE);
        cr_assert_eq(last[1].task, 2);
        log_site at = event_log_site(world.log, last->site);
        cr_assert_str_eq(event_log_string(world.log, at.operand), "&gate");
    }
}

static bool check_waiter(const task_info *t, void *seen) {
    if (t->number == 0)
        return true;
    EXPECT(t->state == TASK_PARKED && t->reason == WAIT_COND);
    EXPECT(t->object == gate.object.id && strcmp(t->object_name, "gate") == 0);
    ++*(int *)seen;
    return true;
}

static void stuck_root(void *arg) {
    (void)arg;
    int seen = 0;
    gate = (barrier){.size = PARTIES};
    go(comes, .unused = 0);
    task_sleep(1);
    inspect_tasks(check_waiter, &seen);
    EXPECT(seen == 1);
    barrier_wait(&gate);
}

Test(barrier, the_snapshot_and_the_counters_show_who_waits) {
    EVERY_WORLD(stuck_root, 10) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_COND), 2, "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_COND_WAIT, 0)), WAIT_COND);
    }
}

Test(barrier, the_report_of_a_deadlock_names_it) {
    SAYS(
        stuck_root, 2, "fatal error: all tasks are asleep - deadlock!", "", "   id  name ",
        "    0  main             sync.Cond.Wait         cond#1 gate  at core/tests/test_barrier.c:",
        "    1  comes            sync.Cond.Wait         cond#1 gate  at core/tests/test_barrier.c:");
}
