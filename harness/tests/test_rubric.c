// What an answer is worth: every way of failing costs what it must, and nothing else.
#include "harness/explore.h"
#include "harness/rubric.h"
#include "harness/tests/log_builder.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { WORK = 1, KEPT = 2 }; // the driver's two checks

static struct scenario_info scenario = {.kept = KEPT};
static struct answer a;
static struct rubric_check checks[RUBRIC_COUNT];

static void start(void) {
    memcpy(scenario.points, rubric_points, sizeof scenario.points);
    a = (struct answer){.explored = 10, .exhaustive = true, .race = RACE_NONE};
}

TestSuite(rubric, .init = start);

static int judged(const char *warnings) {
    int score = 0;
    size_t count = rubric_judge(&scenario, &a, warnings, checks);
    for (size_t i = 0; i < count; i++)
        score += checks[i].score;
    return score;
}

static void fails(unsigned verdicts, uint64_t schedules) {
    a.verdicts = verdicts;
    a.failing = schedules;
    a.first_verdicts = schedules >= a.explored ? verdicts : 0;
}

static void says(enum rubric_id id, enum rubric_status status) {
    cr_assert_eq(checks[id].status, status, "%s: %s instead of %s", rubric_name(id),
                 rubric_status_word(checks[id].status), rubric_status_word(status));
    cr_assert_eq(status != RUBRIC_PASS, checks[id].detail[0] != '\0', "%s", rubric_name(id));
}

Test(rubric, all_points_are_ten) {
    cr_assert_eq(judged(""), 10);
    for (int id = 0; id < RUBRIC_COUNT; id++)
        says((enum rubric_id)id, RUBRIC_PASS);
}

Test(rubric, a_warning_costs_the_build_alone) {
    cr_assert_eq(judged("x.c:1: warning: unused"), 9);
    says(RUBRIC_BUILD, RUBRIC_FAIL);
}

Test(rubric, a_leak_on_some_schedules_only_keeps_a_quarter) {
    fails(VERDICT_LEAK, 3);
    cr_assert_eq(judged(""), 7);
    says(RUBRIC_NO_LEAK, RUBRIC_FAIL);
    a.first_verdicts = VERDICT_LEAK;
    cr_assert_eq(judged(""), 6, "the default schedule leaks");
    scenario.points[RUBRIC_NO_LEAK] = 3;
    a.first_verdicts = 0;
    cr_assert_eq(judged(""), 6, "a quarter of three, rounded down");
}

Test(rubric, outlives_and_resource_are_leaks) {
    fails(VERDICT_OUTLIVES, 10);
    cr_assert_eq(judged(""), 6);
    fails(VERDICT_RESOURCE, 10);
    cr_assert_eq(judged(""), 6);
}

Test(rubric, panic_and_misuse_are_behaviour) {
    fails(VERDICT_PANIC, 2);
    cr_assert_eq(judged(""), 8);
    says(RUBRIC_BEHAVES, RUBRIC_FAIL);
    fails(VERDICT_MISUSE, 2);
    cr_assert_eq(judged(""), 8);
}

Test(rubric, a_panic_on_every_schedule_leaves_the_build) {
    fails(VERDICT_PANIC, 10);
    cr_assert_eq(judged(""), 1);
    says(RUBRIC_NO_LEAK, RUBRIC_NOT_REACHED);
}

Test(rubric, work_one_after_another_costs_kept_alone) {
    fails(VERDICT_BEHAVIOUR, 10);
    a.failed_in_some = a.failed_in_all = KEPT;
    cr_assert_eq(judged(""), 9);
    says(RUBRIC_KEPT, RUBRIC_FAIL);
    says(RUBRIC_BEHAVES, RUBRIC_PASS);
}

Test(rubric, work_done_wrong_on_some_schedules_costs_behaves_alone) {
    fails(VERDICT_BEHAVIOUR, 4);
    a.failed_in_some = WORK;
    cr_assert_eq(judged(""), 8);
    says(RUBRIC_BEHAVES, RUBRIC_FAIL);
    says(RUBRIC_KEPT, RUBRIC_PASS);
}

Test(rubric, doing_nothing_is_worth_what_it_compiles) {
    fails(VERDICT_BEHAVIOUR, 10);
    a.failed_in_some = a.failed_in_all = WORK | KEPT;
    cr_assert_eq(judged(""), 1);
    says(RUBRIC_BEHAVES, RUBRIC_FAIL);
    says(RUBRIC_NO_LEAK, RUBRIC_NOT_REACHED);
    says(RUBRIC_NO_RACE, RUBRIC_NOT_REACHED);
}

Test(rubric, one_run_does_not_say_that_nothing_is_ever_done) {
    a.explored = 1;
    fails(VERDICT_BEHAVIOUR, 1);
    a.failed_in_some = a.failed_in_all = WORK;
    judged("");
    says(RUBRIC_NO_LEAK, RUBRIC_PASS);
}

Test(rubric, who_never_returns_has_not_done_the_job) {
    fails(VERDICT_DEADLOCK, 10);
    cr_assert_eq(judged(""), 1 + 1, "it builds, and does not race");
    says(RUBRIC_BEHAVES, RUBRIC_NOT_REACHED);
    says(RUBRIC_NO_DEADLOCK, RUBRIC_FAIL);
    says(RUBRIC_NO_LEAK, RUBRIC_NOT_REACHED);
    says(RUBRIC_NO_RACE, RUBRIC_PASS);
    fails(VERDICT_DEADLOCK, 3);
    cr_assert_eq(judged(""), 9, "on some schedules only");
}

Test(rubric, a_race_costs_its_own_point) {
    fails(VERDICT_RACE, 1);
    a.race = RACE_FOUND;
    cr_assert_eq(judged(""), 9);
    says(RUBRIC_NO_RACE, RUBRIC_FAIL);
}

Test(rubric, an_unavailable_race_check_brings_nothing_and_counts_all_the_same) {
    a.race = RACE_UNAVAILABLE;
    snprintf(a.race_note, sizeof a.race_note, "no runtime");
    cr_assert_eq(judged(""), 9);
    says(RUBRIC_NO_RACE, RUBRIC_UNAVAILABLE);
    cr_assert_eq(checks[RUBRIC_NO_RACE].max_score, 1);
}

Test(rubric, what_does_not_build_brings_nothing) {
    a = (struct answer){.verdicts = VERDICT_BUILD, .error = "x.c:1: error"};
    cr_assert_eq(judged(""), 0);
    says(RUBRIC_BUILD, RUBRIC_FAIL);
    for (int id = RUBRIC_BEHAVES; id < RUBRIC_COUNT; id++)
        says((enum rubric_id)id, RUBRIC_NOT_REACHED);
}

Test(rubric, who_tampers_gets_nothing) {
    fails(VERDICT_TAMPERED | VERDICT_LEAK, 1);
    snprintf(a.error, sizeof a.error, "it wrote where it must not");
    cr_assert_eq(judged(""), 0);
    for (int id = 0; id < RUBRIC_COUNT; id++)
        says((enum rubric_id)id, id == RUBRIC_NO_LEAK ? RUBRIC_FAIL : RUBRIC_NOT_REACHED);
}

Test(rubric, a_crash_on_every_schedule_leaves_the_build) {
    fails(VERDICT_CRASH, 10);
    cr_assert_eq(judged(""), 1);
}

Test(rubric, without_a_check_of_that_kind_kept_is_left_out) {
    scenario.kept = 0;
    cr_assert_eq(rubric_judge(&scenario, &a, "", checks), (size_t)RUBRIC_KEPT);
    scenario.kept = KEPT;
}
