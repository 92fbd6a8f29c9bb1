// run and explore: judge variants one after another, and print each answer as it comes.
//
// Both are one loop: build the subject, move its examination on until it is done, print. With
// --json everything goes into one document that is printed at the end; the exit code is the
// highest of any subject's.
#include "tui/commands.h"

#include "harness/clock.h"
#include "harness/compile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One call of run or explore.
struct judging {
    const struct session *session;
    bool explore;
    bool many;                // more than one subject
    struct schedule schedule; // run: which
    json_t *document;         // --json, else NULL
    uint64_t passed, failed, errors;
    int code; // exit code so far
};

static void raise_code(struct judging *j, int code) {
    if (code > j->code)
        j->code = code;
}

// --- progress ---------------------------------------------------------------------------------

// Ten times a second, on a terminal only, a line that goes again.
static void show_progress(const struct examination *x, const char *name, int64_t *shown) {
    char words[160];
    int64_t now = clock_now();
    if (!isatty(STDERR_FILENO) || now - *shown < 100 * MILLISECOND)
        return;
    *shown = now;
    fprintf(stderr, "\r\033[K%s: %s", name, examine_progress(x, words, sizeof words));
}

static void clear_progress(void) {
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

// Moves it on until it is done, the time budget is over, or a signal came.
static void await(struct examination *x, const char *name, int64_t budget) {
    int64_t start = clock_now(), shown = start;
    while (examine_poll(x) != EXAMINE_DONE && !interrupted()) {
        if (budget && clock_now() - start >= budget)
            examine_stop(x);
        show_progress(x, name, &shown);
        pause_ms(1);
    }
    clear_progress();
}

// --- one subject ------------------------------------------------------------------------------

static void count(struct judging *j, unsigned verdicts) {
    j->passed += verdicts == 0;
    j->errors += (verdicts & VERDICT_ERRORS) != 0;
    j->failed += verdicts != 0 && !(verdicts & VERDICT_ERRORS);
    raise_code(j, verdict_exit(verdicts));
}

// A schedule that does not fit is the caller's mistake, not a verdict.
static bool refused_schedule(struct judging *j, const struct answer *a) {
    if (a->misfit)
        raise_code(j, complain("%s", a->error));
    return a->misfit;
}

// Where the exercise lies, from here if it lies below.
static void print_way_on(const struct subject *subject) {
    char *here = getcwd(NULL, 0), *file = realpath(subject->variant.source, NULL);
    size_t length = here ? strlen(here) : 0;
    bool below = here && file && strncmp(file, here, length) == 0 && file[length] == '/';
    const char *shown = below ? file + length + 1 : file ? file : subject->variant.source;
    char *pack = scenario_pack_words(subject->scenario);
    printf("  fix:   %s\n  hint:  unstuck hint %s%s\n", shown, subject->scenario->name, pack);
    free(pack);
    free(here);
    free(file);
}

static void print_text(const struct judging *j, const struct subject *subject,
                       const struct answer *a) {
    result_text(subject->scenario, &subject->variant, a, j->session->colour, stdout);
    if (!j->many && subject->variant.kind == VARIANT_EXERCISE && a->failing_schedule)
        print_way_on(subject);
}

static void print(struct judging *j, const struct subject *subject, const struct answer *a) {
    const struct options *o = &j->session->options;
    if (refused_schedule(j, a))
        return;
    count(j, answer_verdicts(a));
    if (j->document)
        result_add(j->document, subject->scenario, &subject->variant, a);
    else if (o->events && a->log)
        result_events(a->log, stdout);
    else
        print_text(j, subject, a);
    fflush(stdout);
}

static struct examine_config configure(const struct judging *j, const struct subject *subject) {
    const struct options *o = &j->session->options;
    struct examine_config config = {
        .scenario = subject->scenario,
        .variant = &subject->variant,
        .explore = j->explore,
        .schedule = j->schedule,
        .seed = o->seed.value,
        .exhaustive = o->exhaustive,
        .slow = o->slow,
        .no_race = o->events, // the log that is printed is the plain run's
    };
    snprintf(config.schedule.name, sizeof config.schedule.name, "%s", subject->scenario->name);
    config.budget = o->budget.runs;
    if (o->budget.time) // the tree first, then sampling for as long as there is time
        config.random_budget = UINT64_MAX;
    return config;
}

// Nothing could be run: an answer all the same, so that the document holds every subject.
static void print_unrun(struct judging *j, const struct subject *subject, const char *why) {
    struct answer a = {.verdicts = VERDICT_ENVIRONMENT};
    snprintf(a.error, sizeof a.error, "%s", why);
    print(j, subject, &a);
}

static void print_unbuilt(struct judging *j, const struct subject *subject) {
    struct answer a;
    answer_unbuilt(&a, subject_output(subject));
    print(j, subject, &a);
}

static void judge_built(struct judging *j, const struct subject *subject) {
    char why[300];
    struct examine_config config = configure(j, subject);
    struct examination *x = examine_start(&config, why);
    if (!x) {
        print_unrun(j, subject, why);
        return;
    }
    await(x, subject->scenario->name, j->session->options.budget.time);
    if (!interrupted())
        print(j, subject, examine_answer(x));
    examine_free(x);
}

static void judge_subject(struct judging *j, struct subject *subject) {
    char why[300];
    int code = subject_build(j->session, subject, why);
    if (interrupted())
        return;
    if (code == EXIT_FINE)
        judge_built(j, subject);
    else if (code == EXIT_UNUSABLE)
        print_unrun(j, subject, why);
    else if (code == EXIT_USAGE)
        raise_code(j, code);
    else
        print_unbuilt(j, subject);
}

// --- all of them ------------------------------------------------------------------------------

// A document of some of the subjects would read as the answer about all: there is none then.
static void print_end(struct judging *j, size_t subjects) {
    uint64_t judged = j->passed + j->failed + j->errors;
    if (interrupted()) {
        say("Interrupted: %" PRIu64 " of %zu judged%s", judged, subjects,
            j->document ? ", so no document was written" : "");
    } else if (j->document) {
        result_print(j->document, stdout);
    } else if (subjects > 1) {
        printf("\n%zu judged: %" PRIu64 " pass, %" PRIu64 " fail, %" PRIu64 " error\n", subjects,
               j->passed, j->failed, j->errors);
    }
    json_decref(j->document);
}

static int judge_all(struct judging *j) {
    const struct session *s = j->session;
    struct subjects list;
    int code = subjects_find(s, s->options.arguments[0], true, &list);
    if (code == EXIT_FINE && s->options.events && list.count > 1)
        code = complain("--events shows one variant: name it with --variant");
    if (code == EXIT_FINE) {
        signals_hold();
        j->document = s->options.json ? result_new(&s->catalogue) : NULL;
        j->many = list.count > 1;
        for (size_t i = 0; i < list.count && !interrupted(); i++)
            judge_subject(j, &list.items[i]);
        print_end(j, list.count);
        code = j->code;
    }
    subjects_free(&list);
    return code;
}

// --- the commands -----------------------------------------------------------------------------

static int schedule_given(const struct session *s, struct schedule *schedule) {
    char why[160];
    const char *id = s->options.schedule, *name = s->options.arguments[0];
    if (!schedule_parse(id, schedule, why))
        return complain("`%.80s`: %s", id, why);
    if (strcmp(schedule->name, name) != 0)
        return complain("the schedule is of %s, not of `%.80s`", schedule->name, name);
    return EXIT_FINE;
}

int command_run(struct session *s) {
    const struct options *o = &s->options;
    struct judging j = {.session = s};
    if (o->json && o->events)
        return complain("--json and --events exclude each other");
    if (o->schedule && o->seed.given)
        return complain("--schedule and --seed exclude each other");
    if (o->seed.given)
        j.schedule = (struct schedule){.kind = SCHEDULE_RANDOM, .seed = o->seed.value};
    int code = o->schedule ? schedule_given(s, &j.schedule) : EXIT_FINE;
    return code ? code : judge_all(&j);
}

int command_explore(struct session *s) {
    struct judging j = {.session = s, .explore = true};
    if (s->options.exhaustive && (s->options.budget.runs || s->options.budget.time))
        return complain("--exhaustive and --budget exclude each other");
    return judge_all(&j);
}
