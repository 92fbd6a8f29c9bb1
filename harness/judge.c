// judge: from the log of one run to its verdict.
//
// The rules, in the order in which they exclude each other:
//   1. a log that contradicts itself is `tampered` and says nothing else;
//   2. a log without an END record is `ended-early`;
//   3. a run that was cut off before the root ended is `timeout`, one that panicked is `panic`, one
//      that is quiescent with the root parked is `deadlock`: the root never got to the rest, so
//      neither leaks nor checks are held against it;
//   4. otherwise the root ended, and leak, outlives, resource and behaviour are judged side by side.
// Races and misuse are facts of the log: they are added to whatever else 3 and 4 say. A race that is reported
// between accesses which the log orders is none; that is told apart, for it says something about its engine.
//
// Called for every explored schedule, so it allocates only when more tasks are left than ever.
#include "harness/judge.h"

#include "harness/before.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- words ----------------------------------------------------------------------------------

const char *verdict_word(enum verdict_bit bit) {
    static const char *const words[] = {
#define X(name, word, meaning) word,
        VERDICTS(X)
#undef X
    };
    return (unsigned)bit < VERDICT_COUNT ? words[bit] : "unknown";
}

const char *verdict_meaning(enum verdict_bit bit) {
    static const char *const meanings[] = {
#define X(name, word, meaning) meaning,
        VERDICTS(X)
#undef X
    };
    return (unsigned)bit < VERDICT_COUNT ? meanings[bit] : "unknown";
}

const char *verdict_status(unsigned verdicts) {
    if (verdicts & VERDICT_ERRORS)
        return "error";
    return verdicts ? "fail" : "pass";
}

const char *verdict_list(unsigned verdicts, char *out, size_t size) {
    size_t used = 0;
    snprintf(out, size, "PASS");
    for (int bit = 0; bit < VERDICT_COUNT; bit++) {
        if (!(verdicts >> bit & 1) || used >= size)
            continue;
        int n = snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                         verdict_word((enum verdict_bit)bit));
        used += (size_t)n;
    }
    return out;
}

// --- what is noted --------------------------------------------------------------------------

// The first note stands.
__attribute__((format(printf, 4, 5))) static void note(struct judgement *j, uint16_t at,
                                                       uint32_t task, const char *format, ...) {
    if (j->note[0])
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(j->note, sizeof j->note, format, args);
    va_end(args);
    j->note_at = at;
    j->note_task = task;
}

// Whether a check says nothing about this run: it is about time, and was judged without a slow machine.
static bool is_waived(const struct judge_terms *terms, uint32_t check) {
    return terms->slow && check < JUDGE_CHECKS && terms->timed >> check & 1;
}

int64_t judge_grace(const struct judge_terms *terms) {
    return terms->slow ? INT64_MAX : terms->grace;
}

static struct judged_check *check_find(struct judgement *j, const char *name) {
    for (uint32_t i = 0; i < j->check_count; i++)
        if (strcmp(j->checks[i].name, name) == 0)
            return &j->checks[i];
    if (j->check_count == JUDGE_CHECKS)
        return NULL;
    struct judged_check *c = &j->checks[j->check_count++];
    c->name = name;
    c->state = CHECK_NOT_REACHED;
    c->detail[0] = 0;
    return c;
}

static void check_apply(struct judgement *j, const struct judge_terms *terms, const event_log *log,
                        const event *e) {
    struct judged_check *c = check_find(j, event_log_string(log, (uint32_t)e->value));
    bool passed = (uint64_t)e->value >> 32;
    if (!c || is_waived(terms, (uint32_t)(c - j->checks)) || c->state == CHECK_FAILED)
        return;
    c->state = passed ? CHECK_PASSED : CHECK_FAILED;
    if (!passed)
        snprintf(c->detail, sizeof c->detail, "%s", event_log_string(log, e->object));
}

// Whether the n-th report of a race is refuted by the log. Asked once for all of them, at the first.
static bool race_refuted(const struct seen *s, struct judgement *j, uint32_t n, const event *e) {
    if (n == 0)
        j->refuted = before_refutes(s);
    if (n >= BEFORE_MOST || !(j->refuted >> n & 1))
        return false;
    if (!*j->refuted_note)
        snprintf(j->refuted_note, sizeof j->refuted_note, "%s",
                 event_log_string(s->log, (uint32_t)e->value));
    return true;
}

// The events that speak for themselves. Returns the verdicts they amount to. A panic's sentence is
// what people must read first, whatever was noted before.
static unsigned notes_apply(const struct seen *s, const struct judge_terms *terms,
                            struct judgement *j) {
    unsigned verdicts = 0;
    uint32_t races = 0;
    for (uint32_t i = 0; i < s->note_count; i++) {
        const event *e = &s->log->events[s->notes[i] & (s->capacity - 1)];
        if (e->kind == EV_CHECK) {
            check_apply(j, terms, s->log, e);
            continue;
        }
        if (e->kind == EV_RACE && race_refuted(s, j, races++, e))
            continue;
        if (e->kind == EV_PANIC)
            j->note[0] = 0;
        note(j, e->site, e->task, "%s", event_log_string(s->log, (uint32_t)e->value));
        verdicts |= e->kind == EV_MISUSE ? VERDICT_MISUSE : 0;
        verdicts |= e->kind == EV_RACE ? VERDICT_RACE : 0;
    }
    return verdicts;
}

// --- who is left --------------------------------------------------------------------------------

static void left_add(struct judgement *j, uint32_t task) {
    if (j->left_count == j->left_room) {
        uint32_t room = j->left_room ? 2 * j->left_room : 64;
        uint32_t *p = realloc(j->left, room * sizeof *p);
        if (!p) {
            fprintf(stderr, "unstuck: out of memory while judging a run (%u tasks left)\n", room);
            abort();
        }
        j->left = p;
        j->left_room = room;
    }
    j->left[j->left_count++] = task;
}

// Collects who was left behind. Returns the verdicts that amounts to once the root has ended.
static unsigned left_apply(const struct seen *s, struct judgement *j) {
    unsigned verdicts = 0;
    bool decided = s->end == RUN_QUIESCENT;
    for (uint32_t i = 0; i < s->task_count; i++) {
        const struct seen_task *t = &s->tasks[i];
        bool parked = decided && t->state == TASK_PARKED;
        if (t->daemon || !(parked || t->outlived))
            continue;
        left_add(j, i);
        verdicts |= parked ? VERDICT_LEAK : VERDICT_OUTLIVES;
    }
    return verdicts;
}

// --- the verdict --------------------------------------------------------------------------------

// The open object to name: one that the code itself took, before those (connections) that came with
// it.
static const struct seen_object *open_one(const struct seen *s) {
    const struct seen_object *other = NULL;
    for (uint32_t i = 1; i < s->object_count; i++) {
        const struct seen_object *o = &s->objects[i];
        if (o->open && o->kind == OBJECT_RESOURCE)
            return o;
        if (o->open && !other)
            other = o;
    }
    return other;
}

static unsigned judge_open(const struct seen *s, struct judgement *j) {
    const struct seen_object *o = s->open_resources ? open_one(s) : NULL;
    char label[120];
    if (!o)
        return 0;
    seen_object_label(s, o->id, label, sizeof label);
    if (s->open_resources == 1)
        note(j, o->made_at, o->maker, "%s was never given back", label);
    else
        note(j, o->made_at, o->maker, "%s and %u more were never given back", label,
             s->open_resources - 1);
    return VERDICT_RESOURCE;
}

// Permits that nobody will give back any more. A run that was cut off says nothing about them: who
// holds one may be in the middle of its work.
static unsigned judge_permits(const struct seen *s, struct judgement *j) {
    unsigned verdicts = 0;
    for (uint32_t i = 1; s->end == RUN_QUIESCENT && i < s->object_count; i++) {
        const struct seen_object *o = &s->objects[i];
        char label[120];
        if (o->kind != OBJECT_SEMA || o->held <= 0)
            continue;
        note(j, o->made_at, o->maker, "%" PRId64 " of the permits of %s %s never given back",
             o->held, seen_object_label(s, o->id, label, sizeof label),
             o->held == 1 ? "was" : "were");
        verdicts = VERDICT_RESOURCE;
    }
    return verdicts;
}

static unsigned judge_checks(const struct judgement *j) {
    for (uint32_t i = 0; i < j->check_count; i++)
        if (j->checks[i].state != CHECK_PASSED)
            return VERDICT_BEHAVIOUR;
    return 0;
}

// Rule 4: the root ended and the world went on to its end.
static unsigned judge_ended(const struct seen *s, struct judgement *j) {
    return left_apply(s, j) | judge_open(s, j) | judge_permits(s, j) | judge_checks(j);
}

// The same where one task kept all others from going on: what these still hold says nothing. A
// daemon may outlive the root, but then nothing is known of the rest.
static unsigned judge_hung(const struct seen *s, struct judgement *j) {
    const struct seen_task *t = &s->tasks[s->hung];
    if (t->outlived)
        return left_apply(s, j) | judge_checks(j);
    left_add(j, s->hung);
    note(j, t->at, s->hung, "a task is busy and never calls the core again");
    return VERDICT_TIMEOUT;
}

// Rule 3 and 4, by how the run ended.
static unsigned judge_end(const struct seen *s, struct judgement *j) {
    switch (s->end) {
    case RUN_PANICKED:
        return VERDICT_PANIC;
    case RUN_QUIESCENT:
        if (s->root_ended)
            return judge_ended(s, j);
        left_apply(s, j);
        return VERDICT_DEADLOCK;
    case RUN_STEPS:
        if (s->hung < s->task_count)
            return judge_hung(s, j);
        if (s->root_ended)
            return judge_ended(s, j);
        note(j, 0, EVENT_NOBODY, "the run did not end within its budget of operations");
        return VERDICT_TIMEOUT;
    case RUN_LOG_FULL:
        note(j, 0, EVENT_NOBODY, "the run did not end before its event log was full");
        return VERDICT_TIMEOUT;
    case RUN_DIVERGED:
        note(j, 0, EVENT_NOBODY, "the schedule no longer fits this code");
        return VERDICT_ENDED_EARLY;
    case RUN_STOPPED:
    case RUN_UNFINISHED:
        break;
    }
    note(j, 0, EVENT_NOBODY, "the run was stopped before its end");
    return VERDICT_ENDED_EARLY;
}

// What a log can never say, found at its end. A task that can run is not quiescent.
static const char *final_contradiction(const struct seen *s) {
    if (s->contradiction || !s->over || s->end != RUN_QUIESCENT)
        return s->contradiction;
    for (uint32_t i = 0; i < s->task_count; i++)
        if (s->tasks[i].state == TASK_READY || s->tasks[i].state == TASK_RUNNING)
            return "the run is called quiescent while a task can run";
    return NULL;
}

static void reset(struct judgement *j, const struct judge_terms *terms) {
    j->verdicts = 0;
    j->left_count = j->check_count = 0;
    j->note[0] = 0;
    j->note_at = 0;
    j->note_task = EVENT_NOBODY;
    j->refuted = 0;
    j->refuted_note[0] = 0;
    for (int i = 0; i < JUDGE_CHECKS && terms->checks[i]; i++)
        check_find(j, terms->checks[i])->state = is_waived(terms, i) ? CHECK_PASSED
                                                                     : CHECK_NOT_REACHED;
}

void judge(struct seen *seen, const struct judge_terms *terms, struct judgement *out) {
    reset(out, terms);
    seen_fold(seen, UINT64_MAX);
    out->end = seen->end;
    const char *contradiction = final_contradiction(seen);
    if (contradiction) {
        note(out, 0, EVENT_NOBODY, "%s (event %" PRIu64 ")", contradiction,
             seen->contradiction ? seen->contradiction_at : seen->next - 1);
        out->verdicts = VERDICT_TAMPERED;
        return;
    }
    out->verdicts = notes_apply(seen, terms, out);
    if (!seen->over) {
        note(out, 0, EVENT_NOBODY, "the log stops before the run was over");
        out->verdicts |= VERDICT_ENDED_EARLY;
        return;
    }
    out->verdicts |= judge_end(seen, out);
}

uint32_t judgement_failed(const struct judgement *j) {
    uint32_t failed = 0;
    for (uint32_t i = 0; j->verdicts & VERDICT_BEHAVIOUR && i < j->check_count; i++)
        failed |= (uint32_t)(j->checks[i].state != CHECK_PASSED) << i;
    return failed;
}

void judgement_free(struct judgement *j) {
    free(j->left);
    *j = (struct judgement){0};
}
