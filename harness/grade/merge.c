// merge: see merge.h.
//
// The list of all samplings is dealt out like cards, one to each shard in turn; so the shards, taken in
// turn, give the list again, and everything else in the document is made from the list and from what
// was asked for, in one place. There is nothing to be merged but that.
#include "harness/grade/merge.h"

#include "harness/grade/cohort.h"
#include "harness/result.h"
#include "harness/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_MOST = 6 };
static const json_int_t COUNT_MOST = (json_int_t)1 << 40;

static int64_t number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static const char *words(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

// --- what was asked for ---------------------------------------------------------------------------

json_t *merge_run(const struct grading *g) {
    char seed[24];
    json_t *run = json_object();
    json_object_set_new(run, "mode", json_string(g->mode));
    snprintf(seed, sizeof seed, "0x%" PRIx64, g->seed ? g->seed : 1);
    json_object_set_new(run, "seed", json_string(seed));
    json_object_set_new(run, "seeds", json_integer(g->seeds ? (json_int_t)g->seeds : 1));
    if (g->budget)
        json_object_set_new(run, "budget", json_integer((json_int_t)g->budget));
    if (g->shard.of) {
        json_t *shard = json_object();
        json_object_set_new(shard, "index", json_integer(g->shard.index));
        json_object_set_new(shard, "of", json_integer(g->shard.of));
        json_object_set_new(run, "shard", shard);
    }
    return run;
}

// --- the document -----------------------------------------------------------------------------------

static json_t *sampling(const json_t *entry) {
    static const char *const keys[] = {"seed", "status", "score", "explored", "failing"};
    json_t *j = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(j, keys[i], json_object_get(entry, keys[i]));
    return j;
}

// One scenario from its samplings, which are `count` entries from `first` on: the worst, the first of
// equals. Of equal points an error is worse than a failure.
static json_t *worst_of(const json_t *entries, size_t first, size_t count) {
    static const char *const order[] = {"error", "fail", "pass"};
    json_t *worst = json_array_get(entries, first), *list = json_array();
    for (size_t i = first; i < first + count; i++) {
        json_t *entry = json_array_get(entries, i);
        int64_t ahead = number(worst, "score") - number(entry, "score");
        for (size_t k = 0; ahead == 0 && k < sizeof order / sizeof *order; k++)
            ahead = !strcmp(words(entry, "status"), order[k]) -
                    !strcmp(words(worst, "status"), order[k]);
        if (ahead > 0)
            worst = entry;
        json_array_append_new(list, sampling(entry));
    }
    json_t *scenario = json_copy(worst);
    if (count > 1)
        json_object_set(scenario, "samplings", list);
    json_decref(list);
    return scenario;
}

static int64_t sum(const json_t *list, const char *key) {
    int64_t all = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        all += number(json_array_get(list, i), key);
    return all;
}

// Of each scenario what its samplings amount to. Takes `entries`.
static json_t *scenarios_of(json_t *entries, size_t seeds) {
    json_t *list = json_array();
    for (size_t i = 0; i + seeds <= json_array_size(entries); i += seeds)
        json_array_append_new(list, worst_of(entries, i, seeds));
    json_decref(entries);
    return list;
}

json_t *merge_document(json_t *tool, json_t *run, json_t *entries) {
    bool whole = !json_object_get(run, "shard");
    int64_t took = sum(entries, "duration_ms");
    json_t *document = result_new(NULL);
    json_t *list = whole ? scenarios_of(entries, (size_t)number(run, "seeds")) : entries;
    json_object_del(document, "status");
    json_object_del(document, "scenarios"); // whose place is the last
    json_object_set_new(document, "tool", tool);
    json_object_set_new(document, "run", run);
    json_object_set_new(document, "status", json_null());
    if (whole) {
        json_object_set_new(document, "score", json_integer(sum(list, "score")));
        json_object_set_new(document, "max_score", json_integer(sum(list, "max_score")));
    }
    if (took)
        json_object_set_new(document, "duration_ms", json_integer(took));
    json_object_set_new(document, "scenarios", list);
    json_object_set_new(document, "status", json_string(result_status(document)));
    return document;
}

// --- reading ----------------------------------------------------------------------------------------

static json_t *cleaned(const json_t *value);

static json_t *cleaned_object(const json_t *object) {
    const char *key;
    json_t *value, *clean = json_object();
    json_object_foreach((json_t *)object, key, value) {
        char *name = text_clean(key);
        json_object_set_new(clean, name, cleaned(value));
        free(name);
    }
    return clean;
}

static json_t *cleaned(const json_t *value) {
    if (json_is_string(value))
        return result_string(json_string_value(value));
    if (json_is_object(value))
        return cleaned_object(value);
    if (!json_is_array(value))
        return json_incref((json_t *)value);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(value); i++)
        json_array_append_new(list, cleaned(json_array_get(value, i)));
    return list;
}

json_t *merge_read(const char *text, char *why) {
    json_error_t error;
    json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    json_t *clean = read ? cleaned(read) : NULL;
    if (!read)
        snprintf(why, MERGE_WHY, "line %d: %.100s", error.line, error.text);
    json_decref(read);
    return clean;
}

// --- shards -----------------------------------------------------------------------------------------

static json_t *shard_of(const json_t *document) {
    return json_object_get(json_object_get(document, "run"), "shard");
}

static bool is_cohort(const json_t *document) {
    return !strcmp(words(document, "schema"), "unstuck-cohort/v1");
}

// What is dealt out between the shards of such a document.
static const json_t *list_of(const json_t *document) {
    return json_object_get(document, is_cohort(document) ? "submissions" : "scenarios");
}

static bool is_result(const json_t *document) {
    bool known = is_cohort(document) || !strcmp(words(document, "schema"), "unstuck-result/v1");
    return json_is_object(document) && known && json_is_array(list_of(document));
}

// Counts of anything: so that no sum of them overflows.
static bool are_counts(const json_t *entry) {
    static const char *const keys[] = {"score",  "max_score",   "explored", "failing",
                                       "number", "duration_ms", "exit"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *count = json_object_get(entry, keys[i]);
        if (count && !(json_is_integer(count) && json_integer_value(count) >= 0 &&
                       json_integer_value(count) <= COUNT_MOST))
            return false;
    }
    return true;
}

static bool is_status(const char *word) {
    return !strcmp(word, "pass") || !strcmp(word, "fail") || !strcmp(word, "error");
}

// Whether each is what all that is written is made from: of a scenario, or of a submission.
static bool are_entries(const json_t *list, const char *name) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        if (!json_is_string(json_object_get(entry, name)) || !is_status(words(entry, "status")) ||
            !are_counts(entry) || number(entry, "exit") > EXIT_MOST)
            return false;
    }
    return true;
}

// What was asked for, but for which part of it.
static json_t *run_of(const json_t *document) {
    json_t *run = json_copy(json_object_get(document, "run"));
    json_object_del(run, "shard");
    return run;
}

static bool is_of_same_grade(const json_t *a, const json_t *b) {
    json_t *one = run_of(a), *other = run_of(b);
    bool same = json_equal(one, other) && is_cohort(a) == is_cohort(b) &&
                json_equal(json_object_get(a, "tool"), json_object_get(b, "tool"));
    json_decref(one);
    json_decref(other);
    return same;
}

// Why the document cannot be one of `of` shards of the same grade as `first`; NULL: it can.
static const char *strange(const json_t *document, const json_t *first, int64_t of) {
    if (!is_result(document))
        return "is no unstuck-result/v1, nor a cohort";
    if (!shard_of(document))
        return "is no shard: it was made without --shard";
    if (number(shard_of(document), "of") != of || !is_of_same_grade(document, first))
        return "is of another grade: other flags, or another version of unstuck or its scenarios";
    int64_t index = number(shard_of(document), "index");
    if (!are_entries(list_of(document), is_cohort(document) ? "submission" : "id"))
        return "has an entry that no grade writes; it was changed";
    return index < 1 || index > of ? "has a number that no shard has" : NULL;
}

// Puts each where it belongs. False: one is there twice, does not fit, or none is there.
static bool arrange(json_t *const *documents, const char *const *files, size_t count,
                    const json_t **shards, char *why) {
    for (size_t i = 0; i < count; i++) {
        const char *wrong = strange(documents[i], documents[0], (int64_t)count);
        if (!wrong && shards[number(shard_of(documents[i]), "index") - 1])
            wrong = "is a shard that another file is already";
        if (wrong) {
            snprintf(why, MERGE_WHY, "%.150s %.120s", files[i], wrong);
            return false;
        }
        shards[number(shard_of(documents[i]), "index") - 1] = documents[i];
    }
    return true;
}

// One of each in turn, as they were dealt. NULL: some shard is too short or too long for that.
static json_t *gather(const json_t *const *shards, size_t count) {
    size_t all = 0;
    json_t *entries = json_array();
    for (size_t i = 0; i < count; i++)
        all += json_array_size(list_of(shards[i]));
    for (size_t i = 0; i < all; i++)
        json_array_append(entries, json_array_get(list_of(shards[i % count]), i / count));
    if (json_array_size(entries) == all)
        return entries;
    json_decref(entries);
    return NULL;
}

// Whether there are whole scenarios in it: for each as many entries as there are seeds.
static bool is_complete(const json_t *entries, const json_t *run) {
    int64_t seeds = number(run, "seeds");
    size_t count = json_array_size(entries);
    if (seeds < 1 || count % (size_t)seeds)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *first = json_array_get(entries, i - i % (size_t)seeds);
        if (strcmp(words(json_array_get(entries, i), "id"), words(first, "id")) != 0)
            return false;
    }
    return true;
}

static bool count_right(const json_t *document, size_t count, const char *file, char *why) {
    int64_t of = number(shard_of(document), "of");
    if (!is_result(document) || !shard_of(document) || of == (int64_t)count)
        return true;
    snprintf(why, MERGE_WHY, "%.150s is one of %" PRId64 " shards, and %zu file%s given", file, of,
             count, count == 1 ? " was" : "s were");
    return false;
}

// The document of shards that are in their order. NULL: they do not make a whole.
static json_t *put_together(const json_t *const *shards, size_t count) {
    json_t *run = run_of(shards[0]), *entries = gather(shards, count);
    json_t *tool = json_incref(json_object_get(shards[0], "tool"));
    if (entries && is_cohort(shards[0]))
        return cohort_document(tool, run, entries);
    if (entries && is_complete(entries, run))
        return merge_document(tool, run, entries);
    json_decref(tool);
    json_decref(run);
    json_decref(entries);
    return NULL;
}

json_t *merge_shards(json_t *const *documents, const char *const *files, size_t count, char *why) {
    const json_t **shards = zero_alloc(count, sizeof *shards);
    json_t *document = NULL;
    if (count_right(documents[0], count, files[0], why) &&
        arrange(documents, files, count, shards, why)) {
        document = put_together(shards, count);
        if (!document)
            snprintf(why, MERGE_WHY, "%.150s and the others do not make a whole: one was changed",
                     files[0]);
    }
    free(shards);
    return document;
}
