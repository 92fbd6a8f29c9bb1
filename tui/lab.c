#include "tui/lab.h"

#include "harness/result.h"
#include "harness/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lab_init(struct lab *lab, const struct catalogue *c) {
    *lab = (struct lab){.catalogue = c};
}

// Ends the examination and what it said.
static void forget_answer(struct trial *t) {
    if (t->examination)
        examine_free(t->examination);
    t->examination = NULL;
    t->answer = NULL;
    t->round++;
}

static void forget_build(struct trial *t) {
    if (t->compilation)
        compile_free(t->compilation);
    t->compilation = NULL;
}

void lab_close(struct lab *lab) {
    for (size_t i = 0; i < lab->count; i++) {
        forget_answer(lab->trials[i]);
        forget_build(lab->trials[i]);
        free(lab->trials[i]);
    }
    free(lab->trials);
    *lab = (struct lab){0};
}

struct trial *lab_trial(struct lab *lab, const struct scenario_info *s, const struct variant *v) {
    for (size_t i = 0; i < lab->count; i++)
        if (lab->trials[i]->scenario == s && lab->trials[i]->variant == v)
            return lab->trials[i];
    struct trial *t = zero_alloc(1, sizeof *t);
    t->scenario = s;
    t->variant = v;
    lab->trials = more_memory(lab->trials, lab->count + 1, sizeof(struct trial *));
    lab->trials[lab->count++] = t;
    return t;
}

void lab_queue(struct trial *t) {
    if (t->state == TRIAL_NEW)
        t->state = TRIAL_WAITING;
}

static void examine(struct trial *t) {
    forget_answer(t);
    t->examined = *t->variant;
    if (t->compilation)
        t->examined = compile_renewed(t->compilation, t->variant);
    struct examine_config config = {
        .scenario = t->scenario, .variant = &t->examined, .explore = true};
    t->examination = examine_start(&config, t->why);
    t->state = t->examination ? TRIAL_UNDER_WAY : TRIAL_REFUSED;
    snprintf(t->progress, sizeof t->progress, "starting");
}

static void build(const struct lab *lab, struct trial *t) {
    t->compilation = compile_start(lab->catalogue, t->scenario, t->variant->source, t->why);
    t->state = t->compilation ? TRIAL_BUILDING : TRIAL_REFUSED;
}

void lab_start(struct lab *lab, struct trial *t) {
    if (t->state != TRIAL_NEW && t->state != TRIAL_WAITING)
        return;
    if (compile_needed(t->variant))
        build(lab, t);
    else
        examine(t);
}

// A whole answer is kept for as long as there is none in its place; half of one says nothing.
void lab_again(struct lab *lab, struct trial *t) {
    if (t->state == TRIAL_UNDER_WAY)
        forget_answer(t);
    forget_build(t);
    t->state = TRIAL_NEW;
    lab_start(lab, t);
}

void lab_offer(struct trial *t, const struct answer *a) {
    t->answer = a;
    t->state = TRIAL_DONE;
}

static bool trial_poll(struct trial *t) {
    enum examine_state state = examine_poll(t->examination);
    bool first = !t->answer;
    t->answer = examine_answer(t->examination);
    char progress[sizeof t->progress] = "";
    examine_progress(t->examination, progress, sizeof progress);
    bool changed = first || strcmp(progress, t->progress) != 0 || state == EXAMINE_DONE;
    memcpy(t->progress, progress, sizeof progress);
    if (state == EXAMINE_DONE)
        t->state = TRIAL_DONE;
    return changed;
}

static bool build_poll(struct trial *t) {
    int built = compile_poll(t->compilation);
    if (built > 0)
        examine(t);
    else if (built < 0)
        t->state = TRIAL_UNBUILT;
    return built != 0;
}

bool trial_moving(const struct trial *t) {
    return t->state == TRIAL_BUILDING || t->state == TRIAL_UNDER_WAY;
}

bool lab_tick(struct lab *lab) {
    bool changed = false, running = false;
    for (size_t i = 0; i < lab->count; i++) {
        struct trial *t = lab->trials[i];
        if (t->state == TRIAL_BUILDING)
            changed |= build_poll(t);
        else if (t->state == TRIAL_UNDER_WAY)
            changed |= trial_poll(t);
        running |= trial_moving(t);
    }
    for (size_t i = 0; i < lab->count && !running; i++)
        if (lab->trials[i]->state == TRIAL_WAITING) {
            lab_start(lab, lab->trials[i]);
            running = changed = true;
        }
    return changed;
}

bool lab_busy(const struct lab *lab) {
    for (size_t i = 0; i < lab->count; i++)
        if (trial_moving(lab->trials[i]) || lab->trials[i]->state == TRIAL_WAITING)
            return true;
    return false;
}

// ---- in words ----

static enum outcome answer_outcome(const struct answer *a) {
    unsigned verdicts = answer_verdicts(a);
    return verdicts & VERDICT_ERRORS ? OUTCOME_ERROR : verdicts ? OUTCOME_FAIL : OUTCOME_PASS;
}

enum outcome trial_outcome(const struct trial *t) {
    switch (t->state) {
    case TRIAL_NEW:
        return OUTCOME_NONE;
    case TRIAL_WAITING:
    case TRIAL_BUILDING:
        return OUTCOME_JUDGING;
    case TRIAL_UNDER_WAY: // what failed stays failed, a pass is one at the end only
        return t->answer && t->answer->verdicts ? answer_outcome(t->answer) : OUTCOME_JUDGING;
    case TRIAL_DONE:
        return answer_outcome(t->answer);
    case TRIAL_UNBUILT:
    case TRIAL_REFUSED:
        break;
    }
    return OUTCOME_ERROR;
}

// "FAIL leak".
static const char *verdict_words(unsigned verdicts, char *out, size_t size) {
    char list[160];
    if (!verdicts)
        snprintf(out, size, "PASS");
    else
        snprintf(out, size, "%s %s", verdicts & VERDICT_ERRORS ? "ERROR" : "FAIL",
                 verdict_list(verdicts, list, sizeof list));
    return out;
}

const char *trial_verdict(const struct trial *t, char *out, size_t size) {
    enum outcome o = trial_outcome(t);
    if (o == OUTCOME_NONE || o == OUTCOME_JUDGING)
        snprintf(out, size, "%s", o == OUTCOME_NONE ? "" : "judging");
    else if (t->state == TRIAL_UNBUILT)
        verdict_words(VERDICT_BUILD, out, size);
    else if (t->state == TRIAL_REFUSED)
        verdict_words(VERDICT_ENVIRONMENT, out, size);
    else
        verdict_words(answer_verdicts(t->answer), out, size);
    return out;
}

// What the numbers of a finished answer amount to.
static const char *reach_words(const struct answer *a, char *out, size_t size) {
    char reach[200];
    bool unchecked = a->race == RACE_UNAVAILABLE || a->race == RACE_UNKNOWN;
    bool counted = a->failing && !answer_only_race(a);
    snprintf(out, size, "%s%s%s", counted ? "fails on " : "", answer_reach(a, reach, sizeof reach),
             unchecked && !a->failing ? "; races not checked" : "");
    return out;
}

const char *trial_reach_short(const struct trial *t, char *out, size_t size) {
    const struct answer *a = t->answer;
    char explored[32], failing[32], verdict[200];
    if (t->state == TRIAL_UNBUILT && a) {
        snprintf(out, size, "does not compile; before: %s",
                 verdict_words(answer_verdicts(a), verdict, sizeof verdict));
        return out;
    }
    if (t->state != TRIAL_DONE || a->sampled)
        return trial_reach(t, out, size);
    text_count(a->explored, explored, sizeof explored);
    text_count(a->failing, failing, sizeof failing);
    if (answer_only_race(a))
        snprintf(out, size, "all %s else hold", explored);
    else if (a->failing)
        snprintf(out, size, "%s of %s fail", failing, explored);
    else
        snprintf(out, size, "%s of %s", explored, explored);
    return out;
}

// The answer that stays while there is no new one.
static void before_words(const struct answer *a, char *out, size_t size) {
    char verdict[200], reach[240];
    snprintf(out, size, "; before the edit: %s, %s",
             verdict_words(answer_verdicts(a), verdict, sizeof verdict),
             reach_words(a, reach, sizeof reach));
}

const char *trial_reach(const struct trial *t, char *out, size_t size) {
    static const char *const words[] = {
        [TRIAL_NEW] = "",
        [TRIAL_WAITING] = "waits for its turn",
        [TRIAL_BUILDING] = "building",
        [TRIAL_UNBUILT] = "does not compile",
    };
    char before[480] = "";
    switch (t->state) {
    case TRIAL_REFUSED:
        snprintf(out, size, "%s", t->why);
        break;
    case TRIAL_UNDER_WAY:
        snprintf(out, size, "%s", t->progress);
        break;
    case TRIAL_DONE:
        reach_words(t->answer, out, size);
        break;
    default:
        if (t->state == TRIAL_UNBUILT && t->answer)
            before_words(t->answer, before, sizeof before);
        snprintf(out, size, "%s%s", words[t->state], before);
    }
    return out;
}
