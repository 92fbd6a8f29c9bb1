// The player, the curve's figures, and numbers as people read them.
#include "harness/text.h"
#include "tui/format.h"
#include "tui/player.h"
#include "tui/tests/fake.h"

#include <criterion/criterion.h>

static struct fake f;
static struct player p;

static void begin(void) {
    fake_open(&f, 24, 80, false);
    p = (struct player){0};
    player_load(&p, f.leak_log.log, &f.leak.judgement, 0);
}

static void end(void) {
    player_free(&p);
    fake_close(&f);
}

TestSuite(player, .init = begin, .fini = end);

Test(player, starts_before_the_first_event) {
    cr_assert_eq(p.position, 0);
    cr_assert_eq(p.now.task_count, 1);
}

Test(player, the_last_moment_has_the_task_that_is_left) {
    const struct counts *c = &p.moments[p.length].counts;
    cr_assert_eq(c->left, 1);
    cr_assert_eq(c->blocked, 0);
    cr_assert_eq(c->ended, 1);
    cr_assert_eq(counts_alive(c), 1);
}

Test(player, states_add_up_to_those_alive_at_every_event) {
    for (uint64_t k = 0; k <= p.length; k++) {
        player_seek(&p, k);
        cr_assert_eq(counts_alive(&p.moments[k].counts), p.now.alive, "after %d events", (int)k);
    }
}

Test(player, the_first_bad_event_is_the_send_that_never_ends) {
    cr_assert_eq(player_event_at(&p, p.first_bad)->kind, EV_SEND);
    player_seek(&p, p.first_bad);
    cr_assert(player_is_left(&p, 1));
    player_seek(&p, p.first_bad - 1);
    cr_assert_not(player_is_left(&p, 1));
}

// The worker ends two hours after main: too late, and it shows from main's end to its own.
static void load_late_run(struct log_builder *b, struct seen *s, struct judgement *j) {
    builder_start(b, 64);
    builder_go(b, 0, 1, "worker", 20);
    PUT(b, 1, SLEEP, .value = 2 * HOUR, PARKS, .line = 10);
    PUT(b, 0, EXIT, .line = 22);
    b->now = 2 * HOUR;
    PUT(b, EVENT_CLOCK, FIRE, WAKES(1), .line = 10);
    PUT(b, 1, EXIT, .line = 12);
    builder_finish(b, RUN_QUIESCENT);
    seen_init(s, b->log, 0);
    judge(s, &(struct judge_terms){0}, j);
    player_load(&p, b->log, j, 0);
}

Test(player, a_task_that_ends_too_late_is_left_meanwhile) {
    struct log_builder b;
    struct seen s = {0};
    struct judgement j = {0};
    load_late_run(&b, &s, &j);
    cr_assert_eq(j.verdicts, VERDICT_OUTLIVES);
    cr_assert_eq(p.moments[2].counts.left, 0, "main is still there");
    cr_assert_eq(p.moments[3].counts.left, 1, "main has ended, the worker has not");
    cr_assert_eq(p.moments[3].counts.sleeping, 0);
    cr_assert_eq(p.moments[4].counts.left, 1);
    cr_assert_eq(p.moments[5].counts.left, 0, "it has ended");
    cr_assert(player_ever_left(&p, 1));
    cr_assert_eq(p.first_bad, 3);
    judgement_free(&j);
    seen_free(&s);
    builder_end(&b);
}

Test(player, going_back_gives_the_same_world_as_going_there) {
    for (uint64_t k = 0; k < p.length; k++) {
        player_seek(&p, k);
        struct seen_task there = p.now.tasks[0];
        uint32_t tasks = p.now.task_count, alive = p.now.alive;
        player_seek(&p, p.length);
        player_seek(&p, k);
        cr_assert_eq(p.now.task_count, tasks);
        cr_assert_eq(p.now.alive, alive);
        cr_assert_eq(memcmp(&there, &p.now.tasks[0], sizeof there), 0);
    }
}

Test(player, plays_at_most_four_events_a_second) {
    player_play(&p, 0);
    cr_assert_not(player_tick(&p, 249 * MILLISECOND));
    cr_assert(player_tick(&p, 250 * MILLISECOND));
    cr_assert_eq(p.position, 1);
    player_tick(&p, 10 * SECOND);
    cr_assert_eq(p.position, p.length);
    cr_assert_not(p.playing);
}

Test(player, a_long_run_takes_twelve_seconds) {
    p.length = 100000; // only the pace is looked at
    cr_assert_leq(player_interval(&p) * 100000, 12 * SECOND);
    p.length = 15;
}

Test(player, the_speed_has_bounds) {
    player_hurry(&p, 1000);
    cr_assert_gt(player_interval(&p), 0);
    player_hurry(&p, -5000);
    cr_assert_leq(player_interval(&p), 10 * SECOND);
}

Test(player, outlives_the_log_it_was_given) {
    memset(f.leak_log.log->events, 0xFF, 64);
    player_seek(&p, p.length);
    cr_assert_eq(p.now.ended, 1);
}

Test(player, a_damaged_log_does_no_harm) {
    event_log *log = f.leak_log.log;
    for (int i = 0; i < 12; i++)
        log->events[i].task = log->events[i].peer = 77;
    log->head = UINT64_MAX;
    player_load(&p, log, NULL, 0);
    cr_assert_eq(p.length, 256, "no further than its capacity");
    player_seek(&p, p.length);
}

static void reads(int64_t ns, const char *expected) {
    char text[40];
    cr_assert_str_eq(format_duration(ns, text, sizeof text), expected);
}

Test(format, durations_read_as_people_say_them) {
    reads(0, "0");
    reads(350 * MICROSECOND, "350us");
    reads(50 * MILLISECOND, "50ms");
    reads(1500 * MILLISECOND, "1.5s");
    reads(150 * SECOND, "2m30s");
    reads(10 * HOUR, "10h");
    reads(INT64_MAX, "never");
}

Test(format, counts_are_grouped) {
    char text[40];
    cr_assert_str_eq(text_count(7, text, sizeof text), "7");
    cr_assert_str_eq(text_count(4211, text, sizeof text), "4,211");
    cr_assert_str_eq(text_count(100000, text, sizeof text), "100,000");
    cr_assert_str_eq(format_bytes(512, text, sizeof text), "512 B");
    cr_assert_str_eq(format_bytes(13107200, text, sizeof text), "12.5 MB");
}
