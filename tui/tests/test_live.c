// The sum of a load as it goes: groups follow every wait, time bounds the work.
#include "harness/tests/log_builder.h"
#include "tui/live.h"

#include <criterion/criterion.h>

static struct log_builder b;
static struct live l;
static int64_t name_value; // of the record that made the first channel

static void begin(void) {
    builder_start(&b, 1 << 12);
}

static void end(void) {
    live_free(&l);
    builder_end(&b);
}

TestSuite(live, .init = begin, .fini = end);

// One request: a task that sends on a channel of its own, at line 11.
static void request(uint32_t task, bool received) {
    builder_make(&b, 0, task, OBJECT_CHAN, task == 1 ? "reply" : "", 0, 19);
    if (task == 1)
        name_value = b.log->events[0].value;
    else // the same name is the same string
        b.log->events[(b.log->head - 1) & (b.log->capacity - 1)].value = name_value;
    builder_go(&b, 0, task, "worker", 20);
    PUT(&b, task, SEND, .object = task, PARKS, .line = 11);
    if (!received)
        return;
    PUT(&b, 0, RECV, .object = task, WAKES(task), .line = 21);
    PUT(&b, task, EXIT, .line = 12);
}

static uint32_t read_all(void) {
    live_init(&l, b.log, 0);
    cr_assert_eq(live_read(&l, UINT64_MAX), 0);
    struct live_group top[4];
    return live_top(&l, top, 4) ? top[0].count : 0;
}

Test(live, tasks_that_wait_alike_are_one_group) {
    for (uint32_t i = 1; i <= 100; i++)
        request(i, false);
    cr_assert_eq(read_all(), 100);
    struct live_group top[4];
    cr_assert_eq(live_top(&l, top, 4), 1);
    cr_assert_eq(top[0].reason, WAIT_SEND);
    cr_assert_str_eq(event_log_string(b.log, top[0].name), "reply");
}

Test(live, whoever_was_woken_leaves_its_group) {
    for (uint32_t i = 1; i <= 100; i++)
        request(i, i % 2);
    cr_assert_eq(read_all(), 50);
    cr_assert_eq(l.seen.ended, 50);
}

Test(live, reading_may_stop_and_go_on) {
    for (uint32_t i = 1; i <= 300; i++)
        request(i, false);
    live_init(&l, b.log, 0);
    cr_assert_eq(live_read(&l, 100), 800, "no more events a call than it may");
    cr_assert_eq(l.seen.next, 100);
    cr_assert_eq(live_read(&l, 800), 0);
    struct live_group top[1];
    live_top(&l, top, 1);
    cr_assert_eq(top[0].count, 300);
}

static void sample_alive(uint32_t alive, int64_t time) {
    b.log->alive = alive;
    b.log->now = time;
    cr_assert(live_sample(&l, l.next_sample));
}

Test(live, a_climb_is_told_from_a_flat_line) {
    live_init(&l, b.log, 0);
    for (int i = 0; i < 60; i++)
        sample_alive(10 + (uint32_t)i % 5, i * SECOND);
    cr_assert_eq(live_growth(&l), 0);
    for (int i = 0; i < 60; i++)
        sample_alive(10 + 3 * (uint32_t)i, (60 + i) * SECOND);
    cr_assert_gt(live_growth(&l), 0);
}

Test(live, samples_never_outgrow_their_room) {
    live_init(&l, b.log, 0);
    for (int i = 0; i < 5000; i++) {
        sample_alive((uint32_t)i, i * SECOND);
        cr_assert_leq(l.sample_count, LIVE_SAMPLES);
    }
    for (size_t i = 1; i < l.sample_count; i++)
        cr_assert_lt(l.samples[i - 1].time, l.samples[i].time);
}

Test(live, a_ring_that_overran_the_reader_is_called_approximate) {
    b.log->ring = true;
    for (uint32_t i = 1; i <= 3000; i++)
        request(i, false);
    live_init(&l, b.log, 0);
    while (live_read(&l, 1000))
        ;
    cr_assert(l.approximate);
    cr_assert(l.seen.lost);
}

// The groups must be what the tables of tasks say, however the two came about.
static void groups_match_tasks(void) {
    uint32_t parked = 0, grouped = l.ungrouped;
    for (uint32_t i = 0; i < l.seen.task_count; i++)
        parked += l.seen.tasks[i].state == TASK_PARKED;
    for (int i = 0; i < LIVE_GROUPS; i++)
        grouped += l.groups[i].count;
    cr_assert_eq(grouped, parked);
}

Test(live, groups_follow_the_tasks_after_an_overrun_too) {
    b.log->ring = true;
    live_init(&l, b.log, 0);
    for (uint32_t i = 1; i <= 9000; i++) {
        request(i, i % 3);
        if (i % 2000 == 0) // 8,000 and more events: the ring holds 4,096
            live_read(&l, 3000);
    }
    cr_assert_eq(live_read(&l, UINT64_MAX), 0);
    cr_assert(l.approximate);
    cr_assert_gt(live_groups(&l), 0);
    groups_match_tasks();
}

Test(live, the_end_tells_of_every_task) {
    for (uint32_t i = 1; i <= 20; i++)
        request(i, false);
    PUT(&b, 0, EXIT, .line = 30);
    b.now = HOUR;
    PUT(&b, EVENT_CLOCK, FIRE, .line = 30);
    builder_finish(&b, RUN_STOPPED); // the rest is shown as it was when the grace was over
    cr_assert_eq(read_all(), 20);
    groups_match_tasks();
}

Test(live, memory_is_bounded_whatever_the_load_does) {
    for (uint32_t i = 1; i <= 300; i++)
        request(i, true);
    live_init(&l, b.log, 0);
    l.most_rows = 100;
    cr_assert_eq(live_read(&l, UINT64_MAX), 0, "there is nothing it still wants to read");
    cr_assert(l.full);
    cr_assert_eq(l.seen.object_count, 100);
    uint64_t next = l.seen.next;
    cr_assert_eq(live_read(&l, UINT64_MAX), 0);
    cr_assert_eq(l.seen.next, next);
    cr_assert_lt(next, b.log->head);
}

Test(live, groups_that_are_empty_are_not_counted) {
    request(1, true);
    live_init(&l, b.log, 0);
    live_read(&l, 3);
    cr_assert_eq(live_groups(&l), 1);
    live_read(&l, UINT64_MAX);
    cr_assert_eq(live_groups(&l), 0);
}
