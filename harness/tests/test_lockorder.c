// Lock orders that could have closed a cycle, and those that could not, under every policy.
#include "harness/lockorder.h"

#include "core/core.h"
#include "core/tests/world.h"

enum { SEEDS = 200 };

static struct lockorder found;
static mutex m1, m2, m3, gate;
static rwmutex ra, rb;
static cond cv;
static waitgroup wg;
static int_chan ch;

static void begin(void) {
    m1 = m2 = m3 = gate = (mutex){0};
    ra = rb = (rwmutex){0};
    cv = (cond){0};
    wg = (waitgroup){0};
    chan_make(&ch, 0);
}

// Whatever the schedule, so many cycles; the first of that many tasks.
static void cycles_are(task_fn *root, uint32_t count, uint32_t length) {
    EVERY_WORLD(root, SEEDS) {
        lockorder_find(world.log, &found);
        cr_assert_eq(found.count, count, "%s: %u cycles", world_name(), found.count);
        cr_assert(count == 0 || found.cycles[0].length == length, "%s: %u", world_name(),
                  found.cycles[0].length);
        cr_assert(!found.cut);
    }
}

static void both(mutex *first, mutex *second) {
    mutex_lock(first);
    mutex_lock(second);
    mutex_unlock(second);
    mutex_unlock(first);
}

TASK(takes, mutex *first; mutex *second;) {
    both(a->first, a->second);
}

static void ab_ba(void *arg) {
    (void)arg;
    begin();
    go(takes, .first = &m1, .second = &m2);
    go(takes, .first = &m2, .second = &m1);
}

Test(lockorder, opposite_orders_are_told_under_every_schedule) {
    cycles_are(ab_ba, 1, 2);
}

// A check's detail is a text, and the room of a channel a count: neither is something that two share.
static void note(uint32_t room) {
    int_chan own;
    chan_make(&own, room);
    note_check(false, "holds", "of both the same", HERE);
}

TASK(notes_and_takes, mutex *first; mutex *second; uint32_t room;) {
    note(a->room);
    both(a->first, a->second);
    note(a->room);
}

static void ab_ba_with_notes(void *arg) {
    (void)arg;
    begin();
    go(notes_and_takes, .first = &m1, .second = &m2, .room = 2);
    go(notes_and_takes, .first = &m2, .second = &m1, .room = 1);
}

Test(lockorder, texts_and_counts_in_a_record_order_nothing) {
    cycles_are(ab_ba_with_notes, 1, 2);
}

static void ring_of_three(void *arg) {
    (void)arg;
    begin();
    go(takes, .first = &m1, .second = &m2);
    go(takes, .first = &m2, .second = &m3);
    go(takes, .first = &m3, .second = &m1);
}

Test(lockorder, so_is_a_ring_of_three) {
    cycles_are(ring_of_three, 1, 3);
}

static void one_order(void *arg) {
    (void)arg;
    begin();
    go(takes, .first = &m1, .second = &m2);
    go(takes, .first = &m2, .second = &m3);
    go(takes, .first = &m1, .second = &m3);
}

Test(lockorder, one_order_for_all_is_none) {
    cycles_are(one_order, 0, 0);
}

TASK(takes_gated, mutex *first; mutex *second;) {
    mutex_lock(&gate);
    both(a->first, a->second);
    mutex_unlock(&gate);
}

static void gated(void *arg) {
    (void)arg;
    begin();
    go(takes_gated, .first = &m1, .second = &m2);
    go(takes_gated, .first = &m2, .second = &m1);
}

Test(lockorder, a_lock_around_both_keeps_them_apart) {
    cycles_are(gated, 0, 0);
}

static void gated_once(void *arg) {
    (void)arg;
    begin();
    go(takes_gated, .first = &m1, .second = &m2);
    go(takes, .first = &m2, .second = &m1);
}

Test(lockorder, but_not_around_one_of_them) {
    cycles_are(gated_once, 1, 2);
}

TASK(takes_both_ways, int unused;) {
    both(&m2, &m3);
    both(&m3, &m2);
}

static void alone(void *arg) {
    (void)arg;
    begin();
    go(takes_both_ways, .unused = 0);
}

Test(lockorder, one_task_cannot_meet_itself) {
    cycles_are(alone, 0, 0);
}

static void before_the_start(void *arg) {
    (void)arg;
    begin();
    both(&m1, &m2);
    go(takes, .first = &m2, .second = &m1);
}

Test(lockorder, what_was_over_before_a_task_began_is_no_danger_to_it) {
    cycles_are(before_the_start, 0, 0);
}

TASK(takes_counted, mutex *first; mutex *second;) {
    both(a->first, a->second);
    waitgroup_done(&wg);
}

static void after_a_wait(void *arg) {
    (void)arg;
    begin();
    waitgroup_add(&wg, 1);
    go(takes_counted, .first = &m1, .second = &m2);
    waitgroup_wait(&wg);
    both(&m2, &m1);
}

Test(lockorder, nor_is_what_was_waited_for) {
    cycles_are(after_a_wait, 0, 0);
}

TASK(takes_and_sends, mutex *first; mutex *second;) {
    both(a->first, a->second);
    chan_send(ch, 1);
}

static void after_a_receive(void *arg) {
    (void)arg;
    begin();
    go(takes_and_sends, .first = &m1, .second = &m2);
    chan_recv(ch, NULL);
    both(&m2, &m1);
}

Test(lockorder, nor_what_a_message_came_after) {
    cycles_are(after_a_receive, 0, 0);
}

static void before_a_receive(void *arg) {
    (void)arg;
    begin();
    go(takes_and_sends, .first = &m1, .second = &m2);
    both(&m2, &m1);
    chan_recv(ch, NULL);
}

Test(lockorder, but_the_other_way_round_it_is) {
    EVERY_WORLD(before_a_receive, SEEDS) {
        lockorder_find(world.log, &found);
        cr_assert_eq(found.count, 1, "%s", world_name());
    }
}

TASK(reads, rwmutex *first; rwmutex *second; bool writes;) {
    rwmutex_rlock(a->first);
    if (a->writes)
        rwmutex_lock(a->second);
    else
        rwmutex_rlock(a->second);
    if (a->writes)
        rwmutex_unlock(a->second);
    else
        rwmutex_runlock(a->second);
    rwmutex_runlock(a->first);
}

static void readers(void *arg) {
    (void)arg;
    begin();
    go(reads, .first = &ra, .second = &rb);
    go(reads, .first = &rb, .second = &ra);
}

static void writers(void *arg) {
    (void)arg;
    begin();
    go(reads, .first = &ra, .second = &rb, .writes = true);
    go(reads, .first = &rb, .second = &ra, .writes = true);
}

Test(lockorder, readers_do_not_keep_each_other_out) {
    cycles_are(readers, 0, 0);
}

Test(lockorder, writers_do) {
    cycles_are(writers, 1, 2);
}

TASK(tries, int unused;) {
    mutex_lock(&m2);
    if (mutex_trylock(&m3))
        mutex_unlock(&m3);
    mutex_unlock(&m2);
}

static void trying(void *arg) {
    (void)arg;
    begin();
    go(takes, .first = &m3, .second = &m2);
    go(tries, .unused = 0);
}

Test(lockorder, who_only_tries_never_waits) {
    cycles_are(trying, 0, 0);
}

TASK(waits, int unused;) {
    mutex_lock(&m3);
    cond_wait(&cv, &m3);
    mutex_unlock(&m3);
    mutex_lock(&m2);
    mutex_lock(&m3);
    mutex_unlock(&m3);
    mutex_unlock(&m2);
}

TASK(signals, int unused;) {
    task_sleep(SECOND);
    mutex_lock(&m3);
    cond_signal(&cv);
    mutex_unlock(&m3);
}

static void while_waiting(void *arg) {
    (void)arg;
    begin();
    go(waits, .unused = 0);
    go(signals, .unused = 0);
}

Test(lockorder, a_condition_gives_its_lock_back) {
    cycles_are(while_waiting, 0, 0);
}

TASK(again_and_again, mutex *first; mutex *second;) {
    for (int i = 0; i < 50; i++)
        both(a->first, a->second);
}

static void loops(void *arg) {
    (void)arg;
    begin();
    go(again_and_again, .first = &m1, .second = &m2);
    go(again_and_again, .first = &m2, .second = &m1);
    go(again_and_again, .first = &m2, .second = &m1);
}

Test(lockorder, the_same_places_are_told_once) {
    world.config.max_steps = 0;
    EVERY_WORLD(loops, 20) {
        lockorder_find(world.log, &found);
        cr_assert_eq(found.count, 1, "%s: %u", world_name(), found.count);
    }
}

TASK(does_nothing, int unused;) {
}

static void crowd(void *arg) {
    (void)arg;
    begin();
    for (int i = 0; i < LOCKORDER_TASKS; i++)
        go(does_nothing, .unused = 0);
    go(takes, .first = &m1, .second = &m2);
    go(takes, .first = &m2, .second = &m1);
}

Test(lockorder, of_a_crowd_it_says_that_it_has_not_seen_all) {
    world_default(crowd);
    lockorder_find(world.log, &found);
    cr_assert(found.cut);
}

Test(lockorder, a_step_in_words) {
    char text[400];
    struct seen s = {0};
    world_default(ab_ba);
    lockorder_find(world.log, &found);
    seen_init(&s, world.log, 0);
    seen_fold(&s, UINT64_MAX);
    lockorder_text(&s, &found.cycles[0].steps[0], text, sizeof text);
    cr_assert(strstr(text, "takes (#1) takes first (mutex#") &&
                  strstr(text, " while it holds first (mutex#") &&
                  strstr(text, "test_lockorder.c:"),
              "%s", text);
    seen_free(&s);
}
