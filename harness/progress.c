// progress: JSON Lines, read as far as they are good, written whole.
//
// Invariants: what is in memory is what the file holds and what this program added; whoever adds reads the
// file again first, under a lock, so that two programs that add lose nothing of each other's.
//
// Rejected: appending to the file in place (a machine that stops tears the last line, and some editors'
// and clouds' copies tear others); one JSON document (a merge of two breaks all of it).
#include "harness/progress.h"

#include "harness/file.h"
#include "harness/guide.h"
#include "harness/result.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST = 16 << 20, ASIDE_MOST = 1000 };

// --- reading ----------------------------------------------------------------------------------------

static char *text_of(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return text_copy(value ? value : "");
}

static uint64_t count_of(const json_t *object, const char *key) {
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static unsigned verdict_of(const json_t *word) {
    for (unsigned bit = 0; json_is_string(word) && bit < VERDICT_COUNT; bit++)
        if (strcmp(verdict_word(bit), json_string_value(word)) == 0)
            return 1u << bit;
    return 0;
}

// False: it is no list of verdicts, or one is in it that is not known; no failure is to count as a pass.
static bool verdicts_of(const json_t *list, unsigned *set) {
    *set = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        unsigned verdict = verdict_of(json_array_get(list, i));
        if (!verdict)
            return false;
        *set |= verdict;
    }
    return json_is_array(list);
}

static char *names_of(const json_t *list) {
    struct text names = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name)
            text_addf(&names, "%s\n", name);
    }
    return text_take(&names);
}

static void take_attempt(struct progress *p, const json_t *line, unsigned verdicts) {
    p->attempts = more_memory(p->attempts, p->attempt_count + 1, sizeof *p->attempts);
    struct attempt *a = &p->attempts[p->attempt_count++];
    *a = (struct attempt){
        .exercise = text_of(line, "exercise"),
        .at = text_of(line, "at"),
        .verdicts = verdicts,
        .checks = names_of(json_object_get(line, "checks")),
        .explored = count_of(line, "explored"),
        .failing = count_of(line, "failing"),
        .exhaustive = json_is_true(json_object_get(line, "exhaustive")),
        .schedule = text_of(line, "schedule"),
    };
    char *source = text_of(line, "source");
    snprintf(a->source, sizeof a->source, "%s", source);
    free(source);
}

static void take_hint(struct progress *p, const json_t *line) {
    p->hints = more_memory(p->hints, p->hint_count + 1, sizeof *p->hints);
    uint64_t rung = count_of(line, "hint");
    p->hints[p->hint_count++] = (struct hint_seen){text_of(line, "exercise"),
                                                   rung > GUIDE_RUNGS ? GUIDE_RUNGS : (int)rung};
}

// Whether the line is one of ours; if so it counts.
static bool take_line(struct progress *p, const char *line, size_t length) {
    unsigned verdicts;
    json_t *object = json_loadb(line, length, 0, NULL);
    bool named = json_is_string(json_object_get(object, "exercise"));
    bool attempt = named && verdicts_of(json_object_get(object, "verdicts"), &verdicts);
    bool hint = named && json_is_integer(json_object_get(object, "hint"));
    if (attempt)
        take_attempt(p, object, verdicts);
    else if (hint)
        take_hint(p, object);
    json_decref(object);
    return attempt || hint;
}

static void forget(struct progress *p) {
    for (size_t i = 0; i < p->attempt_count; i++) {
        free(p->attempts[i].exercise);
        free(p->attempts[i].at);
        free(p->attempts[i].checks);
        free(p->attempts[i].schedule);
    }
    for (size_t i = 0; i < p->hint_count; i++)
        free(p->hints[i].exercise);
    free(p->attempts);
    free(p->hints);
    free(p->lines);
    *p = (struct progress){.path = p->path, .unwritten = p->unwritten};
}

// Takes the good lines into `good`, and returns how many are none.
static size_t take_lines(struct progress *p, const char *content, size_t size, struct text *good) {
    size_t broken = 0;
    for (const char *end = content + size; content < end;) {
        const char *newline = memchr(content, '\n', (size_t)(end - content));
        size_t length = (size_t)((newline ? newline : end) - content);
        if (take_line(p, content, length)) {
            text_add(good, content, length);
            text_add(good, "\n", 1);
        } else if (strspn(content, " \t\r") < length) {
            broken++;
        }
        content += length + (newline != NULL);
    }
    return broken;
}

static void take_all(struct progress *p, const char *content, size_t size) {
    struct text lines = {0}, again = {0};
    p->broken = take_lines(p, content, size, &lines);
    if (p->unwritten)
        take_lines(p, p->unwritten, strlen(p->unwritten), &again);
    p->lines = text_take(&lines);
    text_free(&again);
}

// Reads the file as it is now. NULL: it cannot be read, and `why` says why; else all of it, malloc'ed.
static char *read_again(struct progress *p, size_t *size, char *why) {
    *size = 0;
    char *content = text_file_bytes(p->path, LARGEST, size);
    if (!content && errno == ENOENT)
        content = text_copy("");
    if (!content) {
        snprintf(why, FILE_WHY, "%.200s: %.60s", p->path, strerror(errno));
        return NULL;
    }
    forget(p);
    take_all(p, content, *size);
    return content;
}

bool progress_open(struct progress *p, const char *path, char *why) {
    size_t size;
    *p = (struct progress){.path = text_copy(path)};
    char *content = read_again(p, &size, why);
    free(content);
    return content != NULL;
}

void progress_close(struct progress *p) {
    forget(p);
    free(p->unwritten);
    free(p->path);
    *p = (struct progress){0};
}

// --- writing ----------------------------------------------------------------------------------------

static bool holds_bytes(const char *path, const char *bytes, size_t size) {
    size_t length;
    char *content = text_file_bytes(path, LARGEST, &length);
    bool same = content && length == size && memcmp(content, bytes, size) == 0;
    free(content);
    return same;
}

// The file as it was, beside it under a name that is free. False: `why`.
static bool keep_aside(const struct progress *p, const char *content, size_t size, char *why) {
    for (int n = 1; n < ASIDE_MOST; n++) {
        char *aside = text_format("%s.broken-%d", p->path, n);
        bool same = holds_bytes(aside, content, size), there = access(aside, F_OK) == 0;
        bool good = same || (!there && file_write(aside, content, size, why));
        free(aside);
        if (good || !there)
            return good;
    }
    snprintf(why, FILE_WHY, "%.200s: too many broken copies; remove the .broken- files", p->path);
    return false;
}

// Adds a line to a list of them.
static void append(char **lines, const char *line) {
    char *more = text_format("%s%s\n", *lines ? *lines : "", line);
    free(*lines);
    *lines = more;
}

// Writes what the file holds now, what could not be written before, and the line.
static bool write_line(struct progress *p, const char *line, char *why) {
    size_t size;
    char *content = read_again(p, &size, why);
    if (!content)
        return false;
    char *lines = text_format("%s%s%s\n", p->lines, p->unwritten ? p->unwritten : "", line);
    bool good = (!p->broken || keep_aside(p, content, size, why)) && file_put(p->path, lines, why);
    free(lines);
    free(content);
    return good;
}

// The line counts, in the file or not.
static void take_own(struct progress *p, const char *line, bool written) {
    take_line(p, line, strlen(line));
    if (!written) {
        append(&p->unwritten, line);
        return;
    }
    free(p->unwritten);
    p->unwritten = NULL;
    p->broken = 0;
}

static bool add(struct progress *p, json_t *object, char *why) {
    char *line = json_dumps(object, JSON_COMPACT), *lock_path = text_format("%s.lock", p->path);
    bool good = file_folders(p->path, why);
    int lock = good ? file_lock(lock_path) : -1;
    good = good && write_line(p, line, why);
    file_unlock(lock);
    take_own(p, line, good);
    free(lock_path);
    free(line);
    json_decref(object);
    return good;
}

static json_t *line_of(const struct scenario_info *s) {
    char now[32];
    time_t seconds = time(NULL);
    struct tm utc;
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    return json_pack("{s:s, s:s}", "exercise", s->name, "at", now);
}

static json_t *checks_of(const struct answer *a) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < a->judgement.check_count; i++)
        if (a->judgement.checks[i].state == CHECK_FAILED)
            json_array_append_new(list, result_string(a->judgement.checks[i].name));
    return list;
}

bool progress_attempt(struct progress *p, const struct scenario_info *s, const struct variant *v,
                      const struct answer *a, char *why) {
    char hash[SOURCE_HASH], id[SCHEDULE_TEXT] = "";
    unsigned verdicts = answer_verdicts(a);
    json_t *line = line_of(s);
    if (a->failing_schedule)
        schedule_format(&a->schedule, id, sizeof id);
    json_object_set_new(line, "source", json_string(variant_hash(v, hash)));
    json_object_set_new(line, "status", json_string(verdict_status(verdicts)));
    json_object_set_new(line, "verdicts", result_verdicts(verdicts));
    json_object_set_new(line, "checks", checks_of(a));
    json_object_set_new(line, "explored", json_integer((json_int_t)a->explored));
    json_object_set_new(line, "failing", json_integer((json_int_t)a->failing));
    json_object_set_new(line, "exhaustive", json_boolean(a->exhaustive));
    json_object_set_new(line, "schedule", json_string(id));
    return add(p, line, why);
}

bool progress_hint(struct progress *p, const struct scenario_info *s, int rung, char *why) {
    json_t *line = line_of(s);
    json_object_set_new(line, "hint", json_integer(rung));
    return add(p, line, why);
}

// --- asking -----------------------------------------------------------------------------------------

const struct attempt *progress_last(const struct progress *p, const char *exercise) {
    for (size_t i = p->attempt_count; i > 0; i--)
        if (strcmp(p->attempts[i - 1].exercise, exercise) == 0)
            return &p->attempts[i - 1];
    return NULL;
}

bool progress_passed(const struct progress *p, const char *exercise) {
    for (size_t i = 0; i < p->attempt_count; i++)
        if (!p->attempts[i].verdicts && strcmp(p->attempts[i].exercise, exercise) == 0)
            return true;
    return false;
}

bool progress_solved(const struct progress *p, const char *exercise) {
    const struct attempt *last = progress_last(p, exercise);
    return last && !last->verdicts;
}

int progress_hints(const struct progress *p, const char *exercise) {
    int most = 0;
    for (size_t i = 0; i < p->hint_count; i++)
        if (p->hints[i].rung > most && strcmp(p->hints[i].exercise, exercise) == 0)
            most = p->hints[i].rung;
    return most;
}

size_t progress_failures(const struct progress *p, const char *exercise) {
    size_t failures = 0;
    for (size_t i = 0; i < p->attempt_count; i++) {
        if (strcmp(p->attempts[i].exercise, exercise) != 0)
            continue;
        failures = p->attempts[i].verdicts ? failures + 1 : 0;
    }
    return failures;
}

// --- what changed -----------------------------------------------------------------------------------

static bool has_line(const char *lines, const char *line, size_t length) {
    for (const char *at = lines; *at; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") == length && strncmp(at, line, length) == 0)
            return true;
    return false;
}

// Adds what is in one list of lines and not in the other.
static void add_lines(struct text *out, const char *words, const char *lines, const char *without) {
    bool first = true;
    for (const char *at = lines; *at; at += strcspn(at, "\n") + 1) {
        size_t length = strcspn(at, "\n");
        if (has_line(without, at, length))
            continue;
        if (first)
            text_addf(out, "%s%s", out->length ? "; " : "", words);
        text_addf(out, "%s%.*s", first ? "" : ", ", (int)length, at);
        first = false;
    }
}

// Verdicts and failed checks, a line each. The verdict says nothing where the check is named.
static char *failures_of(const struct attempt *a) {
    struct text lines = {0};
    for (unsigned bit = 0; bit < VERDICT_COUNT; bit++)
        if (a->verdicts & 1u << bit && !((1u << bit) == VERDICT_BEHAVIOUR && *a->checks))
            text_addf(&lines, "%s\n", verdict_word(bit));
    text_addf(&lines, "%s", a->checks);
    return text_take(&lines);
}

static void say_counts(struct text *out, const struct attempt *before, const struct attempt *now) {
    char failed[32], of[32], fails[32], from[32];
    bool counted = before->explored && now->explored && before->failing && now->failing;
    if (!counted || (before->failing == now->failing && before->explored == now->explored))
        return;
    text_count(before->failing, failed, sizeof failed);
    text_count(before->explored, of, sizeof of);
    text_count(now->failing, fails, sizeof fails);
    text_count(now->explored, from, sizeof from);
    text_addf(out, "before, %s of %s schedules failed; now %s of %s", failed, of, fails, from);
}

char *attempt_change(const struct attempt *before, const struct attempt *now) {
    struct text out = {0};
    char *was = failures_of(before), *is = failures_of(now);
    if (before->verdicts && !now->verdicts)
        text_addf(&out, "what failed before passes");
    else if (!before->verdicts && now->verdicts)
        text_addf(&out, "this passed before");
    else
        say_counts(&out, before, now);
    if (now->verdicts) {
        add_lines(&out, "new: ", is, was);
        add_lines(&out, "no longer: ", was, is);
    }
    free(was);
    free(is);
    return text_take(&out);
}
