// grade, verify and merge: points for a learner's exercises, and results for whoever reads them.
//
// All three end in one canonical document; everything that is written is written from it. Files are
// written when the document is complete, each whole or not at all.
#include "tui/commands.h"

#include "harness/grade/merge.h"
#include "harness/grade/report.h"
#include "harness/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOBS_MOST = 1024, SEEDS_MOST = 100000, SHARDS_MOST = 100000, RESULT_MOST = 256 << 20 };

// --- reports ----------------------------------------------------------------------------------------

struct reports {
    struct report items[OPTION_TEXTS_MOST + 1];
    size_t count;
};

static int reports_add(struct reports *r, const char *words) {
    char why[REPORT_WHY];
    if (!report_parse(words, &r->items[r->count], why))
        return complain("--format: %s", why);
    r->count++;
    return EXIT_FINE;
}

// What --format and --json ask for, text if nothing is. One of them at most on stdout.
static int reports_find(const struct session *s, struct reports *r) {
    const struct texts *given = &s->options.formats;
    size_t on_stdout = 0;
    *r = (struct reports){0};
    int code = s->options.json ? reports_add(r, "json") : EXIT_FINE;
    for (size_t i = 0; i < given->count && code == EXIT_FINE; i++)
        code = reports_add(r, given->items[i]);
    if (code == EXIT_FINE && r->count == 0)
        code = reports_add(r, "text");
    for (size_t i = 0; i < r->count; i++)
        on_stdout += !r->items[i].file;
    if (code == EXIT_FINE && on_stdout > 1)
        code = complain("--format: one of them at most goes to stdout; say FORMAT=FILE");
    return code;
}

// Before the work: what must be there whatever happens, and a word now where it cannot be written later.
static int reports_begin(const struct reports *r) {
    char why[REPORT_WHY];
    for (size_t i = 0; i < r->count; i++)
        if (!report_skeleton(&r->items[i], why)) {
            say("%s", why);
            return EXIT_UNUSABLE;
        }
    return EXIT_FINE;
}

// Whether nobody asked for more than exercism's runner, whose exit code says nothing about the solution.
static bool only_exercism(const struct reports *r) {
    return r->count == 1 && strcmp(r->items[0].format->name, "exercism") == 0;
}

// Writes all of them. Returns the exit code.
static int reports_write(const struct reports *r, const json_t *document) {
    char why[REPORT_WHY];
    int code = only_exercism(r) ? EXIT_FINE : grade_exit(document);
    for (size_t i = 0; i < r->count; i++)
        if (!report_write(&r->items[i], document, why)) {
            say("%s. The result was not written there.", why);
            code = code > EXIT_UNUSABLE ? code : EXIT_UNUSABLE;
        }
    return code;
}

// --- what is asked for ------------------------------------------------------------------------------

static bool tell(size_t done, size_t all, const char *under_way) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%zu of %zu judged, %s", done, all, under_way);
    return !interrupted();
}

static void tell_end(void) {
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static bool is_in_range(const struct number *n, uint64_t most) {
    return !n->given || (n->value > 0 && n->value <= most);
}

static int shard_read(const char *words, struct shard *shard) {
    uint64_t index, of;
    size_t length = words ? strcspn(words, "/") : 0;
    if (!words)
        return EXIT_FINE;
    char *first = text_format("%.*s", (int)length, words);
    bool good = words[length] && number_parse(first, &index) &&
                number_parse(words + length + 1, &of) && index >= 1 && index <= of &&
                of <= SHARDS_MOST;
    free(first);
    if (!good)
        return complain("--shard needs I/N, the I-th of N parts like 2/3, not `%.40s`", words);
    *shard = (struct shard){(uint32_t)index, (uint32_t)of};
    return EXIT_FINE;
}

static int grading_read(const struct session *s, struct grading *g) {
    const struct options *o = &s->options;
    *g = (struct grading){.catalogue = &s->catalogue,
                          .mode = s->command->name,
                          .seed = o->seed.value,
                          .seeds = o->seeds.value,
                          .budget = o->budget.runs,
                          .jobs = (uint32_t)o->jobs.value,
                          .timing = o->timing,
                          .tell = tell};
    if (o->budget.time)
        return complain("%s: --budget needs a number of schedules: with a time the result would "
                        "depend on the machine",
                        s->command->name);
    if (!is_in_range(&o->jobs, JOBS_MOST))
        return complain("-j needs a number from 1 to %d", JOBS_MOST);
    if (!is_in_range(&o->seeds, SEEDS_MOST))
        return complain("--seeds needs a number from 1 to %d", SEEDS_MOST);
    if (o->seed.given && (o->seed.value == 0 || o->seed.value > UINT64_MAX - SEEDS_MOST))
        return complain("--seed needs a number from 1 to 0x%llx here",
                        (unsigned long long)UINT64_MAX - SEEDS_MOST);
    return shard_read(o->shard, &g->shard);
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// Scenarios of packs that cannot be used cannot be judged either. Returns an exit code.
static int scenarios_all(const struct session *s, struct grading *g) {
    const struct scenario_info **list = zero_alloc(s->catalogue.count, sizeof *list);
    for (size_t i = 0; i < s->catalogue.count; i++)
        list[g->count++] = &s->catalogue.scenarios[i];
    g->scenarios = list;
    return say_faults(s);
}

// --- grade ------------------------------------------------------------------------------------------

static int grade_one(const struct grading *g, const struct reports *r, const char *folder) {
    int code = reports_begin(r);
    if (code)
        return code;
    json_t *document = grade(g, folder);
    tell_end();
    if (!document)
        return EXIT_FAILED;
    code = reports_write(r, document);
    json_decref(document);
    return code;
}

int command_grade(struct session *s) {
    const char *folder = s->options.argument_count ? s->options.arguments[0] : ".";
    struct reports reports;
    struct grading grading;
    int code = grading_read(s, &grading);
    if (code == EXIT_FINE)
        code = reports_find(s, &reports);
    for (size_t i = 0; i < s->options.argument_count && code == EXIT_FINE; i++)
        if (!is_folder(s->options.arguments[i]))
            code = complain("%.200s: no folder to grade", s->options.arguments[i]);
    if (code == EXIT_FINE)
        code = scenarios_all(s, &grading);
    if (code == EXIT_FINE) {
        signals_hold();
        code = grade_one(&grading, &reports, folder);
    }
    free((void *)grading.scenarios);
    return code;
}

// --- verify -----------------------------------------------------------------------------------------

static bool holds(const char *text, const char *part) {
    return strcasestr(text, part);
}

// Whether one of the arguments is a part of the scenario's name or title, or its number; or there are none.
static bool is_meant(const struct session *s, const struct scenario_info *scenario) {
    uint64_t number;
    for (size_t i = 0; i < s->options.argument_count; i++) {
        const char *word = s->options.arguments[i];
        if (number_parse(word, &number)
                ? number == (uint64_t)scenario->number
                : holds(scenario->name, word) || holds(scenario->title, word))
            return true;
    }
    return s->options.argument_count == 0;
}

static int scenarios_meant(const struct session *s, struct grading *g) {
    int code = scenarios_all(s, g);
    size_t count = 0;
    const struct scenario_info **list = (const struct scenario_info **)(uintptr_t)g->scenarios;
    for (size_t i = 0; i < g->count; i++)
        if (is_meant(s, list[i]))
            list[count++] = list[i];
    g->count = count;
    if (code == EXIT_FINE && !count) {
        const char *word = s->options.arguments[0], *near = catalogue_nearest(&s->catalogue, word);
        code = complain("no scenario has `%.80s` in its name or title%s%s", word,
                        near ? "; the nearest is " : "", near ? near : "");
    }
    return code;
}

// The folder with exercises/ in it: this one, or the nearest above. NULL: none; malloc'ed.
static char *workspace_find(void) {
    char *here = getcwd(NULL, 0);
    while (here) {
        char *exercises = text_format("%s/exercises", here);
        bool found = is_folder(exercises);
        free(exercises);
        char *slash = strrchr(here, '/');
        if (found)
            return here;
        if (!slash || !*here)
            break;
        *slash = '\0';
    }
    free(here);
    return NULL;
}

int command_verify(struct session *s) {
    struct reports reports;
    struct grading grading;
    char *folder = s->options.dir ? text_copy(s->options.dir) : workspace_find();
    int code = grading_read(s, &grading);
    if (code == EXIT_FINE)
        code = reports_find(s, &reports);
    if (code == EXIT_FINE && (!folder || !is_folder(folder)))
        code = complain("no folder with exercises/ in it here or above; --dir DIR names one");
    if (code == EXIT_FINE)
        code = scenarios_meant(s, &grading);
    if (code == EXIT_FINE) {
        signals_hold();
        code = grade_one(&grading, &reports, folder);
    }
    free((void *)grading.scenarios);
    free(folder);
    return code;
}

// --- merge ------------------------------------------------------------------------------------------

static json_t *document_read(const char *file) {
    char why[MERGE_WHY], *text = text_file(file, RESULT_MOST);
    json_t *document = text ? merge_read(text, why) : NULL;
    if (!document)
        complain("%.200s: %s", file, text ? why : "cannot be read");
    free(text);
    return document;
}

int command_merge(struct session *s) {
    const struct options *o = &s->options;
    struct reports reports;
    char why[MERGE_WHY];
    int code = reports_find(s, &reports);
    json_t **documents = zero_alloc(o->argument_count, sizeof *documents), *whole = NULL;
    for (size_t i = 0; i < o->argument_count && code == EXIT_FINE; i++) {
        documents[i] = document_read(o->arguments[i]);
        code = documents[i] ? EXIT_FINE : EXIT_USAGE;
    }
    if (code == EXIT_FINE) {
        whole = merge_shards(documents, o->arguments, o->argument_count, why);
        code = whole ? reports_write(&reports, whole) : complain("%s", why);
    }
    json_decref(whole);
    for (size_t i = 0; i < o->argument_count; i++)
        json_decref(documents[i]);
    free(documents);
    return code;
}
