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
    cr_assert_eq(live_read(&l, SECOND), 0);
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
    int rounds = 0;
    while (live_read(&l, 0))
        cr_assert_lt(++rounds, 100);
    cr_assert_gt(rounds, 1, "one call with no time reads one batch");
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
    while (live_read(&l, SECOND))
        ;
    cr_assert(l.approximate);
    cr_assert(l.seen.lost);
}
