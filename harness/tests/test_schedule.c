// Schedule ids: what is written reads back, and what is malformed is told where.
#include "harness/schedule.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

static struct schedule s;
static char why[160];

static char *again(const char *id) {
    static char text[SCHEDULE_TEXT];
    cr_assert(schedule_parse(id, &s, why), "%s: %s", id, why);
    cr_assert_eq(schedule_format(&s, text, sizeof text), strlen(text));
    return text;
}

#define ROUND_TRIP(name, id)                                                                       \
    Test(schedule, round_trip_##name) {                                                            \
        cr_assert(eq(str, again(id), id));                                                         \
    }

ROUND_TRIP(plain, "send-no-receiver@x1")
ROUND_TRIP(deviations, "philosophers@x1.0:4.1:3")
ROUND_TRIP(branch, "a_b2@x1.3:1/2")
ROUND_TRIP(clock, "a@x1.0:t.7:t/1")
ROUND_TRIP(largest, "a@x1.4294967295:4294967293/4294967295")
ROUND_TRIP(seed, "a@r1.0")
ROUND_TRIP(slow, "send@x1t")
ROUND_TRIP(memory, "send@x1m")
ROUND_TRIP(memory_deviations, "send@x1m.3:2.7:0/1")
ROUND_TRIP(slow_memory, "send@x1tm.0:t")
ROUND_TRIP(slow_deviations, "send@x1t.0:t.7:t/1")
ROUND_TRIP(pct, "a@p1.77.3")
ROUND_TRIP(large_seed, "a@r1.18446744073709551615")

Test(schedule, fields) {
    cr_assert(schedule_parse("abba@x1.2:1.5:t/3", &s, why));
    cr_assert(eq(str, s.name, "abba"));
    cr_assert_eq(s.kind, SCHEDULE_DEFAULT);
    cr_assert_eq(s.count, 2);
    cr_assert_eq(s.deviations[0].step, 2);
    cr_assert_eq(s.deviations[0].task, 1);
    cr_assert_eq(s.deviations[0].branch, 0);
    cr_assert_eq(s.deviations[1].task, CHOICE_CLOCK);
    cr_assert_eq(s.deviations[1].branch, 3);
}

Test(schedule, fields_of_the_others) {
    cr_assert(schedule_parse("abba@x1t.2:1", &s, why));
    cr_assert(s.slow && s.kind == SCHEDULE_DEFAULT && s.count == 1);
    cr_assert(schedule_parse("abba@p1.9.4", &s, why));
    cr_assert_eq(s.kind, SCHEDULE_PCT);
    cr_assert(s.seed == 9 && s.depth == 4 && !s.slow);
}

Test(schedule, hexadecimal_seed) {
    cr_assert(eq(str, again("a@r1.0x51f0"), "a@r1.20976"));
}

Test(schedule, branch_zero_is_left_out) {
    cr_assert(eq(str, again("a@x1.1:2/0"), "a@x1.1:2"));
}

// An id that is refused, at which character, and for what.
#define REFUSED(name, id, at, words)                                                               \
    Test(schedule, refused_##name) {                                                               \
        cr_assert_not(schedule_parse(id, &s, why));                                                \
        char start[40];                                                                            \
        snprintf(start, sizeof start, "character %d of", at);                                      \
        cr_assert_not_null(strstr(why, start), "%s", why);                                         \
        cr_assert_not_null(strstr(why, words), "%s", why);                                         \
    }

REFUSED(empty, "", 1, "name of a scenario")
REFUSED(capital, "Send@x1", 1, "name of a scenario")
REFUSED(no_at, "send", 5, "expected @")
REFUSED(long_name, "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234@x1", 1,
        "too long")
REFUSED(no_kind, "send@", 6, "expected x1")
REFUSED(unknown_kind, "send@q1.3.2", 6, "expected x1")
REFUSED(memory_before_slow, "send@x1mt", 9, "or the end")
REFUSED(memory_twice, "send@x1mm", 9, "or the end")
REFUSED(memory_of_a_seed, "send@r1m.5", 8, "expected . and a seed")
REFUSED(slow_tail, "send@x1tt", 9, "or the end")
REFUSED(no_depth, "send@p1.3", 10, "expected . and a depth")
REFUSED(bad_depth, "send@p1.3.x", 11, "expected a depth")
REFUSED(no_such_depth, "send@p1.3.0", 11, "from 1 to 8")
REFUSED(too_deep, "send@p1.3.9", 11, "from 1 to 8")
REFUSED(depth_tail, "send@p1.3.2.1", 12, "the end after the depth")
REFUSED(tail, "send@x1 ", 8, "or the end")
REFUSED(no_step, "send@x1.", 9, "number of a step")
REFUSED(no_colon, "send@x1.3", 10, "expected :")
REFUSED(no_task, "send@x1.3:", 11, "number of a task")
REFUSED(no_branch, "send@x1.3:1/", 13, "number of a branch")
REFUSED(negative, "send@x1.-1:2", 9, "number of a step")
REFUSED(falling, "send@x1.3:1.2:1", 13, "must rise")
REFUSED(repeated, "send@x1.3:1.3:2", 13, "must rise")
REFUSED(large_step, "send@x1.4294967296:1", 9, "too large")
REFUSED(nobody, "send@x1.1:4294967294", 11, "too large")
REFUSED(no_seed, "send@r1", 8, "expected . and a seed")
REFUSED(bad_seed, "send@r1.x", 9, "expected a seed")
REFUSED(large_seed, "send@r1.18446744073709551616", 9, "too large")
REFUSED(seed_tail, "send@r1.1.2", 10, "the end after the seed")

Test(schedule, as_many_deviations_as_fit) {
    struct schedule most = {.name = "a", .count = SCHEDULE_DEVIATIONS};
    for (uint32_t i = 0; i < most.count; i++)
        most.deviations[i] = (struct deviation){UINT32_MAX - most.count + i, EVENT_NOBODY - 1,
                                                UINT32_MAX};
    static char text[SCHEDULE_TEXT + 8];
    cr_assert_lt(schedule_format(&most, text, SCHEDULE_TEXT), SCHEDULE_TEXT);
    cr_assert(schedule_parse(text, &s, why), "%s", why);
    cr_assert_eq(memcmp(s.deviations, most.deviations, sizeof s.deviations), 0);
    strcat(text, ".1:1");
    cr_assert_not(schedule_parse(text, &s, why));
    cr_assert_not_null(strstr(why, "more deviations"));
}

Test(schedule, a_short_buffer_is_not_overrun) {
    struct schedule small = {.name = "send", .count = 2, .deviations = {{1, 2, 3}, {4, 5, 6}}};
    char text[16] = "!!!!!!!!!!!!!!!";
    cr_assert_eq(schedule_format(&small, text, 10), strlen("send@x1.1:2/3.4:5/6"));
    cr_assert(eq(str, text, "send@x1.1"));
    cr_assert_eq(text[10], '!');
}
