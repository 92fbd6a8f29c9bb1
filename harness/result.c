// result: unstuck-result/v1, the one JSON shape of run, explore and all that grade.
#include "harness/result.h"

#include "harness/explain.h"
#include "harness/text.h"
#include "harness/tool.h"
#include "harness/waitgraph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED_MOST = 4000, STEPS_MOST = 200 };

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

const char *const result_diverged =
    "a replayed prefix differed: the code is not a function of its schedule, so what was tried says little "
    "about the rest. Look for memory that is used before it is set, and for what the machine is asked "
    "directly (a cycle counter, an address)";

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
                 a->diverged                    ? ": not repeatable"
                 : a->atomics && !a->exhaustive ? ": atomics are no choice points"
                                                : "");
    if (a->explored == 0)
        snprintf(out, size, "no schedule was run");
    else if (single(a))
        single_reach(a, out, size);
    else if (a->slow.failing)
        snprintf(out, size,
                 "%" PRIu64 " of %" PRIu64 " schedules on a slow machine; all %" PRIu64
                 " else hold, %s",
                 a->slow.failing, a->slow.explored, a->explored - a->slow.explored, sure);
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

// --- the wait graph ---------------------------------------------------------------------------------

static json_t *node_id(const struct waitgraph *g, uint8_t node) {
    char *id = text_format("%s:%" PRIu32, g->nodes[node].is_task ? "task" : "object",
                           g->nodes[node].id);
    json_t *j = json_string(id);
    free(id);
    return j;
}

static json_t *graph_node(const struct seen *s, const struct waitgraph *g, uint8_t node) {
    const struct graph_node *n = &g->nodes[node];
    const char *kind = n->is_task ? "task" : object_word(s->objects[n->id].kind);
    char text[GRAPH_TEXT];
    json_t *j = json_object();
    json_object_set_new(j, "id", node_id(g, node));
    set(j, "kind", kind);
    set(j, "label", waitgraph_label(s, n, text, sizeof text));
    set(j, "state", waitgraph_state(s, n, text, sizeof text));
    if (!n->is_task)
        return j;
    set_count(j, "task", n->id);
    json_object_set_new(j, "left", json_boolean(n->left));
    if (n->alike > 1)
        set_count(j, "alike", n->alike);
    return j;
}

static json_t *graph_edge(const struct seen *s, const struct waitgraph *g,
                          const struct graph_edge *e) {
    char place[64];
    json_t *j = json_object();
    json_object_set_new(j, "from", node_id(g, e->from));
    json_object_set_new(j, "to", node_id(g, e->to));
    set(j, "relation", graph_relation_word(e->relation));
    if (e->relation == GRAPH_WAITS_FOR)
        set(j, "op", wait_reason_text(s->tasks[g->nodes[e->from].id].reason));
    else if (e->did != EV_NONE)
        set(j, "op", event_word(e->did));
    if (*seen_site_label(s, e->at, place, sizeof place))
        set(j, "at", place);
    if (e->more)
        set_count(j, "more", e->more);
    return j;
}

static json_t *graph_cycle(const struct waitgraph *g, const struct graph_cycle *c) {
    json_t *j = json_object(), *way = json_array();
    set_count(j, "tasks", c->length);
    for (uint8_t i = 0; i < c->shown; i++) {
        json_array_append_new(way, node_id(g, c->tasks[i]));
        json_array_append_new(way, node_id(g, c->objects[i]));
    }
    json_object_set_new(j, "way", way);
    return j;
}

static json_t *graph_of(const struct answer *a) {
    const struct seen *s = &a->seen;
    struct waitgraph g;
    json_t *j = json_object(), *nodes = json_array(), *edges = json_array(), *cycles = json_array();
    waitgraph_build(s, a->judgement.left, a->judgement.left_count, &g);
    for (uint32_t i = 0; i < g.node_count; i++)
        json_array_append_new(nodes, graph_node(s, &g, (uint8_t)i));
    for (uint32_t i = 0; i < g.edge_count; i++)
        json_array_append_new(edges, graph_edge(s, &g, &g.edges[i]));
    for (uint32_t i = 0; i < g.cycle_count; i++)
        json_array_append_new(cycles, graph_cycle(&g, &g.cycles[i]));
    json_object_set_new(j, "nodes", nodes);
    json_object_set_new(j, "edges", edges);
    json_object_set_new(j, "cycles", cycles);
    set_count(j, "omitted", g.omitted);
    return j;
}

// --- checks -----------------------------------------------------------------------------------

static json_t *check_add(json_t *list, const char *id, const char *title, const char *status,
                         const char *detail) {
    json_t *j = json_object();
    set(j, "id", id);
    set(j, "title", title);
    set(j, "status", status);
    set(j, "detail", detail);
    json_array_append_new(list, j);
    return j;
}

// The tasks in `left` that show this failure: all of them, where the run at hand failed in this way and
// tasks are what it is about.
static void evidence_add(json_t *check, const struct rubric_check *c, const struct answer *a) {
    bool of_tasks = c->fails & (VERDICT_LEAK | VERDICT_DEADLOCK);
    if (!of_tasks || !a->log || !(a->judgement.verdicts & c->fails))
        return;
    json_t *list = json_array();
    for (uint32_t i = 0; i < a->judgement.left_count; i++)
        json_array_append_new(list, json_integer(i));
    json_object_set_new(check, "evidence", list);
}

// What the code under test printed in the run at hand, in order, up to PRINTED_MOST bytes.
static char *printed(const struct answer *a) {
    struct text t = {0};
    uint64_t head = a->log ? atomic_load_explicit(&a->log->head, memory_order_acquire) : 0;
    for (uint64_t n = 0; n < head && n < a->log->capacity && t.length < PRINTED_MOST; n++) {
        const event *e = &a->log->events[n];
        if (e->kind == EV_PRINT)
            text_addf(&t, "%s", event_log_string(a->log, (uint32_t)e->value));
    }
    return text_take(&t);
}

static void output_add(json_t *check, enum rubric_id id, const struct answer *a,
                       const struct graded *g) {
    char *said = id == RUBRIC_BUILD     ? text_copy(g->said)
                 : id == RUBRIC_BEHAVES ? printed(a)
                                        : text_copy("");
    if (strlen(said) > PRINTED_MOST)
        said[PRINTED_MOST] = '\0';
    if (*said)
        set(check, "student_output", said);
    free(said);
}

static void rubric_add(json_t *list, const struct rubric_check *c, const struct answer *a,
                       const struct graded *g) {
    json_t *j = check_add(list, rubric_name(c->id), rubric_title(c->id),
                          rubric_status_word(c->status), c->detail);
    evidence_add(j, c, a);
    if (!g)
        return;
    json_object_set_new(j, "score", json_integer(c->score));
    json_object_set_new(j, "max_score", json_integer(c->max_score));
    output_add(j, c->id, a, g);
}

// The driver's own checks, under `behaves` or `kept`, as the run at hand met them.
static void driver_checks_add(json_t *list, const struct scenario_info *s, const struct answer *a) {
    static const char *const words[] = {
        [CHECK_PASSED] = "pass", [CHECK_FAILED] = "fail", [CHECK_NOT_REACHED] = "not-reached"};
    for (uint32_t i = 0; a->log && i < a->judgement.check_count; i++) {
        const struct judged_check *check = &a->judgement.checks[i];
        const char *under = rubric_name(s->kept >> i & 1 ? RUBRIC_KEPT : RUBRIC_BEHAVES);
        char *id = text_format("%s:%s", under, check->name);
        check_add(list, id, check->name, words[check->state], check->detail);
        free(id);
    }
}

bool answer_lock_orders(const struct answer *a, struct lockorder *out) {
    if (!a->log || a->exhaustive || a->verdicts & (VERDICT_DEADLOCK | VERDICT_ERRORS))
        return false;
    lockorder_find(a->log, out);
    return out->count;
}

uint32_t answer_early(const struct answer *a, uint64_t *events, uint32_t most) {
    uint32_t count = 0;
    uint64_t head = a->log ? atomic_load_explicit(&a->log->head, memory_order_acquire) : 0;
    for (uint64_t n = 0; n < head && n < a->log->capacity && count < most; n++)
        if (a->log->events[n].kind == EV_FIRE && a->log->events[n].flags & EVENT_EARLY)
            events[count++] = n + 1;
    return count;
}

// --- the document -----------------------------------------------------------------------------

static char *race_words(const struct answer *a) {
    if (a->race == RACE_UNAVAILABLE)
        return text_format("unavailable: %s", a->race_note);
    return text_copy(a->race == RACE_FOUND  ? "found"
                     : a->race == RACE_NONE ? "none"
                                            : "unavailable: not judged");
}

static const char *race_word(enum race_state state) {
    static const char *const words[] = {[RACE_UNKNOWN] = "not judged",
                                        [RACE_NONE] = "none",
                                        [RACE_FOUND] = "found",
                                        [RACE_UNAVAILABLE] = "unavailable"};
    return words[state];
}

// What each engine says by itself, and how they differ, if they do.
static json_t *race_engines(const struct answer *a) {
    json_t *engines = json_object();
    set(engines, "own", race_word(a->engine[ENGINE_HOOKS].state));
    set(engines, "tsan", race_word(a->engine[ENGINE_TSAN].state));
    if (a->engine[ENGINE_HOOKS].state == RACE_UNAVAILABLE)
        set(engines, "own_why", a->engine[ENGINE_HOOKS].note);
    if (a->engine[ENGINE_TSAN].state == RACE_UNAVAILABLE)
        set(engines, "tsan_why", a->engine[ENGINE_TSAN].note);
    if (*a->race_dispute)
        set(engines, "dispute", a->race_dispute);
    return engines;
}

static json_t *race_access(const struct raced_access *access) {
    json_t *j = json_object(), *stack = json_array();
    json_object_set_new(j, "task",
                        access->task == EVENT_NOBODY ? json_null() : json_integer(access->task));
    set(j, "name", access->name);
    json_object_set_new(j, "write", json_boolean(access->write));
    json_object_set_new(j, "events",
                        access->event == RACE_WHENEVER ? json_null()
                                                       : json_integer((json_int_t)access->event));
    for (uint32_t i = 0; i < access->frame_count; i++) {
        json_t *frame = json_object();
        set(frame, "function", access->frames[i].function);
        set(frame, "file", access->frames[i].file);
        set_count(frame, "line", access->frames[i].line);
        json_array_append_new(stack, frame);
    }
    json_object_set_new(j, "stack", stack);
    return j;
}

static json_t *races(const struct answer *a) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < a->race_count; i++) {
        json_t *j = json_object(), *accesses = json_array();
        set(j, "object", a->races[i].object);
        for (int k = 0; k < 2; k++)
            json_array_append_new(accesses, race_access(&a->races[i].accesses[k]));
        json_object_set_new(j, "accesses", accesses);
        json_array_append_new(list, j);
    }
    return list;
}

// Where a race was seen to lead to something wrong.
static json_t *race_effect(const struct race_effect *e) {
    char id[SCHEDULE_TEXT];
    if (!e->verdicts)
        return json_null();
    json_t *j = json_object();
    schedule_format(&e->schedule, id, sizeof id);
    json_object_set_new(j, "leads_to", result_verdicts(e->verdicts));
    json_object_set_new(j, "schedule", result_string(id));
    json_object_set_new(j, "note", result_string(e->note));
    return j;
}

static json_t *schedule_id(const struct answer *a) {
    char id[SCHEDULE_TEXT];
    if (!a->failing_schedule)
        return json_null();
    schedule_format(&a->schedule, id, sizeof id);
    return result_string(id);
}

json_t *result_new(const struct catalogue *c) {
    json_t *document = json_object();
    set(document, "schema", "unstuck-result/v1");
    if (c)
        json_object_set_new(document, "tool", tool_json(c));
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

static void slow_add(json_t *scenario, const struct answer *a) {
    uint64_t events[SCHEDULE_EARLY];
    uint32_t count = answer_early(a, events, SCHEDULE_EARLY);
    if (!a->slow.explored && !count)
        return;
    json_t *j = json_object(), *early = json_array();
    set_count(j, "explored", a->slow.explored);
    set_count(j, "failing", a->slow.failing);
    json_object_set_new(j, "exhaustive", json_boolean(a->slow.exhaustive));
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(early, json_integer((json_int_t)events[i]));
    json_object_set_new(j, "early", early);
    json_object_set_new(scenario, "slow", j);
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

// Adds what the checks brought. Returns whether that is all there was to be had.
static bool score_add(json_t *j, const struct rubric_check *checks, size_t count) {
    int score = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        score += checks[i].score;
        most += checks[i].max_score;
    }
    json_object_set_new(j, "score", json_integer(score));
    json_object_set_new(j, "max_score", json_integer(most));
    return score == most;
}

// How it was judged and what came of it.
static void answer_add(json_t *j, const struct variant *v, const struct answer *a) {
    char seed[24], hash[SOURCE_HASH];
    json_object_set_new(j, "verdicts", result_verdicts(answer_verdicts(a)));
    set_count(j, "explored", a->explored);
    json_object_set_new(j, "exhaustive", json_boolean(a->exhaustive));
    set_count(j, "failing", a->failing);
    if (a->claims.count)
        json_object_set_new(j, "tried", claims(a));
    if (a->diverged)
        set(j, "diverged", result_diverged);
    slow_add(j, a);
    snprintf(seed, sizeof seed, "0x%" PRIx64, a->seed);
    set(j, "seed", seed);
    json_object_set_new(j, "schedule", schedule_id(a));
    if (a->fate.known)
        json_object_set_new(j, "no_return", no_return(&a->fate));
    set(j, "source", variant_hash(v, hash));
    json_object_set_new(j, "left", left_tasks(a));
    if (a->log && a->judgement.left_count)
        json_object_set_new(j, "graph", graph_of(a));
}

static void again_add(json_t *j, const struct scenario_info *s, const struct variant *v,
                      const struct answer *a) {
    if (!a->failing_schedule)
        return;
    char *again = result_again(s, v, a);
    set(j, "again", again);
    free(again);
}

// What happened in the run at hand, the last of it where it is long.
static json_t *steps(const struct answer *a) {
    char text[400];
    json_t *list = json_array();
    uint64_t count = a->seen.next, first = count > STEPS_MOST ? count - STEPS_MOST : 0;
    for (uint64_t n = first; n < count; n++) {
        const event *e = &a->log->events[n & (a->seen.capacity - 1)];
        log_site at = event_log_site(a->log, e->site);
        json_t *j = json_object();
        set_count(j, "event", n + 1);
        if (e->task < a->seen.task_count) {
            const char *name = event_log_string(a->log, a->seen.tasks[e->task].name);
            set_count(j, "task", e->task);
            set(j, "name", e->task == 0 && !*name ? "main" : name);
        }
        set(j, "file", event_log_string(a->log, at.file));
        set_count(j, "line", at.line);
        set(j, "text", seen_event_text(&a->seen, n, text, sizeof text));
        json_array_append_new(list, j);
    }
    return list;
}

json_t *result_entry(const struct scenario_info *s, const struct variant *v, const struct answer *a,
                     const struct graded *g) {
    struct rubric_check checks[RUBRIC_COUNT];
    size_t count = rubric_judge(s, a, g ? g->said : "", checks);
    json_t *j = json_object(), *list = json_array();
    set(j, "id", s->name);
    json_object_set_new(j, "number", json_integer(s->number));
    set(j, "title", s->title);
    set(j, "variant", v->label);
    const char *status = verdict_status(answer_verdicts(a));
    set(j, "status", status);
    if (g && !score_add(j, checks, count) && strcmp(status, "pass") == 0)
        set(j, "status", "fail");
    if (g)
        json_object_set_new(j, "changed", json_boolean(g->changed));
    answer_add(j, v, a);
    again_add(j, s, v, a);
    for (size_t i = 0; i < count; i++)
        rubric_add(list, &checks[i], a, g);
    driver_checks_add(list, s, a);
    json_object_set_new(j, "checks", list);
    if (g && a->failing_schedule && a->log)
        json_object_set_new(j, "steps", steps(a));
    char *race = race_words(a);
    set(j, "race", race);
    json_object_set_new(j, "race_engines", race_engines(a));
    if (a->race_count)
        json_object_set_new(j, "races", races(a));
    json_object_set_new(j, "race_effect", race_effect(&a->effect));
    free(race);
    warnings_add(j, a);
    if (*a->error)
        set(j, "error", a->error);
    return j;
}

void result_add(json_t *document, const struct scenario_info *s, const struct variant *v,
                const struct answer *a) {
    json_array_append_new(json_object_get(document, "scenarios"), result_entry(s, v, a, NULL));
}

const char *result_status(const json_t *document) {
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
    set(document, "status", result_status(document));
    bool written = json_dumpf(document, out, JSON_INDENT(2)) == 0;
    return fputc('\n', out) != EOF && fflush(out) == 0 && written;
}
