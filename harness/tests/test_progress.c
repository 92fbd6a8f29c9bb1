// What a learner tried is read back, joined, mended and never lost.
#include "harness/file.h"
#include "harness/progress.h"
#include "harness/tests/prefix.h"

#include <dirent.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct progress p;
static char why[FILE_WHY], *path;
static struct scenario_info first = {.name = (char *)"first-case"};
static struct scenario_info second = {.name = (char *)"second-case"};
static struct variant source;

static void start(void) {
    prefix_start();
    path = text_format("%s/.unstuck/progress.jsonl", prefix);
    source.source = prefix_write("exercise.c", "int x;\n");
    *why = '\0';
}

static void end(void) {
    free(path);
    free(source.source);
    prefix_end();
}

TestSuite(progress, .init = start, .fini = end, .timeout = 60);

static void reads(void) {
    cr_assert(progress_open(&p, path, why), "%s", why);
}

static void reads_again(void) {
    progress_close(&p);
    reads();
}

static void put(const char *content) {
    cr_assert(file_put(path, content, why), "%s", why);
}

static struct answer answer(unsigned verdicts, uint64_t failing) {
    struct answer a = {.verdicts = verdicts, .explored = 12, .failing = failing};
    a.exhaustive = true;
    a.race = RACE_NONE;
    a.failing_schedule = failing != 0;
    snprintf(a.schedule.name, sizeof a.schedule.name, "first-case");
    return a;
}

static bool tries(unsigned verdicts) {
    struct answer a = answer(verdicts, verdicts ? 5 : 0);
    return progress_attempt(&p, &first, &source, &a, why);
}

static bool is_there(const char *name) {
    char *full = text_format("%s/.unstuck/%s", prefix, name);
    bool found = access(full, F_OK) == 0;
    free(full);
    return found;
}

#define ATTEMPT(name, verdicts)                                                                    \
    "{\"exercise\":\"" name "\",\"at\":\"2026-01-02T03:04:05Z\",\"verdicts\":[" verdicts "]}\n"
#define FAILED(name) ATTEMPT(name, "\"leak\"")
#define PASSED(name) ATTEMPT(name, "")

// ---- read back ----

Test(progress, at_first_there_is_none) {
    reads();
    cr_assert_null(progress_last(&p, "first-case"));
    cr_assert_not(progress_passed(&p, "first-case"));
    cr_assert_not(progress_solved(&p, "first-case"));
    cr_assert_eq(progress_hints(&p, "first-case"), 0);
    cr_assert_eq(progress_failures(&p, "first-case"), 0);
    cr_assert_eq(p.broken, 0);
    cr_assert_not(is_there("progress.jsonl"), "reading writes nothing");
    progress_close(&p);
}

Test(progress, an_attempt_is_read_back) {
    struct answer a = answer(VERDICT_LEAK | VERDICT_BEHAVIOUR, 5);
    a.judgement.check_count = 3;
    a.judgement.checks[0] = (struct judged_check){.name = "in time", .state = CHECK_FAILED};
    a.judgement.checks[1] = (struct judged_check){.name = "delivers", .state = CHECK_PASSED};
    a.judgement.checks[2] = (struct judged_check){.name = "tells", .state = CHECK_FAILED};
    reads();
    cr_assert(progress_attempt(&p, &first, &source, &a, why), "%s", why);
    for (int i = 0; i < 2; i++, reads_again()) {
        const struct attempt *last = progress_last(&p, "first-case");
        char hash[SOURCE_HASH];
        cr_assert(last);
        cr_assert_eq(last->verdicts, VERDICT_LEAK | VERDICT_BEHAVIOUR);
        cr_assert_str_eq(last->checks, "in time\ntells\n");
        cr_assert_eq(last->explored, 12);
        cr_assert_eq(last->failing, 5);
        cr_assert(last->exhaustive);
        cr_assert_str_eq(last->schedule, "first-case@x1");
        cr_assert_str_eq(last->source, variant_hash(&source, hash));
        cr_assert_eq(strlen(last->at), strlen("2026-01-02T03:04:05Z"));
        cr_assert_null(progress_last(&p, "second-case"));
    }
    progress_close(&p);
}

Test(progress, hints_are_read_back_and_the_highest_counts) {
    reads();
    cr_assert(progress_hint(&p, &first, 1, why) && progress_hint(&p, &first, 2, why));
    cr_assert(progress_hint(&p, &second, 4, why) && progress_hint(&p, &first, 1, why));
    for (int i = 0; i < 2; i++, reads_again()) {
        cr_assert_eq(progress_hints(&p, "first-case"), 2);
        cr_assert_eq(progress_hints(&p, "second-case"), 4);
        cr_assert_null(progress_last(&p, "first-case"), "a hint is no attempt");
    }
    progress_close(&p);
}

Test(progress, a_later_failure_does_not_undo_a_pass) {
    reads();
    cr_assert(tries(VERDICT_LEAK) && tries(VERDICT_LEAK));
    cr_assert_eq(progress_failures(&p, "first-case"), 2);
    cr_assert_not(progress_passed(&p, "first-case"));
    cr_assert(tries(0));
    cr_assert_eq(progress_failures(&p, "first-case"), 0);
    cr_assert(progress_solved(&p, "first-case"));
    cr_assert(tries(VERDICT_LEAK));
    for (int i = 0; i < 2; i++, reads_again()) {
        cr_assert(progress_passed(&p, "first-case"));
        cr_assert_not(progress_solved(&p, "first-case"));
        cr_assert_eq(progress_failures(&p, "first-case"), 1);
    }
    progress_close(&p);
}

// ---- broken lines ----

Test(progress, both_sides_of_a_merge_count) {
    put("<<<<<<< HEAD\n" FAILED("first-case") "=======\n" PASSED("second-case") ">>>>>>> other\n");
    reads();
    cr_assert_eq(p.broken, 3);
    cr_assert_eq(p.attempt_count, 2);
    cr_assert(progress_solved(&p, "second-case"));
    progress_close(&p);
}

// One that is broken, between two that are good.
static const struct broken {
    const char *name, *line;
    size_t size; // of a line with NULs in it, else 0
} broken[] = {
    {"torn", "{\"exercise\":\"first-case\",\"verd", 0},
    {"two in one", "{\"exercise\":\"first-case\",\"hint\":1}{\"exercise\":\"x\",\"hint\":1}", 0},
    {"no object", "[1, 2]", 0},
    {"no JSON", "oops", 0},
    {"of no exercise", "{\"verdicts\":[]}", 0},
    {"an exercise that is a number", "{\"exercise\":1,\"verdicts\":[]}", 0},
    {"neither attempt nor hint", "{\"exercise\":\"first-case\"}", 0},
    {"verdicts that are no list", "{\"exercise\":\"first-case\",\"verdicts\":\"leak\"}", 0},
    {"a verdict nobody knows", "{\"exercise\":\"first-case\",\"verdicts\":[\"melted\"]}", 0},
    {"a verdict that is a number", "{\"exercise\":\"first-case\",\"verdicts\":[7]}", 0},
    {"a hint that is a word", "{\"exercise\":\"first-case\",\"hint\":\"two\"}", 0},
    {"no UTF-8", "{\"exercise\":\"\xff\xfe\",\"verdicts\":[]}", 0},
    {"zeros, as after a power cut", "\0\0\0\0\0\0\0\0", 8},
    {"a NUL within", "{\"exercise\":\"first-case\",\0\"verdicts\":[]}", 40},
};

static void put_between(const struct broken *b, struct text *content) {
    size_t size = b->size ? b->size : strlen(b->line);
    text_addf(content, "%s", FAILED("first-case"));
    text_add(content, b->line, size);
    text_addf(content, "\n%s", PASSED("second-case"));
    cr_assert(file_write(path, content->data, content->length, why), "%s", why);
}

// The copy that was put aside has all of it, and what is written has all that is good.
static void is_kept_aside(const struct broken *b, const struct text *content) {
    char *aside = text_format("%s.broken-1", path);
    size_t size = 0;
    char *kept = text_file_bytes(aside, 1 << 20, &size);
    cr_assert(kept, "%s: nothing was kept aside", b->name);
    cr_assert(size == content->length && !memcmp(kept, content->data, size), "%s", b->name);
    cr_assert_eq(unlink(aside), 0);
    free(kept);
    free(aside);
}

Test(progress, a_broken_line_is_left_out_and_kept_aside) {
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct text content = {0};
        put_between(&broken[i], &content);
        reads();
        cr_assert_eq(p.broken, 1, "%s: %zu", broken[i].name, p.broken);
        cr_assert_eq(p.attempt_count, 2, "%s: %zu", broken[i].name, p.attempt_count);
        cr_assert_not(is_there("progress.jsonl.broken-1"), "reading writes nothing");
        cr_assert(progress_hint(&p, &first, 3, why), "%s", why);
        cr_assert_eq(p.broken, 0);
        is_kept_aside(&broken[i], &content);
        reads_again();
        cr_assert_eq(p.broken, 0, "%s", broken[i].name);
        cr_assert_eq(p.attempt_count, 2);
        cr_assert_eq(progress_hints(&p, "first-case"), 3);
        progress_close(&p);
        text_free(&content);
    }
}

Test(progress, each_broken_file_is_kept_aside_under_a_name_of_its_own) {
    for (int i = 0; i < 3; i++) {
        put(i == 0 ? "one\n" : "two\n");
        reads();
        cr_assert(progress_hint(&p, &first, 1, why), "%s", why);
        progress_close(&p);
    }
    char *one = text_format("%s.broken-1", path), *two = text_format("%s.broken-2", path);
    cr_assert(file_holds(one, "one\n"));
    cr_assert(file_holds(two, "two\n"));
    cr_assert_not(is_there("progress.jsonl.broken-3"), "what was kept is not kept twice");
    free(one);
    free(two);
}

Test(progress, empty_lines_and_other_line_ends_are_not_broken) {
    put("\n  \r\n{\"exercise\":\"first-case\",\"verdicts\":[]}\r\n"
        "{\"exercise\":\"first-case\",\"hint\":2}"); // no newline at its end
    reads();
    cr_assert_eq(p.broken, 0);
    cr_assert(progress_solved(&p, "first-case"));
    cr_assert_eq(progress_hints(&p, "first-case"), 2);
    cr_assert(tries(VERDICT_LEAK), "%s", why);
    reads_again();
    cr_assert_eq(p.attempt_count, 2);
    cr_assert_eq(progress_hints(&p, "first-case"), 2);
    progress_close(&p);
}

Test(progress, odd_values_do_no_harm) {
    put("{\"exercise\":\"first-case\",\"hint\":-1}\n"
        "{\"exercise\":\"first-case\",\"hint\":256}\n"
        "{\"exercise\":\"first-case\",\"hint\":9223372036854775807}\n"
        "{\"exercise\":\"\",\"verdicts\":[]}\n"
        "{\"exercise\":\"second-case\",\"verdicts\":[\"leak\",\"leak\"],\"checks\":7,\"at\":[],"
        "\"source\":\"longer than eight hexadecimal digits\",\"explored\":-3,\"failing\":\"5\","
        "\"exhaustive\":1,\"schedule\":null}\n");
    reads();
    cr_assert_eq(p.broken, 0);
    cr_assert_eq(progress_hints(&p, "first-case"), 5, "there is no hint beyond the last");
    const struct attempt *odd = progress_last(&p, "second-case");
    cr_assert(odd);
    cr_assert_eq(odd->verdicts, VERDICT_LEAK);
    cr_assert_eq(odd->explored, 0);
    cr_assert_eq(odd->failing, 0);
    cr_assert_not(odd->exhaustive);
    cr_assert_str_empty(odd->checks);
    cr_assert_str_empty(odd->schedule);
    cr_assert_str_empty(odd->at);
    cr_assert_str_eq(odd->source, "longer t");
    progress_close(&p);
}

Test(progress, a_folder_in_its_place_is_told) {
    char *below = text_format("%s/below", path);
    cr_assert(file_put(below, "x", why));
    cr_assert_not(progress_open(&p, path, why));
    cr_assert(strstr(why, "progress.jsonl: Is a directory"), "%s", why);
    cr_assert_eq(p.attempt_count, 0);
    progress_close(&p);
    free(below);
}

// ---- several at once ----

static void add_many(const struct scenario_info *s, int count) {
    struct progress own;
    struct answer a = answer(VERDICT_LEAK, 5);
    if (!progress_open(&own, path, why))
        _exit(1);
    for (int i = 0; i < count; i++)
        if (!progress_attempt(&own, s, &source, &a, why))
            _exit(2);
    _exit(0);
}

Test(progress, two_that_add_at_once_lose_nothing) {
    enum { EACH = 25 };
    pid_t children[2];
    for (int i = 0; i < 2; i++)
        if ((children[i] = fork()) == 0)
            add_many(i ? &second : &first, EACH);
    for (int i = 0, status; i < 2; i++) {
        waitpid(children[i], &status, 0);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
    }
    reads();
    cr_assert_eq(p.broken, 0);
    cr_assert_eq(progress_failures(&p, "first-case"), EACH);
    cr_assert_eq(progress_failures(&p, "second-case"), EACH);
    progress_close(&p);
}

Test(progress, what_another_added_meanwhile_is_seen_by_who_adds) {
    struct progress other;
    reads();
    cr_assert(progress_open(&other, path, why));
    cr_assert(progress_hint(&other, &second, 2, why));
    cr_assert_eq(progress_hints(&p, "second-case"), 0);
    cr_assert(tries(0));
    cr_assert_eq(progress_hints(&p, "second-case"), 2);
    progress_close(&other);
    progress_close(&p);
}

// ---- what cannot be written ----

// From here on permissions hold for root, too.
static void as_anybody(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    cr_assert_eq(syscall(SYS_capget, &header, data), 0);
    data[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    cr_assert_eq(syscall(SYS_capset, &header, data), 0);
}

Test(progress, what_cannot_be_written_is_told_and_counts_until_it_can) {
    char *folder = text_format("%s/.unstuck", prefix);
    put(FAILED("second-case"));
    as_anybody();
    reads();
    cr_assert_eq(chmod(folder, 0555), 0);
    cr_assert_not(tries(VERDICT_LEAK));
    cr_assert(strstr(why, "progress.jsonl: Permission denied"), "%s", why);
    cr_assert_not(tries(VERDICT_LEAK));
    cr_assert_not(progress_hint(&p, &first, 2, why));
    cr_assert_eq(progress_failures(&p, "first-case"), 2);
    cr_assert_eq(progress_failures(&p, "second-case"), 1);
    cr_assert_eq(progress_hints(&p, "first-case"), 2);
    cr_assert(file_holds(path, FAILED("second-case")));
    cr_assert_eq(chmod(folder, 0755), 0);
    cr_assert(tries(0), "%s", why);
    cr_assert(tries(0), "%s", why);
    for (int i = 0; i < 2; i++, reads_again()) {
        cr_assert_eq(p.attempt_count, 5, "%zu", p.attempt_count);
        cr_assert(progress_solved(&p, "first-case"));
        cr_assert_eq(progress_hints(&p, "first-case"), 2);
    }
    progress_close(&p);
    free(folder);
}

Test(progress, a_file_that_cannot_be_read_is_told_and_never_written_over) {
    put(PASSED("first-case"));
    as_anybody();
    cr_assert_eq(chmod(path, 0), 0);
    cr_assert_not(progress_open(&p, path, why));
    cr_assert(strstr(why, "progress.jsonl: Permission denied"), "%s", why);
    cr_assert_not(tries(VERDICT_LEAK));
    cr_assert_eq(progress_failures(&p, "first-case"), 1);
    cr_assert_eq(chmod(path, 0644), 0);
    cr_assert(file_holds(path, PASSED("first-case")));
    progress_close(&p);
}

// ---- what changed ----

static const struct change {
    struct attempt before, now;
    const char *words;
} changes[] = {
    {{.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     {.verdicts = VERDICT_LEAK, .explored = 12, .failing = 2},
     "before, 5 of 12 schedules failed; now 2 of 12"},
    {{.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     {.verdicts = VERDICT_LEAK, .explored = 4211, .failing = 5},
     "before, 5 of 12 schedules failed; now 5 of 4,211"},
    {{.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     {.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     ""},
    {{.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     {.verdicts = VERDICT_LEAK | VERDICT_BEHAVIOUR,
      .checks = (char *)"in time\n",
      .explored = 12,
      .failing = 2},
     "before, 5 of 12 schedules failed; now 2 of 12; new: in time"},
    {{.verdicts = VERDICT_BEHAVIOUR, .checks = (char *)"in time\ntells\n"},
     {.verdicts = VERDICT_LEAK | VERDICT_BEHAVIOUR, .checks = (char *)"tells\ndelivers\n"},
     "new: leak, delivers; no longer: in time"},
    {{.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     {.explored = 20},
     "what failed before passes"},
    {{.explored = 20},
     {.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     "this passed before; new: leak"},
    {{.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     {.verdicts = VERDICT_BUILD},
     "new: build; no longer: leak"},
    {{.verdicts = VERDICT_BUILD},
     {.verdicts = VERDICT_LEAK, .explored = 12, .failing = 5},
     "new: leak; no longer: build"},
    {{.verdicts = VERDICT_BUILD}, {.verdicts = VERDICT_BUILD}, ""},
    {{.explored = 12}, {.explored = 12}, ""},
};

Test(progress, what_changed_is_said_in_a_sentence) {
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct attempt before = changes[i].before, now = changes[i].now;
        before.checks = before.checks ? before.checks : (char *)"";
        now.checks = now.checks ? now.checks : (char *)"";
        char *words = attempt_change(&before, &now);
        cr_assert_str_eq(words, changes[i].words, "%zu: `%s`", i, words);
        free(words);
    }
}
