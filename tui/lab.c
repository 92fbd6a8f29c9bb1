#include "tui/lab.h"

#include "tui/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lab_init(struct lab *lab) {
    *lab = (struct lab){0};
}

void lab_close(struct lab *lab) {
    for (size_t i = 0; i < lab->count; i++) {
        if (lab->trials[i]->examination)
            examine_free(lab->trials[i]->examination);
        free(lab->trials[i]);
    }
    free(lab->trials);
    *lab = (struct lab){0};
}

struct trial *lab_trial(struct lab *lab, const struct scenario_info *s, const struct variant *v) {
    for (size_t i = 0; i < lab->count; i++)
        if (lab->trials[i]->scenario == s && lab->trials[i]->variant == v)
            return lab->trials[i];
    if (lab->count == lab->room) {
        lab->room = lab->room ? 2 * lab->room : 16;
        lab->trials = realloc(lab->trials, lab->room * sizeof(struct trial *));
    }
    struct trial *t = calloc(1, sizeof *t);
    if (!lab->trials || !t)
        abort();
    t->scenario = s;
    t->variant = v;
    lab->trials[lab->count++] = t;
    return t;
}

void lab_queue(struct trial *t) {
    if (t->state == TRIAL_NEW)
        t->state = TRIAL_WAITING;
}

void lab_start(struct trial *t) {
    if (t->state != TRIAL_NEW && t->state != TRIAL_WAITING)
        return;
    struct examine_config config = {
        .scenario = t->scenario, .variant = t->variant, .explore = true};
    t->examination = examine_start(&config, t->why);
    t->state = t->examination ? TRIAL_UNDER_WAY : TRIAL_REFUSED;
    snprintf(t->progress, sizeof t->progress, "starting");
}

void lab_again(struct trial *t) {
    if (t->examination)
        examine_free(t->examination);
    t->examination = NULL;
    t->answer = NULL;
    t->state = TRIAL_NEW;
    lab_start(t);
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

bool lab_tick(struct lab *lab) {
    bool changed = false, running = false;
    for (size_t i = 0; i < lab->count; i++)
        if (lab->trials[i]->state == TRIAL_UNDER_WAY) {
            changed |= trial_poll(lab->trials[i]);
            running |= lab->trials[i]->state == TRIAL_UNDER_WAY;
        }
    for (size_t i = 0; i < lab->count && !running; i++)
        if (lab->trials[i]->state == TRIAL_WAITING) {
            lab_start(lab->trials[i]);
            running = changed = true;
        }
    return changed;
}

bool lab_busy(const struct lab *lab) {
    for (size_t i = 0; i < lab->count; i++)
        if (lab->trials[i]->state == TRIAL_UNDER_WAY || lab->trials[i]->state == TRIAL_WAITING)
            return true;
    return false;
}

enum outcome trial_outcome(const struct trial *t) {
    bool done = t->state == TRIAL_DONE;
    if (t->state == TRIAL_REFUSED)
        return OUTCOME_ERROR;
    if (t->answer && t->answer->verdicts & VERDICT_ERRORS)
        return OUTCOME_ERROR;
    if (t->answer && t->answer->verdicts)
        return OUTCOME_FAIL;
    if (done)
        return OUTCOME_PASS;
    return t->state == TRIAL_NEW ? OUTCOME_NONE : OUTCOME_JUDGING;
}

const char *trial_verdict(const struct trial *t, char *out, size_t size) {
    char list[160] = "environment";
    if (t->answer && t->answer->verdicts)
        verdict_list(t->answer->verdicts, list, sizeof list);
    switch (trial_outcome(t)) {
    case OUTCOME_FAIL:
        snprintf(out, size, "FAIL %s", list);
        break;
    case OUTCOME_ERROR:
        snprintf(out, size, "ERROR %s", list);
        break;
    case OUTCOME_PASS:
        snprintf(out, size, "PASS");
        break;
    case OUTCOME_JUDGING:
        snprintf(out, size, "judging");
        break;
    case OUTCOME_NONE:
        snprintf(out, size, "%s", "");
        break;
    }
    return out;
}

// What the numbers of a finished answer amount to.
static const char *answer_reach(const struct answer *a, char *out, size_t size) {
    char explored[32], failing[32], seed[48] = "";
    format_count(a->explored, explored, sizeof explored);
    format_count(a->failing, failing, sizeof failing);
    if (a->sampled)
        snprintf(seed, sizeof seed, ", seed 0x%" PRIx64, a->seed);
    const char *sure = a->exhaustive ? "exhaustive" : "not exhaustive";
    const char *what = a->sampled ? "sampled" : a->explored == 1 ? "schedule" : "schedules";
    if (a->failing)
        snprintf(out, size, "fails on %s of %s %s%s, %s", failing, explored, what, seed, sure);
    else if (a->sampled)
        snprintf(out, size, "%s %s%s, %s", explored, what, seed, sure);
    else
        snprintf(out, size, "%s of %s %s, %s", explored, explored, what, sure);
    size_t used = strlen(out);
    bool unchecked = a->race == RACE_UNAVAILABLE || a->race == RACE_UNKNOWN;
    if (!a->failing && unchecked && used < size)
        snprintf(out + used, size - used, "; races not checked");
    return out;
}

const char *trial_reach_short(const struct trial *t, char *out, size_t size) {
    if (t->state != TRIAL_DONE || !t->answer || t->answer->sampled)
        return trial_reach(t, out, size);
    char explored[32], some[32];
    uint64_t n = t->answer->failing ? t->answer->failing : t->answer->explored;
    format_count(t->answer->explored, explored, sizeof explored);
    format_count(n, some, sizeof some);
    snprintf(out, size, t->answer->failing ? "%s of %s fail" : "%s of %s", some, explored);
    return out;
}

const char *trial_reach(const struct trial *t, char *out, size_t size) {
    if (t->state == TRIAL_REFUSED)
        snprintf(out, size, "%s", t->why);
    else if (t->state == TRIAL_UNDER_WAY)
        snprintf(out, size, "%s", t->progress);
    else if (t->state == TRIAL_WAITING)
        snprintf(out, size, "waits for its turn");
    else if (t->state == TRIAL_NEW || !t->answer)
        snprintf(out, size, "%s", "");
    else
        answer_reach(t->answer, out, size);
    return out;
}
