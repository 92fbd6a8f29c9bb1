// Read-write mutexes: one test per rule, with the inline mode, the default schedule and 300 seeds.
#include "core/rwmutex.h"

#include "core/tests/every_schedule.h"

enum { SEEDS = 300 };

static rwmutex rw;
static int readers, writers, most_readers, passed, count;
static char order[16];

static void reset(void) {
    rw = (rwmutex){0};
    readers = writers = most_readers = passed = count = 0;
    memset(order, 0, sizeof order);
}

static void note(char who) {
    order[count++] = who;
}

// --- who may be inside ------------------------------------------------------------------------------

TASK(reads, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        rwmutex_rlock(&rw);
        defer(rwmutex_runlock, &rw);
        EXPECT(writers == 0);
        most_readers = ++readers > most_readers ? readers : most_readers;
        task_yield();
        readers--;
        passed++;
    }
}

TASK(writes, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        rwmutex_lock(&rw);
        defer(rwmutex_unlock, &rw);
        EXPECT(writers++ == 0 && readers == 0);
        task_yield();
        EXPECT(--writers == 0 && readers == 0);
        passed++;
    }
}

static void mixed_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 3; i++) {
        go(reads, .rounds = 3);
        go(writes, .rounds = 2);
    }
}

Test(rwmutex, a_writer_is_alone_and_nobody_is_forgotten) {
    EVERY_WORLD(mixed_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(passed, 15, "%s", world_name());
        cr_assert_eq(rw.inside, 0);
        cr_assert(!rw.owner && !rw.pending && !rw.readers.first && !rw.writers.first);
    }
}

static void small_root(void *arg) {
    (void)arg;
    reset();
    go(reads, .rounds = 1);
    go(writes, .rounds = 1);
    go(writes, .rounds = 1);
}

Test(rwmutex, under_every_schedule_of_a_reader_and_two_writers) {
    EVERY_SCHEDULE(small_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert_eq(passed, 3);
    }
}

static void readers_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 3; i++)
        go(reads, .rounds = 1);
}

Test(rwmutex, readers_are_inside_together) {
    int most = 0;
    EVERY_WORLD(readers_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_RLOCK), 0);
        most = most_readers > most ? most_readers : most;
    }
    cr_assert_eq(most, 3);
}

// --- writer preference --------------------------------------------------------------------------------

TASK(reader, char name; int64_t hold;) {
    rwmutex_rlock(&rw);
    note(a->name);
    task_sleep(a->hold);
    rwmutex_runlock(&rw);
}

TASK(writer, char name; int64_t hold;) {
    rwmutex_lock(&rw);
    note(a->name);
    task_sleep(a->hold);
    rwmutex_unlock(&rw);
}

// a reads; W waits for it; b comes later, and so waits for W.
static void queued_writer_root(void *arg) {
    (void)arg;
    reset();
    go(reader, .name = 'a', .hold = 10);
    task_sleep(1);
    go(writer, .name = 'W', .hold = 10);
    task_sleep(1);
    EXPECT(rw.pending && rw.inside == 1);
    go(reader, .name = 'b', .hold = 10);
}

Test(rwmutex, a_queued_writer_keeps_new_readers_out) {
    EVERY_WORLD(queued_writer_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(order, "aWb", "%s", world_name());
        cr_assert_eq(event_wait_reason(world_event(EV_WLOCK, 0)), WAIT_WLOCK);
        cr_assert_eq(event_wait_reason(world_event(EV_RLOCK, 1)), WAIT_RLOCK);
    }
}

// While W writes, first X wants to write, then b and c want to read: b and c go first.
static void waiting_readers_root(void *arg) {
    (void)arg;
    reset();
    go(writer, .name = 'W', .hold = 10);
    task_sleep(1);
    go(writer, .name = 'X', .hold = 1);
    task_sleep(1);
    go(reader, .name = 'r', .hold = 5);
    go(reader, .name = 'r', .hold = 5);
}

Test(rwmutex, readers_that_wait_at_unlock_go_before_the_next_writer) {
    EVERY_WORLD(waiting_readers_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(order, "WrrX", "%s", world_name());
    }
}

static void reread_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_rlock(&rw);
    go(writer, .name = 'W', .hold = 1);
    task_sleep(1);
    rwmutex_rlock(&rw);
}

Test(rwmutex, reading_again_behind_a_queued_writer_is_a_deadlock) {
    EVERY_WORLD(reread_root, SEEDS) {
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_RLOCK), 1, "%s", world_name());
        cr_assert_eq(world_waiting(WAIT_WLOCK), 1, "%s", world_name());
    }
}

TASK(tries_all, int unused;) {
    EXPECT(!rwmutex_tryrlock(&rw));
    EXPECT(!rwmutex_trylock(&rw));
    note('t');
}

// The writer has only announced its lock, or has joined the queue: the schedule decides.
static void announced_writer_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_rlock(&rw);
    go(writer, .name = 'W', .hold = 1);
    bool second = rwmutex_tryrlock(&rw);
    note(second ? 'y' : 'n');
    if (second)
        rwmutex_runlock(&rw);
    rwmutex_runlock(&rw);
}

Test(rwmutex, joining_the_queue_is_a_step_of_its_own) {
    int before = 0, after = 0;
    EVERY_SCHEDULE(announced_writer_root, 5000) {
        cr_assert(world_finished());
        before += order[0] == 'y';
        after += order[0] == 'n';
    }
    cr_assert_gt(before, 0, "the writer comes to its lock later");
    cr_assert_gt(after, 0, "the writer is queued before");
}

static void next_writer_root(void *arg) {
    (void)arg;
    reset();
    go(writer, .name = 'W', .hold = 10);
    task_sleep(1);
    go(writer, .name = 'X', .hold = 1);
    task_sleep(1);
    go(writer, .name = 'Y', .hold = 1);
}

Test(rwmutex, which_writer_is_next_is_the_schedules_choice_and_inline_the_oldest) {
    int x = 0, y = 0;
    EVERY_WORLD(next_writer_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        if (world.seed == WORLD_INLINE)
            cr_assert_str_eq(order, "WXY");
        x += order[1] == 'X';
        y += order[1] == 'Y';
    }
    cr_assert(x && y, "%d and %d", x, y);
}

// --- the rest -----------------------------------------------------------------------------------------

static void try_root(void *arg) {
    (void)arg;
    reset();
    EXPECT(rwmutex_tryrlock(&rw));
    EXPECT(rwmutex_tryrlock(&rw));
    EXPECT(!rwmutex_trylock(&rw));
    rwmutex_runlock(&rw);
    rwmutex_runlock(&rw);
    EXPECT(rwmutex_trylock(&rw));
    EXPECT(!rwmutex_tryrlock(&rw));
    EXPECT(!rwmutex_trylock(&rw));
    rwmutex_unlock(&rw);
}

Test(rwmutex, trying_takes_it_only_where_locking_would_not_wait) {
    EVERY_WORLD(try_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(world_event(EV_TRYRLOCK, 0)->value, 1);
        cr_assert(world_event(EV_TRYLOCK, 0)->flags & EVENT_FRUITLESS);
    }
}

static void try_behind_writer_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_rlock(&rw);
    go(writer, .name = 'W', .hold = 1);
    task_sleep(1);
    go(tries_all, .unused = 0);
    task_sleep(1);
    rwmutex_runlock(&rw);
}

Test(rwmutex, trying_fails_behind_a_queued_writer) {
    EVERY_WORLD(try_behind_writer_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_str_eq(order, "tW", "%s", world_name());
    }
}

TASK(unlocks_for_others, int unused;) {
    rwmutex_runlock(&rw);
    rwmutex_lock(&rw);
}

static void by_others_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_rlock(&rw);
    go(unlocks_for_others, .unused = 0);
    task_sleep(1);
    rwmutex_unlock(&rw);
    EXPECT(rwmutex_trylock(&rw));
}

Test(rwmutex, any_task_may_unlock) {
    EVERY_WORLD(by_others_root, SEEDS) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void runlock_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_rlock(&rw);
    rwmutex_runlock(&rw);
    rwmutex_runlock(&rw);
}

Test(rwmutex, runlock_of_an_unlocked_one_panics) {
    EVERY_WORLD(runlock_root, SEEDS) {
        cr_assert_str_eq(world_panic(), "sync: RUnlock of unlocked RWMutex");
    }
}

static void runlock_written_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_lock(&rw);
    rwmutex_runlock(&rw);
}

Test(rwmutex, runlock_of_one_that_is_locked_for_writing_panics) {
    EVERY_WORLD(runlock_written_root, SEEDS) {
        cr_assert_str_eq(world_panic(), "sync: RUnlock of unlocked RWMutex");
    }
}

static void unlock_root(void *arg) {
    (void)arg;
    reset();
    rwmutex_rlock(&rw);
    rwmutex_unlock(&rw);
}

Test(rwmutex, unlock_of_one_that_nobody_writes_panics) {
    EVERY_WORLD(unlock_root, SEEDS) {
        cr_assert_str_eq(world_panic(), "sync: Unlock of unlocked RWMutex");
    }
}
