// Results say what the answer holds, in a document that its own schema accepts.
#include "harness/result.h"
#include "harness/tests/log_builder.h"
#include "harness/tests/schema.h"
#include "harness/text.h"

#include <criterion/criterion.h>

static struct log_builder b;
static struct answer a;
static struct scenario_info scenario = {.name = (char *)"send-no-receiver",
                                        .title = (char *)"The send"};
static struct variant variant = {.label = (char *)"exercise"};

static void start(void) {
    builder_start(&b, 1024);
    a = (struct answer){.race = RACE_NONE, .seed = 1};
}

static void end(void) {
    judgement_free(&a.judgement);
    seen_free(&a.seen);
    builder_end(&b);
}

TestSuite(result, .init = start, .fini = end);

// The answer an exploration gives about a leak: 5 of 12 schedules, one of them in the log.
static void leak(void) {
    builder_check(&b, 0, true, "delivers", "");
    builder_unheard_send(&b);
    builder_finish(&b, RUN_QUIESCENT);
    struct judge_terms terms = {.checks = {"delivers"}};
    a.log = b.log;
    a.seen.record_touches = true;
    seen_init(&a.seen, b.log, 0);
    judge(&a.seen, &terms, &a.judgement);
    a.verdicts = a.judgement.verdicts;
    a.explored = 12;
    a.failing = 5;
    a.exhaustive = a.failing_schedule = true;
    a.schedule = (struct schedule){.name = "send-no-receiver",
                                   .count = 1,
                                   .deviations = {{.step = 0, .task = 0, .branch = 1}}};
}

static void pass(void) {
    a.explored = 24;
    a.exhaustive = true;
}

static char *printed(const struct variant *v) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_t *document = result_new(NULL);
    result_add(document, &scenario, v, &a);
    cr_assert(result_print(document, out));
    json_decref(document);
    fclose(out);
    return text;
}

static json_t *document_of(const struct variant *v) {
    char *text = printed(v);
    json_error_t error;
    json_t *document = json_loads(text, 0, &error);
    cr_assert(document, "%s in %s", error.text, text);
    free(text);
    return document;
}

static const json_t *at(const json_t *array, size_t index) {
    return json_array_get(array, index);
}

static const json_t *member(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    cr_assert(value, "no `%s`", key);
    return value;
}

static const char *words(const json_t *object, const char *key) {
    return json_string_value(member(object, key));
}

static long number(const json_t *object, const char *key) {
    return (long)json_integer_value(member(object, key));
}

static const json_t *check_of(const json_t *entry, const char *id) {
    const json_t *list = member(entry, "checks");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(words(at(list, i), "id"), id) == 0)
            return at(list, i);
    cr_assert(false, "no check %s", id);
    return NULL;
}

static void check_is(const json_t *entry, const char *id, const char *status) {
    cr_assert_str_eq(words(check_of(entry, id), "status"), status, "%s", id);
}

// --- the schema -----------------------------------------------------------------------------------

static void accepted(const json_t *document) {
    const char *source = getenv("UNSTUCK_SRC");
    char *path = text_format("%s/harness/result.schema.json", source ? source : ".");
    json_error_t error;
    json_t *schema = json_load_file(path, 0, &error);
    cr_assert(schema, "%s: %s", path, error.text);
    const char *complaint = schema_refuses(schema, schema, document);
    cr_assert_null(complaint, "%s", complaint);
    json_decref(schema);
    free(path);
}

// The node with this id.
static const json_t *node_of(const json_t *graph, const char *id) {
    const json_t *nodes = member(graph, "nodes");
    for (size_t i = 0; i < json_array_size(nodes); i++)
        if (strcmp(words(at(nodes, i), "id"), id) == 0)
            return at(nodes, i);
    cr_assert(false, "no node %s", id);
    return NULL;
}

// --- documents ------------------------------------------------------------------------------------

Test(result, the_wait_graph_of_who_is_left) {
    leak();
    json_t *document = document_of(&variant);
    const json_t *graph = member(at(member(document, "scenarios"), 0), "graph");
    const json_t *edges = member(graph, "edges");
    cr_assert_str_eq(words(node_of(graph, "task:1"), "state"),
                     "waits in chan send at exercise.c:11");
    cr_assert(json_is_true(member(node_of(graph, "task:1"), "left")));
    cr_assert(json_is_false(member(node_of(graph, "task:0"), "left")));
    cr_assert_str_eq(words(node_of(graph, "object:1"), "kind"), "chan");
    cr_assert_str_eq(words(node_of(graph, "object:1"), "label"), "results (chan#1)");
    cr_assert_eq(json_array_size(edges), 3);
    for (size_t i = 0; i < json_array_size(edges); i++) {
        node_of(graph, words(at(edges, i), "from"));
        node_of(graph, words(at(edges, i), "to"));
    }
    cr_assert_str_eq(words(at(edges, 0), "relation"), "waits-for");
    cr_assert_str_eq(words(at(edges, 0), "op"), "chan send");
    cr_assert_str_eq(words(at(edges, 1), "relation"), "could-serve");
    cr_assert_str_eq(words(at(edges, 1), "at"), "exercise.c:21");
    cr_assert_str_eq(words(at(edges, 2), "relation"), "started-by");
    cr_assert_eq(number(graph, "omitted"), 0);
    json_decref(document);
}

Test(result, nobody_left_has_no_wait_graph) {
    pass();
    json_t *document = document_of(&variant);
    cr_assert_null(json_object_get(at(member(document, "scenarios"), 0), "graph"));
    json_decref(document);
}

Test(result, a_leak_names_each_task_left_and_why) {
    leak();
    json_t *document = document_of(&variant);
    accepted(document);
    const json_t *entry = at(member(document, "scenarios"), 0);
    cr_assert_str_eq(words(document, "schema"), "unstuck-result/v1");
    cr_assert_str_eq(words(document, "status"), "fail");
    cr_assert_str_eq(words(entry, "id"), "send-no-receiver");
    cr_assert_str_eq(words(entry, "variant"), "exercise");
    cr_assert_str_eq(json_string_value(at(member(entry, "verdicts"), 0)), "leak");
    cr_assert_eq(number(entry, "explored"), 12);
    cr_assert_eq(number(entry, "failing"), 5);
    cr_assert_str_eq(words(entry, "seed"), "0x1");
    cr_assert_str_eq(words(entry, "schedule"), "send-no-receiver@x1.0:0/1");
    cr_assert_str_eq(words(entry, "race"), "none");
    const json_t *engines = json_object_get(entry, "race_engines");
    cr_assert_str_eq(words(engines, "own"), "not judged");
    cr_assert_null(json_object_get(engines, "dispute"));
    cr_assert_eq(json_array_size(member(entry, "left")), 1);
    const json_t *left = at(member(entry, "left"), 0);
    cr_assert_eq(number(left, "task"), 1);
    cr_assert_str_eq(words(left, "name"), "worker");
    cr_assert_str_eq(words(left, "op"), "chan send");
    cr_assert_str_eq(words(left, "object"), "results");
    cr_assert_eq(number(left, "line"), 11);
    cr_assert_eq(number(left, "started_by"), 0);
    cr_assert_gt(json_array_size(member(left, "why")), 0);
    json_decref(document);
}

Test(result, checks_follow_the_verdicts) {
    leak();
    json_t *document = document_of(&variant);
    const json_t *entry = at(member(document, "scenarios"), 0);
    check_is(entry, "build", "pass");
    check_is(entry, "no_leak", "fail");
    check_is(entry, "no_deadlock", "pass");
    check_is(entry, "no_race", "pass");
    check_is(entry, "behaves", "pass");
    check_is(entry, "behaves:delivers", "pass");
    cr_assert_str_neq(words(check_of(entry, "no_leak"), "detail"), "");
    json_decref(document);
}

Test(result, a_pass_has_nothing_left_and_no_schedule) {
    pass();
    json_t *document = document_of(&variant);
    accepted(document);
    const json_t *entry = at(member(document, "scenarios"), 0);
    cr_assert_str_eq(words(document, "status"), "pass");
    cr_assert(json_is_null(member(entry, "schedule")));
    cr_assert_eq(json_array_size(member(entry, "left")), 0);
    cr_assert_eq(json_array_size(member(entry, "verdicts")), 0);
    json_decref(document);
}

Test(result, a_race_check_that_is_unavailable_is_never_a_pass) {
    pass();
    a.race = RACE_UNAVAILABLE;
    a.engine[ENGINE_TSAN].state = RACE_UNAVAILABLE;
    snprintf(a.race_note, sizeof a.race_note, "no runtime");
    json_t *document = document_of(&variant);
    accepted(document);
    const json_t *entry = at(member(document, "scenarios"), 0);
    cr_assert_str_eq(words(document, "status"), "error");
    cr_assert_str_eq(words(entry, "race"), "unavailable: no runtime");
    check_is(entry, "no_race", "unavailable");
    check_is(entry, "no_leak", "pass");
    cr_assert_eq(verdict_exit(answer_verdicts(&a)), 4);
    json_decref(document);
}

Test(result, what_does_not_build_reaches_no_other_check) {
    answer_unbuilt(&a, "fix.c:1: error");
    json_t *document = document_of(&variant);
    accepted(document);
    const json_t *entry = at(member(document, "scenarios"), 0);
    cr_assert_str_eq(words(document, "status"), "error");
    check_is(entry, "build", "fail");
    check_is(entry, "behaves", "not-reached");
    check_is(entry, "no_race", "not-reached");
    cr_assert_str_eq(words(check_of(entry, "build"), "detail"), "fix.c:1: error");
    json_decref(document);
}

Test(result, the_worst_scenario_decides_the_status) {
    json_t *document = result_new(NULL);
    pass();
    result_add(document, &scenario, &variant, &a);
    leak();
    result_add(document, &scenario, &variant, &a);
    FILE *nowhere = fopen("/dev/null", "w");
    cr_assert(result_print(document, nowhere));
    cr_assert_str_eq(words(document, "status"), "fail");
    a.verdicts |= VERDICT_CRASH;
    result_add(document, &scenario, &variant, &a);
    cr_assert(result_print(document, nowhere));
    cr_assert_str_eq(words(document, "status"), "error");
    fclose(nowhere);
    json_decref(document);
}

Test(result, any_bytes_make_valid_json) {
    static char label[] = "a\xff\xc3(\x1b[31m\xed\xa0\x80\x01\xf5z.c";
    struct variant odd = {.kind = VARIANT_FILE, .label = label};
    leak();
    snprintf(a.error, sizeof a.error, "%s", label);
    json_t *document = document_of(&odd);
    accepted(document);
    const char *clean = words(at(member(document, "scenarios"), 0), "variant");
    cr_assert_null(strchr(clean, '\x1b'));
    cr_assert_null(strchr(clean, '\x01'));
    cr_assert(strstr(clean, "z.c"));
    json_decref(document);
}

static void cleaned(const char *dirty, const char *clean) {
    char *text = text_clean(dirty);
    cr_assert_str_eq(text, clean);
    free(text);
}

Test(result, terminal_sequences_vanish_whole) {
    cleaned("\033[31mred\033[0m end", "red end");
    cleaned("\033[31m\033[1m", "");
    cleaned("\033]0;title\atext", "text");
    cleaned("cut \033[12", "cut ");
    cleaned("cut \033", "cut ");
    cleaned("\033(B\xc2\x9b\x7f.\tok\n", "(B.\tok\n");
    cleaned("w\xc3\xb6rter \xff\xc3", "w\xc3\xb6rter \xef\xbf\xbd\xef\xbf\xbd");
}

Test(result, the_same_answer_gives_the_same_bytes) {
    leak();
    char *first = printed(&variant), *second = printed(&variant);
    cr_assert_str_eq(first, second);
    free(first);
    free(second);
}

Test(result, a_full_disk_is_told) {
    FILE *full = fopen("/dev/full", "w");
    cr_assert(full);
    json_t *document = result_new(NULL);
    cr_assert_not(result_print(document, full));
    json_decref(document);
    fclose(full);
}

// --- events ---------------------------------------------------------------------------------------

static json_t *events(void) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    result_events(b.log, out);
    fclose(out);
    json_t *list = json_array();
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *parsed = json_loads(line, 0, NULL);
        cr_assert(parsed, "%s", line);
        json_array_append_new(list, parsed);
    }
    free(text);
    return list;
}

Test(result, each_event_is_a_line) {
    leak();
    json_t *list = events();
    cr_assert_eq(json_array_size(list), b.log->head);
    const json_t *send = at(list, 10);
    cr_assert_str_eq(words(send, "kind"), "send");
    cr_assert_eq(number(send, "event"), 11);
    cr_assert_eq(number(send, "time"), 80000000);
    cr_assert_eq(number(send, "task"), 1);
    cr_assert_str_eq(words(send, "object"), "results (chan#1)");
    cr_assert_str_eq(words(send, "site"), "/src/scenarios/x/exercise.c:11");
    cr_assert(json_is_true(member(send, "parked")));
    cr_assert_str_eq(words(at(list, 7), "task"), "clock");
    cr_assert_str_eq(words(at(list, 2), "name"), "worker");
    cr_assert(json_is_true(member(at(list, 0), "passed")));
    cr_assert_str_eq(words(at(list, 5), "waits"), "after");
    json_decref(list);
}

Test(result, events_of_every_kind_can_be_told) {
    for (int kind = 0; kind < EV_KINDS; kind++)
        for (int64_t value = -1; value < 3; value++)
            builder_put(&b, (struct log_record){.kind = (enum event_kind)kind,
                                                .value = value,
                                                .object = (uint32_t)value,
                                                .flags = 15});
    json_t *list = events();
    cr_assert_eq(json_array_size(list), EV_KINDS * 4u);
    json_decref(list);
}

Test(result, a_damaged_log_can_be_told) {
    builder_unheard_send(&b);
    uint64_t state = 3;
    unsigned char *bytes = (unsigned char *)b.log->events;
    for (int i = 0; i < 200; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bytes[(state >> 33) % (sizeof(event) * b.log->head)] ^= (unsigned char)(state >> 20);
    }
    json_t *list = events();
    cr_assert_eq(json_array_size(list), b.log->head);
    json_decref(list);
}

// --- text -----------------------------------------------------------------------------------------

static char *text_of(const struct variant *v, bool colour) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    result_text(&scenario, v, &a, colour, out);
    fclose(out);
    return text;
}

Test(result, the_verdict_line_comes_first_and_how_to_see_it_again_last) {
    leak();
    char *text = text_of(&variant, false);
    const char *first = "FAIL leak  send-no-receiver  exercise  5 of 12 schedules, exhaustive\n";
    const char *last = "  again: unstuck replay send-no-receiver@x1.0:0/1\n";
    cr_assert_eq(strncmp(text, first, strlen(first)), 0, "%s", text);
    cr_assert_str_eq(text + strlen(text) - strlen(last), last, "%s", text);
    cr_assert(strstr(text, "worker"), "%s", text);
    cr_assert_null(strchr(text, '\033'));
    free(text);
}

Test(result, text_keeps_to_eighty_columns) {
    leak();
    char *text = text_of(&variant, true);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        cr_assert_leq(text_columns(line, strlen(line)), 80u, "%s", line);
    free(text);
}

Test(result, a_file_with_an_odd_name_is_quoted_for_the_shell) {
    struct variant odd = {.kind = VARIANT_FILE, .label = (char *)"it's $HOME.c"};
    leak();
    char *text = text_of(&odd, false);
    cr_assert(strstr(text, "--variant 'it'\\''s $HOME.c'\n"), "%s", text);
    free(text);
}

Test(result, a_pass_is_one_line) {
    pass();
    char *text = text_of(&variant, false);
    cr_assert_str_eq(text, "PASS  send-no-receiver  exercise  24 of 24 schedules, exhaustive\n");
    free(text);
}

Test(result, an_error_is_said_once) {
    static const char said[] = "Nothing happened for too long";
    pass();
    a.verdicts = a.judgement.verdicts = VERDICT_TIMEOUT;
    snprintf(a.error, sizeof a.error, "%s.", said);
    snprintf(a.judgement.note, sizeof a.judgement.note, "%s.", said);
    char *text = text_of(&variant, false);
    int times = 0;
    for (const char *at = text; (at = strstr(at, said)); at += strlen(said))
        times++;
    cr_assert_eq(times, 1, "%s", text);
    free(text);
}

static void reached(const char *expected) {
    char out[120];
    cr_assert_str_eq(answer_reach(&a, out, sizeof out), expected);
}

Test(result, how_it_was_reached_never_claims_more_than_was_done) {
    reached("no schedule was run");
    a.explored = 1;
    reached("the default schedule");
    a.schedule.count = 1;
    reached("one schedule");
    a.schedule = (struct schedule){.kind = SCHEDULE_RANDOM, .seed = 255};
    reached("one schedule, seed 0xff");
    a.exhaustive = true;
    reached("1 of 1 schedule, exhaustive");
    a = (struct answer){.explored = 2000, .seed = 0x51f0, .sampled = true};
    reached("2000 of 2000 schedules, seed 0x51f0, not exhaustive");
    a.sampled = false;
    reached("2000 of 2000 schedules, not exhaustive");
    a.diverged = true;
    reached("2000 of 2000 schedules, not exhaustive: not repeatable");
}

// Races show under ThreadSanitizer, not in the runs that are counted.
Test(result, a_race_alone_says_that_the_schedules_counted_hold) {
    a = (struct answer){.verdicts = VERDICT_RACE, .explored = 110, .failing = 1};
    a.failing_schedule = true;
    cr_assert(answer_only_race(&a));
    reached("race on the default schedule; all 110 else hold, not exhaustive");
    a.schedule.count = 1;
    reached("race on one schedule; all 110 else hold, not exhaustive");
    a.sampled = true;
    a.seed = 1;
    reached("race on one schedule; all 110 else hold, seed 0x1, not exhaustive");
    a = (struct answer){.verdicts = VERDICT_RACE | VERDICT_LEAK, .explored = 110, .failing = 2};
    cr_assert_not(answer_only_race(&a));
    reached("2 of 110 schedules, not exhaustive");
    a = (struct answer){.verdicts = VERDICT_RACE, .explored = 1, .failing = 1};
    cr_assert_not(answer_only_race(&a), "one run is no search");
    reached("the default schedule");
}

Test(result, a_slow_machine_alone_says_that_all_else_holds) {
    a = (struct answer){.verdicts = VERDICT_LEAK, .explored = 57, .failing = 3, .exhaustive = true};
    a.slow.explored = 45;
    a.slow.failing = 3;
    a.failing_schedule = a.schedule.slow = true;
    reached("3 of 45 schedules on a slow machine; all 12 else hold, exhaustive");
    a.slow.failing = 0;
    a.explored = 12;
    a.failing = 0;
    reached("12 of 12 schedules, exhaustive");
}

// The only event at which time moves early is in the document, and so are the counts.
Test(result, a_slow_machine_is_in_the_document) {
    PUT(&b, EVENT_CLOCK, FIRE);
    PUT(&b, EVENT_CLOCK, FIRE, .flags = EVENT_EARLY);
    leak();
    a.slow.explored = 45;
    a.slow.failing = 3;
    json_t *document = document_of(&variant);
    accepted(document);
    const json_t *slow = member(at(json_object_get(document, "scenarios"), 0), "slow");
    cr_assert_eq(json_integer_value(member(slow, "explored")), 45);
    cr_assert_eq(json_integer_value(member(slow, "failing")), 3);
    cr_assert(json_is_false(member(slow, "exhaustive")));
    cr_assert_eq(json_array_size(member(slow, "early")), 1);
    cr_assert_eq(json_integer_value(at(member(slow, "early"), 0)), 2);
    json_decref(document);
}

Test(result, exit_codes_are_those_of_the_contract) {
    cr_assert_eq(verdict_exit(0), 0);
    cr_assert_eq(verdict_exit(VERDICT_LEAK | VERDICT_RACE), 1);
    cr_assert_eq(verdict_exit(VERDICT_CRASH), 1);
    cr_assert_eq(verdict_exit(VERDICT_TIMEOUT | VERDICT_ENDED_EARLY), 1);
    cr_assert_eq(verdict_exit(VERDICT_BUILD), 3);
    cr_assert_eq(verdict_exit(VERDICT_ENVIRONMENT | VERDICT_LEAK), 4);
    cr_assert_eq(verdict_exit(VERDICT_TAMPERED | VERDICT_ENVIRONMENT), 5);
}
