// options: command lines, read by one table.
//
// Every flag there is stands in OPTIONS once; a command names the set it takes (commands.h). From
// the table come the parser, `--help` and the nearest name for a flag that does not exist.
#pragma once

#include "core/base.h"

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

// What a flag's value is read as, and into which type of field.
enum option_kind {
    OPTION_FLAG,     // no value; bool
    OPTION_TEXT,     // const char *
    OPTION_TEXTS,    // any number of them; struct texts
    OPTION_NUMBER,   // decimal or 0x...; struct number
    OPTION_DURATION, // "2s", "1.5h", "250ms"; struct number, in ns
    OPTION_BUDGET,   // a number or a duration; struct budget
    OPTION_PACE,     // a factor, "2" or "0.5"; struct number, virtual ns per real second
    OPTION_COLOUR,   // enum colour_choice
};

struct number {
    bool given;
    uint64_t value;
};

enum { OPTION_TEXTS_MOST = 16 };

struct texts {
    const char *items[OPTION_TEXTS_MOST];
    size_t count;
};

struct budget {
    uint64_t runs; // 0: not given as a count
    int64_t time;  // real ns, 0: not given as a time
};

// X(ID, "--flag", "VALUE" ("" none), KIND, field, "help")
#define OPTIONS(X)                                                                                 \
    X(VARIANT, "--variant", "V", TEXT, variant,                                                    \
      "exercise (default), solution[:FILE], wrong:FILE or FILE.c")                                 \
    X(PACK, "--pack", "DIR", TEXTS, packs, "the scenarios in DIR as well; may be given again")     \
    X(SCHEDULE, "--schedule", "ID", TEXT, schedule, "run this schedule instead of the default")    \
    X(SOURCE, "--source", "HASH", TEXT, source, "say when the source is no longer that of HASH")   \
    X(SEED, "--seed", "N", NUMBER, seed, "run: a random schedule; explore: seed of the sampling")  \
    X(BUDGET, "--budget", "N|TIME", BUDGET, budget, "schedules to try at most, or a time like 2s") \
    X(EXHAUSTIVE, "--exhaustive", "", FLAG, exhaustive,                                            \
      "try every schedule, with --slow also each of a slow machine")                               \
    X(SLOW, "--slow", "", FLAG, slow, "a slow machine too: time may move early, twice at most")    \
    X(JSON, "--json", "", FLAG, json, "one JSON document on stdout and nothing else")              \
    X(EVENTS, "--events", "", FLAG, events, "the event log as JSON Lines instead of the verdict")  \
    X(STEP, "--step", "", FLAG, step, "event by event: enter goes on, b back, a number jumps")     \
    X(AT, "--at", "EVENT", NUMBER, at, "the state after this event")                               \
    X(TEXT, "--text", "", FLAG, text, "all events and the verdict as text (default)")              \
    X(TASKS, "--tasks", "N", NUMBER, tasks, "stop starting requests at N tasks (default 10,000)")  \
    X(FOR, "--for", "TIME", DURATION, duration,                                                    \
      "stop after so much virtual time (10s if not on a terminal)")                                \
    X(IGNORE_GLOBALS, "--ignore-globals", "", FLAG, ignore_globals,                                \
      "who waits on what only a global leads to is leaked too")                                    \
    X(PACE, "--pace", "X", PACE, pace, "virtual seconds per real second (default 1)")              \
    X(UPDATE, "--update", "", FLAG, update, "bring the workspace forward; your edits stay")        \
    X(ONCE, "--once", "", FLAG, once, "judge it as it is now, then end")                           \
    X(ROUNDS, "--rounds", "N", NUMBER, rounds, "how often everything is measured (default 5)")     \
    X(FORMAT, "--format", "F[=FILE]", TEXTS, formats, "text json junit tap github classroom ...")  \
    X(SEEDS, "--seeds", "N", NUMBER, seeds, "sample with N seeds, from --seed on (default 1)")     \
    X(SHARD, "--shard", "I/N", TEXT, shard, "only the I-th of N parts, for `unstuck merge`")       \
    X(JOBS, "-j", "N", NUMBER, jobs, "so many at once (default: as there are processors)")         \
    X(TIMING, "--timing", "", FLAG, timing, "say how long it took, which differs each time")       \
    X(DIR, "--dir", "DIR", TEXT, dir, "the folder with exercises/ in it (default: this one)")      \
    X(COLOUR, "--color", "WHEN", COLOUR, colour, "auto (default), always or never")                \
    X(ASCII, "--ascii", "", FLAG, ascii, "no character beyond ASCII on the screens")               \
    X(SNAPSHOT, "--snapshot", "WxH", TEXT, snapshot, "print the screen as text, no terminal")      \
    X(KEYS, "--keys", "K,K,...", TEXT, keys, "keys to press before the snapshot")                  \
    X(VERSION, "--version", "", FLAG, version, "which version this is")                            \
    X(HELP, "--help", "", FLAG, help, "what this command does")

enum option_id {
#define X(id, flag, value, kind, field, help) OPTION_ID_##id,
    OPTIONS(X)
#undef X
        OPTION_COUNT
};

// A set of options: TAKES(VARIANT) | TAKES(JSON).
#define TAKES(id) (UINT64_C(1) << OPTION_ID_##id)

struct option_row {
    const char *flag;
    const char *value; // "" none
    const char *help;
    enum option_kind kind;
    size_t offset; // of its field in struct options
};

extern const struct option_row option_rows[OPTION_COUNT];

enum { OPTION_ARGUMENTS = 4096, OPTION_WHY = 300 };
_Static_assert(OPTION_COUNT <= 64, "a set of options is a uint64_t");

// A command line, read. Strings are those of argv.
struct options {
    const char *variant, *schedule, *source, *snapshot, *keys, *shard, *dir;
    struct texts packs, formats;
    struct number seed, seeds, at, tasks, duration, pace, rounds, jobs;
    struct budget budget;
    enum colour_choice colour;
    bool exhaustive, slow, ignore_globals, json, events, update, once, step, text, ascii, version,
        help, timing;
    const char *arguments[OPTION_ARGUMENTS]; // what is no flag, in order
    size_t argument_count;
};

// Reads argv[0 .. argc-1], of which only options in `takes` may occur. False: `why` (at least
// OPTION_WHY bytes) is one line that says what is wrong, with the nearest flag.
bool options_parse(uint64_t takes, int argc, char **argv, struct options *o, char *why);

// The readers of values, exported for the arguments that are no flags. False: not one.
bool number_parse(const char *text, uint64_t *value);
bool duration_parse(const char *text, int64_t *ns);
