// rubric: what an answer is worth, check by check.
//
// Six checks, each with points. All have the same say in whether a scenario passes; how many points
// each brings is up to the scenario. Points are given in full or not at all, but for `no_leak`: a
// quarter of them is for code that only leaks on schedules other than the default one.
//
// Points for what does not happen (no leak, no deadlock, no race) take work that is done: where one
// and the same check of `behaves` fails on every schedule these checks say nothing, and bring
// nothing. Else an empty function would get most of the points. A race check that is unavailable
// brings none either, and still counts in what could be reached: else code on which ThreadSanitizer
// fails would be better off than code that it has judged.
#pragma once

#include "core/base.h"

struct answer;
struct scenario_info;

enum rubric_id {
    RUBRIC_BUILD,       // compiles, without a warning
    RUBRIC_BEHAVES,     // does the job: the driver's checks, no panic, no misuse
    RUBRIC_NO_LEAK,     // no leak, outlives or resource
    RUBRIC_NO_DEADLOCK, // the root always comes to its end
    RUBRIC_NO_RACE,     // no data race
    RUBRIC_KEPT,        // the driver's checks of how it is done: at once, without spinning
    RUBRIC_COUNT,
};

enum rubric_status {
    RUBRIC_PASS,
    RUBRIC_FAIL,
    RUBRIC_NOT_REACHED, // no run came far enough to tell
    RUBRIC_UNAVAILABLE, // this machine cannot tell
};

enum { RUBRIC_DETAIL = 600 };

struct rubric_check {
    enum rubric_id id;
    enum rubric_status status;
    int score, max_score;
    unsigned fails;             // the verdicts that make it fail, a set of enum verdict
    char detail[RUBRIC_DETAIL]; // of one that does not pass: why; "" otherwise
};

// "no_leak"; "nothing is left on any schedule"; "not-reached".
const char *rubric_name(enum rubric_id id);
const char *rubric_title(enum rubric_id id);
const char *rubric_status_word(enum rubric_status status);

// The points of a scenario that names none: ten in all.
extern const int rubric_points[RUBRIC_COUNT];

// Judges them all, in order. `warnings` is what the compiler said of a source that it compiled; "" nothing.
// `kept` of a scenario without any check of that kind is left out. Returns how many there are.
size_t rubric_judge(const struct scenario_info *s, const struct answer *a, const char *warnings,
                    struct rubric_check out[RUBRIC_COUNT]);
