// practice: one lesson per exercise, moved on from the trial that the lab holds.
//
// Of each exercise a *round* is what the lab makes of one source. When it is done it is kept as an attempt,
// once, unless the file is as shipped (nobody tried anything) or the same source got the same verdict
// before. Then the lesson looks further, by runs of its own: at the wrong fixes, until one fails in the
// same way; or, after a pass, at the schedule that failed before and at the solutions.
//
// Rejected: an attempt for every save that does not compile, which fills the file with half-typed lines;
// only the last of a row is kept, by its verdict being the same.
#include "tui/practice.h"

#include "harness/explain.h"
#include "harness/file.h"
#include "harness/result.h"
#include "harness/workspace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STUCK_AFTER = 3, SOURCE_LIMIT = 1 << 20 };

struct lesson {
    const struct scenario_info *scenario;
    struct trial *trial;
    uint32_t round;                  // of the trial that was kept and looked at
    bool kept;                       // ... or is being looked at
    bool unbuilt;                    // what was kept does not compile
    char *change;                    // since the attempt before; NULL: none
    const struct variant *alike;     // the wrong fix that fails in the same way, NULL: none
    char before[SCHEDULE_TEXT];      // the schedule that failed before this passed; "" none
    struct examination *before_runs; // ... on the source as it is now
};

struct practice {
    const struct catalogue *catalogue;
    struct lab *lab;
    char *root;
    struct watcher *watcher;
    struct progress progress;
    struct lesson *lessons; // one per scenario, in their order
    const struct scenario_info *saved;
    char trouble[300];
};

// --- from beginning to end --------------------------------------------------------------------------

struct practice *practice_open(const struct catalogue *c, struct lab *lab, const char *root,
                               char *why) {
    struct practice *p = zero_alloc(1, sizeof *p);
    char *file = workspace_inside(root, "progress.jsonl");
    char *exercises = text_format("%s/exercises", root);
    *p = (struct practice){.catalogue = c, .lab = lab, .root = text_copy(root)};
    p->lessons = zero_alloc(c->count, sizeof *p->lessons);
    for (size_t i = 0; i < c->count; i++)
        p->lessons[i].scenario = &c->scenarios[i];
    p->watcher = watcher_open(exercises);
    *why = '\0';
    if (progress_open(&p->progress, file, why) && p->progress.broken)
        snprintf(why, 300,
                 "%zu line%s of .unstuck/progress.jsonl cannot be read and %s left out; with the "
                 "next attempt the file as it is goes aside, to .broken-1.",
                 p->progress.broken, p->progress.broken == 1 ? "" : "s",
                 p->progress.broken == 1 ? "was" : "were");
    free(exercises);
    free(file);
    return p;
}

static void forget(struct lesson *l) {
    free(l->change);
    l->change = NULL;
    l->alike = NULL;
    l->before[0] = '\0';
    examine_free(l->before_runs);
    l->before_runs = NULL;
    l->kept = false;
}

void practice_close(struct practice *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->catalogue->count; i++)
        forget(&p->lessons[i]);
    progress_close(&p->progress);
    watcher_close(p->watcher);
    free(p->lessons);
    free(p->root);
    free(p);
}

const char *practice_root(const struct practice *p) {
    return p->root;
}

int practice_fd(const struct practice *p) {
    return watcher_fd(p->watcher);
}

const char *practice_trouble(const struct practice *p) {
    return p->trouble;
}

static struct lesson *lesson_of(const struct practice *p, const struct scenario_info *s) {
    return &p->lessons[s - p->catalogue->scenarios];
}

// --- failing in the same way --------------------------------------------------------------------------

static bool same_checks(const struct judgement *a, const struct judgement *b) {
    for (uint32_t i = 0; i < a->check_count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < b->check_count && !found; k++)
            found = a->checks[i].state == b->checks[k].state &&
                    strcmp(a->checks[i].name, b->checks[k].name) == 0;
        if (!found)
            return false;
    }
    return a->check_count == b->check_count;
}

static uint32_t left_in(const struct answer *a, enum wait_reason reason) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < a->judgement.left_count; i++)
        count += a->seen.tasks[a->judgement.left[i]].reason == reason;
    return count;
}

static bool same_left(const struct answer *a, const struct answer *b) {
    for (int reason = 0; reason < WAIT_REASON_COUNT; reason++)
        if (left_in(a, (enum wait_reason)reason) != left_in(b, (enum wait_reason)reason))
            return false;
    return a->judgement.left_count == b->judgement.left_count;
}

// By verdicts, checks, and what those wait for that are left; and on all schedules or only on some.
static bool alike(const struct answer *a, const struct answer *b) {
    bool all = a->failing == a->explored, all_too = b->failing == b->explored;
    return a->verdicts == b->verdicts && all == all_too &&
           same_checks(&a->judgement, &b->judgement) && same_left(a, b);
}

static struct trial *trial_of(const struct practice *p, const struct lesson *l, size_t variant) {
    return lab_trial(p->lab, l->scenario, &l->scenario->variants[variant]);
}

// Asks for all variants of a kind. True: each is done.
static bool ask_for(const struct practice *p, const struct lesson *l, enum variant_kind kind) {
    bool done = true;
    for (size_t i = 0; i < l->scenario->variant_count; i++) {
        if (l->scenario->variants[i].kind != kind)
            continue;
        struct trial *t = trial_of(p, l, i);
        lab_queue(t);
        done = done && !trial_moving(t) && t->state != TRIAL_WAITING;
    }
    return done;
}

static void find_alike(const struct practice *p, struct lesson *l) {
    for (size_t i = 0; i < l->scenario->variant_count && !l->alike; i++) {
        const struct variant *v = &l->scenario->variants[i];
        if (v->kind != VARIANT_WRONG)
            continue;
        const struct trial *t = trial_of(p, l, i);
        if (t->state == TRIAL_DONE && t->answer->failing && alike(l->trial->answer, t->answer))
            l->alike = v;
    }
}

// --- keeping ------------------------------------------------------------------------------------------

static bool as_shipped(const struct practice *p, const struct lesson *l) {
    char *shipped = text_format("%s/exercise.c", l->scenario->folder);
    char *source = text_file(shipped, SOURCE_LIMIT),
         *file = workspace_exercise(p->root, l->scenario);
    bool same = source && file_holds(file, source);
    free(file);
    free(source);
    free(shipped);
    return same;
}

// The last attempt with another source, for the schedule that failed then.
static const struct attempt *last_failure(const struct practice *p, const struct lesson *l) {
    for (size_t i = p->progress.attempt_count; i > 0; i--) {
        const struct attempt *a = &p->progress.attempts[i - 1];
        if (a->verdicts && *a->schedule && strcmp(a->exercise, l->scenario->name) == 0)
            return a;
    }
    return NULL;
}

static bool attempted(const struct attempt *last, const char *hash, const struct answer *a) {
    return last && strcmp(last->source, hash) == 0 && last->verdicts == answer_verdicts(a) &&
           last->explored == a->explored && last->failing == a->failing;
}

static void keep(struct practice *p, struct lesson *l, const struct answer *a) {
    const char *name = l->scenario->name;
    const struct attempt *last = progress_last(&p->progress, name);
    char hash[SOURCE_HASH], why[300];
    if (attempted(last, variant_hash(l->trial->variant, hash), a))
        return;
    bool first = !last;
    p->trouble[0] = '\0';
    if (!workspace_keep(p->root, l->scenario, NULL, why) ||
        !progress_attempt(&p->progress, l->scenario, l->trial->variant, a, why))
        snprintf(p->trouble, sizeof p->trouble, "This attempt is not kept: %.260s", why);
    if (first)
        return;
    for (size_t i = p->progress.attempt_count - 1; i > 0; i--)
        if (strcmp(p->progress.attempts[i - 1].exercise, name) == 0) {
            l->change = attempt_change(&p->progress.attempts[i - 1],
                                       progress_last(&p->progress, name));
            return;
        }
}

// After a pass: what failed before, on the source as it is now.
static void run_before(const struct practice *p, struct lesson *l) {
    const struct attempt *failed = last_failure(p, l);
    char why[300];
    snprintf(l->before, sizeof l->before, "%s", failed ? failed->schedule : "");
    if (!failed)
        snprintf(l->before, sizeof l->before, "%s@x1", l->scenario->name);
    struct examine_config config = {
        .scenario = l->scenario, .variant = &l->trial->examined, .lenient = true, .no_race = true};
    if (schedule_parse(l->before, &config.schedule, why))
        l->before_runs = examine_start(&config, why);
    if (!l->before_runs)
        l->before[0] = '\0';
}

static void keep_done(struct practice *p, struct lesson *l) {
    const struct trial *t = l->trial;
    bool unbuilt = t->state == TRIAL_UNBUILT, shipped = as_shipped(p, l);
    forget(l);
    l->kept = true;
    l->unbuilt = unbuilt;
    l->round = t->round;
    if (shipped)
        return;
    struct answer failed;
    if (unbuilt)
        answer_unbuilt(&failed, compile_output(t->compilation));
    keep(p, l, unbuilt ? &failed : t->answer);
    if (!unbuilt && !answer_verdicts(t->answer))
        run_before(p, l);
}

// --- one step -----------------------------------------------------------------------------------------

static bool look_further(const struct practice *p, struct lesson *l) {
    if (l->before_runs && examine_poll(l->before_runs) != EXAMINE_DONE)
        return false;
    if (l->trial->state != TRIAL_DONE)
        return false;
    if (!answer_verdicts(l->trial->answer))
        return l->before[0] && ask_for(p, l, VARIANT_SOLUTION);
    if (l->alike || as_shipped(p, l) || !ask_for(p, l, VARIANT_WRONG))
        return false;
    find_alike(p, l);
    return l->alike;
}

static bool lesson_tick(struct practice *p, struct lesson *l) {
    if (!l->scenario->variant_count)
        return false;
    if (!l->trial)
        l->trial = lab_trial(p->lab, l->scenario, &l->scenario->variants[0]);
    const struct trial *t = l->trial;
    bool over = (t->state == TRIAL_DONE && t->answer) || t->state == TRIAL_UNBUILT;
    if (!over) {
        l->kept = l->kept && t->state != TRIAL_UNDER_WAY && t->state != TRIAL_BUILDING;
        return false;
    }
    if (l->kept && l->round == t->round && l->unbuilt == (t->state == TRIAL_UNBUILT))
        return look_further(p, l);
    keep_done(p, l);
    return true;
}

static const struct scenario_info *scenario_of(const struct practice *p, const char *file) {
    for (size_t i = 0; i < p->catalogue->count; i++) {
        size_t length = strlen(p->catalogue->scenarios[i].name);
        if (strncmp(p->catalogue->scenarios[i].name, file, length) == 0 &&
            strcmp(file + length, ".c") == 0)
            return &p->catalogue->scenarios[i];
    }
    return NULL;
}

static bool take_saves(struct practice *p, int64_t now) {
    char name[WATCHER_NAME];
    bool any = false;
    while (watcher_next(p->watcher, now, name)) {
        const struct scenario_info *s = scenario_of(p, name);
        if (!s || !s->variant_count)
            continue;
        struct trial *t = lab_trial(p->lab, s, &s->variants[0]);
        if (t->state == TRIAL_NEW || t->state == TRIAL_WAITING)
            lab_start(p->lab, t);
        else
            lab_again(p->lab, t);
        forget(lesson_of(p, s));
        p->saved = s;
        any = true;
    }
    return any;
}

bool practice_tick(struct practice *p, int64_t now) {
    bool changed = take_saves(p, now);
    for (size_t i = 0; i < p->catalogue->count; i++)
        changed |= lesson_tick(p, &p->lessons[i]);
    return changed;
}

const struct scenario_info *practice_saved(struct practice *p) {
    const struct scenario_info *saved = p->saved;
    p->saved = NULL;
    return saved;
}

// --- asking -------------------------------------------------------------------------------------------

const struct scenario_info *practice_next(const struct practice *p) {
    for (size_t i = 0; i < p->catalogue->count; i++)
        if (!progress_solved(&p->progress, p->catalogue->scenarios[i].name))
            return &p->catalogue->scenarios[i];
    return NULL;
}

size_t practice_solved(const struct practice *p) {
    size_t solved = 0;
    for (size_t i = 0; i < p->catalogue->count; i++)
        solved += progress_solved(&p->progress, p->catalogue->scenarios[i].name);
    return solved;
}

int practice_hints(const struct practice *p, const struct scenario_info *s) {
    return progress_hints(&p->progress, s->name);
}

void practice_hint(struct practice *p, const struct scenario_info *s, int rung) {
    char why[300];
    if (practice_hints(p, s) < rung && !progress_hint(&p->progress, s, rung, why))
        snprintf(p->trouble, sizeof p->trouble, "This hint is not kept: %.260s", why);
}

bool practice_stuck(const struct practice *p, const struct scenario_info *s) {
    return progress_failures(&p->progress, s->name) >= STUCK_AFTER;
}

bool practice_settled(const struct practice *p, const struct scenario_info *s) {
    const struct lesson *l = lesson_of(p, s);
    if (!l->kept)
        return false;
    if (l->before_runs && examine_poll(l->before_runs) != EXAMINE_DONE)
        return false;
    if (l->trial->state == TRIAL_UNBUILT || l->alike || as_shipped(p, l))
        return true;
    return ask_for(p, l, answer_verdicts(l->trial->answer) ? VARIANT_WRONG : VARIANT_SOLUTION);
}

// --- in words -----------------------------------------------------------------------------------------

static void say_before(const struct lesson *l, struct text *out) {
    if (!l->before_runs || examine_poll(l->before_runs) != EXAMINE_DONE)
        return;
    const struct answer *a = examine_answer(l->before_runs);
    char words[160];
    unsigned verdicts = a->judgement.verdicts;
    text_addf(out, "The schedule that failed before, %s: %s now", l->before,
              verdicts ? verdict_list(verdicts, words, sizeof words) : "passes");
    if (a->went_on)
        text_addf(out, "; it fits up to step %" PRIu32 ", and goes on in the usual order",
                  a->went_on_at);
    text_addf(out, ".\n");
}

// "  yours    79    3    14    80 ms": how an answer's code behaves, below the headings of say_solutions.
static void say_behaviour(const struct answer *a, const char *who, struct text *out) {
    char schedules[32], time[32];
    text_count(a->explored, schedules, sizeof schedules);
    seen_time_label(a->seen.now, time, sizeof time);
    text_addf(out, "  %-34.34s %9s %5" PRIu32 " %6" PRIu64 " %8s\n", who, schedules,
              a->seen.task_count, a->log ? (uint64_t)atomic_load(&a->log->head) : 0, time);
}

static void say_solutions(const struct practice *p, const struct lesson *l, struct text *out) {
    text_addf(out, "Beside the solutions:                schedules tasks events     time\n");
    say_behaviour(l->trial->answer, "yours", out);
    for (size_t i = 0; i < l->scenario->variant_count; i++) {
        const struct variant *v = &l->scenario->variants[i];
        const struct trial *t = v->kind == VARIANT_SOLUTION ? trial_of(p, l, i) : NULL;
        if (t && t->state == TRIAL_DONE)
            say_behaviour(t->answer, v->file, out);
    }
}

static void say_pass(const struct practice *p, const struct lesson *l, struct text *out) {
    say_before(l, out);
    if (l->before[0] && ask_for(p, l, VARIANT_SOLUTION))
        say_solutions(p, l, out);
}

// One paragraph on one line, whatever the source's own line ends are.
static void add_prose(struct text *out, const char *prose) {
    for (; *prose; prose++)
        text_add(out, *prose == '\n' ? " " : prose, 1);
}

static void say_failure(const struct practice *p, const struct lesson *l, struct text *out) {
    if (l->alike) {
        text_addf(out, "It fails as this one does: %s. ", l->alike->idea);
        add_prose(out, l->alike->comment);
        text_addf(out, "\n");
    }
    if (practice_stuck(p, l->scenario) && practice_hints(p, l->scenario) < 5)
        text_addf(out, "A hint may help: `h`, or unstuck hint %s\n", l->scenario->name);
}

char *practice_words(const struct practice *p, const struct scenario_info *s) {
    const struct lesson *l = lesson_of(p, s);
    struct text out = {0};
    if (l->kept && l->change && *l->change)
        text_addf(&out, "Since the last attempt: %s.\n", l->change);
    if (l->kept && l->trial->state == TRIAL_DONE) {
        if (answer_verdicts(l->trial->answer))
            say_failure(p, l, &out);
        else if (!as_shipped(p, l))
            say_pass(p, l, &out);
    }
    if (*p->trouble)
        text_addf(&out, "%s\n", p->trouble);
    return text_take(&out);
}

char *practice_symptom(const struct answer *a) {
    if (!a || !a->log || !a->judgement.verdicts)
        return NULL;
    struct text out = {0};
    char line[EXPLAIN_WIDTH * 2];
    struct explanation why = {0};
    text_addf(&out, "In your own run: %s.\n",
              explain_verdict(&a->seen, &a->judgement, line, sizeof line));
    if (a->judgement.left_count) {
        uint32_t task = a->judgement.left[0];
        explain_task(&a->seen, task, &why);
        text_addf(&out, "\n%s.\n", explain_where(&a->seen, task, line, sizeof line));
        if (why.count)
            text_addf(&out, "%s\n", why.lines[why.count - 1]);
    }
    return text_take(&out);
}
