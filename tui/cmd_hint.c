// hint and guide: what the course says about a scenario, rendered for this terminal.
#include "tui/commands.h"

#include "harness/compile.h"
#include "harness/guide.h"
#include "harness/workspace.h"
#include "tui/practice.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PROSE_WIDTH = 78 };

// No wider than prose is read well, no wider than the terminal.
static int width(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return PROSE_WIDTH;
    return size.ws_col < PROSE_WIDTH ? size.ws_col : PROSE_WIDTH;
}

static void render(const struct session *s, const char *markdown) {
    char *text = guide_render(markdown, width(), s->colour);
    fputs(text, stdout);
    free(text);
}

static int rung_given(const struct session *s, int *rung) {
    const char *text = s->options.arguments[1];
    uint64_t value = 1;
    if (s->options.argument_count > 1 && !number_parse(text, &value))
        return complain("hint: `%.40s` is no number; hints go from 1 to %d", text, GUIDE_RUNGS);
    if (value < 1 || value > GUIDE_RUNGS)
        return complain("hint: there is no hint %.40s; hints go from 1 to %d", text, GUIDE_RUNGS);
    *rung = (int)value;
    return EXIT_FINE;
}

// Runs it once, without looking for races.
static char *symptom_of(const struct subject *subject) {
    char why[300], *symptom = NULL;
    struct examine_config config = {
        .scenario = subject->scenario, .variant = &subject->variant, .no_race = true};
    snprintf(config.schedule.name, sizeof config.schedule.name, "%s", subject->scenario->name);
    struct examination *x = examine_start(&config, why);
    while (x && examine_poll(x) != EXAMINE_DONE && !interrupted())
        pause_ms(1);
    if (x && !interrupted())
        symptom = practice_symptom(examine_answer(x));
    if (x)
        examine_free(x);
    return symptom;
}

// What the learner's own run shows, malloc'ed; NULL: nothing that can be told.
static char *own_symptom(const struct session *s, const struct scenario_info *scenario) {
    char why[300];
    struct subject subject = {.scenario = scenario, .variant = scenario->variants[0]};
    signals_hold();
    char *symptom = subject_build(s, &subject, why) == EXIT_FINE ? symptom_of(&subject) : NULL;
    if (subject.compilation)
        compile_free(subject.compilation);
    give_way();
    return symptom;
}

// A hint that was opened in a workspace is kept there.
static void keep_hint(const struct session *s, const struct scenario_info *scenario, int rung) {
    struct progress progress;
    char why[300], *file = workspace_inside(s->workspace, "progress.jsonl");
    bool good = progress_open(&progress, file, why);
    if (good && progress_hints(&progress, scenario->name) < rung)
        good = progress_hint(&progress, scenario, rung, why);
    if (!good)
        say("This hint is not kept: %s", why);
    progress_close(&progress);
    free(file);
}

static void render_hint(const struct session *s, const struct scenario_info *scenario, int rung,
                        const char *hint) {
    bool own_file = s->workspace && scenario->variant_count;
    char *own = own_file && rung == 1 ? own_symptom(s, scenario) : NULL;
    char *text = text_format("%s%s%s", own ? own : "", own ? "\n" : "", hint);
    render(s, text);
    if (s->workspace)
        keep_hint(s, scenario, rung);
    free(text);
    free(own);
}

int command_hint(struct session *s) {
    static const char *const about[GUIDE_RUNGS] = {"symptom", "concept", "where to look",
                                                   "ways out", "one patch"};
    char why[300];
    int rung = 1;
    const struct scenario_info *scenario = find_scenario(s, s->options.arguments[0]);
    int code = scenario ? rung_given(s, &rung) : EXIT_USAGE;
    if (code)
        return code;
    char *hint = guide_hint(scenario, rung, why);
    if (!hint) {
        say("%s", why);
        return EXIT_UNUSABLE;
    }
    printf("Hint %d of %d, %s\n\n", rung, GUIDE_RUNGS, about[rung - 1]);
    fflush(stdout);
    render_hint(s, scenario, rung, hint);
    char *pack = scenario_pack_words(scenario);
    if (rung < GUIDE_RUNGS)
        printf("\nNext: unstuck hint %s %d%s\n", scenario->name, rung + 1, pack);
    free(pack);
    free(hint);
    return EXIT_FINE;
}

int command_guide(struct session *s) {
    char why[300];
    const struct scenario_info *scenario = find_scenario(s, s->options.arguments[0]);
    if (!scenario)
        return EXIT_USAGE;
    char *text = guide_text(scenario, why);
    if (!text) {
        say("%s", why);
        return EXIT_UNUSABLE;
    }
    render(s, text);
    free(text);
    return EXIT_FINE;
}
