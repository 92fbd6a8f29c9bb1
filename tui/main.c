// unstuck: the program. Reads the command line, opens the catalogue, runs one command.
#include "tui/commands.h"
#include "tui/complete.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef UNSTUCK_VERSION
#define UNSTUCK_VERSION "0.1.0"
#endif

// --color over NO_COLOR over CLICOLOR_FORCE over what stdout is.
static bool colour_wanted(enum colour_choice choice) {
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *term = getenv("TERM");
    if (choice != COLOUR_AUTO)
        return choice == COLOUR_ALWAYS;
    if (no && *no)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

static int unknown_command(const char *name) {
    const char *near = NULL;
    command_find(name, &near);
    if (near)
        return complain("no command `%.80s`; the nearest is `%s`", name, near);
    return complain("no command `%.80s`; `unstuck --help` lists those there are", name);
}

// In words, what a command cannot do without.
static const char *argument_needed(const struct command *c) {
    if (strncmp(c->usage, "ID", strlen("ID")) == 0)
        return "a schedule id";
    return strncmp(c->usage, "NAME", strlen("NAME")) == 0 ? "a scenario" : "to be told what";
}

static int arguments_count_wrong(const struct session *s) {
    const struct command *c = s->command;
    size_t given = s->options.argument_count;
    if (given < c->least)
        return complain("%s needs %s. Usage: unstuck %s %s", c->name, argument_needed(c), c->name,
                        c->usage);
    return complain("too many arguments, from `%.80s` on. Usage: unstuck %s%s%s",
                    s->options.arguments[c->most], c->name, *c->usage ? " " : "", c->usage);
}

static int dispatch(const struct command *c, int argc, char **argv) {
    struct session s = {.command = c};
    char why[OPTION_WHY];
    if (!options_parse(c->takes | TAKES(COLOUR) | TAKES(HELP), argc, argv, &s.options, why))
        return c->hidden ? complain("%s", why) : complain("%s: %s", c->name, why);
    if (s.options.version) {
        puts("unstuck " UNSTUCK_VERSION);
        return EXIT_FINE;
    }
    if (s.options.help) {
        help_command(c, stdout);
        return EXIT_FINE;
    }
    if (s.options.argument_count < c->least || s.options.argument_count > c->most)
        return arguments_count_wrong(&s);
    s.colour = colour_wanted(s.options.colour);
    return c->standalone ? c->run(&s) : with_scenarios(&s, c->run);
}

// For shells: `unstuck dev complete -- WORD...`, words that no option is to be read from. Says nothing of
// what is wrong: somebody is typing.
static int complete(int argc, char **argv) {
    struct catalogue c;
    char why[300];
    bool there = catalogue_open(&c, why);
    complete_words(there ? &c : NULL, (const char *const *)argv, (size_t)argc, stdout);
    if (there)
        catalogue_close(&c);
    return EXIT_FINE;
}

// Without a command, or with a flag in its place: the terminal UI.
static int obey(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : "-";
    if (argc > 3 && !strcmp(word, "dev") && !strcmp(argv[2], "complete") && !strcmp(argv[3], "--"))
        return complete(argc - 4, argv + 4);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        help_all(stdout);
        return EXIT_FINE;
    }
    if (word[0] == '-')
        return dispatch(command_find("tui", NULL), argc - 1, argv + 1);
    const struct command *c = command_find(word, NULL);
    return c ? dispatch(c, argc - 2, argv + 2) : unknown_command(word);
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "");
    int code = argc > 0 ? obey(argc, argv) : EXIT_USAGE;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        say("what it had to say could not be written; is the disk full, or stdout closed?");
        return EXIT_UNUSABLE;
    }
    give_way();
    return code;
}
