// result: unstuck-result/v1, the one JSON shape of run, explore and all that grade.
#include "harness/result.h"

#include "harness/explain.h"
#include "harness/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// --- what an answer amounts to ----------------------------------------------------------------

unsigned answer_verdicts(const struct answer *a) {
    if (a->verdicts == 0 && a->race == RACE_UNAVAILABLE)
        return VERDICT_ENVIRONMENT;
    return a->verdicts;
}

int verdict_exit(unsigned verdicts) {
    if (verdicts & VERDICT_TAMPERED)
        return 5;
    if (verdicts & VERDICT_ENVIRONMENT)
        return 4;
    if (verdicts & VERDICT_BUILD)
        return 3;
    return verdicts ? 1 : 0;
}

void answer_unbuilt(struct answer *a, const char *output) {
    *a = (struct answer){.verdicts = VERDICT_BUILD};
    snprintf(a->error, sizeof a->error, "%s", *output ? output : "the compiler failed silently");
}

// Whether the answer is about one given schedule rather than a search.
static bool single(const struct answer *a) {
    return a->explored <= 1 && !a->exhaustive && !a->sampled;
}

bool answer_only_race(const struct answer *a) {
    return a->verdicts == VERDICT_RACE && !single(a);
}

static const char *schedule_words(const struct answer *a) {
    bool deviates = a->schedule.kind != SCHEDULE_DEFAULT || a->schedule.count;
    return deviates || !a->failing_schedule ? "one schedule" : "the default schedule";
}

static void single_reach(const struct answer *a, char *out, size_t size) {
    if (a->schedule.kind == SCHEDULE_RANDOM)
        snprintf(out, size, "one schedule, seed 0x%" PRIx64, a->schedule.seed);
    else
        snprintf(out, size, "%s", a->schedule.count ? "one schedule" : "the default schedule");
}

const char *answer_reach(const struct answer *a, char *out, size_t size) {
    char sure[64];
    if (a->sampled)
        snprintf(sure, sizeof sure, "seed 0x%" PRIx64 ", not exhaustive", a->seed);
    else
        snprintf(sure, sizeof sure, "%sexhaustive%s", a->exhaustive ? "" : "not ",
                 a->atomics ? ": atomics are no choice points" : "");
    if (a->explored == 0)
        snprintf(out, size, "no schedule was run");
    else if (single(a))
        single_reach(a, out, size);
    else if (answer_only_race(a))
        snprintf(out, size, "race on %s; all %" PRIu64 " else hold, %s", schedule_words(a),
                 a->explored, sure);
    else
        snprintf(out, size, "%" PRIu64 " of %" PRIu64 " schedule%s, %s",
                 a->failing ? a->failing : a->explored, a->explored, a->explored == 1 ? "" : "s",
                 sure);
    return out;
}

// --- JSON -------------------------------------------------------------------------------------

json_t *result_string(const char *s) {
    char *clean = text_clean(s ? s : "");
    json_t *string = json_string(clean);
    free(clean);
    return string;
}

static void set(json_t *object, const char *key, const char *value) {
    json_object_set_new(object, key, result_string(value));
}

static void set_count(json_t *object, const char *key, uint64_t value) {
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

json_t *result_verdicts(unsigned verdicts) {
    json_t *words = json_array();
    for (unsigned bit = 0; bit < VERDICT_COUNT; bit++)
        if (verdicts & 1u << bit)
            json_array_append_new(words, json_string(verdict_word(bit)));
    return words;
}

// The declared name of what a task waits on; without one, what kind it is and its number.
static json_t *object_name(const struct seen *s, uint32_t object) {
    char label[128];
    if (object == 0 || object >= s->object_count)
        return json_string("");
    const char *name = event_log_string(s->log, s->objects[object].name);
    return result_string(*name ? name : seen_object_label(s, object, label, sizeof label));
}

static const char *operation(const struct seen_task *t) {
    if (t->reason != WAIT_NONE) // parked, or it was when it outlived the root
        return wait_reason_text(t->reason);
    return t->state == TASK_RUNNING ? "running" : "runnable";
}

static json_t *reasons(const struct seen *s, uint32_t task) {
    struct explanation why = {0};
    json_t *lines = json_array();
    explain_task(s, task, &why);
    for (uint32_t i = 0; i < why.count; i++)
        json_array_append_new(lines, result_string(why.lines[i]));
    return lines;
}

static json_t *left_task(const struct seen *s, uint32_t number) {
    const struct seen_task *t = &s->tasks[number];
    log_site at = event_log_site(s->log, t->at);
    json_t *j = json_object();
    set_count(j, "task", number);
    const char *name = event_log_string(s->log, t->name);
    set(j, "name", number == 0 && !*name ? "main" : name);
    set(j, "labels", event_log_string(s->log, t->labels));
    set(j, "op", operation(t));
    json_object_set_new(j, "object", object_name(s, t->object));
    set(j, "file", event_log_string(s->log, at.file));
    set_count(j, "line", at.line);
    json_object_set_new(j, "started_by",
                        t->parent < s->task_count ? json_integer(t->parent) : json_null());
    json_object_set_new(j, "why", reasons(s, number));
    return j;
}

static json_t *left_tasks(const struct answer *a) {
    json_t *list = json_array();
    for (uint32_t i = 0; a->log && i < a->judgement.left_count; i++)
        if (a->judgement.left[i] < a->seen.task_count)
            json_array_append_new(list, left_task(&a->seen, a->judgement.left[i]));
    return list;
}

// --- checks -----------------------------------------------------------------------------------

// The rubric: which verdicts make which check fail.
static const struct rubric {
    const char *id, *title;
    unsigned fails;
} rubric[] = {
    {"build", "builds", VERDICT_BUILD},
    {"behaves", "does the job", VERDICT_BEHAVIOUR | VERDICT_PANIC | VERDICT_MISUSE},
    {"no_leak", "nothing is left on any schedule",
     VERDICT_LEAK | VERDICT_OUTLIVES | VERDICT_RESOURCE},
    {"no_deadlock", "always comes to its end", VERDICT_DEADLOCK},
    {"no_race", "no data race", VERDICT_RACE},
};

static void check_add(json_t *list, const char *id, const char *title, const char *status,
                      const char *detail) {
    json_t *j = json_object();
    set(j, "id", id);
    set(j, "title", title);
    set(j, "status", status);
    set(j, "detail", detail);
    json_array_append_new(list, j);
}

// Whether no run came far enough to say anything about a check that did not fail.
static bool cut_short(const struct answer *a) {
    bool always = a->failing > 0 && a->failing >= a->explored;
    return a->explored == 0 || (always && a->verdicts & (VERDICT_ERRORS | VERDICT_PANIC));
}

static const char *rubric_status(const struct rubric *r, const struct answer *a) {
    if (a->verdicts & r->fails)
        return "fail";
    if (r->fails & VERDICT_BUILD)
        return a->verdicts & VERDICT_ENVIRONMENT && a->explored == 0 ? "unavailable" : "pass";
    if (r->fails & VERDICT_RACE && a->race != RACE_NONE && !cut_short(a))
        return "unavailable";
    return cut_short(a) ? "not-reached" : "pass";
}

static const char *race_detail(const struct answer *a) {
    return a->race == RACE_UNAVAILABLE ? a->race_note : "races were not judged";
}

// What to say about a rubric check that failed: the sentence of the run at hand if it shows this
// failure, else what the verdict means.
static const char *failure_detail(const struct rubric *r, const struct answer *a, char *out,
                                  size_t size) {
    unsigned failed = a->verdicts & r->fails;
    if (failed & VERDICT_ERRORS)
        snprintf(out, size, "%s", a->error);
    else if (a->log && a->judgement.verdicts & failed)
        explain_verdict(&a->seen, &a->judgement, out, size);
    else {
        unsigned bit = 0;
        while (!(failed & 1u << bit))
            bit++;
        snprintf(out, size, "%s: %s", verdict_word(bit), verdict_meaning(bit));
    }
    return out;
}

static void rubric_add(json_t *list, const struct rubric *r, const struct answer *a) {
    char detail[sizeof a->error] = "";
    const char *status = rubric_status(r, a);
    if (strcmp(status, "fail") == 0)
        failure_detail(r, a, detail, sizeof detail);
    else if (strcmp(status, "unavailable") == 0)
        snprintf(detail, sizeof detail, "%s", r->fails & VERDICT_RACE ? race_detail(a) : a->error);
    check_add(list, r->id, r->title, status, detail);
}

// The driver's own checks, under `behaves`, as the run at hand met them.
static void driver_checks_add(json_t *list, const struct answer *a) {
    static const char *const words[] = {
        [CHECK_PASSED] = "pass", [CHECK_FAILED] = "fail", [CHECK_NOT_REACHED] = "not-reached"};
    for (uint32_t i = 0; a->log && i < a->judgement.check_count; i++) {
        const struct judged_check *check = &a->judgement.checks[i];
        char *id = text_format("behaves:%s", check->name);
        check_add(list, id, check->name, words[check->state], check->detail);
        free(id);
    }
}

static json_t *checks(const struct answer *a) {
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof rubric / sizeof *rubric; i++)
        rubric_add(list, &rubric[i], a);
    driver_checks_add(list, a);
    return list;
}

bool answer_lock_orders(const struct answer *a, struct lockorder *out) {
    if (!a->log || a->exhaustive || a->verdicts & (VERDICT_DEADLOCK | VERDICT_ERRORS))
        return false;
    lockorder_find(a->log, out);
    return out->count;
}

// --- the document -----------------------------------------------------------------------------

static char *race_words(const struct answer *a) {
    if (a->race == RACE_UNAVAILABLE)
        return text_format("unavailable: %s", a->race_note);
    return text_copy(a->race == RACE_FOUND  ? "found"
                     : a->race == RACE_NONE ? "none"
                                            : "unavailable: not judged");
}

static json_t *schedule_id(const struct answer *a) {
    char id[SCHEDULE_TEXT];
    if (!a->failing_schedule)
        return json_null();
    schedule_format(&a->schedule, id, sizeof id);
    return result_string(id);
}

json_t *result_new(void) {
    json_t *document = json_object();
    set(document, "schema", "unstuck-result/v1");
    set(document, "status", "pass");
    json_object_set_new(document, "scenarios", json_array());
    return document;
}

static json_t *no_return(const struct fate *f) {
    json_t *j = json_object();
    set_count(j, "event", f->event);
    set_count(j, "step", f->step);
    set_count(j, "continuations", f->continuations);
    json_object_set_new(j, "exhaustive", json_boolean(f->exhaustive));
    return j;
}

static json_t *claims(const struct answer *a) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < a->claims.count; i++)
        json_array_append_new(list, result_string(a->claims.list[i]));
    return list;
}

// Steps of one cycle, each in words and in its parts.
static json_t *lock_cycle(const struct answer *a, const struct lockorder_cycle *c) {
    json_t *list = json_array();
    char text[LOCKORDER_TEXT];
    for (uint32_t i = 0; i < c->length; i++) {
        json_t *j = json_object();
        set_count(j, "task", c->steps[i].task);
        set(j, "holds", seen_object_label(&a->seen, c->steps[i].holds, text, sizeof text));
        set(j, "held_at", seen_site_label(&a->seen, c->steps[i].held_at, text, sizeof text));
        set(j, "wants", seen_object_label(&a->seen, c->steps[i].wants, text, sizeof text));
        set(j, "wanted_at", seen_site_label(&a->seen, c->steps[i].wanted_at, text, sizeof text));
        set(j, "text", lockorder_text(&a->seen, &c->steps[i], text, sizeof text));
        json_array_append_new(list, j);
    }
    return list;
}

static void warnings_add(json_t *scenario, const struct answer *a) {
    struct lockorder found;
    if (!answer_lock_orders(a, &found))
        return;
    json_t *list = json_array();
    for (uint32_t i = 0; i < found.count; i++) {
        json_t *j = json_object();
        set(j, "kind", "lock-order");
        json_object_set_new(j, "cycle", lock_cycle(a, &found.cycles[i]));
        json_array_append_new(list, j);
    }
    json_object_set_new(scenario, "warnings", list);
}

void result_add(json_t *document, const struct scenario_info *s, const struct variant *v,
                const struct answer *a) {
    unsigned verdicts = answer_verdicts(a);
    json_t *j = json_object();
    set(j, "id", s->name);
    set(j, "variant", v->label);
    set(j, "status", verdict_status(verdicts));
    json_object_set_new(j, "verdicts", result_verdicts(verdicts));
    set_count(j, "explored", a->explored);
    json_object_set_new(j, "exhaustive", json_boolean(a->exhaustive));
    set_count(j, "failing", a->failing);
    if (a->claims.count)
        json_object_set_new(j, "tried", claims(a));
    char seed[24];
    snprintf(seed, sizeof seed, "0x%" PRIx64, a->seed);
    set(j, "seed", seed);
    json_object_set_new(j, "schedule", schedule_id(a));
    if (a->fate.known)
        json_object_set_new(j, "no_return", no_return(&a->fate));
    char hash[SOURCE_HASH];
    set(j, "source", variant_hash(v, hash));
    json_object_set_new(j, "left", left_tasks(a));
    json_object_set_new(j, "checks", checks(a));
    char *race = race_words(a);
    set(j, "race", race);
    free(race);
    warnings_add(j, a);
    if (*a->error)
        set(j, "error", a->error);
    json_array_append_new(json_object_get(document, "scenarios"), j);
}

static const char *overall(const json_t *document) {
    const json_t *list = json_object_get(document, "scenarios");
    bool failed = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *status = json_object_get(json_array_get(list, i), "status");
        if (strcmp(json_string_value(status), "error") == 0)
            return "error";
        failed |= strcmp(json_string_value(status), "fail") == 0;
    }
    return failed ? "fail" : "pass";
}

bool result_print(json_t *document, FILE *out) {
    set(document, "status", overall(document));
    bool written = json_dumpf(document, out, JSON_INDENT(2)) == 0;
    return fputc('\n', out) != EOF && fflush(out) == 0 && written;
}
