// debug: gdb at the line where a task is blocked at the end of one schedule.
//
// The run is judged first, like any other, so that the id is known to fit and the task to be shown is known.
// Then gdb runs the plain runner through the same schedule: without the sandbox, which would refuse a
// debugger, and with the rights of whoever asked for it.
#include "tui/commands.h"

#include "harness/text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 32 };

// A command line under construction; its words are malloc'ed.
struct words {
    char *items[WORDS];
    size_t count;
};

static void words_add(struct words *w, char *owned) {
    w->items[w->count++] = owned;
}

static void words_free(struct words *w) {
    for (size_t i = 0; i < w->count; i++)
        free(w->items[i]);
}

// Whether there is a gdb, with the Python that knows about tasks.
static bool gdb_there(void) {
    char answer[16] = "";
    FILE *f = popen("gdb -nx -batch -ex 'python print(6 * 7)' 2>/dev/null </dev/null", "re");
    if (!f)
        return false;
    bool answered = fgets(answer, sizeof answer, f) && strcmp(answer, "42\n") == 0;
    return pclose(f) == 0 && answered;
}

// --- which task ---------------------------------------------------------------------------------

// Whether the place of that number is in the source that is judged.
static bool in_source(const struct seen *seen, const struct variant *v, uint16_t at) {
    char where[160];
    seen_site_label(seen, at, where, sizeof where);
    char *colon = strrchr(where, ':');
    const char *slash = strrchr(v->source, '/');
    if (colon)
        *colon = '\0';
    return strcmp(where, slash ? slash + 1 : v->source) == 0;
}

// Where gdb is to stop, and what it is to show.
struct target {
    char task[16];   // the number of a task left, "" none is
    uint64_t events; // how many events there are then; 0: all of them
};

// At how many events the grace after the root's end is over.
static uint64_t grace_end(const struct answer *a) {
    struct seen seen = {0};
    uint64_t events = 0;
    seen_init(&seen, a->log, a->seen.grace);
    for (uint64_t all = atomic_load(&a->log->head); events < all && !seen.grace_over; events++)
        seen_fold(&seen, events + 1);
    seen_free(&seen);
    return events ? events - 1 : 0;
}

// A task that is there at the end is shown rather than one that only outlived its scope; among equals
// one that stands in the source that is judged.
static unsigned worth(const struct answer *a, const struct variant *v, const struct seen_task *t) {
    return 1 + in_source(&a->seen, v, t->at) + 2u * (t->state != TASK_ENDED);
}

static struct target target_of(const struct answer *a, const struct subject *subject) {
    const struct judgement *j = &a->judgement;
    struct target target = {0};
    unsigned most = 0;
    for (uint32_t i = 0; a->log && i < j->left_count; i++) {
        const struct seen_task *t = &a->seen.tasks[j->left[i]];
        if (worth(a, &subject->variant, t) <= most)
            continue;
        most = worth(a, &subject->variant, t);
        snprintf(target.task, sizeof target.task, "%u", t->number);
        target.events = t->state == TASK_ENDED ? grace_end(a) : 0;
    }
    return target;
}

// --- gdb ------------------------------------------------------------------------------------------

static void gdb_words(struct words *w, const struct session *s, const struct subject *subject,
                      const struct schedule *schedule, const struct target *target) {
    static const char *const first[] = {"gdb",  "-q",
                                        "-iex", "set debuginfod enabled off",
                                        "-iex", "set confirm off",
                                        "-iex", "set pagination off"};
    static const char *const scripts[] = {"core/gdb/unstuck-gdb.py",
                                          "harness/gdb/unstuck-debug.py"};
    char id[SCHEDULE_TEXT];
    schedule_format(schedule, id, sizeof id);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        words_add(w, text_copy(first[i]));
    words_add(w, text_copy("-d")); // where objects were built elsewhere
    words_add(w, text_copy(subject->scenario->folder));
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        words_add(w, text_copy("-x"));
        words_add(w, text_format("%s/%s", s->catalogue.root, scripts[i]));
    }
    words_add(w, text_copy("--args"));
    words_add(w, text_format("%s/unstuck-runner", s->catalogue.libexec));
    words_add(w, text_copy("--debug"));
    words_add(w, text_copy(id));
    words_add(w, text_format("%" PRIu64, target->events));
    words_add(w, text_copy(subject->scenario->driver));
    words_add(w, text_copy(subject->variant.object));
    words_add(w, NULL);
}

// In the child: becomes gdb, never returns. gdb starts the runner by a shell, which is to be a plain one.
static _Noreturn void become_gdb(char *const *words, const char *task, const char *source) {
    setenv("UNSTUCK_TASK", task, 1);
    setenv("UNSTUCK_SOURCE", source, 1);
    setenv("SHELL", "/bin/sh", 1);
    setenv("ASAN_OPTIONS", "detect_leaks=0:use_sigaltstack=0:detect_stack_use_after_return=0", 1);
    signal(SIGINT, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execvp(words[0], words);
    fprintf(stderr, "unstuck: gdb: %s\n", strerror(errno));
    _exit(127);
}

// Until gdb ends. What is typed is gdb's, so ctrl-c is, too.
static int gdb_run(char *const *words, const char *task, const char *source) {
    int status = 0;
    signal(SIGINT, SIG_IGN);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        become_gdb(words, task, source);
    if (pid < 0) {
        say("gdb cannot be started: %s", strerror(errno));
        return EXIT_UNUSABLE;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        if (interrupted())
            kill(pid, SIGTERM);
    if (interrupted() || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return EXIT_FINE;
    say("gdb did not come to a good end; `unstuck doctor` says what works here");
    return EXIT_UNUSABLE;
}

// --- the command ------------------------------------------------------------------------------------

// Verdicts of runs that gdb would not come to the end of.
static bool endless(unsigned verdicts) {
    return verdicts & (VERDICT_TIMEOUT | VERDICT_ENVIRONMENT | VERDICT_TAMPERED | VERDICT_BUILD);
}

static int debug_judged(const struct session *s, const struct subject *subject,
                        const struct answer *a) {
    struct words words = {0};
    if (a->misfit)
        return complain("%s", a->error);
    result_text(subject->scenario, &subject->variant, a, s->colour, stdout);
    if (endless(a->verdicts))
        return verdict_exit(a->verdicts);
    struct target target = target_of(a, subject);
    gdb_words(&words, s, subject, &a->schedule, &target);
    putchar('\n');
    int code = gdb_run(words.items, target.task, subject->variant.source);
    words_free(&words);
    return code;
}

static int debug_built(const struct session *s, const struct subject *subject,
                       const struct schedule *schedule) {
    char why[300];
    struct examine_config config = {.scenario = subject->scenario,
                                    .variant = &subject->variant,
                                    .schedule = *schedule,
                                    .no_race = true};
    struct examination *x = examine_start(&config, why);
    if (!x) {
        say("%s: %s", subject->scenario->name, why);
        return EXIT_UNUSABLE;
    }
    while (examine_poll(x) != EXAMINE_DONE && !interrupted())
        pause_ms(1);
    int code = interrupted() ? EXIT_FAILED : debug_judged(s, subject, examine_answer(x));
    examine_free(x);
    return code;
}

int command_debug(struct session *s) {
    struct schedule schedule;
    struct subjects list;
    char why[300];
    if (!schedule_parse(s->options.arguments[0], &schedule, why))
        return complain("`%.80s`: %s", s->options.arguments[0], why);
    int code = subjects_find(s, schedule.name, false, &list);
    if (code == EXIT_FINE && !gdb_there()) {
        say("debug needs gdb with Python, which is not here. Install it (Debian: apt-get install "
            "gdb); without it, `unstuck replay ID --step` shows the same run event by event");
        code = EXIT_UNUSABLE;
    }
    if (code == EXIT_FINE) {
        signals_hold();
        code = subject_build(s, &list.items[0], why);
        if (code == EXIT_UNUSABLE)
            say("%s", why);
        check_source(s, &list.items[0].variant);
        if (code == EXIT_FINE)
            code = debug_built(s, &list.items[0], &schedule);
    }
    subjects_free(&list);
    return code;
}
