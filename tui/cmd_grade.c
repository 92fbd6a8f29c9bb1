// grade, verify and merge: points for a learner's exercises, and results for whoever reads them.
//
// All three end in one canonical document; everything that is written is written from it. Files are
// written when the document is complete, each whole or not at all.
#include "tui/commands.h"

#include "harness/grade/cohort.h"
#include "harness/grade/merge.h"
#include "harness/grade/report.h"
#include "harness/text.h"
#include "harness/tool.h"

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

// What --format and --json ask for, `otherwise` if nothing is. One of them at most on stdout.
static int reports_find(const struct session *s, const char *otherwise, struct reports *r) {
    const struct texts *given = &s->options.formats;
    size_t on_stdout = 0;
    *r = (struct reports){0};
    int code = s->options.json ? reports_add(r, "json") : EXIT_FINE;
    for (size_t i = 0; i < given->count && code == EXIT_FINE; i++)
        code = reports_add(r, given->items[i]);
    if (code == EXIT_FINE && r->count == 0)
        code = reports_add(r, otherwise);
    for (size_t i = 0; i < r->count; i++)
        on_stdout += !r->items[i].file;
    if (code == EXIT_FINE && on_stdout > 1)
        code = complain("--format: one of them at most goes to stdout; say FORMAT=FILE");
    return code;
}

// One result is no table.
static int single_check(const struct reports *r) {
    for (size_t i = 0; i < r->count; i++)
        if (r->items[i].format->of_cohort)
            return complain("--format csv is a table of submissions: name their folders");
    return EXIT_FINE;
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

// --- a cohort ---------------------------------------------------------------------------------------

// The table is written by what is named without a %; the rest is written for each submission, with its
// name for the %.
static bool is_of_each(const struct report *r) {
    return r->file && strchr(r->file, '%');
}

static bool is_of_cohort(const struct report *r) {
    bool table = r->format->of_cohort || strcmp(r->format->name, "json") == 0;
    return table && !is_of_each(r);
}

static int cohort_check(const struct reports *r) {
    for (size_t i = 0; i < r->count; i++)
        if (!is_of_cohort(&r->items[i]) &&
            (r->items[i].format->of_cohort || !is_of_each(&r->items[i])))
            return complain("--format %s: of several submissions a table is made, by csv or json; "
                            "for one %s each say FORMAT=FILE with a %% where its name belongs",
                            r->items[i].format->name, r->items[i].format->name);
    return EXIT_FINE;
}

// The last part of a folder's path; malloc'ed.
static char *name_of(const char *folder) {
    char *real = realpath(folder, NULL);
    const char *slash = real ? strrchr(real, '/') : NULL;
    char *name = text_copy(slash && slash[1] ? slash + 1 : "submission");
    free(real);
    return name;
}

// What is written for each submission, of this one. Returns the exit code.
static int each_write(const struct reports *r, const char *folder, const json_t *document) {
    char why[REPORT_WHY], *name = name_of(folder);
    int code = EXIT_FINE;
    for (size_t i = 0; i < r->count; i++) {
        struct report one = r->items[i];
        if (!is_of_each(&one))
            continue;
        const char *mark = strchr(one.file, '%');
        char *file = text_format("%.*s%s%s", (int)(mark - one.file), one.file, name, mark + 1);
        one.file = file;
        if (!report_write(&one, document, why)) {
            say("%s. The result was not written there.", why);
            code = EXIT_UNUSABLE;
        }
        free(file);
    }
    free(name);
    return code;
}

static int cohort_write(const struct reports *r, const json_t *table) {
    char why[REPORT_WHY];
    int code = EXIT_FINE;
    for (size_t i = 0; i < r->count; i++)
        if (is_of_cohort(&r->items[i]) && !report_write(&r->items[i], table, why)) {
            say("%s. The result was not written there.", why);
            code = EXIT_UNUSABLE;
        }
    return code;
}

static int worse(int a, int b) {
    return a > b ? a : b;
}

// Whether submission number i is one of this shard's.
static bool is_in_shard(const struct shard *shard, size_t i) {
    return !shard->of || i % shard->of == shard->index - 1;
}

// A shard of a cohort is made of whole submissions.
static int grade_cohort(const struct session *s, const struct grading *g, const struct reports *r) {
    struct grading whole = *g;
    json_t *rows = json_array();
    int code = EXIT_FINE;
    whole.shard = (struct shard){0};
    for (size_t i = 0; i < s->options.argument_count && !interrupted(); i++) {
        const char *folder = s->options.arguments[i];
        json_t *document = is_in_shard(&g->shard, i) ? grade(&whole, folder) : NULL;
        if (!document)
            continue;
        json_array_append_new(rows, cohort_row(folder, document));
        code = worse(code, worse(grade_exit(document), each_write(r, folder, document)));
        json_decref(document);
    }
    tell_end();
    json_t *table = cohort_document(tool_json(g->catalogue), merge_run(g), rows);
    code = interrupted() ? EXIT_FAILED : worse(code, cohort_write(r, table));
    json_decref(table);
    return code;
}

static bool is_cohort(const struct session *s) {
    const struct texts *formats = &s->options.formats;
    bool table = s->options.argument_count > 1;
    for (size_t i = 0; i < formats->count; i++)
        table |= s->options.argument_count && strncmp(formats->items[i], "csv", 3) == 0;
    return table;
}

int command_grade(struct session *s) {
    const char *folder = s->options.argument_count ? s->options.arguments[0] : ".";
    bool cohort = is_cohort(s);
    struct reports reports;
    struct grading grading;
    int code = grading_read(s, &grading);
    if (code == EXIT_FINE)
        code = reports_find(s, cohort ? "csv" : "text", &reports);
    if (code == EXIT_FINE)
        code = cohort ? cohort_check(&reports) : single_check(&reports);
    for (size_t i = 0; i < s->options.argument_count && code == EXIT_FINE; i++)
        if (!is_folder(s->options.arguments[i]))
            code = complain("%.200s: no folder to grade", s->options.arguments[i]);
    if (code == EXIT_FINE)
        code = scenarios_all(s, &grading);
    if (code == EXIT_FINE) {
        signals_hold();
        code = cohort ? grade_cohort(s, &grading, &reports) : grade_one(&grading, &reports, folder);
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
static char *folder_find(void) {
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
    char *folder = s->options.dir ? text_copy(s->options.dir) : folder_find();
    int code = grading_read(s, &grading);
    if (code == EXIT_FINE)
        code = reports_find(s, "text", &reports);
    if (code == EXIT_FINE)
        code = single_check(&reports);
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

static bool is_table(const json_t *document) {
    return json_is_array(json_object_get(document, "submissions"));
}

static int merged_check(const struct reports *r, const json_t *whole) {
    if (!is_table(whole))
        return single_check(r);
    for (size_t i = 0; i < r->count; i++)
        if (!is_of_cohort(&r->items[i]))
            return complain("--format %s: these are parts of a table, which is csv or json",
                            r->items[i].format->name);
    return EXIT_FINE;
}

// Returns the exit code.
static int merged_write(const struct reports *r, const json_t *whole) {
    const json_t *rows = json_object_get(whole, "submissions");
    int code = merged_check(r, whole);
    if (code || !rows)
        return code ? code : reports_write(r, whole);
    for (size_t i = 0; i < json_array_size(rows); i++)
        code = worse(code,
                     (int)json_integer_value(json_object_get(json_array_get(rows, i), "exit")));
    return worse(code, cohort_write(r, whole));
}

int command_merge(struct session *s) {
    const struct options *o = &s->options;
    struct reports reports;
    char why[MERGE_WHY];
    int code = EXIT_FINE;
    json_t **documents = zero_alloc(o->argument_count, sizeof *documents), *whole = NULL;
    for (size_t i = 0; i < o->argument_count && code == EXIT_FINE; i++) {
        documents[i] = document_read(o->arguments[i]);
        code = documents[i] ? EXIT_FINE : EXIT_USAGE;
    }
    if (code == EXIT_FINE)
        code = reports_find(s, is_table(documents[0]) ? "csv" : "text", &reports);
    if (code == EXIT_FINE) {
        whole = merge_shards(documents, o->arguments, o->argument_count, why);
        code = whole ? merged_write(&reports, whole) : complain("%s", why);
    }
    json_decref(whole);
    for (size_t i = 0; i < o->argument_count; i++)
        json_decref(documents[i]);
    free(documents);
    return code;
}
