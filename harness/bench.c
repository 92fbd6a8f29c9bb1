// bench: see bench.h.
#include "harness/bench.h"

#include "harness/catalogue.h"
#include "harness/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS_MAX = 99, GO_AT_LEAST = 23 };

const unsigned bench_scales[BENCH_SCALES] = {10, 1000, 100000, 1000000};

// The figures, with what each is called in Go and what we mean its ratio to be.
static const struct {
    const char *name, *go;
    double aim;
    bool bytes;
} figures[BENCH_ROWS] = {
    {"yield2", "yield2", 0.06, false},
    {"pingpong", "pingpong", 0.13, false},
    {"buffered128", "buffered128", 0.16, false},
    {"select2", "select2", 0.13, false},
    {"select8", "select8", 0.09, false},
    {"spawn_join", "spawn_join", 0.12, false},
    {"spawn_batch", "spawn_batch", 0.2, false},
    {"fanin1000", "fanin1000", 0.13, false},
    {"mutex_free", "mutex_free", 0.13, false},
    {"mutex_contended", "mutex_contended", 0.03, false},
    {"sleepers_1m", "sleepers_1m", 0.4, false},
    {"parked_1m", "parked_1m", 1.6, true},
    {"parked_1m_small", "parked_1m", 1, true},
};

static const char *const scaled[BENCH_SCALED] = {"pingpong", "select2", "spawn_join", "snapshot"};

// --- running a program --------------------------------------------------------------------------

static bool exists(const char *folder, const char *name) {
    char *path = text_format("%s/%s", folder, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

// What the command printed, at most `size` - 1 bytes of it. False: it failed.
static bool output_of(const char *command, char *out, size_t size) {
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return false;
    size_t length = fread(out, 1, size - 1, pipe);
    out[length] = '\0';
    return pclose(pipe) == 0;
}

// The number that a program prints; -1: it has failed.
static double figure_of(const char *command) {
    char text[64], *end;
    if (!output_of(command, text, sizeof text)) {
        fprintf(stderr, "unstuck: no figure from: %s\n", command);
        return -1;
    }
    double figure = strtod(text, &end);
    return end == text ? -1 : figure;
}

// A program of the folder, with arguments, in the environment that `before` makes.
static double program_figure(const char *folder, const char *before, const char *program,
                             const char *arguments) {
    if (!exists(folder, program))
        return -1;
    char *command = text_format("%s timeout 300 '%s/%s' %s", before, folder, program, arguments);
    double figure = figure_of(command);
    free(command);
    return figure;
}

static bool on_threads(const char *name) {
    return strcmp(name, "sleepers_1m") && strncmp(name, "parked_1m", strlen("parked_1m"));
}

static double peer_figure(const char *folder, size_t row, enum bench_peer peer) {
    const char *name = figures[row].name;
    char *no_log;
    double figure;
    switch (peer) {
    case BENCH_OURS:
        return program_figure(folder, "", name, "");
    case BENCH_NO_LOG:
        no_log = text_format("%s.no-log", name);
        figure = program_figure(folder, "", no_log, "");
        free(no_log);
        return figure;
    case BENCH_GO:
        return program_figure(folder, "GOMAXPROCS=1", "go", figures[row].go);
    case BENCH_GO_ALL:
        return program_figure(folder, "", "go", figures[row].go);
    default:
        return on_threads(name) ? program_figure(folder, "", "threads", name) : -1;
    }
}

// --- figures of several rounds --------------------------------------------------------------------

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Sorted; -1 where a round has none.
static double median(double *of, unsigned count) {
    qsort(of, count, sizeof *of, compare);
    return of[0] < 0 ? -1 : (of[(count - 1) / 2] + of[count / 2]) / 2;
}

static double spread(const double *sorted, unsigned count, double middle) {
    return middle > 0 ? (sorted[count - 1] - sorted[0]) / middle : -1;
}

typedef double measured[BENCH_ROWS][BENCH_PEERS][ROUNDS_MAX];

static void summarise(struct bench_report *r, measured all) {
    for (size_t i = 0; i < BENCH_ROWS; i++) {
        struct bench_row *row = &r->rows[i];
        for (size_t peer = 0; peer < BENCH_PEERS; peer++)
            row->figures[peer] = median(all[i][peer], r->rounds);
        row->spread = spread(all[i][BENCH_OURS], r->rounds, row->figures[BENCH_OURS]);
    }
}

// --- the whole --------------------------------------------------------------------------------------

typedef bool teller(unsigned round, const char *name);

static bool run_rounds(const char *folder, teller *tell, struct bench_report *r) {
    static measured all;
    for (unsigned round = 0; round < r->rounds; round++)
        for (size_t i = 0; i < BENCH_ROWS; i++) {
            if (!tell(round + 1, figures[i].name))
                return false;
            for (size_t peer = 0; peer < BENCH_PEERS; peer++)
                all[i][peer][round] = peer_figure(folder, i, peer);
        }
    summarise(r, all);
    return true;
}

static bool run_scaled(const char *folder, teller *tell, struct bench_report *r) {
    for (size_t i = 0; i < BENCH_SCALED; i++)
        for (size_t k = 0; k < BENCH_SCALES; k++) {
            char arguments[40];
            double of[ROUNDS_MAX];
            snprintf(arguments, sizeof arguments, "--parked %u", bench_scales[k]);
            for (unsigned round = 0; round < r->rounds; round++) {
                if (!tell(round + 1, scaled[i]))
                    return false;
                of[round] = program_figure(folder, "", scaled[i], arguments);
            }
            r->scaled[i].figures[k] = median(of, r->rounds);
        }
    return true;
}

static void report_begin(struct bench_report *r, unsigned rounds, const char *folder) {
    *r = (struct bench_report){.rounds = rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds};
    char *version = text_format("timeout 60 '%s/go' version", folder);
    for (size_t i = 0; i < BENCH_ROWS; i++)
        r->rows[i] = (struct bench_row){
            .name = figures[i].name, .bytes = figures[i].bytes, .aim = figures[i].aim};
    for (size_t i = 0; i < BENCH_SCALED; i++)
        r->scaled[i].name = scaled[i];
    if (!exists(folder, "go") || !output_of(version, r->go, sizeof r->go))
        *r->go = '\0';
    r->go[strcspn(r->go, "\n")] = '\0';
    free(version);
}

static char *bench_folder(const char *prefix) {
    return text_format("%s/libexec/unstuck/bench", prefix);
}

bool bench_run_all(unsigned rounds, teller *tell, struct bench_report *out) {
    char *prefix = catalogue_prefix(), *folder = bench_folder(prefix);
    report_begin(out, rounds, folder);
    out->floor = program_figure(folder, "", "switch", "");
    bool whole = run_rounds(folder, tell, out) && run_scaled(folder, tell, out);
    free(folder);
    free(prefix);
    return whole;
}

static bool build(const char *prefix, char *why) {
    char *command = text_format("cmake --build '%s' --target bench 1>&2", prefix);
    bool built = system(command) == 0;
    free(command);
    if (!built)
        snprintf(why, BENCH_WHY, "the benchmarks do not build; see above.");
    return built;
}

bool bench_build(char *why) {
    char *prefix = catalogue_prefix();
    char *folder = bench_folder(prefix ? prefix : "");
    bool good = false;
    if (!prefix || strchr(prefix, '\''))
        snprintf(why, BENCH_WHY, "the benchmarks cannot be run from a path with a quote in it.");
    else if (exists(prefix, "CMakeCache.txt"))
        good = build(prefix, why);
    else if (!(good = exists(folder, "pingpong")))
        snprintf(why, BENCH_WHY, "no benchmarks in %.200s. Run it from a checkout's build.",
                 folder);
    free(folder);
    free(prefix);
    return good;
}

// "go1.23.4" is 23.
static int go_minor(const char *version) {
    const char *dot = strchr(version, '.');
    return dot ? atoi(dot + 1) : 0;
}

double bench_ratio(const struct bench_report *r, const struct bench_row *row) {
    double ours = row->figures[BENCH_OURS], go = row->figures[BENCH_GO];
    return ours < 0 || go <= 0 || go_minor(r->go) < GO_AT_LEAST ? -1 : ours / go;
}
