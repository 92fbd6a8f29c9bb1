// Whole examinations: the real runner, the real scenarios, and exercises that misbehave.
#include "harness/compile.h"
#include "harness/explain.h"
#include "harness/explore.h"
#include "harness/judge.h"
#include "harness/result.h"
#include "harness/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct catalogue catalogue;
static struct examine_config config;
static struct examination *examination;
static struct compilation *compilation;
static char source[] = "/tmp/test-explore-XXXXXX.c";
static char why[300];

static void begin(void) {
    cr_assert(catalogue_open(&catalogue, why), "%s", why);
}

static void end(void) {
    examine_free(examination);
    if (compilation)
        compile_free(compilation);
    catalogue_close(&catalogue);
    unlink(source);
}

TestSuite(explore, .init = begin, .fini = end, .timeout = 120);

static void subject(const char *name, const char *variant) {
    config.scenario = catalogue_find(&catalogue, name);
    cr_assert_not_null(config.scenario);
    config.variant = scenario_variant(config.scenario, variant);
    cr_assert_not_null(config.variant);
}

static const struct answer *examine(void) {
    examine_free(examination);
    examination = examine_start(&config, why);
    cr_assert_not_null(examination, "%s", why);
    examine_finish(examination);
    return examine_answer(examination);
}

static const struct answer *explore(const char *name, const char *variant) {
    subject(name, variant);
    config.explore = true;
    return examine();
}

// An exercise for a scenario that is all of `text`. In place of one written before.
static void written_for(const char *name, const char *text) {
    if (compilation) {
        examine_free(examination);
        examination = NULL;
        compile_free(compilation);
        unlink(source);
        strcpy(source + strlen(source) - strlen("XXXXXX.c"), "XXXXXX.c");
    }
    int fd = mkstemps(source, 2);
    cr_assert_geq(fd, 0);
    dprintf(fd, "%s", text);
    close(fd);
    subject(name, "exercise");
    compilation = compile_start(&catalogue, config.scenario, source, why);
    cr_assert_not_null(compilation, "%s", why);
    cr_assert_eq(compile_finish(compilation), 1, "%s", compile_output(compilation));
    config.variant = compile_variant(compilation);
}

// An exercise for send-no-receiver.
static void written_whole(const char *text) {
    char whole[4000];
    snprintf(whole, sizeof whole, "#include \"exercise.h\"\n%s", text);
    written_for("send-no-receiver", whole);
}

// One where `late` is what it does when the price does not come in time.
static void written(const char *late) {
    static const char format[] = "#include <stdlib.h>\n"
                                 "typedef chan_of(long) price_chan;\n"
                                 "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
                                 "    chan_send(a->reply, exchange_quote(a->symbol));\n"
                                 "}\n"
                                 "bool price_of(int symbol, long *cents) {\n"
                                 "    price_chan reply;\n"
                                 "    chan_make(&reply, 1);\n"
                                 "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
                                 "    if (chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0)\n"
                                 "        return true;\n"
                                 "    %s\n"
                                 "    return false;\n"
                                 "}\n";
    char text[2000];
    snprintf(text, sizeof text, format, late);
    written_whole(text);
}

static void told(const char *text, const char *words) {
    cr_expect_not_null(strstr(text, words), "\"%s\" is not in \"%s\"", words, text);
}

static const char *id_of(const struct answer *a) {
    static char id[SCHEDULE_TEXT];
    schedule_format(&a->schedule, id, sizeof id);
    return id;
}

Test(explore, a_leak_on_some_schedules) {
    const struct answer *a = explore("send-no-receiver", "exercise");
    cr_assert_eq(a->verdicts, VERDICT_LEAK);
    cr_assert(a->exhaustive);
    cr_assert_gt(a->failing, 0);
    cr_assert_lt(a->failing, a->explored);
    cr_assert(a->failing_schedule);
    cr_assert_not_null(a->log);
    cr_assert_eq(a->judgement.verdicts, VERDICT_LEAK);
    cr_assert_eq(a->judgement.left_count, 1);
    cr_assert_eq(a->seen.tasks[a->judgement.left[0]].reason, WAIT_SEND);
    cr_assert_gt(a->seen.touch_count, 0);
    cr_assert(eq(str, (char *)id_of(a), "send-no-receiver@x1"));
}

Test(explore, a_solution_holds_under_every_schedule) {
    const struct answer *a = explore("send-no-receiver", "solution");
    cr_assert_eq(a->verdicts, 0, "%s", a->error);
    cr_assert(a->exhaustive);
    cr_assert_eq(a->failing, 0);
    cr_assert_not(a->failing_schedule);
    cr_assert_not_null(a->log);
}

Test(explore, one_run_by_default) {
    subject("send-no-receiver", "exercise");
    const struct answer *a = examine();
    cr_assert_eq(a->explored, 1);
    cr_assert_eq(a->failing, 1);
    cr_assert_not(a->exhaustive);
    cr_assert_eq(a->verdicts, VERDICT_LEAK);
}

// A wrong fix that fails on other schedules than the default one: its id leads there again.
Test(explore, what_is_found_can_be_replayed) {
    const struct answer *a = explore("recv-range-unclosed", "wrong:close_on_the_last_line.c");
    unsigned verdicts = a->judgement.verdicts;
    cr_assert_neq(verdicts, 0);
    cr_assert_gt(a->schedule.count, 0);
    config.explore = false;
    config.schedule = a->schedule;
    char *id = text_copy(id_of(a));
    a = examine();
    cr_assert_eq(a->judgement.verdicts, verdicts);
    cr_assert(eq(str, (char *)id_of(a), id));
    free(id);
}

Test(explore, equal_questions_get_equal_answers) {
    const struct answer *a = explore("wg-undercount", "wrong:three_it_is.c");
    struct answer first = *a;
    char *id = text_copy(id_of(a));
    a = explore("wg-undercount", "wrong:three_it_is.c");
    cr_assert_eq(a->verdicts, first.verdicts);
    cr_assert_eq(a->explored, first.explored);
    cr_assert_eq(a->failing, first.failing);
    cr_assert(eq(str, (char *)id_of(a), id));
    free(id);
}

Test(explore, budgets_are_counts) {
    config.tree_budget = 3;
    config.random_budget = 5;
    const struct answer *a = explore("ctx-detached", "solution");
    cr_assert_eq(a->explored, 8);
    cr_assert(a->sampled);
    cr_assert_not(a->exhaustive);
    cr_assert_eq(a->seed, 1);
}

Test(explore, a_seed_that_fails_becomes_deviations) {
    subject("recv-range-unclosed", "exercise");
    config.schedule = (struct schedule){.kind = SCHEDULE_RANDOM, .seed = 5};
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_LEAK);
    cr_assert_eq(a->schedule.kind, SCHEDULE_DEFAULT);
}

Test(explore, a_seed_that_passes_keeps_its_name) {
    subject("recv-range-unclosed", "solution");
    config.schedule = (struct schedule){.kind = SCHEDULE_RANDOM, .seed = 5};
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, 0);
    cr_assert(eq(str, (char *)id_of(a), "recv-range-unclosed@r1.5"));
}

Test(explore, a_schedule_that_does_not_fit_is_told_where) {
    subject("send-no-receiver", "exercise");
    config.schedule = (struct schedule){.count = 1, .deviations = {{0, 77, 0}}};
    const struct answer *a = examine();
    cr_assert_eq(a->judgement.end, RUN_DIVERGED);
    told(a->error, "at step 0 ");
}

Test(explore, the_search_can_be_ended_early) {
    subject("ctx-detached", "solution:hand_it_down.c");
    config.explore = true;
    config.tree_budget = 1;
    config.random_budget = UINT64_MAX;
    config.no_race = true;
    examination = examine_start(&config, why);
    while (examine_answer(examination)->explored < 10)
        cr_assert_eq(examine_poll(examination), EXAMINE_RUNNING);
    examine_stop(examination);
    examine_finish(examination);
    const struct answer *a = examine_answer(examination);
    cr_assert_eq(a->verdicts, 0, "%s", a->error);
    cr_assert_geq(a->explored, 10);
    cr_assert_not(a->exhaustive);
}

Test(explore, can_be_cancelled_at_any_stage) {
    for (int polls = 0; polls < 40; polls++) {
        subject("handle-not-closed", "exercise");
        config.explore = true;
        examination = examine_start(&config, why);
        cr_assert_not_null(examination);
        for (int i = 0; i < polls; i++) {
            char words[100];
            examine_poll(examination);
            cr_assert_gt(strlen(examine_progress(examination, words, sizeof words)), 0);
            usleep(1000);
        }
        examine_free(examination);
        examination = NULL;
    }
}

// --- races: a machine whose compiler does not instrument skips them ----------------------------

static void need_race_runner(void) {
    if (!config.scenario->driver_tsan)
        cr_skip_test("nothing is instrumented here");
}

Test(explore, a_race_is_found) {
    subject("race-unlocked-state", "exercise");
    need_race_runner();
    const struct answer *a = explore("race-unlocked-state", "exercise");
    cr_assert_eq(a->verdicts, VERDICT_RACE, "%s", a->race_note);
    cr_assert_eq(a->race, RACE_FOUND);
    cr_assert_eq(a->judgement.verdicts, VERDICT_RACE);
    cr_assert(a->failing_schedule);
    cr_assert_not(a->exhaustive);
    told(a->race_note, "exercise.c:");
    cr_assert_eq(a->engine[ENGINE_HOOKS].state, RACE_FOUND);
    told(a->engine[ENGINE_HOOKS].note, "exercise.c:");
    cr_assert_gt(a->race_count, 0);
    told(a->races[0].object, "the stack of main (#0)");
    for (int k = 0; k < 2; k++) {
        const struct raced_access *access = &a->races[0].accesses[k];
        cr_assert_eq(access->frame_count, 2);
        cr_assert_str_eq(access->frames[0].function, "fetch_page");
        cr_assert_str_eq(access->frames[1].function, "fetch_page_task");
    }
    cr_assert_eq(a->judgement.refuted, 0);
    cr_assert_str_empty(a->race_dispute);
}

static bool happened(const struct answer *a, const char *words) {
    char text[300];
    for (uint64_t n = 0; n < a->log->head; n++)
        if (strstr(seen_event_text(&a->seen, n, text, sizeof text), words))
            return true;
    return false;
}

// Two tasks read the same count, and both write one more: one page is lost.
Test(explore, a_race_is_shown_with_what_it_leads_to) {
    subject("race-unlocked-state", "exercise");
    need_race_runner();
    const struct race_effect effect = explore("race-unlocked-state", "exercise")->effect;
    cr_assert_eq(effect.verdicts, VERDICT_BEHAVIOUR, "%s", effect.note);
    told(effect.note, "counts every page");
    cr_assert(effect.schedule.memory);
    config.explore = false;
    config.schedule = effect.schedule;
    const struct answer *a = examine();
    cr_assert_eq(a->judgement.verdicts, VERDICT_BEHAVIOUR | VERDICT_RACE, "%s", a->error);
    cr_assert(happened(a, "(0)") && happened(a, "reads"));
    cr_assert(happened(a, "(1)") && happened(a, "writes"));
    cr_assert_not(happened(a, "(3)"), "the last of three writes a value too small");
    cr_assert(a->effect.verdicts == 0);
}

// The right answer to send-no-receiver, which beside it starts two tasks that do `work` on an int.
static const struct answer *explore_two(const char *type, const char *work, const char *after) {
    static const char format[] =
        "#include <stdatomic.h>\n"
        "#include <string.h>\n"
        "typedef chan_of(long) price_chan;\n"
        "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
        "    chan_send(a->reply, exchange_quote(a->symbol));\n"
        "}\n"
        "TASK(work, %s *n; waitgroup *wg;) {\n"
        "    %s\n"
        "    waitgroup_done(a->wg);\n"
        "}\n"
        "static void work_twice(void) {\n"
        "    %s n = 0;\n"
        "    waitgroup wg = {0};\n"
        "    waitgroup_add(&wg, 2);\n"
        "    go(work, .n = &n, .wg = &wg);\n"
        "    go(work, .n = &n, .wg = &wg);\n"
        "    waitgroup_wait(&wg);\n"
        "    %s\n"
        "}\n"
        "bool price_of(int symbol, long *cents) {\n"
        "    price_chan reply;\n"
        "    work_twice();\n"
        "    chan_make(&reply, 1);\n"
        "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
        "    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;\n"
        "}\n";
    char text[2000];
    snprintf(text, sizeof text, format, type, work, type, after);
    written_whole(text);
    static struct scenario_info calm; // a slow machine has nothing to do with it
    calm = *config.scenario;
    calm.slow = false;
    config.scenario = &calm;
    need_race_runner();
    config.explore = true;
    return examine();
}

// By the name that it has in the source, not in the object.
Test(explore, a_race_names_its_variable) {
    const struct answer *a = explore_two("int", "static int runs; runs++; (void)a->n;", "(void)n;");
    cr_assert_eq(a->race, RACE_FOUND);
    cr_assert(eq(str, (char *)(uintptr_t)a->races[0].object, "runs"));
}

// `counter++` by two tasks loses an update where one comes between the other's read and write.
Test(explore, one_deviation_loses_an_update) {
    const struct answer *a = explore_two("int", "++*a->n;", "if (n != 2) panic(\"%d of 2\", n);");
    const struct race_effect effect = a->effect;
    cr_assert_eq(a->verdicts, VERDICT_RACE);
    cr_assert_eq(effect.verdicts, VERDICT_PANIC, "%s", effect.note);
    cr_assert_eq(effect.schedule.count, 1);
    config.explore = false;
    config.schedule = effect.schedule;
    cr_assert_not_null(a->effect.log, "there is a run to play");
    cr_assert_eq(a->effect.judgement.verdicts, VERDICT_PANIC | VERDICT_RACE);
    a = examine();
    cr_assert_eq(a->judgement.verdicts, VERDICT_PANIC | VERDICT_RACE, "%s", a->error);
    cr_assert(happened(a, "1 of 2"));
    cr_assert(happened(a, "reads memory (0)") && happened(a, "writes memory (1)"));
}

Test(explore, a_block_is_called_by_who_allocated_it) {
    const char *heap = "#include <stdlib.h>\n"
                       "TASK(add_one, int *n; waitgroup *wg;) {\n"
                       "    ++*a->n;\n"
                       "    waitgroup_done(a->wg);\n"
                       "}\n"
                       "static int *make_cache(void) {\n"
                       "    return (int *)malloc(50) + 2;\n"
                       "}\n"
                       "bool price_of(int symbol, long *cents) {\n"
                       "    waitgroup wg = {0};\n"
                       "    int *n = make_cache();\n"
                       "    waitgroup_add(&wg, 2);\n"
                       "    go(add_one, .n = n, .wg = &wg);\n"
                       "    go(add_one, .n = n, .wg = &wg);\n"
                       "    waitgroup_wait(&wg);\n"
                       "    *cents = exchange_quote(symbol);\n"
                       "    return true;\n"
                       "}\n";
    written_whole(heap);
    need_race_runner();
    config.explore = true;
    const struct answer *a = examine();
    cr_assert_eq(a->race, RACE_FOUND, "%s", a->error);
    told(a->races[0].object, "byte 8 of the 50-byte block allocated in make_cache (");
}

Test(explore, a_schedule_of_memory_stays_the_same) {
    subject("race-unlocked-state", "exercise");
    need_race_runner();
    cr_assert(schedule_parse("race-unlocked-state@x1m.3:2", &config.schedule, why), "%s", why);
    uint64_t heads[2];
    for (int i = 0; i < 2; i++)
        heads[i] = examine()->log->head;
    cr_assert_eq(heads[0], heads[1]);
}

Test(explore, atomics_are_explored_exhaustively) {
    const struct answer *a = explore_two("atomic_int", "atomic_fetch_add(a->n, 1);",
                                         "if (n != 2) panic(\"lost\");");
    cr_assert_eq(a->race, RACE_NONE, "%s", a->race_note);
    cr_assert_eq(a->verdicts, 0, "%s", a->error);
    cr_assert(a->atomics && a->exhaustive);
}

// Without a race: each access is atomic, but not the two together.
Test(explore, the_order_of_atomics_is_explored) {
    const struct answer *a = explore_two("atomic_int", "atomic_store(a->n, atomic_load(a->n) + 1);",
                                         "if (n != 2) panic(\"lost\");");
    cr_assert_eq(a->race, RACE_NONE, "%s", a->race_note);
    cr_assert_eq(a->verdicts, VERDICT_PANIC, "%s", a->error);
    cr_assert(a->failing_schedule && a->schedule.memory);
    cr_assert_eq(a->judgement.verdicts, VERDICT_PANIC);
}

Test(explore, an_exchange_that_comes_too_late_is_found) {
    const struct answer *a = explore_two("atomic_int",
                                         "int seen = atomic_load(a->n);\n"
                                         "atomic_compare_exchange_weak(a->n, &seen, seen + 1);",
                                         "if (n != 2) panic(\"lost\");");
    cr_assert_eq(a->verdicts, VERDICT_PANIC, "%s", a->error);
    cr_assert(a->exhaustive);
}

// The length is that of when the call goes on, not of when it arrived.
Test(explore, a_race_within_libc_shows_what_it_leads_to) {
    const struct answer *a = explore_two("atomic_int",
                                         "static atomic_int turn;\n"
                                         "static char text[4];\n"
                                         "int mine = atomic_fetch_add(&turn, 1);\n"
                                         "if (mine == 0 && strlen(text) == 3)\n"
                                         "    panic(\"seen\");\n"
                                         "if (mine == 1)\n"
                                         "    strcpy(text, \"abc\");\n"
                                         "(void)a->n;",
                                         "(void)n;");
    cr_assert_eq(a->race, RACE_FOUND, "%s", a->error);
    cr_assert_eq((a->effect.verdicts | a->verdicts) & VERDICT_PANIC, VERDICT_PANIC, "%s", a->error);
}

Test(explore, no_race_where_there_is_none) {
    subject("race-unlocked-state", "solution");
    need_race_runner();
    const struct answer *a = explore("race-unlocked-state", "solution");
    cr_assert_eq(a->race, RACE_NONE, "%s", a->race_note);
    cr_assert_eq(a->verdicts, 0);
}

Test(explore, races_are_unavailable_without_their_objects) {
    subject("send-no-receiver", "solution");
    struct variant plain = *config.variant;
    plain.tsan = NULL;
    config.variant = &plain;
    const struct answer *a = examine();
    cr_assert_eq(a->race, RACE_UNAVAILABLE);
    cr_assert_eq(a->verdicts, 0);
    told(a->race_note, "-fsanitize=thread");
}

// Of a run with thousands of tasks our own engine alone judges.
Test(explore, races_of_a_very_large_run) {
    written_whole("TASK(end_at_once, int unused;) {\n"
                  "    (void)a;\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    for (int i = 0; i < 2000; i++)\n"
                  "        go(end_at_once, .unused = 0);\n"
                  "    *cents = exchange_quote(symbol);\n"
                  "    return true;\n"
                  "}\n");
    need_race_runner();
    const struct answer *a = examine();
    cr_assert_eq(a->engine[ENGINE_HOOKS].state, RACE_NONE, "%s", a->race_note);
    cr_assert_eq(a->engine[ENGINE_TSAN].state, RACE_UNAVAILABLE);
    told(a->engine[ENGINE_TSAN].note, "2000 are the most");
    cr_assert_eq(a->race, RACE_NONE);
}

Test(explore, races_can_be_left_out) {
    config.no_race = true;
    const struct answer *a = explore("race-unlocked-state", "exercise");
    cr_assert_eq(a->race, RACE_UNKNOWN);
    cr_assert_eq(a->verdicts, 0);
    cr_assert(a->exhaustive);
}

// --- exercises that end their process ---------------------------------------------------------

Test(explore, a_crash_on_some_schedules) {
    written("*(volatile int *)8 = 1;");
    config.explore = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_CRASH, "%s", a->error);
    cr_assert_geq(a->explored, 6, "the search goes on after each crash");
    cr_assert_gt(a->failing, 0);
    cr_assert_lt(a->failing, a->explored);
    cr_assert_not(a->exhaustive);
    cr_assert_not_null(a->log);
    told(a->error, "SIGSEGV");
    told(a->error, "main (#0)");
}

Test(explore, a_stack_overflow) {
    written("int deep(int n) { volatile char b[999]; b[0] = 1; "
            "return n < 1000000 ? deep(n + 1) + b[0] : 0; }"
            "*cents = deep(0);");
    config.no_race = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_CRASH, "%s", a->error);
    told(a->error, "task main (#0) overflowed its 64 KB stack");
}

Test(explore, an_endless_loop) {
    written("for (volatile int i = 0;; i++) {}");
    config.no_race = true;
    config.patience = 500 * MILLISECOND;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_TIMEOUT, "%s", a->error);
    told(a->error, "main (#0) is busy at test-explore-");
    told(a->error, ".c:13 and never calls the core again");
    cr_assert_eq(a->judgement.left_count, 1, "the task that is busy is named");
    cr_assert_eq(a->seen.tasks[0].state, TASK_RUNNING);
    cr_assert_eq(event_log_site(a->log, a->seen.tasks[0].at).line, 13);
}

// What the exercise does while the root lives and when it has ended. The line of each loop matters.
static void spins(const char *loop) {
    char text[1000];
    snprintf(text, sizeof text,
             "TASK(spinner, int unused;) {\n"
             "    task_sleep(90 * MILLISECOND);\n"
             "    %s\n"
             "}\n"
             "bool price_of(int symbol, long *cents) {\n"
             "    *cents = exchange_quote(symbol);\n"
             "    go(spinner, .unused = symbol);\n"
             "    return true;\n"
             "}\n",
             loop);
    written_whole(text);
}

static const struct answer *outlives_at(uint32_t line) {
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_OUTLIVES | VERDICT_BEHAVIOUR, "%#x %s", a->verdicts,
                 a->error); // its driver also wants an answer in time
    cr_assert_geq(a->judgement.left_count, 1);
    const struct seen_task *t = &a->seen.tasks[a->judgement.left[0]];
    log_site at = event_log_site(a->log, t->at);
    cr_assert_eq(at.line, line, "%s:%u", event_log_string(a->log, at.file), at.line);
    cr_assert(eq(str, (char *)event_log_string(a->log, t->name), "spinner"));
    return a;
}

Test(explore, computing_for_ever_after_the_root_outlives_it) {
    config.patience = 500 * MILLISECOND;
    spins("for (volatile int i = 0;; i++) {}");
    config.no_race = true;
    const struct answer *a = outlives_at(4);
    cr_assert_eq(a->judgement.left_count, 1, "the others had no turn");
    struct explanation chain;
    explain_task(&a->seen, a->judgement.left[0], &chain);
    cr_assert_eq(chain.count, 4);
    told(chain.lines[0], "main (#0) started it at test-explore-");
    told(chain.lines[2], ".c:4 and never calls the core again");
    json_t *document = result_new(&catalogue);
    result_add(document, config.scenario, config.variant, a);
    char *json = json_dumps(document, 0);
    told(json, "\"verdicts\": [\"outlives\", \"behaviour\"]");
    told(json, "\"op\": \"running\"");
    told(json, "\"line\": 4, \"started_by\": 0");
    free(json);
    json_decref(document);
}

// In the C library there are no lines of the exercise's own.
Test(explore, computing_for_ever_in_a_library_is_named_by_the_caller) {
    config.patience = 500 * MILLISECOND;
    spins("static char b[1 << 20]; for (;;) __builtin_memset(b, b[0], sizeof b);");
    config.no_race = true;
    outlives_at(4);
}

Test(explore, polling_for_ever_after_the_root_outlives_it) {
    spins("for (;;) task_yield();");
    config.no_race = true;
    outlives_at(4);
}

// A daemon may outlive the root, but nobody else gets a turn: nothing is known of the rest.
Test(explore, a_daemon_that_computes_for_ever_is_an_error) {
    written_whole("TASK(spinner, int unused;) {\n"
                  "    for (volatile int i = 0;; i++) {}\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    *cents = exchange_quote(symbol);\n"
                  "    go_daemon(spinner, .unused = symbol);\n"
                  "    return true;\n"
                  "}\n");
    config.no_race = true;
    config.patience = 500 * MILLISECOND;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_TIMEOUT, "%s", a->error);
    told(a->error, "spinner (#");
    told(a->error, ".c:3 and never calls the core again");
}

// Only where the receiver comes first; the others are tried all the same.
Test(explore, a_search_pays_once_for_a_schedule_that_computes_for_ever) {
    written_whole("TASK(setter, int *value; waitgroup *wg;) {\n"
                  "    defer(waitgroup_done, a->wg);\n"
                  "    task_yield();\n"
                  "    *a->value = 1;\n"
                  "}\n"
                  "TASK(getter, int *value; waitgroup *wg;) {\n"
                  "    defer(waitgroup_done, a->wg);\n"
                  "    task_yield();\n"
                  "    volatile int *value = a->value;\n"
                  "    while (!*value) {}\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    int value = 0;\n"
                  "    waitgroup wg = {0};\n"
                  "    *cents = exchange_quote(symbol);\n"
                  "    waitgroup_add(&wg, 2);\n"
                  "    go(setter, .value = &value, .wg = &wg);\n"
                  "    go(getter, .value = &value, .wg = &wg);\n"
                  "    waitgroup_wait(&wg);\n"
                  "    return true;\n"
                  "}\n");
    config.explore = config.no_race = true;
    config.patience = 500 * MILLISECOND;
    const struct answer *a = examine();
    cr_assert_neq(a->verdicts & VERDICT_TIMEOUT, 0, "%#x", a->verdicts);
    cr_assert_geq(a->explored, 4, "it went on after each that never ended: %d", (int)a->explored);
    told(a->error, "getter (#");
    told(a->error, ".c:11 and never calls the core again");
    cr_assert_not(a->exhaustive);
}

Test(explore, a_loop_on_the_default_schedule_is_not_searched_for_more) {
    written("for (volatile int i = 0;; i++) {}");
    config.explore = true;
    config.patience = 500 * MILLISECOND;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_TIMEOUT, "%s", a->error);
    cr_assert_eq(a->explored, 1, "each further run takes seconds and says the same");
    cr_assert_eq(a->failing, 1);
    cr_assert_not(a->exhaustive);
}

Test(explore, a_loop_that_yields_for_ever) {
    written("for (;;) task_yield();");
    config.no_race = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_TIMEOUT, "%s", a->error);
    told(a->error, "main (#0)");
}

Test(explore, a_loop_beside_a_root_that_waits) {
    written_whole("TASK(ticking, int unused;) { for (;;) task_sleep(SECOND); }\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    chan_of(long) none;\n"
                  "    chan_make(&none, 0);\n"
                  "    go(ticking, .unused = symbol);\n"
                  "    return chan_recv(none, cents);\n"
                  "}\n");
    config.no_race = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_TIMEOUT, "%s", a->error);
    told(a->error, "in ticking (#");
    told(a->error, "Meanwhile main (#0) waits in chan receive on none");
    told(a->error, "; nobody who runs can reach that.");
    told(a->error, " Leaked by then (decided by reachability): 1 main in chan receive at ");
    cr_assert_eq(a->verdicts, VERDICT_TIMEOUT, "what is found so is never scored");
}

Test(explore, a_loop_that_could_wake_the_root_decides_nothing) {
    written_whole("TASK(ticking, chan_of(long) none;) {\n"
                  "    for (;;) task_sleep(SECOND);\n"
                  "    chan_send(a->none, 1);\n"
                  "}\n"
                  "typedef chan_of(long) price_chan;\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    price_chan none;\n"
                  "    chan_make(&none, 0);\n"
                  "    go(ticking, .none.raw = none.raw);\n"
                  "    *cents = symbol;\n"
                  "    return chan_recv(none, cents);\n"
                  "}\n");
    config.no_race = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_TIMEOUT, "%s", a->error);
    told(a->error, "Meanwhile main (#0) waits in chan receive on none");
    told(a->error, "is not decided");
}

Test(explore, leaving_the_process) {
    written("exit(0);");
    config.explore = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_ENDED_EARLY, "%s", a->error);
    cr_assert_gt(a->failing, 0);
    cr_assert_lt(a->failing, a->explored);
    told(a->error, "main (#0), last seen at test-explore-");
}

// --- exercises that ask for more than is theirs -----------------------------------------------------

Test(explore, a_leak_that_calls_itself_a_daemon) {
    written_whole("typedef chan_of(long) price_chan;\n"
                  "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
                  "    task_daemon();\n"
                  "    chan_send(a->reply, exchange_quote(a->symbol));\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    price_chan reply;\n"
                  "    chan_make(&reply, 0);\n"
                  "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
                  "    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;\n"
                  "}\n");
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_LEAK | VERDICT_MISUSE);
    told(a->judgement.note, "only the environment has daemons");
}

Test(explore, a_missing_function_is_an_error_of_the_source) {
    written_whole("bool price_off(int symbol, long *cents);\n"
                  "bool price_off(int symbol, long *cents) { return symbol && cents; }\n");
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_BUILD, "%s", a->error);
    told(a->error, "the source does not define price_of, which exercise.h asks for");
}

Test(explore, a_function_that_there_is_not_is_an_error_of_the_source) {
    written("int price_guess(void); *cents = price_guess();");
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_BUILD, "%s", a->error);
    told(a->error, "the source calls price_guess, which neither exercise.h nor core.h offers");
}

// --- what is claimed -----------------------------------------------------------------------------------

// Without a race engine, in which they are.
Test(explore, atomics_are_no_choice_points_of_the_plain_runner) {
    written("static _Atomic int given_up; given_up++;");
    config.explore = config.no_race = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, 0, "%s", a->error);
    cr_assert(a->atomics);
    cr_assert_not(a->exhaustive);
    char reach[200];
    told(answer_reach(a, reach, sizeof reach), "not exhaustive: atomics are no choice points");
}

Test(explore, each_way_of_failing_has_a_schedule) {
    written("if (symbol) chan_recv(reply, cents); else *(volatile int *)8 = 1;");
    config.explore = true;
    const struct answer *a = examine();
    cr_assert_geq(a->way_count, 1);
    for (uint32_t i = 0; i < a->way_count; i++) {
        char id[SCHEDULE_TEXT];
        schedule_format(&a->ways[i].schedule, id, sizeof id);
        cr_assert_neq(a->ways[i].verdicts, 0);
        struct examine_config again = config;
        again.explore = false;
        again.no_race = true;
        again.schedule = a->ways[i].schedule;
        struct examination *x = examine_start(&again, why);
        cr_assert_not_null(x, "%s", why);
        examine_finish(x);
        cr_expect_eq(examine_answer(x)->verdicts, a->ways[i].verdicts, "%s", id);
        examine_free(x);
    }
}

// --- the point of no return -----------------------------------------------------------------------

// The environment's first answer decides: 3 of the 20 schedules fail, all after that one.
Test(explore, the_point_of_no_return_is_the_choice_that_decides) {
    const struct answer *a = explore("wg-undercount", "wrong:one_group_for_all.c");
    cr_assert(a->fate.known);
    cr_assert(a->fate.exhaustive);
    cr_assert_lt(a->fate.continuations, a->explored);
    cr_assert_gt(a->fate.step, 0);
    const event *e = &a->log->events[a->fate.event - 1];
    cr_assert_eq(e->kind, EV_CHOOSE);
}

Test(explore, where_every_schedule_fails_it_is_the_start) {
    const struct answer *a = explore("recv-range-unclosed", "exercise");
    cr_assert(a->fate.known);
    cr_assert_eq(a->fate.event, 0);
    cr_assert_eq(a->fate.continuations, a->explored);
}

Test(explore, what_passes_has_no_such_point) {
    cr_assert_not(explore("wg-undercount", "solution")->fate.known);
}

// Two tasks race, whatever the environment does: where the close comes first, the send will panic.
Test(explore, it_may_lie_in_the_middle) {
    written_whole("typedef chan_of(long) price_chan;\n"
                  "TASK(put, price_chan to;) {\n"
                  "    chan_send(a->to, 1L);\n"
                  "}\n"
                  "TASK(shut, price_chan which;) {\n"
                  "    chan_close(a->which);\n"
                  "}\n"
                  "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
                  "    chan_send(a->reply, exchange_quote(a->symbol));\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    price_chan reply, other;\n"
                  "    chan_make(&reply, 1);\n"
                  "    chan_make(&other, 1);\n"
                  "    go(put, .to = other);\n"
                  "    go(shut, .which = other);\n"
                  "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
                  "    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;\n"
                  "}\n");
    config.explore = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_PANIC);
    cr_assert(a->exhaustive);
    cr_assert_lt(a->failing, a->explored);
    cr_assert(a->fate.known);
    cr_assert_eq(a->log->events[a->fate.event - 1].kind, EV_CLOSE);
    cr_assert_eq(a->schedule.count, 1, "%s", id_of(a));
}

// The id of a failure is good for as often as one likes.
Test(explore, a_minimal_id_fails_each_time) {
    char id[SCHEDULE_TEXT];
    const struct answer *a = explore("wg-undercount", "wrong:one_group_for_all.c");
    unsigned verdicts = a->judgement.verdicts;
    snprintf(id, sizeof id, "%s", id_of(a));
    cr_assert(eq(str, id, "wg-undercount@x1.1:0/4"));
    config.explore = false;
    config.no_race = true;
    cr_assert(schedule_parse(id, &config.schedule, why), "%s", why);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(examine()->judgement.verdicts, verdicts);
}

// --- a slow machine -------------------------------------------------------------------------------------

static const struct answer *run_of(const char *variant, const char *id) {
    subject("send-no-receiver", variant);
    config.explore = false;
    config.no_race = true;
    cr_assert(schedule_parse(id, &config.schedule, why), "%s", why);
    return examine();
}

Test(explore, time_moves_early_only_where_the_id_says_so) {
    const char *variant = "wrong:look_at_the_clock.c";
    const struct answer *a = run_of(variant, "send-no-receiver@x1t.5:t");
    cr_assert_not(a->misfit, "%s", a->error);
    cr_assert_eq(a->verdicts, VERDICT_LEAK);
    cr_assert(eq(str, (char *)id_of(a), "send-no-receiver@x1t.5:t"));
    cr_assert(run_of(variant, "send-no-receiver@x1.5:t")->misfit);
}

// The exercise's customer gives up although its price is there: late, but that is the machine's fault.
Test(explore, what_is_about_time_is_not_held_against_a_slow_machine) {
    const struct answer *a = run_of("solution", "send-no-receiver@x1t.3:t");
    cr_assert_not(a->misfit, "%s", a->error);
    cr_assert_eq(a->verdicts, 0);
    cr_assert_eq(a->judgement.check_count, 7);
}

static const char *text_of(const struct answer *a) {
    static char text[4000];
    FILE *out = fmemopen(text, sizeof text, "w");
    result_text(config.scenario, config.variant, a, false, out);
    fclose(out);
    return text;
}

Test(explore, what_relies_on_taking_no_time_fails_on_a_slow_machine_alone) {
    const struct answer *a = explore("send-no-receiver", "wrong:look_at_the_clock.c");
    cr_assert_eq(a->verdicts, VERDICT_LEAK);
    cr_assert(a->exhaustive && a->slow.exhaustive);
    cr_assert_eq(a->failing, a->slow.failing);
    cr_assert_gt(a->slow.failing, 0);
    cr_assert_gt(a->explored, a->slow.explored);
    cr_assert(a->failing_schedule && a->schedule.slow);
    cr_assert(eq(str, (char *)id_of(a), "send-no-receiver@x1t.5:t"), "of one deviation");
    cr_assert_eq(a->judgement.verdicts, VERDICT_LEAK);
    cr_assert(a->fate.known);
    told(text_of(a), "schedules on a slow machine; all ");
    told(text_of(a), "a slow machine: at event ");
    told(text_of(a), " schedules of a slow machine, time moving early at most 2 times");
}

// Every byte of its log.
static uint64_t log_hash(const event_log *log) {
    uint64_t hash = UINT64_C(1469598103934665603), head = atomic_load(&log->head);
    const unsigned char *bytes = (const unsigned char *)log->events;
    for (size_t i = 0; i < head * sizeof *log->events; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

Test(explore, an_id_of_a_slow_machine_replays_100_times_the_same) {
    uint64_t first = log_hash(run_of("wrong:look_at_the_clock.c", "send-no-receiver@x1t.5:t")->log);
    for (int i = 1; i < 100; i++) {
        const struct answer *a = examine();
        cr_assert_eq(a->verdicts, VERDICT_LEAK);
        cr_assert_eq(log_hash(a->log), first, "run %d", i);
    }
    cr_assert_neq(log_hash(run_of("wrong:look_at_the_clock.c", "send-no-receiver@x1")->log), first);
}

Test(explore, a_slow_machine_is_tried_where_all_else_holds) {
    const struct answer *a = explore("send-no-receiver", "solution");
    cr_assert_eq(a->verdicts, 0, "%s", a->error);
    cr_assert(a->slow.exhaustive);
    cr_assert_gt(a->slow.explored, a->explored);
    told(text_of(a), "tried: all ");
    a = explore("send-no-receiver", "exercise");
    cr_assert_eq(a->slow.explored, 0);
}

// All there is without one, and the rest of the budget, not one run more.
Test(explore, a_slow_machine_gets_what_is_left_of_a_budget) {
    config.budget = 2000;
    config.no_race = true;
    const struct answer *a = explore("recv-range-unclosed", "solution:a_stop_line_for_each.c");
    cr_assert_eq(a->verdicts, 0, "%s", a->error);
    cr_assert(a->exhaustive);
    cr_assert_not(a->slow.exhaustive);
    // The serial schedules are run twice.
    cr_assert_lt(a->explored + a->slow.explored, 2000);
    cr_assert_gt(a->explored + a->slow.explored, 1500);
    config.budget = 1;
    cr_assert_eq(explore("recv-range-unclosed", "solution:a_stop_line_for_each.c")->explored, 1);
}

Test(explore, a_slow_machine_can_be_asked_for) {
    config.tree_budget = 1000;
    config.random_budget = 10;
    config.no_race = true;
    cr_assert_eq(explore("handle-not-closed", "solution:end_the_request.c")->slow.explored, 0);
    config.slow = true;
    cr_assert_eq(explore("handle-not-closed", "solution:end_the_request.c")->slow.explored, 1010);
}

// Four tasks that each hold one lock twice: (4 * 2)! / (2!)^4 orders for each of 40 that the driver has, more
// than are tried unless asked for.
Test(explore, every_schedule_however_many) {
    config.exhaustive = config.no_race = config.explore = true;
    written_whole("static bool held;\n"
                  "TASK(clerk, mutex *lock; waitgroup *pending;) {\n"
                  "    for (int i = 0; i < 2; i++) {\n"
                  "        mutex_lock(a->lock);\n"
                  "        held = true;\n"
                  "        mutex_unlock(a->lock);\n"
                  "    }\n"
                  "    waitgroup_done(a->pending);\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    mutex lock = {0};\n"
                  "    waitgroup pending = {0};\n"
                  "    *cents = symbol;\n"
                  "    if (held)\n"
                  "        return true;\n"
                  "    waitgroup_add(&pending, 4);\n"
                  "    for (int i = 0; i < 4; i++)\n"
                  "        go(clerk, .lock = &lock, .pending = &pending);\n"
                  "    waitgroup_wait(&pending);\n"
                  "    return true;\n"
                  "}\n");
    const struct answer *a = examine();
    cr_assert(a->exhaustive, "%#x %" PRIu64 " %s", a->verdicts, a->explored, a->error);
    cr_assert_eq(a->explored, 40 * 2520, "%" PRIu64, a->explored);
}

Test(explore, every_schedule_of_a_slow_machine_only_if_asked_for_by_name) {
    config.exhaustive = config.no_race = true;
    const struct answer *a = explore("ctx-detached", "solution:hand_it_down_and_wait.c");
    cr_assert_eq(a->verdicts, 0, "%s", a->error);
    cr_assert(a->exhaustive);
    cr_assert_not(a->slow.exhaustive);
    uint64_t some = a->slow.explored;
    config.slow = true;
    a = explore("ctx-detached", "solution:hand_it_down_and_wait.c");
    cr_assert(a->slow.exhaustive);
    cr_assert_gt(a->slow.explored, some);
}

// --- what an id is worth in another source ----------------------------------------------------------------

// The exercise with a shipper of its own making, and what stands around it.
static void shipper_written(const char *head, const char *in_loop) {
    static const char format[] = "%s#include \"exercise.h\"\n"
                                 "typedef chan_of(int) line_chan;\n"
                                 "TASK(shipper, line_chan queue; waitgroup *pending;) {\n"
                                 "    int line;\n"
                                 "    while (chan_recv(a->queue, &line)) {\n"
                                 "        %s\n"
                                 "        collector_put(line);\n"
                                 "        waitgroup_done(a->pending);\n"
                                 "    }\n"
                                 "}\n"
                                 "void ship(const int *lines, int count) {\n"
                                 "    waitgroup pending = {0};\n"
                                 "    line_chan queue;\n"
                                 "    chan_make(&queue, 0);\n"
                                 "    waitgroup_add(&pending, count);\n"
                                 "    for (int i = 0; i < SHIPPERS; i++)\n"
                                 "        go(shipper, .queue = queue, .pending = &pending);\n"
                                 "    for (int i = 0; i < count; i++)\n"
                                 "        chan_send(queue, lines[i]);\n"
                                 "    if (count != 1)\n"
                                 "        chan_close(queue);\n"
                                 "    waitgroup_wait(&pending);\n"
                                 "}\n";
    char text[2500];
    snprintf(text, sizeof text, format, head, in_loop);
    written_for("recv-range-unclosed", text);
}

static char *id_found(const char *head, const char *in_loop) {
    shipper_written(head, in_loop);
    config.explore = config.no_race = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_LEAK, "%#x %s", a->verdicts, a->error);
    return text_copy(id_of(a));
}

Test(explore, an_id_survives_edits_that_move_no_choice) {
    char *id = id_found("", ""), *edited = id_found("// A long story.\n//\n// And more.\n\n",
                                                    "int twice = 2 * line; (void)twice;");
    cr_assert_gt(strlen(id), strlen("recv-range-unclosed@x1"), "not of the default schedule");
    cr_assert(eq(str, edited, id));
    config.explore = false;
    cr_assert(schedule_parse(id, &config.schedule, why), "%s", why);
    const struct answer *a = examine(); // in the edited source
    cr_assert_not(a->misfit);
    cr_assert_eq(a->verdicts, VERDICT_LEAK);
    free(id);
    free(edited);
}

// The shippers that go home early have steps that those of the solution have not.
Test(explore, in_another_source_an_id_says_where_it_leads_elsewhere) {
    const struct answer *a = explore("recv-range-unclosed", "wrong:idle_for_a_moment.c");
    cr_assert(eq(str, (char *)id_of(a), "recv-range-unclosed@x1t.3:t.6:2.7:t.8:t"));
    config.schedule = a->schedule;
    config.explore = false;
    subject("recv-range-unclosed", "solution:a_stop_line_for_each.c");
    a = examine();
    cr_assert(a->misfit);
    told(a->error, "at step 8 what it names cannot happen");
    config.schedule.deviations[config.schedule.count - 1].step = 5000;
    a = examine();
    cr_assert(a->misfit);
    told(a->error, "the run was over before step 5000");
}

// --- code that is not a function of its schedule --------------------------------------------------------

// What a run leaves on a stack is there in the next.
Test(explore, code_that_reads_what_it_never_wrote_is_named) {
    written_whole("static int left_there(void) {\n"
                  "    volatile int never_written[6000];\n"
                  "    return never_written[7]++;\n"
                  "}\n"
                  "typedef chan_of(long) price_chan;\n"
                  "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
                  "    if (left_there() % 3 == 0)\n"
                  "        chan_len(a->reply);\n"
                  "    chan_send(a->reply, exchange_quote(a->symbol));\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    price_chan reply;\n"
                  "    chan_make(&reply, 1);\n"
                  "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
                  "    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;\n"
                  "}\n");
    config.explore = config.no_race = true;
    const struct answer *a = examine();
    cr_assert(a->diverged);
    cr_assert_not(a->exhaustive);
    told(text_of(a),
         "not repeatable: a replayed prefix differed: the code is not a function of its");
    json_t *document = result_new(&catalogue);
    result_add(document, config.scenario, config.variant, a);
    char *json = json_dumps(document, 0);
    told(json, "\"diverged\": \"a replayed prefix differed");
    free(json);
    json_decref(document);
}

// --- the shortest id ------------------------------------------------------------------------------------

// It leaks where the three note themselves down in the order 3, 2, 1, which takes two deviations of which
// neither can be left out, and is found first, for nobody is preempted; or where somebody sees the first
// one's work half done, which takes one.
Test(explore, an_id_has_as_few_deviations_as_will_do) {
    written_whole("typedef chan_of(long) price_chan;\n"
                  "static int order, half, seen_half, asked;\n"
                  "static mutex lock;\n"
                  "TASK(note, int number; waitgroup *wg;) {\n"
                  "    defer(waitgroup_done, a->wg);\n"
                  "    mutex_lock(&lock);\n"
                  "    order = order * 10 + a->number;\n"
                  "    seen_half |= half;\n"
                  "    half = a->number == 1;\n"
                  "    mutex_unlock(&lock);\n"
                  "    if (a->number != 1)\n"
                  "        return;\n"
                  "    mutex_lock(&lock);\n"
                  "    half = 0;\n"
                  "    mutex_unlock(&lock);\n"
                  "}\n"
                  "static void note_all(void) {\n"
                  "    waitgroup wg = {0};\n"
                  "    waitgroup_add(&wg, 3);\n"
                  "    for (int i = 1; i <= 3; i++)\n"
                  "        go(note, .number = i, .wg = &wg);\n"
                  "    waitgroup_wait(&wg);\n"
                  "}\n"
                  "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
                  "    chan_send(a->reply, exchange_quote(a->symbol));\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    price_chan reply;\n"
                  "    if (!asked++)\n"
                  "        note_all();\n"
                  "    chan_make(&reply, order == 321 || seen_half ? 0 : 1);\n"
                  "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
                  "    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;\n"
                  "}\n");
    config.explore = config.no_race = true;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, VERDICT_LEAK, "%#x %s", a->verdicts, a->error);
    cr_assert_eq(a->schedule.count, 1, "%s", id_of(a));
}

// --- what a run that kills its process costs ------------------------------------------------------------

// A right fix, but for what it does of a batch without lines, which is one course of six.
static const struct answer *empty_batch(const char *ends) {
    static const char format[] = "#include \"exercise.h\"\n#include <stdlib.h>\n"
                                 "typedef chan_of(int) line_chan;\n"
                                 "TASK(shipper, line_chan queue; waitgroup *pending;) {\n"
                                 "    int line;\n"
                                 "    while (chan_recv(a->queue, &line)) {\n"
                                 "        collector_put(line);\n"
                                 "        waitgroup_done(a->pending);\n"
                                 "    }\n"
                                 "}\n"
                                 "void ship(const int *lines, int count) {\n"
                                 "    waitgroup pending = {0};\n"
                                 "    line_chan queue;\n"
                                 "    if (count == 0)\n"
                                 "        %s\n"
                                 "    chan_make(&queue, 0);\n"
                                 "    waitgroup_add(&pending, count);\n"
                                 "    for (int i = 0; i < SHIPPERS; i++)\n"
                                 "        go(shipper, .queue = queue, .pending = &pending);\n"
                                 "    for (int i = 0; i < count; i++)\n"
                                 "        chan_send(queue, lines[i]);\n"
                                 "    chan_close(queue);\n"
                                 "    waitgroup_wait(&pending);\n"
                                 "}\n";
    char text[2000];
    snprintf(text, sizeof text, format, ends);
    written_for("recv-range-unclosed", text);
    config.explore = config.no_race = true;
    config.patience = 500 * MILLISECOND;
    return examine();
}

// Each is met once among the first thousand, those without preemption, and once more by the search of all,
// which goes on with every other schedule.
Test(explore, what_kills_its_process_costs_its_own_schedules_alone) {
    static const struct {
        const char *ends;
        unsigned verdict;
    } deaths[] = {
        {"*(volatile int *)8 = 1;", VERDICT_CRASH},
        {"exit(0);", VERDICT_ENDED_EARLY},
        {"for (volatile int i = 0;; i++) {}", VERDICT_TIMEOUT},
    };
    config.patience = 500 * MILLISECOND;
    const struct answer *a = empty_batch("panic(\"nothing to ship\");");
    cr_assert_eq(a->verdicts, VERDICT_PANIC);
    cr_assert(a->exhaustive);
    uint64_t pass = a->explored - a->failing;
    cr_assert_gt(pass, 100);
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        a = empty_batch(deaths[i].ends);
        cr_expect_eq(a->verdicts, deaths[i].verdict, "%#x %s", a->verdicts, a->error);
        cr_expect_eq(a->explored, 1000 + pass + 1, "%d", (int)a->explored);
        cr_expect_eq(a->failing, 2);
        cr_expect_not(a->exhaustive);
    }
}

// --- too much to try ------------------------------------------------------------------------------------

// As much as a process ever had in memory, in kilobytes: of this one, and of all its children that have ended.
static long most_memory(void) {
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    return self.ru_maxrss + children.ru_maxrss;
}

// Forty tasks that take turns at a lock, (400)! / (10!)^40 schedules, beside a price that comes anyway.
Test(explore, of_more_schedules_than_can_be_tried_exactly_the_budget_is) {
    written_whole("typedef chan_of(long) price_chan;\n"
                  "static mutex lock;\n"
                  "TASK(turns, int unused;) {\n"
                  "    for (int i = 0; i < 10; i++) {\n"
                  "        mutex_lock(&lock);\n"
                  "        mutex_unlock(&lock);\n"
                  "    }\n"
                  "}\n"
                  "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
                  "    chan_send(a->reply, exchange_quote(a->symbol));\n"
                  "}\n"
                  "bool price_of(int symbol, long *cents) {\n"
                  "    price_chan reply;\n"
                  "    chan_make(&reply, 1);\n"
                  "    for (int i = 0; i < 40; i++)\n"
                  "        go(turns, .unused = i);\n"
                  "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
                  "    return chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0;\n"
                  "}\n");
    config.explore = config.no_race = true;
    config.budget = 1000;
    const struct answer *a = examine();
    cr_assert_eq(a->verdicts, 0, "%#x %s", a->verdicts, a->error);
    cr_assert_eq(a->explored, 1000);
    cr_assert_eq(a->slow.explored, 0);
    told(text_of(a), "tried: no schedule of a slow machine: the budget was used up");
    cr_assert_not(a->exhaustive);
    cr_assert_lt(most_memory(), 512 * 1024);
}
