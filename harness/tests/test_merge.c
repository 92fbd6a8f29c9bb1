// Shards, however many, give the unsharded document again, byte for byte; what is no whole is refused.
#include "harness/grade/cohort.h"
#include "harness/grade/merge.h"
#include "harness/text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { SCENARIOS = 6, SHARDS_MOST = 9 };

static struct grading grading;

static void start(void) {
    grading = (struct grading){.mode = "grade", .seed = 5, .seeds = 1};
}

TestSuite(merge, .init = start);

// What sampling `number` of the list came to: every third is worse than the others, some do not pass.
static json_t *entry(size_t number) {
    static const char *const statuses[] = {"pass", "fail", "error"};
    size_t scenario = number / grading.seeds, seed = 5 + number % grading.seeds;
    char *id = text_format("case-%zu", scenario), *hex = text_format("0x%zx", seed);
    size_t bad = (scenario * 7 + seed * 3) % 4;
    json_t *j = json_pack("{s:s, s:s, s:i, s:i, s:[], s:i, s:i, s:s}", "id", id, "status",
                          statuses[bad > 2 ? 2 : bad], "score", (int)(10 - bad), "max_score", 10,
                          "verdicts", "explored", (int)(100 + number), "failing", (int)bad, "seed",
                          hex);
    free(id);
    free(hex);
    return j;
}

// The document of one shard, or of the whole for {0}.
static json_t *graded(struct shard shard) {
    json_t *entries = json_array();
    grading.shard = shard;
    for (size_t i = 0; i < SCENARIOS * grading.seeds; i++)
        if (!shard.of || i % shard.of == shard.index - 1)
            json_array_append_new(entries, entry(i));
    json_t *tool = json_pack("{s:s}", "version", "1");
    return merge_document(tool, merge_run(&grading), entries);
}

static char *bytes(const json_t *document) {
    cr_assert(document);
    return json_dumps(document, JSON_INDENT(2));
}

static json_t *shards[SHARDS_MOST];
static const char *files[SHARDS_MOST] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
static char why[MERGE_WHY];

static void deal(uint32_t of) {
    for (uint32_t i = 0; i < of; i++)
        shards[i] = graded((struct shard){i + 1, of});
}

static void forget(uint32_t of) {
    for (uint32_t i = 0; i < of; i++)
        json_decref(shards[i]);
}

static void merges_to_the_whole(uint32_t of) {
    json_t *whole = graded((struct shard){0});
    deal(of);
    json_t *merged = merge_shards(shards, files, of, why);
    cr_assert(merged, "%s", why);
    char *expected = bytes(whole), *got = bytes(merged);
    cr_assert_str_eq(got, expected, "%u shards", of);
    free(expected);
    free(got);
    json_decref(whole);
    json_decref(merged);
    forget(of);
}

Test(merge, any_number_of_shards_gives_the_whole) {
    for (uint32_t of = 1; of <= SHARDS_MOST; of++)
        merges_to_the_whole(of);
}

Test(merge, seeds_are_dealt_out_too) {
    for (grading.seeds = 2; grading.seeds <= 5; grading.seeds++)
        for (uint32_t of = 1; of <= SHARDS_MOST; of++)
            merges_to_the_whole(of);
}

Test(merge, the_order_of_the_files_does_not_matter) {
    grading.seeds = 3;
    json_t *whole = graded((struct shard){0});
    deal(4);
    json_t *turned[] = {shards[2], shards[0], shards[3], shards[1]};
    json_t *merged = merge_shards(turned, files, 4, why);
    cr_assert(json_equal(whole, merged), "%s", why);
    json_decref(whole);
    json_decref(merged);
    forget(4);
}

Test(merge, of_the_seeds_the_worst_counts_and_the_first_of_equals) {
    grading.seeds = 4;
    json_t *whole = graded((struct shard){0}), *list = json_object_get(whole, "scenarios");
    cr_assert_eq(json_array_size(list), (size_t)SCENARIOS);
    for (size_t i = 0; i < SCENARIOS; i++) {
        const json_t *scenario = json_array_get(list, i);
        const json_t *samplings = json_object_get(scenario, "samplings");
        cr_assert_eq(json_array_size(samplings), 4u);
        json_int_t score = json_integer_value(json_object_get(scenario, "score"));
        size_t first = 0;
        while (json_integer_value(json_object_get(json_array_get(samplings, first), "score")) !=
               score)
            first++;
        for (size_t k = 0; k < 4; k++)
            cr_assert_geq(
                json_integer_value(json_object_get(json_array_get(samplings, k), "score")), score);
        cr_assert(json_equal(json_object_get(json_array_get(samplings, first), "seed"),
                             json_object_get(scenario, "seed")));
    }
    json_decref(whole);
}

Test(merge, points_are_added_up) {
    json_t *whole = graded((struct shard){0}), *list = json_object_get(whole, "scenarios");
    json_int_t score = 0;
    for (size_t i = 0; i < SCENARIOS; i++)
        score += json_integer_value(json_object_get(json_array_get(list, i), "score"));
    cr_assert_eq(json_integer_value(json_object_get(whole, "score")), score);
    cr_assert_eq(json_integer_value(json_object_get(whole, "max_score")), 60);
    cr_assert_str_eq(json_string_value(json_object_get(whole, "status")), "error");
    json_decref(whole);
}

// --- what does not fit ------------------------------------------------------------------------------

static void refused(size_t count, const char *words) {
    json_t *merged = merge_shards(shards, files, count, why);
    cr_assert_null(merged);
    cr_assert(strstr(why, words), "`%s` in: %s", words, why);
}

Test(merge, a_shard_that_is_missing_or_there_twice_is_told) {
    deal(3);
    refused(2, "a is one of 3 shards, and 2 files were given");
    json_t *third = shards[2];
    shards[2] = shards[0];
    refused(3, "c is a shard that another file is already");
    shards[2] = third;
    forget(3);
}

Test(merge, shards_of_another_grade_are_told) {
    deal(2);
    grading.seed = 6;
    json_t *other = graded((struct shard){2, 2}), *second = shards[1];
    shards[1] = other;
    refused(2, "b is of another grade");
    shards[1] = second;
    json_object_set_new(second, "tool", json_pack("{s:s}", "version", "2"));
    refused(2, "b is of another grade");
    json_decref(other);
    forget(2);
}

Test(merge, what_is_no_shard_is_told) {
    json_t *whole = graded((struct shard){0});
    shards[0] = whole;
    refused(1, "a is no shard");
    shards[0] = json_pack("[i]", 1);
    refused(1, "a is no unstuck-result/v1");
    json_decref(shards[0]);
    shards[0] = json_pack("{s:s}", "schema", "unstuck-list/v1");
    refused(1, "a is no unstuck-result/v1");
    json_decref(shards[0]);
    json_decref(whole);
}

Test(merge, a_shard_that_was_cut_is_told) {
    deal(3);
    json_t *list = json_object_get(shards[0], "scenarios");
    json_array_remove(list, 0);
    json_array_remove(list, 0);
    refused(3, "do not make a whole");
    forget(3);
    grading.seeds = 2;
    deal(2);
    json_array_remove(json_object_get(shards[0], "scenarios"), 1);
    json_array_remove(json_object_get(shards[1], "scenarios"), 2);
    refused(2, "do not make a whole");
    forget(2);
}

// Sets a member of the first entry, and expects that the whole is refused for it.
static void changed(const char *key, json_t *value) {
    deal(2);
    json_t *first = json_array_get(json_object_get(shards[0], "scenarios"), 0);
    json_object_set_new(first, key, value);
    refused(2, "has an entry that no grade writes");
    forget(2);
}

Test(merge, entries_that_no_grade_writes_are_refused) {
    changed("id", json_integer(1));
    changed("status", json_string("well"));
    changed("status", json_null());
    changed("score", json_integer(-1));
    changed("max_score", json_integer(INT64_MAX));
    changed("explored", json_string("7"));
}

// The table of those of five submissions that a shard has, of all of them for {0}.
static json_t *table(struct shard shard) {
    json_t *rows = json_array();
    grading.shard = shard;
    for (uint32_t i = 0; i < 5; i++)
        if (!shard.of || i % shard.of == shard.index - 1)
            json_array_append_new(rows, json_pack("{s:s, s:s, s:i, s:i}", "submission", "one",
                                                  "status", "pass", "exit", 0, "score", (int)i));
    return cohort_document(json_object(), merge_run(&grading), rows);
}

Test(merge, a_table_of_submissions_is_dealt_out_by_rows) {
    json_t *whole = table((struct shard){0});
    char *expected = bytes(whole);
    for (uint32_t of = 1; of <= SHARDS_MOST; of++) {
        for (uint32_t i = 0; i < of; i++)
            shards[i] = table((struct shard){i + 1, of});
        json_t *merged = merge_shards(shards, files, of, why);
        cr_assert(merged, "%s", why);
        char *got = bytes(merged);
        cr_assert_str_eq(got, expected, "%u shards", of);
        free(got);
        json_decref(merged);
        forget(of);
    }
    free(expected);
    json_decref(whole);
}

Test(merge, nothing_read_brings_control_characters_along) {
    json_t *read = merge_read(
        "{\"a\\u001b[31m\": [\"x\\u001b[2Jy\", 1], \"b\": {\"c\": \"\\u0007\"}}", why);
    char *text = bytes(read);
    cr_assert_null(strstr(text, "\\u00"), "%s", text);
    cr_assert(strstr(text, "\"xy\""), "%s", text);
    free(text);
    json_decref(read);
    cr_assert_null(merge_read("{\"a\": ", why));
    cr_assert(strstr(why, "line 1"), "%s", why);
}
