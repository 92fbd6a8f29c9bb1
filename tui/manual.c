#include "tui/manual.h"

#include "tui/commands.h"

#include <string.h>

// In roff a leading dot or quote would be a request, and a minus that is not escaped no minus.
static void put(FILE *out, const char *words) {
    if (*words == '.' || *words == '\'')
        fputs("\\&", out);
    for (; *words; words++) {
        if (*words == '\\')
            fputs("\\e", out);
        else if (*words == '-')
            fputs("\\-", out);
        else
            fputc(*words, out);
    }
}

static void put_option(FILE *out, const struct option_row *row) {
    fputs(".TP\n.B ", out);
    put(out, row->flag);
    if (*row->value) {
        fputs("\\fR ", out);
        put(out, row->value);
    }
    fputc('\n', out);
    put(out, row->help);
    fputc('\n', out);
}

static void put_flags(FILE *out, const struct command *c) {
    const char *before = "Flags: ";
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (!command_takes(c, i) || i == OPTION_ID_COLOUR || i == OPTION_ID_HELP)
            continue;
        fputs(before, out);
        put(out, option_rows[i].flag);
        before = ", ";
    }
    fputs(*before == ',' ? ".\n" : "", out);
}

static void put_command(FILE *out, const struct command *c) {
    fputs(".TP\n.B ", out);
    put(out, c->name);
    fputs("\\fR ", out);
    put(out, c->usage);
    fputc('\n', out);
    put(out, c->help);
    fputs(".\n", out);
    put_flags(out, c);
}

static const char head[] =
    ".TH UNSTUCK 1 \"\" \"unstuck " UNSTUCK_VERSION "\" \"User commands\"\n"
    ".SH NAME\n"
    "unstuck \\- leaks and deadlocks you can run, see, understand and fix\n"
    ".SH SYNOPSIS\n"
    ".B unstuck\n"
    ".br\n"
    ".B unstuck\n"
    ".I COMMAND\n"
    "[\\fIARGUMENT\\fR...] [\\fIFLAG\\fR...]\n"
    ".SH DESCRIPTION\n"
    "Each scenario is a small service in C with one bug of concurrency: some task waits for ever. Without "
    "a command the screens open; a command does one thing and ends. A verdict is about every schedule, "
    "found by exploring them under virtual time, and each failure has a short id that runs it again.\n";

static const char tail[] =
    ".SH SCHEDULES\n"
    "An id like \\fIsend\\-no\\-receiver@x1.3:2\\fR names one run: the choices in which it differs from "
    "the default. \\fB@x1\\fR alone is the default run, \\fB@x1t\\fR one in which time may move early, "
    "\\fB@r1.SEED\\fR and \\fB@p1.SEED.DEPTH\\fR are seeded ones.\n"
    ".SH EXIT STATUS\n"
    "0 all pass, 1 something failed, 2 usage, 3 does not build, 4 this machine cannot run it (see "
    "\\fBunstuck doctor\\fR), 5 tampered, 6 internal.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B CC\nthe compiler of exercises (gcc, else clang)\n"
    ".TP\n.BR VISUAL \", \" EDITOR\nwhat \\fBe\\fR opens an exercise with\n"
    ".TP\n.BR NO_COLOR \", \" CLICOLOR_FORCE\ncolour on stdout, where \\-\\-color does not say\n"
    ".TP\n.B TMPDIR\nwhere objects and runs have their temporary folders\n"
    ".TP\n.BR XDG_CACHE_HOME \", \" XDG_STATE_HOME\nobjects of packs; where the reader was\n"
    ".SH FILES\n"
    "In a workspace (\\fBunstuck init\\fR): \\fIexercises/NAME.c\\fR is yours to mend, "
    "\\fI.unstuck/progress.jsonl\\fR what you tried, \\fI.unstuck/history\\fR your versions.\n"
    ".SH EXAMPLES\n"
    ".nf\n"
    "unstuck run send\\-no\\-receiver\n"
    "unstuck explore all \\-\\-json\n"
    "unstuck replay send\\-no\\-receiver@x1 \\-\\-step\n"
    ".fi\n"
    ".SH SEE ALSO\n"
    ".BR unstuck\\-core (3)\n";

void manual_page(FILE *out) {
    fputs(head, out);
    fputs(".SH COMMANDS\n", out);
    for (size_t i = 0; i < command_count; i++)
        if (!commands[i].hidden)
            put_command(out, &commands[i]);
    fputs(".SH OPTIONS\n", out);
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        put_option(out, &option_rows[i]);
    fputs(tail, out);
}
