// rubric: see rubric.h.
#include "harness/rubric.h"

#include "harness/explain.h"
#include "harness/explore.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *title;
    unsigned fails;
} rows[RUBRIC_COUNT] = {
    [RUBRIC_BUILD] = {"build", "builds", VERDICT_BUILD},
    [RUBRIC_BEHAVES] = {"behaves", "does the job",
                        VERDICT_BEHAVIOUR | VERDICT_PANIC | VERDICT_MISUSE},
    [RUBRIC_NO_LEAK] = {"no_leak", "nothing is left on any schedule",
                        VERDICT_LEAK | VERDICT_OUTLIVES | VERDICT_RESOURCE},
    [RUBRIC_NO_DEADLOCK] = {"no_deadlock", "always comes to its end", VERDICT_DEADLOCK},
    [RUBRIC_NO_RACE] = {"no_race", "no data race", VERDICT_RACE},
    [RUBRIC_KEPT] = {"kept", "still concurrent, no busy wait", VERDICT_BEHAVIOUR},
};

const int rubric_points[RUBRIC_COUNT] = {
    [RUBRIC_BUILD] = 1,       [RUBRIC_BEHAVES] = 2, [RUBRIC_NO_LEAK] = 4,
    [RUBRIC_NO_DEADLOCK] = 1, [RUBRIC_NO_RACE] = 1, [RUBRIC_KEPT] = 1,
};

const char *rubric_name(enum rubric_id id) {
    return rows[id].name;
}

const char *rubric_title(enum rubric_id id) {
    return rows[id].title;
}

const char *rubric_status_word(enum rubric_status status) {
    static const char *const words[] = {[RUBRIC_PASS] = "pass",
                                        [RUBRIC_FAIL] = "fail",
                                        [RUBRIC_NOT_REACHED] = "not-reached",
                                        [RUBRIC_UNAVAILABLE] = "unavailable"};
    return words[status];
}

// --- what an answer says of one check -----------------------------------------------------------

// Whether no run came far enough to say anything about a check that did not fail. A race shows in a
// run that gets stuck as well.
static bool cut_short(const struct answer *a, unsigned fails) {
    bool always = a->failing > 0 && a->failing >= a->explored;
    unsigned stuck = fails & VERDICT_RACE ? 0 : VERDICT_DEADLOCK;
    return a->explored == 0 || (always && a->verdicts & (VERDICT_ERRORS | VERDICT_PANIC | stuck));
}

// Whether the work is never done, whatever the schedule.
static bool is_idle(const struct scenario_info *s, const struct answer *a) {
    return a->explored > 1 && a->failed_in_all & ~s->kept;
}

static bool fails(const struct scenario_info *s, const struct answer *a, enum rubric_id id) {
    unsigned verdicts = a->verdicts & rows[id].fails;
    if (id == RUBRIC_KEPT)
        return verdicts && a->failed_in_some & s->kept;
    if (id == RUBRIC_BEHAVES && verdicts == VERDICT_BEHAVIOUR && a->failed_in_some)
        return a->failed_in_some & ~s->kept;
    return verdicts;
}

// What the driver asks is not asked of a run that gets stuck.
static bool is_unasked(const struct answer *a, enum rubric_id id) {
    bool asked_by_driver = id == RUBRIC_BEHAVES || id == RUBRIC_KEPT;
    return asked_by_driver && a->first_verdicts & (VERDICT_DEADLOCK | VERDICT_ERRORS);
}

static enum rubric_status status_of(const struct scenario_info *s, const struct answer *a,
                                    enum rubric_id id) {
    if (fails(s, a, id))
        return RUBRIC_FAIL;
    if (a->verdicts & VERDICT_TAMPERED)
        return RUBRIC_NOT_REACHED;
    if (id == RUBRIC_BUILD)
        return a->verdicts & VERDICT_ENVIRONMENT && a->explored == 0 ? RUBRIC_UNAVAILABLE
                                                                     : RUBRIC_PASS;
    if (cut_short(a, rows[id].fails) || is_unasked(a, id))
        return RUBRIC_NOT_REACHED;
    if (id == RUBRIC_NO_RACE && a->race != RACE_NONE)
        return RUBRIC_UNAVAILABLE;
    return id != RUBRIC_BEHAVES && is_idle(s, a) ? RUBRIC_NOT_REACHED : RUBRIC_PASS;
}

// --- why ------------------------------------------------------------------------------------------

// The driver's check that failed, as the run at hand met it. False: it failed in another run.
static bool say_check(const struct answer *a, uint32_t among, char *out) {
    for (uint32_t i = 0; a->log && i < a->judgement.check_count; i++) {
        const struct judged_check *c = &a->judgement.checks[i];
        if (!(among >> i & 1) || c->state != CHECK_FAILED)
            continue;
        snprintf(out, RUBRIC_DETAIL, "%s%s%s", c->name, *c->detail ? ": " : "", c->detail);
        return true;
    }
    return false;
}

// The sentence of the run at hand if it shows this failure, else what the verdict means.
static void say_failure(const struct scenario_info *s, const struct answer *a,
                        struct rubric_check *c) {
    unsigned failed = a->verdicts & c->fails, bit = 0;
    if (failed == VERDICT_BEHAVIOUR &&
        say_check(a, c->id == RUBRIC_KEPT ? s->kept : ~s->kept, c->detail))
        return;
    if (failed & VERDICT_ERRORS) {
        snprintf(c->detail, RUBRIC_DETAIL, "%s", a->error);
    } else if (a->log && a->judgement.verdicts & failed) {
        explain_verdict(&a->seen, &a->judgement, c->detail, RUBRIC_DETAIL);
    } else {
        while (!(failed & 1u << bit))
            bit++;
        snprintf(c->detail, RUBRIC_DETAIL, "%s: %s", verdict_word(bit), verdict_meaning(bit));
    }
}

static void say_unavailable(const struct answer *a, struct rubric_check *c) {
    const char *why = c->id != RUBRIC_NO_RACE       ? a->error
                      : a->race == RACE_UNAVAILABLE ? a->race_note
                                                    : "races were not judged";
    snprintf(c->detail, RUBRIC_DETAIL, "%s", why);
}

static void say_unreached(const struct scenario_info *s, const struct answer *a,
                          struct rubric_check *c) {
    if (is_idle(s, a) && !cut_short(a, c->fails))
        snprintf(c->detail, RUBRIC_DETAIL,
                 "the job is not done on any schedule, so nothing can be said about this");
    else if (is_unasked(a, c->id) && a->first_verdicts & VERDICT_DEADLOCK)
        snprintf(c->detail, RUBRIC_DETAIL, "the default schedule gets stuck before this is asked");
    else
        snprintf(c->detail, RUBRIC_DETAIL, "%s",
                 a->verdicts & VERDICT_TAMPERED ? a->error : "no run came so far");
}

// --- points ---------------------------------------------------------------------------------------

static int score_of(const struct answer *a, const struct rubric_check *c) {
    if (c->status == RUBRIC_PASS)
        return c->max_score;
    bool only_elsewhere = c->status == RUBRIC_FAIL && a->first_verdicts == 0 &&
                          !(a->verdicts & VERDICT_TAMPERED);
    return c->id == RUBRIC_NO_LEAK && only_elsewhere ? c->max_score / 4 : 0;
}

static void judge_one(const struct scenario_info *s, const struct answer *a, const char *warnings,
                      struct rubric_check *c) {
    c->status = status_of(s, a, c->id);
    if (c->id == RUBRIC_BUILD && c->status == RUBRIC_PASS && *warnings) {
        c->status = RUBRIC_FAIL;
        snprintf(c->detail, RUBRIC_DETAIL, "it compiles, but not without warnings");
    } else if (c->status == RUBRIC_FAIL) {
        say_failure(s, a, c);
    } else if (c->status == RUBRIC_UNAVAILABLE) {
        say_unavailable(a, c);
    } else if (c->status == RUBRIC_NOT_REACHED) {
        say_unreached(s, a, c);
    }
    c->score = score_of(a, c);
}

size_t rubric_judge(const struct scenario_info *s, const struct answer *a, const char *warnings,
                    struct rubric_check out[RUBRIC_COUNT]) {
    size_t count = RUBRIC_COUNT - !s->kept;
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct rubric_check){
            .id = (enum rubric_id)i, .max_score = s->points[i], .fails = rows[i].fails};
        judge_one(s, a, warnings, &out[i]);
    }
    return count;
}
