// truth_table: examines every program of harness/tests/truth as `unstuck explore` would, and compares
// what is reported with what its first lines say.
//
//     truth_table SOURCES OBJECTS [PROGRAM...]     every program without names
//
// Prints a row for each program and for each fixed twin, what is wrong with a row below it, and in the
// end the counts. Exit code 0: everything was found, nothing falsely reported; 1: not so; 2: it could
// not be judged. UNSTUCK_PREFIX says where the runners are.
#include "harness/clock.h"
#include "harness/result.h"
#include "harness/text.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AT_ONCE = 2, LEFT_KINDS = 8, SOURCE_LIMIT = 1 << 16, RUNS = 20000, RUNS_OF_BROKEN = 1000 };

// The mechanisms of the catalogue, in its order.
static const char *const mechanisms[] = {"send-no-receiver",
                                         "send-before-return",
                                         "send-early-return",
                                         "send-timeout-race",
                                         "send-ncast",
                                         "send-double",
                                         "send-overrun-buffer",
                                         "send-self-full",
                                         "send-consumer-gone",
                                         "recv-range-unclosed",
                                         "recv-never-sent",
                                         "recv-done-unclosed",
                                         "recv-poll-as-wait",
                                         "recv-nil-or-empty-select",
                                         "select-no-stop-called",
                                         "select-missing-cancel",
                                         "select-default-spin",
                                         "select-cross-send",
                                         "select-callback-waits-self",
                                         "ctx-detached",
                                         "ctx-not-cancelled",
                                         "ctx-checked-once",
                                         "ctx-timeout-wrapper",
                                         "wg-undercount",
                                         "wg-wait-in-loop",
                                         "wg-add-inside",
                                         "wg-negative",
                                         "wg-reuse",
                                         "cond-no-signal",
                                         "cond-waker-blocked",
                                         "sem-not-released",
                                         "sem-return-without-join",
                                         "eg-swallow",
                                         "eg-go-after-wait",
                                         "eg-sibling-ignores-cancel",
                                         "lock-no-unlock-path",
                                         "lock-reentrant",
                                         "lock-abba",
                                         "rwlock-recursive-read",
                                         "mix-send-under-lock",
                                         "mix-recv-under-lock",
                                         "mix-group-under-lock",
                                         "timer-loop-no-exit",
                                         "timer-callback-late",
                                         "defer-send-closed",
                                         "defer-spawn",
                                         "panic-skips-cleanup",
                                         "main-exits-early",
                                         "spawn-unbounded",
                                         "pipeline-consumer-stops",
                                         "fanin-never-closed",
                                         "pool-submit-or-drain-stuck",
                                         "handle-not-closed",
                                         "pool-slots-exhausted",
                                         "close-twice",
                                         "send-on-closed",
                                         "capture-loopvar",
                                         "race-unlocked-state",
                                         "order-init-publish",
                                         "ctl-must-report",
                                         "ctl-must-not-report"};
enum { MECHANISMS = sizeof mechanisms / sizeof *mechanisms };

// A program, and what its first lines say.
struct program {
    char *name;       // of the file, without .c
    size_t mechanism; // index into mechanisms
    unsigned verdicts;
    char *left[LEFT_KINDS]; // "2 worker: chan send: results"
    size_t left_count;
    char *says; // NULL: nothing asked
    bool twin;  // it has a fixed one
};

// One examination.
struct row {
    const struct program *program;
    bool fixed;
    struct scenario_info scenario;
    struct variant variant;
    struct examination *x; // NULL: not begun
    int64_t began, took;   // ns
    bool over;
    struct text wrong; // a line for each difference
    char reported[200];
    uint64_t needed; // runs until it failed, 0: it never did
};

static const char *sources, *objects;
static struct program *programs;
static struct row *rows;
static size_t program_count, row_count;

static _Noreturn void give_up(const char *what, const char *why) {
    fprintf(stderr, "truth_table: %s: %s\n", what, why);
    exit(2);
}

// --- what a program says of itself ------------------------------------------------------------------

static unsigned verdicts_of(const char *file, const char *words) {
    unsigned verdicts = 0;
    char *copy = text_copy(words), *rest = NULL;
    for (char *w = strtok_r(copy, ", ", &rest); w; w = strtok_r(NULL, ", ", &rest)) {
        int bit = 0;
        while (bit < VERDICT_COUNT && strcmp(w, verdict_word((enum verdict_bit)bit)))
            bit++;
        if (bit == VERDICT_COUNT && strcmp(w, "PASS"))
            give_up(file, "it expects what is no verdict");
        verdicts |= bit == VERDICT_COUNT ? 0 : 1u << bit;
    }
    free(copy);
    return verdicts;
}

static size_t mechanism_of(const char *file, const char *line) {
    for (size_t i = 0; i < MECHANISMS; i++) {
        size_t length = strlen(mechanisms[i]);
        if (!strncmp(line, mechanisms[i], length) && line[length] == ':')
            return i;
    }
    give_up(file, "its first line names no mechanism of the catalogue");
}

static bool begins(const char *line, const char *with, const char **rest) {
    *rest = line + strlen(with);
    return !strncmp(line, with, strlen(with));
}

// One line of the comment, without its slashes.
static bool take_line(struct program *p, const char *file, const char *line) {
    const char *rest;
    if (begins(line, "expect: ", &rest)) {
        p->verdicts = verdicts_of(file, rest);
        return true;
    }
    if (begins(line, "says: ", &rest))
        p->says = text_copy(rest);
    else if (begins(line, "left: ", &rest) && p->left_count < LEFT_KINDS)
        p->left[p->left_count++] = text_format("%s%s", *rest >= '0' && *rest <= '9' ? "" : "1 ",
                                               rest);
    return false;
}

static void program_read(struct program *p, const char *file) {
    char *path = text_format("%s/%s", sources, file);
    char *text = text_file(path, SOURCE_LIMIT), *rest = NULL;
    bool expects = false;
    if (!text)
        give_up(path, strerror(errno));
    p->name = text_format("%.*s", (int)strlen(file) - 2, file);
    p->twin = strstr(text, "FIXED");
    char *line = strtok_r(text, "\n", &rest);
    p->mechanism = mechanism_of(path, line && strlen(line) > 3 ? line + 3 : "");
    for (; line && !strncmp(line, "// ", 3); line = strtok_r(NULL, "\n", &rest))
        expects |= take_line(p, path, line + 3);
    if (!expects)
        give_up(path, "it does not say what to expect");
    free(text);
    free(path);
}

static bool is_wanted(const char *file, char **names) {
    size_t length = strlen(file);
    if (length < 3 || strcmp(file + length - 2, ".c") || !strcmp(file, "driver.c"))
        return false;
    for (char **name = names; *name; name++)
        if (strlen(*name) == length - 2 && !strncmp(*name, file, length - 2))
            return true;
    return !*names;
}

static int by_catalogue(const void *a, const void *b) {
    const struct program *p = a, *q = b;
    if (p->mechanism != q->mechanism)
        return p->mechanism < q->mechanism ? -1 : 1;
    return strcmp(p->name, q->name);
}

static void programs_read(char **names) {
    DIR *folder = opendir(sources);
    if (!folder)
        give_up(sources, strerror(errno));
    for (struct dirent *e; (e = readdir(folder));) {
        if (!is_wanted(e->d_name, names))
            continue;
        programs = more_memory(programs, program_count + 1, sizeof *programs);
        programs[program_count] = (struct program){0};
        program_read(&programs[program_count++], e->d_name);
    }
    closedir(folder);
    if (program_count == 0)
        give_up(sources, "no program there");
    qsort(programs, program_count, sizeof *programs, by_catalogue);
}

// --- one examination --------------------------------------------------------------------------------

static char *object_of(const char *name, const char *suffix) {
    char *path = text_format("%s/%s%s.so", objects, name, suffix);
    if (access(path, R_OK) == 0)
        return path;
    if (!strstr(suffix, "tsan"))
        give_up(path, "it was not built");
    free(path);
    return NULL;
}

static void row_add(const struct program *p, bool fixed) {
    rows = more_memory(rows, row_count + 1, sizeof *rows);
    rows[row_count++] = (struct row){
        .program = p,
        .fixed = fixed,
        .scenario = {.name = p->name,
                     .driver = object_of("driver", ""),
                     .driver_tsan = object_of("driver", ".tsan")},
        .variant = {.kind = VARIANT_FILE,
                    .file = p->name,
                    .label = p->name,
                    .source = text_format("%s/%s.c", sources, p->name),
                    .object = object_of(p->name, fixed ? ".fixed" : ""),
                    .tsan = object_of(p->name, fixed ? ".fixed.tsan" : ".tsan")},
    };
}

static unsigned expected(const struct row *r) {
    return r->fixed ? 0 : r->program->verdicts;
}

// What must be silent must be so on every schedule. Of what must be reported one is enough.
static void row_begin(struct row *r) {
    char why[300];
    struct examine_config config = {.scenario = &r->scenario,
                                    .variant = &r->variant,
                                    .explore = true,
                                    .tree_budget = expected(r) ? RUNS_OF_BROKEN : RUNS,
                                    .random_budget = RUNS_OF_BROKEN};
    r->began = clock_now();
    r->x = examine_start(&config, why);
    if (!r->x)
        give_up(r->program->name, why);
}

// --- what was reported ------------------------------------------------------------------------------

static const char *string_of(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

// "worker: chan send: results" of a task left.
static char *left_text(const json_t *task) {
    const char *object = string_of(task, "object");
    return text_format("%s: %s%s%s", string_of(task, "name"), string_of(task, "op"),
                       *object ? ": " : "", object);
}

// How many of the tasks left read so.
static int left_like(const json_t *left, const char *words) {
    int count = 0;
    for (size_t i = 0; i < json_array_size(left); i++) {
        char *text = left_text(json_array_get(left, i));
        count += !strcmp(text, words);
        free(text);
    }
    return count;
}

static bool was_expected(const struct program *p, const char *words) {
    for (size_t i = 0; i < p->left_count; i++)
        if (!strcmp(strchr(p->left[i], ' ') + 1, words))
            return true;
    return false;
}

static void compare_left(struct row *r, const json_t *left) {
    const struct program *p = r->program;
    for (size_t i = 0; !r->fixed && i < p->left_count; i++) {
        char *words;
        long wanted = strtol(p->left[i], &words, 10);
        int found = left_like(left, words + 1);
        if (found != wanted)
            text_addf(&r->wrong, "    %d left, expected %ld: %s\n", found, wanted, words + 1);
    }
    for (size_t i = 0; i < json_array_size(left); i++) {
        char *words = left_text(json_array_get(left, i));
        if (r->fixed || !was_expected(p, words))
            text_addf(&r->wrong, "    left, not expected: %s\n", words);
        free(words);
    }
}

static void compare_verdicts(struct row *r, unsigned verdicts, const char *error) {
    char wanted[200];
    snprintf(r->reported, sizeof r->reported, "%s", verdict_list(verdicts, wanted, sizeof wanted));
    if (verdicts != expected(r))
        text_addf(&r->wrong, "    %s, expected %s. %s\n", r->reported,
                  verdict_list(expected(r), wanted, sizeof wanted), error);
}

static void compare_words(struct row *r, const struct answer *a) {
    if (!r->fixed && r->program->says && !strstr(a->judgement.note, r->program->says))
        text_addf(&r->wrong, "    says: %s; expected: %s\n", a->judgement.note, r->program->says);
}

static void compare_reach(struct row *r, const struct answer *a) {
    char reach[100];
    if (!expected(r) && !a->exhaustive)
        text_addf(&r->wrong, "    silent, but not proved so: %s\n",
                  answer_reach(a, reach, sizeof reach));
    if (a->verdicts && !a->failing_schedule)
        text_addf(&r->wrong, "    no schedule is named\n");
}

// Both race engines have judged, and say the same.
static void compare_engines(struct row *r, const struct answer *a) {
    static const char *const words[] = {"unknown", "none", "found", "unavailable"};
    enum race_state own = a->engine[ENGINE_HOOKS].state, other = a->engine[ENGINE_TSAN].state;
    enum race_state wanted = expected(r) & VERDICT_RACE ? RACE_FOUND : RACE_NONE;
    if (own != wanted || other != wanted || *a->race_dispute)
        text_addf(&r->wrong, "    races: %s by our own engine, %s by ThreadSanitizer. %s %s\n",
                  words[own], words[other], a->race_dispute, a->race_note);
}

// The first run that failed, by races if by nothing else.
static uint64_t runs_needed(const struct answer *a) {
    uint64_t first = a->race_runs;
    for (uint32_t i = 0; i < a->way_count; i++)
        if (!i || a->ways[i].run < first)
            first = a->ways[i].run;
    return first;
}

static void row_end(struct row *r) {
    const struct answer *a = examine_answer(r->x);
    json_t *document = result_new(NULL);
    result_add(document, &r->scenario, &r->variant, a);
    const json_t *result = json_array_get(json_object_get(document, "scenarios"), 0);
    r->took = clock_now() - r->began;
    r->needed = runs_needed(a);
    compare_verdicts(r, answer_verdicts(a), *a->error ? a->error : a->race_note);
    compare_left(r, json_object_get(result, "left"));
    compare_words(r, a);
    compare_reach(r, a);
    compare_engines(r, a);
    json_decref(document);
    examine_free(r->x);
    r->over = true;
}

// --- all of them ------------------------------------------------------------------------------------

// Looks after those under way, and begins others. False: all are over.
static bool rows_poll(void) {
    int under_way = 0;
    bool more = false;
    for (size_t i = 0; i < row_count; i++) {
        struct row *r = &rows[i];
        if (r->x && !r->over && examine_poll(r->x) == EXAMINE_DONE)
            row_end(r);
        if (!r->x && under_way < AT_ONCE)
            row_begin(r);
        under_way += r->x && !r->over;
        more |= !r->over;
    }
    return more;
}

static void row_print(const struct row *r) {
    char wanted[200], runs[32] = "-";
    if (r->needed)
        text_count(r->needed, runs, sizeof runs);
    printf("%-26s %-26s %-5s %-17s %-17s %5s %6" PRId64 " ms  %s\n",
           mechanisms[r->program->mechanism], r->program->name, r->fixed ? "fixed" : "",
           r->reported, verdict_list(expected(r), wanted, sizeof wanted), runs,
           r->took / MILLISECOND, r->wrong.length ? "WRONG" : "ok");
    if (r->wrong.length)
        fputs(r->wrong.data, stdout);
}

// Whether a mechanism has what it needs: a program that must be reported with a twin that must not, or
// for the last of the catalogue programs that must not be reported.
static bool covered(size_t mechanism) {
    for (size_t i = 0; i < program_count; i++) {
        const struct program *p = &programs[i];
        if (p->mechanism == mechanism && (mechanism == MECHANISMS - 1 ? !p->verdicts : p->twin))
            return true;
    }
    return false;
}

static int print_counts(int64_t took, bool all) {
    int to_find = 0, found = 0, to_spare = 0, falsely = 0, missing = 0;
    for (size_t i = 0; i < row_count; i++) {
        bool right = !rows[i].wrong.length;
        to_find += expected(&rows[i]) != 0;
        found += expected(&rows[i]) && right;
        to_spare += !expected(&rows[i]);
        falsely += !expected(&rows[i]) && !right;
    }
    for (size_t i = 0; all && i < MECHANISMS; i++)
        if (!covered(i)) {
            printf("no program with a fixed twin: %s\n", mechanisms[i]);
            missing++;
        }
    printf("\nfound %d of %d, false reports %d of %d, mechanisms without a program %d, in %" PRId64
           ".%" PRId64 " s\n",
           found, to_find, falsely, to_spare, missing, took / SECOND, took / (SECOND / 10) % 10);
    return found == to_find && !falsely && !missing ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc < 3)
        give_up("usage", "truth_table SOURCES OBJECTS [PROGRAM...]");
    sources = argv[1];
    objects = argv[2];
    programs_read(argv + 3);
    for (size_t i = 0; i < program_count; i++) {
        row_add(&programs[i], false);
        if (programs[i].twin)
            row_add(&programs[i], true);
    }
    int64_t began = clock_now();
    while (rows_poll())
        poll(NULL, 0, 1);
    printf("%-26s %-26s %-5s %-17s %-17s %5s %9s\n", "mechanism", "program", "", "reported",
           "expected", "runs", "time");
    for (size_t i = 0; i < row_count; i++)
        row_print(&rows[i]);
    return print_counts(clock_now() - began, argc == 3);
}
