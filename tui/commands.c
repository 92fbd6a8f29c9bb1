// commands: see commands.h.
#include "tui/commands.h"

#include <stdio.h>
#include <string.h>

#define GRADING                                                                                    \
    (TAKES(PACK) | TAKES(JSON) | TAKES(FORMAT) | TAKES(SEED) | TAKES(SEEDS) | TAKES(BUDGET) |      \
     TAKES(JOBS) | TAKES(TIMING))
#define JUDGING (TAKES(PACK) | TAKES(VARIANT) | TAKES(JSON) | TAKES(SEED))

const struct command commands[] = {
    {.name = "list",
     .usage = "",
     .help = "the scenarios, in the order of the course",
     .takes = TAKES(PACK) | TAKES(JSON),
     .run = command_list},
    {.name = "run",
     .usage = "NAME|all",
     .help = "run a scenario once and judge it",
     .takes = JUDGING | TAKES(SCHEDULE) | TAKES(EVENTS),
     .least = 1,
     .most = 1,
     .run = command_run},
    {.name = "explore",
     .usage = "NAME|all",
     .help = "judge it under every schedule",
     .takes = JUDGING | TAKES(BUDGET) | TAKES(EXHAUSTIVE) | TAKES(SLOW),
     .least = 1,
     .most = 1,
     .run = command_explore},
    {.name = "replay",
     .usage = "ID",
     .help = "one schedule, event by event",
     .takes = TAKES(PACK) | TAKES(VARIANT) | TAKES(SOURCE) | TAKES(STEP) | TAKES(AT) | TAKES(TEXT),
     .least = 1,
     .most = 1,
     .run = command_replay},
    {.name = "debug",
     .usage = "ID",
     .help = "gdb where a task is blocked in that schedule",
     .takes = TAKES(PACK) | TAKES(VARIANT) | TAKES(SOURCE),
     .least = 1,
     .most = 1,
     .run = command_debug},
    {.name = "live",
     .usage = "NAME",
     .help = "watch it under load (10s if not on a terminal)",
     .takes = TAKES(PACK) | TAKES(VARIANT) | TAKES(TASKS) | TAKES(FOR) | TAKES(PACE) |
              TAKES(IGNORE_GLOBALS),
     .least = 1,
     .most = 1,
     .run = command_live},
    {.name = "hint",
     .usage = "NAME [RUNG]",
     .help = "one hint of five, the first first",
     .takes = TAKES(PACK),
     .least = 1,
     .most = 2,
     .run = command_hint},
    {.name = "guide",
     .usage = "NAME",
     .help = "the chapter of the guide",
     .takes = TAKES(PACK),
     .least = 1,
     .most = 1,
     .run = command_guide},
    {.name = "init",
     .usage = "[DIR]",
     .help = "a workspace: exercises of your own to mend",
     .takes = TAKES(PACK) | TAKES(UPDATE),
     .most = 1,
     .shipped = true,
     .run = command_init},
    {.name = "watch",
     .usage = "[NAME]",
     .help = "judge an exercise of the workspace at each save",
     .takes = TAKES(PACK) | TAKES(ONCE),
     .most = 1,
     .run = command_watch},
    {.name = "reset",
     .usage = "NAME",
     .help = "the exercise as shipped; yours is kept",
     .takes = TAKES(PACK),
     .least = 1,
     .most = 1,
     .run = command_reset},
    {.name = "verify",
     .usage = "[NAME...]",
     .help = "judge your exercises as a grader would",
     .takes = GRADING | TAKES(DIR),
     .most = OPTION_ARGUMENTS,
     .shipped = true,
     .of_folders = true,
     .run = command_verify},
    {.name = "grade",
     .usage = "[DIR...]",
     .help = "points for the exercises in DIR",
     .takes = GRADING | TAKES(SHARD),
     .most = OPTION_ARGUMENTS,
     .shipped = true,
     .of_folders = true,
     .run = command_grade},
    {.name = "merge",
     .usage = "FILE...",
     .help = "one result from those of all shards",
     .takes = TAKES(JSON) | TAKES(FORMAT),
     .least = 1,
     .most = OPTION_ARGUMENTS,
     .standalone = true,
     .run = command_merge},
    {.name = "doctor",
     .usage = "",
     .help = "what works on this machine, what does not, and why",
     .takes = TAKES(JSON),
     .standalone = true,
     .run = command_doctor},
    {.name = "dev",
     .usage = "PART [...]",
     .help = "new, check, bench, man, completion",
     .takes = TAKES(PACK) | TAKES(JSON) | TAKES(ROUNDS),
     .least = 1,
     .most = 3,
     .standalone = true,
     .shipped = true,
     .run = command_dev},
    {.name = "help",
     .usage = "[COMMAND]",
     .help = "this, or what one command does",
     .most = 1,
     .standalone = true,
     .run = command_help},
    {.name = "tui",
     .usage = "[NAME]",
     .help = "the terminal UI, as without any command",
     .takes = TAKES(PACK) | TAKES(ASCII) | TAKES(SNAPSHOT) | TAKES(KEYS) | TAKES(VERSION),
     .most = 1,
     .hidden = true,
     .run = command_tui},
};
const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name, const char **near) {
    const char *names[sizeof commands / sizeof *commands];
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
        names[i] = commands[i].name;
    }
    if (near)
        *near = nearest_word(name, names, command_count);
    return NULL;
}

static void help_option(const struct option_row *row, FILE *out) {
    char left[40];
    snprintf(left, sizeof left, "%s%s%s", row->flag, *row->value ? " " : "", row->value);
    fprintf(out, "  %-16s %s\n", left, row->help);
}

void help_command(const struct command *c, FILE *out) {
    fprintf(out, "unstuck %s%s%s%s\n%s\n\n", c->name, *c->usage ? " " : "", c->usage,
            c->takes ? " [FLAG...]" : "", c->help);
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (command_takes(c, i))
            help_option(&option_rows[i], out);
}

void help_all(FILE *out) {
    fputs("unstuck: leaks and deadlocks you can run, see, understand and fix\n\n"
          "  unstuck                   the terminal UI\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        char left[40];
        if (commands[i].hidden)
            continue;
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].usage);
        fprintf(out, "  unstuck %-17s %s\n", left, commands[i].help);
    }
    fputs("\nEach takes --help and --color auto|always|never. `unstuck --version` says which\n"
          "this is. With --pack DIR the scenarios kept in that folder are there as well.\n\n"
          "Exit codes: 0 all pass, 1 something failed, 2 usage, 3 does not build,\n"
          "4 this machine cannot run it (see `unstuck doctor`), 5 tampered, 6 internal.\n",
          out);
}

int command_help(struct session *s) {
    const char *near = NULL, *name = s->options.arguments[0];
    if (s->options.argument_count == 0) {
        help_all(stdout);
        return EXIT_FINE;
    }
    const struct command *c = command_find(name, &near);
    if (!c)
        return complain("no command `%s`; the nearest is `%s`", name, near ? near : "help");
    help_command(c, stdout);
    return EXIT_FINE;
}
