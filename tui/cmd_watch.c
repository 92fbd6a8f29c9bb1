// watch: the exercise loop without screens. Each save is judged; what is known is printed as it comes: the
// usual run first, then every schedule, then what else there is to say.
#include "tui/commands.h"

#include "harness/clock.h"
#include "harness/guide.h"
#include "harness/text.h"
#include "harness/workspace.h"
#include "tui/cells.h"
#include "tui/editor.h"
#include "tui/practice.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LOOK_MS = 10, IDLE_MS = 100, WIDTH = 80 };

enum told { TOLD_NOTHING, TOLD_FIRST, TOLD_VERDICT, TOLD_ALL };

struct watch_loop {
    struct session *session;
    struct lab lab;
    struct practice *practice;
    const struct scenario_info *scenario; // what is looked at
    struct trial *trial;
    enum told told; // of what the trial is about now
    int64_t since;  // when it was saved
    bool over;
    int code;
};

static const char rule[] =
    "--------------------------------------------------------------------------------\n";

// --- words ------------------------------------------------------------------------------------------

static void put_line(void *indent, const char *line) {
    printf("%s%s\n", (const char *)indent, line);
}

// Those of a table are not broken up: they are no longer than this.
static void put_lines(const char *lines) {
    for (; *lines; lines += strcspn(lines, "\n") + 1) {
        char *line = text_format("%.*s", (int)strcspn(lines, "\n"), lines);
        wrap_lines(line, WIDTH - 2, put_line, (char *)"  ");
        free(line);
    }
}

static void put_keys(const struct watch_loop *w) {
    if (isatty(STDIN_FILENO))
        printf(
            "%s%s: save it and it is judged.  e edit  r again  h hint  n next  p previous  q quit\n",
            rule, w->scenario->name);
    fflush(stdout);
}

static void put_elapsed(const struct watch_loop *w, const char *what) {
    int64_t ms = (clock_now() - w->since) / MILLISECOND;
    printf("%s after %lld.%02lld s\n", what, (long long)(ms / 1000), (long long)(ms % 1000 / 10));
}

static void put_first(const struct watch_loop *w) {
    char words[160];
    unsigned verdicts = w->trial->answer->judgement.verdicts;
    printf("%s %s: %s in the usual run", verdicts ? "!!" : "ok", w->scenario->name,
           verdict_list(verdicts, words, sizeof words));
    put_elapsed(w, ",");
    fflush(stdout);
}

static void put_verdict(struct watch_loop *w) {
    const struct trial *t = w->trial;
    if (t->state == TRIAL_UNBUILT) {
        fputs(compile_output(t->compilation), stdout);
        put_elapsed(w, "ERROR build: it does not compile,");
        return;
    }
    if (t->state == TRIAL_REFUSED) {
        printf("ERROR environment: %s\n", t->why);
        return;
    }
    result_text(t->scenario, &t->examined, t->answer, w->session->colour, stdout);
    put_elapsed(w, "All of it,");
    fflush(stdout);
}

static void put_rest(struct watch_loop *w) {
    char *words = practice_words(w->practice, w->scenario);
    const struct scenario_info *next = practice_next(w->practice);
    put_lines(words);
    free(words);
    if (w->trial->state == TRIAL_DONE && !answer_verdicts(w->trial->answer)) {
        printf("  Remember: %s\n", w->scenario->remember);
        if (next)
            printf("  Next: %s (n)\n", next->name);
        else
            printf("  Every exercise is solved.\n");
    }
    put_keys(w);
}

// --- what is looked at --------------------------------------------------------------------------------

static void look_at(struct watch_loop *w, const struct scenario_info *s) {
    w->scenario = s;
    w->trial = lab_trial(&w->lab, s, &s->variants[0]);
    w->told = TOLD_NOTHING;
    w->since = clock_now();
    lab_start(&w->lab, w->trial);
    char *path = workspace_exercise(practice_root(w->practice), s);
    char *goal = text_format("Goal: %s", s->goal);
    printf("%s%d  %s\n%s\n", rule, s->number, s->title, s->brief);
    wrap_lines(goal, WIDTH, put_line, (char *)"");
    printf("File: %s\n", path);
    fflush(stdout);
    free(goal);
    free(path);
}

static void begin_again(struct watch_loop *w, const struct scenario_info *s) {
    w->scenario = s;
    w->trial = lab_trial(&w->lab, s, &s->variants[0]);
    w->told = TOLD_NOTHING;
    w->since = clock_now();
    printf("%s%s: building\n", rule, s->name);
    fflush(stdout);
}

static void step_to(struct watch_loop *w, int step) {
    const struct catalogue *c = &w->session->catalogue;
    size_t at = (size_t)(w->scenario - c->scenarios);
    const struct scenario_info *next = step > 0 ? practice_next(w->practice) : NULL;
    if (step > 0 && next == w->scenario)
        next = at + 1 < c->count ? &c->scenarios[at + 1] : NULL;
    if (step < 0 && at > 0)
        next = &c->scenarios[at - 1];
    if (next)
        look_at(w, next);
    else
        puts(step > 0 ? "Every exercise is solved." : "This is the first exercise.");
}

// --- one step -----------------------------------------------------------------------------------------

static bool is_over(const struct trial *t) {
    return t->state == TRIAL_DONE || t->state == TRIAL_UNBUILT || t->state == TRIAL_REFUSED;
}

static bool has_first(const struct trial *t) {
    return t->state == TRIAL_UNDER_WAY && t->answer && t->answer->log;
}

static void tell(struct watch_loop *w) {
    const struct trial *t = w->trial;
    if (w->told == TOLD_NOTHING && has_first(t)) {
        put_first(w);
        w->told = TOLD_FIRST;
    }
    if (w->told < TOLD_VERDICT && is_over(t)) {
        put_verdict(w);
        w->told = TOLD_VERDICT;
    }
    if (w->told == TOLD_VERDICT &&
        (t->state != TRIAL_DONE || practice_settled(w->practice, w->scenario))) {
        put_rest(w);
        w->told = TOLD_ALL;
    }
}

static int exit_of(const struct trial *t) {
    if (t->state == TRIAL_UNBUILT)
        return verdict_exit(VERDICT_BUILD);
    return t->state == TRIAL_DONE ? verdict_exit(answer_verdicts(t->answer)) : EXIT_UNUSABLE;
}

static void step(struct watch_loop *w) {
    lab_tick(&w->lab);
    practice_tick(w->practice, clock_now());
    const struct scenario_info *saved = practice_saved(w->practice);
    if (saved)
        begin_again(w, saved);
    tell(w);
    if (w->session->options.once && w->told == TOLD_ALL) {
        w->code = exit_of(w->trial);
        w->over = true;
    }
}

// --- keys ---------------------------------------------------------------------------------------------

static struct termios modes;

static void keys_begin(void) {
    struct termios raw;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &modes) != 0)
        return;
    raw = modes;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void keys_end(void) {
    if (isatty(STDIN_FILENO))
        tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

static void put_hint(struct watch_loop *w) {
    char why[300], *own = NULL;
    int rung = practice_hints(w->practice, w->scenario) + 1;
    rung = rung > GUIDE_RUNGS ? GUIDE_RUNGS : rung;
    char *hint = guide_hint(w->scenario, rung, why);
    if (!hint) {
        puts(why);
        return;
    }
    if (rung == 1 && w->trial->state == TRIAL_DONE)
        own = practice_symptom(w->trial->answer);
    char *text = text_format("%s\n%s", own ? own : "", hint);
    char *shown = guide_render(text, 76, w->session->colour);
    practice_hint(w->practice, w->scenario, rung);
    printf("Hint %d of %d\n%s\n", rung, GUIDE_RUNGS, shown);
    free(shown);
    free(text);
    free(own);
    free(hint);
}

static void open_editor(struct watch_loop *w) {
    char why[300], *path = workspace_exercise(practice_root(w->practice), w->scenario);
    keys_end();
    if (!editor_run(path, 0, why))
        puts(why);
    keys_begin();
    free(path);
}

static void obey(struct watch_loop *w, char key) {
    switch (key) {
    case 'q':
    case 4: // ctrl-d
        w->over = true;
        break;
    case 'r':
        lab_again(&w->lab, w->trial);
        begin_again(w, w->scenario);
        break;
    case 'n':
        step_to(w, 1);
        break;
    case 'p':
        step_to(w, -1);
        break;
    case 'h':
        put_hint(w);
        break;
    case 'e':
        open_editor(w);
        break;
    default:
        put_keys(w);
    }
    fflush(stdout);
}

// Waits for a key or a save, or as long as one looks again at what is under way.
static void await(struct watch_loop *w) {
    struct pollfd ends[] = {{.fd = isatty(STDIN_FILENO) ? STDIN_FILENO : -1, .events = POLLIN},
                            {.fd = practice_fd(w->practice), .events = POLLIN}};
    poll(ends, 2, w->told == TOLD_ALL ? IDLE_MS : LOOK_MS);
    char key;
    if (ends[0].revents && read(STDIN_FILENO, &key, 1) == 1)
        obey(w, key);
    else if (ends[0].revents & (POLLHUP | POLLERR))
        w->over = true;
    else if (ends[1].revents)
        pause_ms(LOOK_MS); // until the save has settled
}

int command_watch(struct session *s) {
    struct watch_loop w = {.session = s};
    char why[300];
    const char *name = s->options.argument_count ? s->options.arguments[0] : NULL;
    const struct scenario_info *scenario = name ? find_scenario(s, name) : NULL;
    if (name && !scenario)
        return EXIT_USAGE;
    if (!s->workspace)
        return complain("watch: this is no workspace; `unstuck init DIR` makes one");
    signals_hold();
    lab_init(&w.lab, &s->catalogue);
    w.practice = practice_open(&s->catalogue, &w.lab, s->workspace, why);
    if (*why)
        say("%s", why);
    if (!scenario)
        scenario = practice_next(w.practice);
    keys_begin();
    look_at(&w, scenario ? scenario : &s->catalogue.scenarios[0]);
    while (!w.over && !interrupted()) {
        step(&w);
        if (!w.over)
            await(&w);
    }
    keys_end();
    practice_close(w.practice);
    lab_close(&w.lab);
    return w.code;
}
