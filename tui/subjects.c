// subjects: from NAME and --variant to the variants they mean, compiled where need be; and the
// few things that every command says and does alike.
#include "tui/commands.h"

#include "harness/compile.h"
#include "harness/text.h"
#include "harness/workspace.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// --- saying -----------------------------------------------------------------------------------

// One line whatever it holds: a newline in an argument must not make it two.
static void say_list(const char *format, va_list arguments) {
    char line[800];
    vsnprintf(line, sizeof line, format, arguments);
    char *clean = text_clean(line);
    for (char *p = clean; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    fprintf(stderr, "unstuck: %s\n", clean);
    free(clean);
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_list(format, arguments);
    va_end(arguments);
}

int complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_list(format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

// --- packs ------------------------------------------------------------------------------------

static bool tell_building(size_t done, size_t all) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kbuilding the pack: %zu of %zu", done, all);
    return !interrupted();
}

// The scenario that the command is about, as far as the command line says: nobody else's is built.
static const char *only_scenario(const struct session *s, char *name, size_t size) {
    const char *word = s->options.arguments[0];
    if (!word || strcmp(word, "all") == 0 || s->command->of_folders ||
        s->command->run == command_tui)
        return NULL;
    snprintf(name, size, "%.*s", (int)strcspn(word, "@"), word);
    return name;
}

int packs_open(struct session *s) {
    const struct texts *given = &s->options.packs;
    char why[300] = "", name[SCHEDULE_NAME + 1];
    const char *only = only_scenario(s, name, sizeof name);
    bool good = true;
    if (given->count)
        signals_hold();
    for (size_t i = 0; i < given->count && good; i++)
        good = packs_add(&s->packs, &s->catalogue, given->items[i], only, tell_building, why);
    if (given->count && isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    if (interrupted())
        return EXIT_FAILED;
    return good ? EXIT_FINE : complain("--pack: %s", why);
}

int say_faults(const struct session *s) {
    int code = EXIT_FINE;
    for (size_t i = 0; i < s->packs.fault_count; i++) {
        const struct pack_fault *fault = &s->packs.faults[i];
        say("%s", fault->why);
        code = verdict_exit(fault->verdict) > code ? verdict_exit(fault->verdict) : code;
    }
    return code;
}

// --- with scenarios ---------------------------------------------------------------------------

// In a workspace its files are the exercises.
static int workspace_enter(struct session *s) {
    char why[WORKSPACE_WHY];
    s->workspace = s->command->shipped ? NULL : workspace_find(".");
    if (!s->workspace || workspace_adopt(s->workspace, &s->catalogue, why))
        return EXIT_FINE;
    say("%s", why);
    return EXIT_UNUSABLE;
}

int with_scenarios(struct session *s, int (*run)(struct session *s)) {
    char why[300];
    if (!catalogue_open(&s->catalogue, why)) {
        say("%s", why);
        return EXIT_UNUSABLE;
    }
    int code = packs_open(s);
    if (code == EXIT_FINE)
        code = workspace_enter(s);
    if (code == EXIT_FINE)
        code = run(s);
    free(s->workspace);
    catalogue_close(&s->catalogue);
    packs_close(&s->packs);
    return code;
}

// What is wrong with the scenario of that name: a word beside what a scenario of the same name in
// another place does, or all there is to say.
static const struct pack_fault *find_fault(const struct session *s, const char *name) {
    const struct pack_fault *fault = packs_fault(&s->packs, name);
    if (fault)
        say("%s", fault->why);
    return fault;
}

const struct scenario_info *find_scenario(const struct session *s, const char *name) {
    const struct scenario_info *found = catalogue_find(&s->catalogue, name);
    const struct pack_fault *fault = find_fault(s, name);
    if (found || fault)
        return found;
    const char *nearest = catalogue_nearest(&s->catalogue, name);
    if (nearest)
        complain("no scenario `%.80s`; the nearest is `%s`", name, nearest);
    else
        complain("no scenario `%.80s`; `unstuck list` shows those there are", name);
    return NULL;
}

// --- signals ----------------------------------------------------------------------------------

static volatile sig_atomic_t signal_seen;

static void on_signal(int number) {
    signal_seen = number;
}

void signals_hold(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    const int held[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        sigaction(held[i], &action, NULL);
}

bool interrupted(void) {
    return signal_seen != 0;
}

void give_way(void) {
    if (signal_seen == 0)
        return;
    fflush(stdout);
    signal(signal_seen, SIG_DFL);
    raise(signal_seen);
}

void pause_ms(int ms) {
    struct timespec span = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&span, NULL);
}

// --- which variants ---------------------------------------------------------------------------

static void subject_add(struct subjects *list, const struct scenario_info *s,
                        const struct variant *v) {
    list->items = more_memory(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct subject){.scenario = s, .variant = *v};
}

static bool is_of_kind(const char *selector, const char *kind) {
    size_t length = strlen(kind);
    return strncmp(selector, kind, length) == 0 && (!selector[length] || selector[length] == ':');
}

static bool is_file(const char *selector) {
    size_t length = strlen(selector);
    bool source = length > 2 && strcmp(selector + length - 2, ".c") == 0;
    return !is_of_kind(selector, "solution") && !is_of_kind(selector, "wrong") &&
           (source || strchr(selector, '/'));
}

// The label most like the selector; of one that names a kind, only labels of that kind.
static const char *nearest_label(const struct scenario_info *s, const char *selector) {
    const char **labels = zero_alloc(s->variant_count, sizeof *labels), *near = NULL;
    size_t kind = strcspn(selector, ":"), count = 0;
    kind += selector[kind] == ':';
    for (int strict = 1; strict >= 0 && !near; strict--) {
        count = 0;
        for (size_t i = 0; i < s->variant_count; i++)
            if (!strict || strncmp(s->variants[i].label, selector, kind) == 0)
                labels[count++] = s->variants[i].label;
        near = nearest_word(selector, labels, count);
        if (!near && strict && count)
            near = labels[0];
    }
    free(labels);
    return near ? near : "exercise";
}

static int no_variant(const struct scenario_info *s, const char *selector) {
    return complain("%s has no variant `%.80s`; the nearest is `%s`", s->name, selector,
                    nearest_label(s, selector));
}

// Adds what the selector means for one scenario.
static int variants_add(struct subjects *list, const struct scenario_info *s, const char *selector,
                        bool every) {
    const struct variant *first = scenario_variant(s, selector);
    if (!first)
        return no_variant(s, selector);
    bool one = !every || strchr(selector, ':') || first->kind == VARIANT_EXERCISE;
    for (size_t i = 0; i < s->variant_count; i++)
        if (one ? &s->variants[i] == first : s->variants[i].kind == first->kind)
            subject_add(list, s, &s->variants[i]);
    return EXIT_FINE;
}

// A file of the learner's: compiled later, by subject_build.
static int file_add(struct subjects *list, const struct session *s, const char *name,
                    const char *file) {
    const struct scenario_info *scenario = find_scenario(s, name);
    if (!scenario)
        return EXIT_USAGE;
    struct variant v = {.kind = VARIANT_FILE, .file = (char *)file, .label = (char *)file};
    subject_add(list, scenario, &v);
    return EXIT_FINE;
}

// What cannot be had is a subject all the same, so that it is in the answer.
static void fault_subject(struct subjects *list, const struct pack_fault *fault) {
    subject_add(list, &fault->scenario, &fault->variant);
    list->items[list->count - 1].fault = fault;
}

// Whether the name is that of a scenario that cannot be had.
static const struct pack_fault *only_fault(const struct session *s, const char *name) {
    return catalogue_find(&s->catalogue, name) ? NULL : packs_fault(&s->packs, name);
}

int subjects_find(const struct session *s, const char *name, bool every, struct subjects *out) {
    const char *selector = s->options.variant ? s->options.variant : "exercise";
    bool all = strcmp(name, "all") == 0;
    *out = (struct subjects){0};
    if (is_file(selector) && all)
        return complain("--variant %.80s is one file: name the one scenario it is for", selector);
    if (!all && only_fault(s, name)) {
        fault_subject(out, only_fault(s, name));
        return EXIT_FINE;
    }
    if (is_file(selector))
        return file_add(out, s, name, selector);
    const struct scenario_info *scenario = all ? NULL : find_scenario(s, name);
    if (!all)
        return scenario ? variants_add(out, scenario, selector, every) : EXIT_USAGE;
    for (size_t i = 0; i < s->catalogue.count; i++) {
        int code = variants_add(out, &s->catalogue.scenarios[i], selector, every);
        if (code)
            return code;
    }
    for (size_t i = 0; i < s->packs.fault_count; i++)
        fault_subject(out, &s->packs.faults[i]);
    return EXIT_FINE;
}

void subjects_free(struct subjects *list) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].compilation)
            compile_free(list->items[i].compilation);
    free(list->items);
    *list = (struct subjects){0};
}

// --- building ---------------------------------------------------------------------------------

// A file is what its compilation made of it; a variant of the catalogue only gets fresh objects.
static void adopt(struct subject *subject) {
    const struct compilation *made = subject->compilation;
    subject->variant = subject->variant.kind == VARIANT_FILE
                           ? *compile_variant(made)
                           : compile_renewed(made, &subject->variant);
}

// Like compile_finish, but gives way to a signal.
static int compile_wait(struct compilation *x) {
    int state;
    while ((state = compile_poll(x)) == 0 && !interrupted())
        pause_ms(2);
    return state;
}

static bool is_source(const char *file) {
    struct stat info;
    return stat(file, &info) == 0 && S_ISREG(info.st_mode) && access(file, R_OK) == 0;
}

static int fault_exit(const struct pack_fault *fault, char *why) {
    snprintf(why, 300, "%.299s", fault->why);
    fputs(fault->output, stderr);
    if (!*fault->output && fault->verdict == VERDICT_BUILD)
        say("%s", fault->why);
    return verdict_exit(fault->verdict);
}

int subject_build(const struct session *s, struct subject *subject, char *why) {
    const struct variant *v = &subject->variant;
    if (subject->fault)
        return fault_exit(subject->fault, why);
    if (!compile_needed(v))
        return EXIT_FINE;
    const char *file = v->kind == VARIANT_FILE ? v->file : v->source;
    if (!is_source(file))
        return complain("%.200s: no source file, or it cannot be read", file);
    subject->compilation = compile_start(&s->catalogue, subject->scenario, file, why);
    if (!subject->compilation)
        return EXIT_UNUSABLE;
    int compiled = compile_wait(subject->compilation);
    if (interrupted() && compiled <= 0)
        return EXIT_FAILED;
    fputs(compile_output(subject->compilation), stderr); // warnings too
    if (compiled > 0) {
        adopt(subject);
        return EXIT_FINE;
    }
    return verdict_exit(VERDICT_BUILD);
}

const char *subject_output(const struct subject *subject) {
    if (!subject->fault)
        return compile_output(subject->compilation);
    return *subject->fault->output ? subject->fault->output : subject->fault->why;
}
