// grade: reads the folder once, then keeps up to `jobs` samplings under way until all are done.
//
// A sampling waits, compiles, is examined, and then is an entry of the document; whatever goes wrong on
// the way is an entry too. Nothing here blocks but the pause between two looks.
#include "harness/grade/grade.h"

#include "harness/clock.h"
#include "harness/compile.h"
#include "harness/file.h"
#include "harness/grade/merge.h"
#include "harness/grade/submission.h"
#include "harness/result.h"
#include "harness/text.h"
#include "harness/tool.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum stage { STAGE_WAITING, STAGE_COMPILING, STAGE_EXAMINED, STAGE_DONE };

// One examination of one scenario.
struct sampling {
    const struct grading *grading;
    const struct scenario_info *scenario;
    const struct submitted *file;
    uint64_t seed;
    enum stage stage;
    char *folder;             // the copy's own, NULL: none yet
    char *path;               // the copy
    char *shown;              // exercises/NAME.c
    struct compilation *made; // NULL: none yet
    struct examination *x;    // NULL: none yet
    int64_t began;            // real ns
    json_t *entry;            // DONE: what came of it
};

// --- the end of a sampling --------------------------------------------------------------------------

static bool is_changed(const struct sampling *s) {
    const char *shipped = s->scenario->variants[0].source;
    return s->file->text && !file_holds(shipped, s->file->text);
}

static void settle(struct sampling *s, const struct variant *v, const struct answer *a) {
    struct graded graded = {.said = s->made ? compile_output(s->made) : "",
                            .changed = is_changed(s)};
    s->entry = result_entry(s->scenario, v, a, &graded);
    if (s->grading->timing)
        json_object_set_new(s->entry, "duration_ms",
                            json_integer((clock_now() - s->began) / MILLISECOND));
    s->stage = STAGE_DONE;
}

// It was not run: `verdict`, and why.
static void settle_unrun(struct sampling *s, unsigned verdict, const char *why) {
    struct variant v = {.kind = VARIANT_FILE, .label = s->shown, .source = s->path};
    struct answer a = {.verdicts = verdict, .seed = s->seed};
    snprintf(a.error, sizeof a.error, "%s", why);
    settle(s, &v, &a);
}

static void release(struct sampling *s) {
    examine_free(s->x);
    if (s->made)
        compile_free(s->made);
    if (s->path)
        unlink(s->path);
    if (s->folder)
        rmdir(s->folder);
    char *owned[] = {s->folder, s->path, s->shown};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    s->x = NULL;
    s->made = NULL;
    s->folder = s->path = s->shown = NULL;
}

// --- its stages -------------------------------------------------------------------------------------

// Writes the copy that is judged. False: `why` (at least FILE_WHY bytes) says why not.
static bool make_copy(struct sampling *s, char *why) {
    const char *where = getenv("TMPDIR");
    s->folder = text_format("%s/unstuck-XXXXXX", where && *where ? where : "/tmp");
    if (!mkdtemp(s->folder)) {
        snprintf(why, FILE_WHY,
                 "%.200s: no folder can be made here. Point TMPDIR at one that can "
                 "be written.",
                 s->folder);
        free(s->folder);
        s->folder = NULL;
        return false;
    }
    s->path = text_format("%s/%s.c", s->folder, s->scenario->name);
    return file_write(s->path, s->file->text, s->file->size, why);
}

static void begin(struct sampling *s) {
    char why[FILE_WHY];
    s->began = clock_now();
    s->shown = text_format("exercises/%s.c", s->scenario->name);
    s->stage = STAGE_COMPILING;
    if (s->file->verdict) {
        settle_unrun(s, s->file->verdict, s->file->why);
        return;
    }
    if (make_copy(s, why))
        s->made = compile_copy(s->grading->catalogue, s->scenario, s->path, s->shown, why);
    if (!s->made)
        settle_unrun(s, VERDICT_ENVIRONMENT, why);
}

static struct examine_config configure(const struct sampling *s) {
    struct examine_config config = {.scenario = s->scenario,
                                    .variant = compile_variant(s->made),
                                    .explore = true,
                                    .witnessed = true,
                                    .seed = s->seed};
    uint64_t budget = s->grading->budget;
    if (budget) { // the sampling gets the same part of it as by default
        config.random_budget = budget / 50 + 1;
        config.tree_budget = budget > 1 ? budget - budget / 50 : 1;
    }
    return config;
}

// It compiled: whether it read only what it may.
static bool is_honest(struct sampling *s) {
    char why[FILE_WHY], *strange = compile_strange(s->made);
    if (!strange)
        return true;
    snprintf(why, sizeof why,
             "%s includes `%.120s`. An exercise may include headers of the system and of core/, "
             "harness/scenario.h and its own exercise.h.",
             s->shown, strange);
    settle_unrun(s, VERDICT_TAMPERED, why);
    free(strange);
    return false;
}

static void compiled(struct sampling *s) {
    char why[300];
    int state = compile_poll(s->made);
    if (state == 0)
        return;
    if (state < 0) {
        settle_unrun(s, compile_tampered(s->made) ? VERDICT_TAMPERED : VERDICT_BUILD,
                     compile_output(s->made));
        return;
    }
    if (!is_honest(s))
        return;
    struct examine_config config = configure(s);
    s->x = examine_start(&config, why);
    s->stage = STAGE_EXAMINED;
    if (!s->x)
        settle_unrun(s, VERDICT_ENVIRONMENT, why);
}

static void examined(struct sampling *s) {
    if (examine_poll(s->x) == EXAMINE_DONE)
        settle(s, compile_variant(s->made), examine_answer(s->x));
}

static void move_on(struct sampling *s) {
    if (s->stage == STAGE_WAITING)
        begin(s);
    else if (s->stage == STAGE_COMPILING)
        compiled(s);
    else if (s->stage == STAGE_EXAMINED)
        examined(s);
    if (s->stage == STAGE_DONE)
        release(s);
}

// --- all of them ------------------------------------------------------------------------------------

static uint32_t processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t)CPU_COUNT(&set) : 1;
}

static void pause_a_little(void) {
    struct timespec little = {.tv_nsec = MILLISECOND};
    nanosleep(&little, NULL);
}

// Moves on the first `jobs` that are not done. False: they are all done.
static bool look(struct sampling *list, size_t count, uint32_t jobs, size_t *done,
                 const char **under_way) {
    uint32_t busy = 0;
    *done = 0;
    *under_way = "";
    for (size_t i = 0; i < count && busy < jobs; i++) {
        if (list[i].stage != STAGE_DONE)
            move_on(&list[i]);
        bool over = list[i].stage == STAGE_DONE;
        busy += !over;
        *done += over;
        if (!over && !**under_way)
            *under_way = list[i].scenario->name;
    }
    return busy;
}

// False: it was given up.
static bool work_off(const struct grading *g, struct sampling *list, size_t count) {
    uint32_t jobs = g->jobs ? g->jobs : processors();
    const char *under_way;
    for (size_t done; look(list, count, jobs, &done, &under_way);) {
        if (g->tell && !g->tell(done, count, under_way))
            return false;
        pause_a_little();
    }
    return true;
}

static bool is_mine(const struct shard *shard, size_t number) {
    return !shard->of || number % shard->of == shard->index - 1;
}

// The samplings of this shard.
static struct sampling *list_make(const struct grading *g, const struct submitted *files,
                                  size_t *count) {
    uint64_t seeds = g->seeds ? g->seeds : 1, first = g->seed ? g->seed : 1;
    struct sampling *list = zero_alloc(g->count * seeds, sizeof *list);
    *count = 0;
    for (size_t i = 0; i < g->count * seeds; i++)
        if (is_mine(&g->shard, i))
            list[(*count)++] = (struct sampling){.grading = g,
                                                 .scenario = g->scenarios[i / seeds],
                                                 .file = &files[i / seeds],
                                                 .seed = first + i % seeds};
    return list;
}

static struct submitted *files_read(const struct grading *g, const char *folder) {
    struct submitted *files = zero_alloc(g->count, sizeof *files);
    struct submission submission;
    submission_open(&submission, folder);
    for (size_t i = 0; i < g->count; i++)
        submission_read(&submission, g->scenarios[i]->name, &files[i]);
    submission_close(&submission);
    return files;
}

json_t *grade(const struct grading *g, const char *folder) {
    size_t count;
    struct submitted *files = files_read(g, folder);
    struct sampling *list = list_make(g, files, &count);
    bool whole = work_off(g, list, count);
    json_t *entries = json_array();
    for (size_t i = 0; i < count; i++) {
        release(&list[i]);
        json_array_append_new(entries, list[i].entry);
    }
    for (size_t i = 0; i < g->count; i++)
        free(files[i].text);
    free(files);
    free(list);
    if (whole)
        return merge_document(tool_json(g->catalogue), merge_run(g), entries);
    json_decref(entries);
    return NULL;
}

// --- what it amounts to -----------------------------------------------------------------------------

static unsigned verdicts_of(const json_t *entry) {
    const json_t *list = json_object_get(entry, "verdicts");
    unsigned verdicts = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        for (unsigned bit = 0; word && bit < VERDICT_COUNT; bit++)
            verdicts |= (unsigned)!strcmp(word, verdict_word(bit)) << bit;
    }
    return verdicts;
}

int grade_exit(const json_t *document) {
    const json_t *list = json_object_get(document, "scenarios");
    int code = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *status = json_string_value(json_object_get(entry, "status"));
        int its = verdict_exit(verdicts_of(entry));
        if (!its && (!status || strcmp(status, "pass") != 0))
            its = 1; // a warning
        code = its > code ? its : code;
    }
    return code;
}
