// commands: what `unstuck` can be told to do, in one table, and what its commands share.
//
// A command is one row and one function. From the rows come dispatch, `--help`, usage lines and
// the nearest name for a command that does not exist.
#pragma once

#include "harness/pack.h"
#include "harness/result.h"
#include "tui/options.h"

// Exit codes that a verdict does not give (verdict_exit in result.h gives the others).
enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_UNUSABLE = 4, EXIT_INTERNAL = 6 };

// One call of the program.
struct session {
    const struct command *command;
    struct options options;
    struct catalogue catalogue; // open, unless the command is standalone
    char *workspace;            // the root of the one we are in, whose exercises those of the
        // catalogue are; NULL: none, or the command is about what is shipped
    struct packs packs; // those of --pack, whose scenarios are in the catalogue
    bool colour;        // of text on stdout
};

struct command {
    const char *name;
    const char *usage;             // its arguments, for usage lines: "NAME|all"
    const char *help;              // one line
    uint64_t takes;                // options, a set of TAKES()
    size_t least, most;            // arguments
    bool standalone;               // runs without scenarios
    bool shipped;                  // about the scenarios as they are installed, in a workspace too
    bool of_folders;               // its arguments are not names of scenarios
    bool hidden;                   // not in the list of --help
    int (*run)(struct session *s); // returns the exit code
};

// What `live` goes on for, in seconds of the run's time, where nobody is there to end it.
enum { LIVE_SECONDS = 10 };

extern const struct command commands[];
extern const size_t command_count;

static inline bool command_takes(const struct command *c, enum option_id option) {
    return (c->takes | TAKES(COLOUR) | TAKES(HELP)) >> option & 1;
}

// NULL: no such command; `near` (may be NULL) then gets the most similar name, NULL when none is.
const struct command *command_find(const char *name, const char **near);

// Prints the command's own help, or that of all of them.
void help_command(const struct command *c, FILE *out);
void help_all(FILE *out);

int command_list(struct session *s);
int command_run(struct session *s);
int command_explore(struct session *s);
int command_replay(struct session *s);
int command_debug(struct session *s);
int command_live(struct session *s);
int command_hint(struct session *s);
int command_guide(struct session *s);
int command_doctor(struct session *s);
int command_init(struct session *s);
int command_watch(struct session *s);
int command_reset(struct session *s);
int command_verify(struct session *s);
int command_grade(struct session *s);
int command_merge(struct session *s);
int command_dev(struct session *s);
const char *dev_part(size_t i); // the parts of `dev`, NULL behind the last
int dev_new(struct session *s);
int dev_check(struct session *s);
int command_help(struct session *s);
int command_tui(struct session *s);

// --- what they share --------------------------------------------------------------------------

// One line on stderr, "unstuck: " before it. complain returns EXIT_USAGE.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The scenario of that name; NULL: has complained, with the nearest, or of what is wrong with it.
const struct scenario_info *find_scenario(const struct session *s, const char *name);

// Says what is wrong with scenarios of packs, a line each. Returns an exit code.
int say_faults(const struct session *s);

// Runs it with the catalogue open: that of this installation, of the packs, and in a workspace with its
// files as the exercises. For what is not standalone, and for what is so only in parts. Returns an exit code.
int with_scenarios(struct session *s, int (*run)(struct session *s));

// Opens the packs of the command line. Returns an exit code; not 0: has complained.
int packs_open(struct session *s);

// One variant to judge, compiled first where need be. What the variant points at belongs to the
// catalogue, the compilation or the command line.
struct subject {
    const struct scenario_info *scenario;
    struct variant variant;
    struct compilation *compilation; // of a learner's file, NULL: the object was prebuilt
    const struct pack_fault *fault;  // why it cannot be had at all; NULL: it can
};

// The variants that NAME (or "all") and --variant mean. Returns an exit code; not 0: has complained.
// `every`: `solution` and `wrong` without a file mean all of them, else the first.
struct subjects {
    struct subject *items;
    size_t count;
};
int subjects_find(const struct session *s, const char *name, bool every, struct subjects *out);
void subjects_free(struct subjects *list);

// Gets a subject's objects ready. 0, or an exit code: 2 has complained; 3 with the compiler's text on
// stderr; 4 with the reason in `why` (at least 300 bytes).
int subject_build(const struct session *s, struct subject *subject, char *why);

// The words about a subject that did not build.
const char *subject_output(const struct subject *subject);

// Says so where the source is not the one that --source names: a schedule may still fit it, but need
// not show what it was found for.
void check_source(const struct session *s, const struct variant *v);

// From here on ctrl-c and SIGTERM only set a mark, so that children and folders are cleaned up;
// give_way then ends the program by that signal.
void signals_hold(void);
bool interrupted(void);
void give_way(void);

// Sleeps so long of real time, or until a signal.
void pause_ms(int ms);
