// dev: what those who work on unstuck itself need. `dev bench` prints the table of harness/bench.h.
#include "tui/commands.h"
#include "tui/complete.h"
#include "tui/manual.h"

#include "harness/bench.h"
#include "harness/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { ROUNDS = 5, ROUNDS_MOST = 99 };

// --- bench: as JSON -------------------------------------------------------------------------------

static json_t *row_json(const struct bench_report *r, const struct bench_row *row) {
    json_t *j = json_object();
    double ratio = bench_ratio(r, row);
    json_object_set_new(j, "name", json_string(row->name));
    json_object_set_new(j, "ns", json_real(row->figures[BENCH_OURS]));
    if (ratio >= 0) {
        json_object_set_new(j, "go_ns", json_real(row->figures[BENCH_GO]));
        json_object_set_new(j, "ratio", json_real(ratio));
    }
    json_object_set_new(j, "rounds", json_integer(r->rounds));
    json_object_set_new(j, "spread", json_real(row->spread));
    return j;
}

// Only rows that were measured: there is no number for the others.
static void bench_json(const struct bench_report *r) {
    json_t *rows = json_array();
    for (size_t i = 0; i < BENCH_ROWS; i++)
        if (r->rows[i].figures[BENCH_OURS] >= 0)
            json_array_append_new(rows, row_json(r, &r->rows[i]));
    json_dumpf(rows, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(rows);
}

// --- bench: as text -------------------------------------------------------------------------------

// A figure in `width` columns, with as many digits as it deserves.
static void print_figure(double figure, int width) {
    if (figure < 0)
        printf("%*s", width, "-");
    else
        printf("%*.*f", width, figure < 10 ? 2 : figure < 100 ? 1 : 0, figure);
}

static void print_percent(double part, int width) {
    if (part < -1)
        printf("%*s", width, "-");
    else
        printf("%*.0f%%", width - 1, part * 100);
}

static void print_row(const struct bench_report *r, const struct bench_row *row) {
    double ratio = bench_ratio(r, row), no_log = row->figures[BENCH_NO_LOG];
    printf("%-16s", row->name);
    print_figure(row->figures[BENCH_OURS], 7);
    print_percent(row->spread < 0 ? -2 : row->spread, 7);
    print_figure(row->figures[BENCH_GO], 7);
    if (ratio < 0)
        printf("%7s", "-");
    else
        printf("%7.3f", ratio);
    printf("%6.2f%c", row->aim, ratio > row->aim ? '!' : ' ');
    print_figure(row->figures[BENCH_GO_ALL], 8);
    print_figure(row->figures[BENCH_THREADS], 8);
    print_figure(no_log, 7);
    print_percent(no_log <= 0 ? -2 : row->figures[BENCH_OURS] / no_log - 1, 6);
    putchar('\n');
}

static void print_machine(const struct bench_report *r) {
    struct utsname machine;
    char *model = NULL, *cpus = text_file("/proc/cpuinfo", 1 << 20);
    if (cpus && (model = strstr(cpus, "model name")) && (model = strchr(model, ':'))) {
        model += 2;
        model[strcspn(model, "\n")] = '\0';
    }
    if (uname(&machine) == 0)
        printf("%s %s, %s, %ld CPUs; ", machine.sysname, machine.release,
               model ? model : machine.machine, sysconf(_SC_NPROCESSORS_ONLN));
    printf("compiler %s; %s\n", __VERSION__, *r->go ? r->go : "no Go");
    free(cpus);
}

static void print_scaled(const struct bench_report *r) {
    printf("\n%-16s", "tasks parked");
    for (size_t k = 0; k < BENCH_SCALES; k++) {
        char words[20];
        printf("%10s", text_count(bench_scales[k], words, sizeof words));
    }
    for (size_t i = 0; i < BENCH_SCALED; i++) {
        printf("\n%-16s", r->scaled[i].name);
        for (size_t k = 0; k < BENCH_SCALES; k++)
            print_figure(r->scaled[i].figures[k], 10);
    }
    puts("\n\nThe second table: what an operation costs while so many tasks wait for\n"
         "something else, and a snapshot for each of them.");
}

static void bench_text(const struct bench_report *r) {
    print_machine(r);
    printf("Median of %u rounds, ns of CPU time (parked_1m: bytes a task); ! above the aim.\n"
           "A bare switch of stacks takes %.2f ns.\n\n",
           r->rounds, r->floor);
    printf("%-16s%7s%7s%7s%7s%7s%8s%8s%7s%6s\n", "", "unstuck", "spread", "Go P=1", "ratio", "aim ",
           "Go all", "threads", "no log", "log");
    for (size_t i = 0; i < BENCH_ROWS; i++)
        print_row(r, &r->rows[i]);
    print_scaled(r);
}

// --- bench ------------------------------------------------------------------------------------------

static bool tell(unsigned round, const char *name) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kround %u: %s", round, name);
    return !interrupted();
}

static int bench(struct session *s) {
    char why[BENCH_WHY];
    struct bench_report report;
    const struct number *rounds = &s->options.rounds;
    if (rounds->given && (rounds->value == 0 || rounds->value > ROUNDS_MOST))
        return complain("dev bench: --rounds takes 1 to %d", ROUNDS_MOST);
    if (!bench_build(why)) {
        say("%s", why);
        return EXIT_UNUSABLE;
    }
    signals_hold();
    bool whole = bench_run_all(rounds->given ? (unsigned)rounds->value : ROUNDS, tell, &report);
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    if (!whole)
        return EXIT_FAILED;
    (s->options.json ? bench_json : bench_text)(&report);
    return EXIT_FINE;
}

// --- what packages contain --------------------------------------------------------------------------

static int manual(struct session *s) {
    (void)s;
    manual_page(stdout);
    return EXIT_FINE;
}

static int completion(struct session *s) {
    const char *shell = s->options.arguments[1];
    const char *script = complete_script(shell ? shell : "");
    if (!script)
        return complain("dev completion: for bash, zsh or fish; not `%.80s`", shell ? shell : "");
    fputs(script, stdout);
    return EXIT_FINE;
}

static const struct {
    const char *name;
    size_t most; // arguments, with the name
    int (*run)(struct session *s);
} parts[] = {
    {"new", 3, dev_new}, {"check", 2, dev_check},       {"bench", 1, bench},
    {"man", 1, manual},  {"completion", 2, completion},
};
enum { PARTS = sizeof parts / sizeof *parts };

const char *dev_part(size_t i) {
    return i < PARTS ? parts[i].name : NULL;
}

int command_dev(struct session *s) {
    const char *what = s->options.arguments[0], *names[PARTS];
    for (size_t i = 0; i < PARTS; i++) {
        names[i] = parts[i].name;
        if (strcmp(what, parts[i].name) != 0)
            continue;
        if (s->options.argument_count > parts[i].most)
            return complain("dev %s: too many arguments, from `%.80s` on", what,
                            s->options.arguments[parts[i].most]);
        return parts[i].run(s);
    }
    const char *near = nearest_word(what, names, PARTS);
    return complain("no command `dev %.80s`; %s is `dev %s`", what, near ? "the nearest" : "there",
                    near ? near : "bench");
}
