// pack: builds and describes the scenarios of a folder, a few at a time.
//
// Each goes from its driver to its exercise, which is linked with it, to its description, which a runner
// prints once it has loaded both. Invariant: a scenario is in the catalogue or among the faults, never
// in both, and no scenario of a pack ever takes the place of another one.
//
// Rejected: a file that lists the scenarios of a pack (the folders are that list, and cannot be out of
// date); reading scenario.c for what it declares (C is not to be read but by a compiler).
#include "harness/pack.h"

#include "harness/clock.h"
#include "harness/compile.h"
#include "harness/launch.h"
#include "harness/schedule.h"
#include "harness/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WHY = 300, SAID_LIMIT = 1 << 20 };

static const int64_t DESCRIBE_BOUND = 10 * SECOND, TELL_EVERY = 100 * MILLISECOND;

enum step { STEP_WAITS, STEP_DRIVER, STEP_EXERCISE, STEP_DESCRIBED, STEP_DONE, STEP_FAULTY };

// A scenario on its way into the catalogue.
struct making {
    enum step step;
    struct scenario_info frame; // what compiling needs: name, pack, folder, driver
    struct compilation *driver, *exercise;
    pid_t runner;                  // DESCRIBED: who describes it
    int64_t deadline;              // ... and until when, monotonic ns
    struct scenario_info scenario; // DONE
};

// A pack under construction.
struct building {
    struct packs *packs;
    struct catalogue *catalogue;
    char *root;         // its folder, absolute
    const char *given;  // ... as it was given
    struct making *all; // in the order of their names
    size_t count;
};

// --- faults ---------------------------------------------------------------------------------

static void fault_add(struct building *b, const char *name, unsigned verdict, const char *output,
                      char *why) {
    struct packs *p = b->packs;
    p->faults = more_memory(p->faults, p->fault_count + 1, sizeof *p->faults);
    p->faults[p->fault_count++] = (struct pack_fault){
        .scenario = {.name = text_copy(name),
                     .pack = text_copy(b->root),
                     .pack_given = text_copy(b->given)},
        .variant = {.kind = VARIANT_EXERCISE,
                    .file = text_copy("exercise.c"),
                    .label = text_copy("exercise")},
        .verdict = verdict,
        .why = why,
        .output = text_copy(output),
    };
}

static void fail(struct building *b, struct making *m, unsigned verdict, const char *output,
                 char *why) {
    m->step = STEP_FAULTY;
    fault_add(b, m->frame.name, verdict, output, why);
}

static void fail_compile(struct building *b, struct making *m, const struct compilation *x,
                         const char *file) {
    fail(b, m, VERDICT_BUILD, compile_output(x),
         text_format(
             "%s/%s does not compile. `unstuck run %s --pack %s` shows what the compiler says.",
             m->frame.folder, file, m->frame.name, b->given));
}

static void fail_starting(struct building *b, struct making *m, const char *why) {
    fail(b, m, VERDICT_ENVIRONMENT, "", text_format("%s: %s", m->frame.folder, why));
}

// --- describing -----------------------------------------------------------------------------

static char *in_folder(const struct making *m, const char *file) {
    return text_format("%s/%s", compile_folder(m->exercise), file);
}

static void describe_end(struct building *b, struct making *m);

// A constructor of the author's may run, so this is a runner like any other, but for the memory.
static int describe_launch(const struct building *b, struct making *m, int input, int output) {
    char *runner = text_format("%s/unstuck-runner", b->catalogue->libexec);
    struct limits limits = limits_for_runner(true, false, 0, 0);
    limits.cpu_seconds = 2 * DESCRIBE_BOUND / SECOND; // a backstop
    char *const argv[] = {runner, (char[]){"--describe"}, m->frame.driver,
                          compile_variant(m->exercise)->object, NULL};
    int bad = launch(&(struct launch){.argv = argv,
                                      .folder = compile_folder(m->exercise),
                                      .input = input,
                                      .output = output,
                                      .memory = input,
                                      .limits = limits},
                     &m->runner);
    free(runner);
    return bad;
}

static void describe_start(struct building *b, struct making *m) {
    char *path = in_folder(m, "said");
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int bad = input < 0 || output < 0 ? errno : describe_launch(b, m, input, output);
    m->step = STEP_DESCRIBED;
    m->deadline = clock_now() + DESCRIBE_BOUND;
    if (bad)
        fail(b, m, VERDICT_ENVIRONMENT, "",
             text_format("%s: it cannot be described: %s. See `unstuck doctor`.", m->frame.folder,
                         strerror(bad)));
    if (input >= 0)
        close(input);
    if (output >= 0)
        close(output);
    free(path);
}

// What the runner said instead of a description, or how it came to its end.
static void fail_describe(struct building *b, struct making *m, int status) {
    char *path = in_folder(m, "said"), *said = text_file(path, SAID_LIMIT);
    static const char prefix[] = "unstuck-runner: ";
    const char *words = said && strncmp(said, prefix, sizeof prefix - 1) == 0
                            ? said + sizeof prefix - 1
                            : "";
    if (clock_now() >= m->deadline)
        fail(b, m, VERDICT_BUILD, "",
             text_format(
                 "%s: describing it took more than %d s. What runs before main in it must not "
                 "wait or loop.",
                 m->frame.folder, (int)(DESCRIBE_BOUND / SECOND)));
    else if (WIFSIGNALED(status))
        fail(b, m, VERDICT_BUILD, "",
             text_format("%s: describing it ended by signal %d (%s). What runs before main in it "
                         "must do no harm.",
                         m->frame.folder, WTERMSIG(status), strsignal(WTERMSIG(status))));
    else
        fail(b, m, VERDICT_BUILD, "",
             text_format("%s: %.*s. Mend scenario.c, exercise.h or exercise.c.", m->frame.folder,
                         (int)strcspn(words, "\n"), *words ? words : "it describes nothing"));
    free(said);
    free(path);
}

static bool describe_over(struct making *m, int *status) {
    if (waitpid(m->runner, status, WNOHANG) == m->runner)
        return true;
    if (clock_now() < m->deadline)
        return false;
    kill(-m->runner, SIGKILL);
    waitpid(m->runner, status, 0);
    return true;
}

static void describe_poll(struct building *b, struct making *m) {
    int status;
    if (!describe_over(m, &status))
        return;
    kill(-m->runner, SIGKILL); // whoever it left behind
    m->runner = 0;
    char *said = in_folder(m, "said"), *json = in_folder(m, "scenario.json");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && rename(said, json) == 0)
        describe_end(b, m);
    else
        fail_describe(b, m, status);
    free(said);
    free(json);
}

// Its description is there: what can be read is kept.
static void describe_end(struct building *b, struct making *m) {
    char why[WHY];
    struct scenario_info *s = &m->scenario;
    if (!scenario_read(s, b->root, compile_folder(m->exercise), m->frame.name, why)) {
        fail(b, m, VERDICT_BUILD, "",
             text_format("%s/scenario.c%s Mend its SCENARIO(...).", m->frame.folder, why));
        scenario_clear(s);
        return;
    }
    compile_keep(m->exercise);
    scenario_clear(s);
    *s = (struct scenario_info){0};
    scenario_read(s, b->root, compile_folder(m->exercise), m->frame.name, why);
    char **mine[] = {&s->driver, &s->driver_tsan, &s->pack, &s->pack_given};
    char *const theirs[] = {m->frame.driver, m->frame.driver_tsan, b->root, (char *)b->given};
    for (size_t i = 0; i < sizeof mine / sizeof *mine; i++) {
        free(*mine[i]);
        *mine[i] = theirs[i] ? text_copy(theirs[i]) : NULL;
    }
    m->step = STEP_DONE;
}

// --- building -------------------------------------------------------------------------------

static char *source_of(const struct making *m, const char *file) {
    return text_format("%s/%s", m->frame.folder, file);
}

static void driver_start(struct building *b, struct making *m) {
    char why[WHY], *source = source_of(m, "scenario.c");
    m->driver = compile_driver(b->catalogue, &m->frame, source, why);
    m->step = STEP_DRIVER;
    if (!m->driver)
        fail_starting(b, m, why);
    free(source);
}

static void driver_poll(struct building *b, struct making *m) {
    int state = compile_poll(m->driver);
    if (state < 0)
        fail_compile(b, m, m->driver, "scenario.c");
    if (state <= 0)
        return;
    const struct variant *made = compile_variant(m->driver);
    m->frame.driver = text_copy(made->object);
    m->frame.driver_tsan = made->tsan ? text_copy(made->tsan) : NULL;
    char why[WHY], *source = source_of(m, "exercise.c");
    m->exercise = compile_exercise(b->catalogue, &m->frame, source, why);
    m->step = STEP_EXERCISE;
    if (!m->exercise)
        fail_starting(b, m, why);
    free(source);
}

static void exercise_poll(struct building *b, struct making *m) {
    int state = compile_poll(m->exercise);
    if (state < 0)
        fail_compile(b, m, m->exercise, "exercise.c");
    if (state <= 0)
        return;
    char *json = in_folder(m, "scenario.json");
    if (access(json, R_OK) == 0)
        describe_end(b, m);
    else
        describe_start(b, m);
    free(json);
}

static bool making_ended(const struct making *m) {
    return m->step == STEP_DONE || m->step == STEP_FAULTY;
}

// True: it has come a step further.
static bool making_poll(struct building *b, struct making *m) {
    static void (*const polls[])(struct building *, struct making *) = {
        driver_start, driver_poll, exercise_poll, describe_poll};
    enum step before = m->step;
    if (!making_ended(m))
        polls[m->step](b, m);
    return m->step != before;
}

// Moves on those that are begun, at most `most` of them, and begins others in their place. Returns how
// many have ended.
static size_t building_poll(struct building *b, size_t most, bool *moved) {
    size_t ended = 0, busy = 0;
    for (size_t i = 0; i < b->count && busy < most; i++) {
        *moved |= making_poll(b, &b->all[i]);
        busy += !making_ended(&b->all[i]);
    }
    for (size_t i = 0; i < b->count; i++)
        ended += making_ended(&b->all[i]);
    return ended;
}

// Builds all of them, two compilers each. False: given up.
static bool build_all(struct building *b, pack_tell *tell) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors > 3 ? (size_t)processors / 2 : 1, ended = 0;
    int64_t told = clock_now();
    while (ended < b->count) {
        bool moved = false;
        ended = building_poll(b, most, &moved);
        bool due = clock_now() - told >= TELL_EVERY;
        if (due && tell && !tell(ended, b->count))
            return false;
        told = due ? clock_now() : told;
        if (!moved)
            nanosleep(&(struct timespec){.tv_nsec = MILLISECOND}, NULL);
    }
    return true;
}

// --- what a pack holds ----------------------------------------------------------------------

static int not_hidden(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static bool is_name(const char *name) {
    size_t length = strlen(name);
    return length < SCHEDULE_NAME && strcmp(name, "all") != 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

// NULL: there is such a scenario in no place yet; else what is wrong with having this one.
static char *name_wrong(const struct building *b, const char *name) {
    const struct scenario_info *other = catalogue_find(b->catalogue, name);
    if (!is_name(name))
        return text_format(
            "%s/scenarios/%s: this cannot be a scenario's name. Rename the folder: a-z, "
            "0-9, - and _, at most %d of them, and not `all`.",
            b->root, name, SCHEDULE_NAME - 1);
    if (other)
        return text_format(
            "%s/scenarios/%s: there is a scenario of this name already, in %s, and that "
            "one counts. Rename the folder, and .name in scenario.c.",
            b->root, name, other->pack ? other->pack : "the house itself");
    return NULL;
}

// NULL: there is all that a scenario begins with; else what there is not.
static char *files_wrong(const char *folder) {
    static const char *const files[] = {"scenario.c", "exercise.h", "exercise.c"};
    char *wrong = NULL;
    for (size_t i = 0; i < sizeof files / sizeof *files && !wrong; i++) {
        char *path = text_format("%s/%s", folder, files[i]);
        if (access(path, R_OK) != 0)
            wrong = text_format(
                "%s: %s. A scenario begins with scenario.c, exercise.h and exercise.c, "
                "which must be readable.",
                path, strerror(errno));
        free(path);
    }
    return wrong;
}

// Whether the folder is meant as a scenario; one that cannot be looked into is.
static bool is_meant(const char *folder) {
    char *scenario = text_format("%s/scenario.c", folder),
         *exercise = text_format("%s/exercise.c", folder);
    struct stat info;
    bool meant = stat(folder, &info) == 0 && S_ISDIR(info.st_mode) &&
                 (access(folder, R_OK | X_OK) != 0 || access(scenario, F_OK) == 0 ||
                  access(exercise, F_OK) == 0);
    free(scenario);
    free(exercise);
    return meant;
}

static void scenario_begin(struct building *b, const char *name) {
    char *folder = text_format("%s/scenarios/%s", b->root, name);
    char *wrong = NULL;
    if (!is_meant(folder)) {
        free(folder);
        return;
    }
    wrong = name_wrong(b, name);
    bool named = !wrong;
    if (named)
        wrong = files_wrong(folder);
    if (wrong) {
        fault_add(b, name, named ? VERDICT_BUILD : VERDICT_ENVIRONMENT, "", wrong);
        free(folder);
        return;
    }
    b->all = more_memory(b->all, b->count + 1, sizeof *b->all);
    b->all[b->count++] = (struct making){.frame = {.name = text_copy(name),
                                                   .pack = text_copy(b->root),
                                                   .pack_given = text_copy(b->given),
                                                   .folder = folder}};
}

static bool no_pack(const char *folder, const char *problem, char *why) {
    snprintf(why, WHY,
             "%.150s: %.50s. A pack is a folder with scenarios/NAME/ and solutions/NAME/ in it.",
             folder, problem);
    return false;
}

static bool scenarios_begin(struct building *b, const char *only, char *why) {
    char *folder = text_format("%s/scenarios", b->root);
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, not_hidden, alphasort);
    bool one = false, good = count >= 0 || no_pack(folder, strerror(errno), why);
    for (int i = 0; i < count && only; i++)
        one |= strcmp(entries[i]->d_name, only) == 0;
    size_t before = b->packs->fault_count;
    for (int i = 0; i < count; i++) {
        if (!one || strcmp(entries[i]->d_name, only) == 0)
            scenario_begin(b, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (good && b->count == 0 && b->packs->fault_count == before)
        good = no_pack(folder, "there is no scenario in it", why);
    free(folder);
    return good;
}

// --- the end of building ------------------------------------------------------------------------

static void keep_made(struct packs *p, struct compilation **made) {
    if (!*made)
        return;
    p->made = more_memory(p->made, p->made_count + 1, sizeof(struct compilation *));
    p->made[p->made_count++] = *made;
    *made = NULL;
}

static void making_free(struct making *m) {
    if (m->runner) {
        kill(-m->runner, SIGKILL);
        waitpid(m->runner, NULL, 0);
    }
    if (m->driver)
        compile_free(m->driver);
    if (m->exercise)
        compile_free(m->exercise);
    scenario_clear(&m->frame);
}

// Gives the catalogue what came to its end, in the order of the course.
static void hand_over(struct building *b) {
    size_t first = b->catalogue->count;
    for (size_t i = 0; i < b->count; i++) {
        struct making *m = &b->all[i];
        if (m->step != STEP_DONE)
            continue;
        catalogue_add(b->catalogue, &m->scenario);
        keep_made(b->packs, &m->driver);
        keep_made(b->packs, &m->exercise);
    }
    qsort(b->catalogue->scenarios + first, b->catalogue->count - first,
          sizeof *b->catalogue->scenarios, scenario_order);
}

bool packs_add(struct packs *p, struct catalogue *c, const char *folder, const char *only,
               pack_tell *tell, char *why) {
    struct building b = {
        .packs = p, .catalogue = c, .root = realpath(folder, NULL), .given = folder};
    bool good = b.root ? scenarios_begin(&b, only, why) : no_pack(folder, strerror(errno), why);
    if (good && !build_all(&b, tell)) {
        snprintf(why, WHY, "%.200s: given up.", folder);
        good = false;
    }
    if (good)
        hand_over(&b);
    for (size_t i = 0; i < b.count; i++) {
        if (!good && b.all[i].step == STEP_DONE)
            scenario_clear(&b.all[i].scenario);
        making_free(&b.all[i]);
    }
    free(b.all);
    free(b.root);
    return good;
}

const struct pack_fault *packs_fault(const struct packs *p, const char *name) {
    for (size_t i = 0; i < p->fault_count; i++)
        if (strcmp(p->faults[i].scenario.name, name) == 0)
            return &p->faults[i];
    return NULL;
}

void packs_close(struct packs *p) {
    for (size_t i = 0; i < p->made_count; i++)
        compile_free(p->made[i]);
    for (size_t i = 0; i < p->fault_count; i++) {
        struct pack_fault *f = &p->faults[i];
        scenario_clear(&f->scenario);
        char *owned[] = {f->variant.file, f->variant.label, f->why, f->output};
        for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
            free(owned[k]);
    }
    free(p->made);
    free(p->faults);
    *p = (struct packs){0};
}
