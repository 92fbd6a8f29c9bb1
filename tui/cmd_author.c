// dev new and dev check: a scenario is begun; that scenarios teach what they claim is proved.
#include "tui/commands.h"

#include "harness/author.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// --- check ------------------------------------------------------------------------------------------

struct counts {
    const struct session *session;
    json_t *rows; // --json, else NULL
    uint64_t good, broken, unavailable;
};

static void put_row(const struct counts *n, enum author_state state, const char *row,
                    const char *detail) {
    static const char *const marks[] = {"ok", "!!", "--"}, *const colours[] = {"32", "31", "33"};
    if (n->session->colour)
        printf("  \033[%sm%s\033[0m  %s", colours[state], marks[state], row);
    else
        printf("  %s  %s", marks[state], row);
    printf("%s%s\n", *detail && state != AUTHOR_GOOD ? "\n        " : "",
           state == AUTHOR_GOOD ? "" : detail);
    fflush(stdout);
}

static bool tell(void *user, const struct scenario_info *s, enum author_state state,
                 const char *row, const char *detail) {
    static const char *const words[] = {"good", "broken", "unavailable"};
    struct counts *n = user;
    n->good += state == AUTHOR_GOOD;
    n->broken += state == AUTHOR_BROKEN;
    n->unavailable += state == AUTHOR_UNAVAILABLE;
    if (!n->rows)
        put_row(n, state, row, detail);
    else
        json_array_append_new(n->rows, json_pack("{s:s, s:s, s:o, s:o}", "scenario", s->name,
                                                 "state", words[state], "row", result_string(row),
                                                 "detail", result_string(detail)));
    return !interrupted();
}

static void put_end(struct counts *n) {
    if (!n->rows) {
        printf("\n%" PRIu64 " rows good, %" PRIu64 " broken, %" PRIu64 " unavailable here\n",
               n->good, n->broken, n->unavailable);
        return;
    }
    json_t *document = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "schema", "unstuck-check/v1",
                                 "status", n->broken ? "fail" : "pass", "good", (json_int_t)n->good,
                                 "broken", (json_int_t)n->broken, "unavailable",
                                 (json_int_t)n->unavailable, "rows", n->rows);
    json_dumpf(document, stdout, JSON_INDENT(2));
    puts("");
    json_decref(document);
}

static void check_one(struct counts *n, const struct scenario_info *s) {
    if (!n->rows)
        printf("%s\n", s->name);
    author_check(&n->session->catalogue, s, tell, n);
}

static int check_all(struct session *s) {
    struct counts n = {.session = s};
    const char *name = s->options.argument_count > 1 ? s->options.arguments[1] : NULL;
    const struct scenario_info *only = name ? find_scenario(s, name) : NULL;
    if (name && !only)
        return EXIT_USAGE;
    signals_hold();
    if (s->options.json)
        n.rows = json_array();
    for (size_t i = 0; i < s->catalogue.count && !interrupted(); i++)
        if (!only || only == &s->catalogue.scenarios[i])
            check_one(&n, &s->catalogue.scenarios[i]);
    int faults = only ? EXIT_FINE : say_faults(s);
    put_end(&n);
    return n.broken || interrupted() ? EXIT_FAILED : faults;
}

// --- new --------------------------------------------------------------------------------------------

static bool is_folder(const char *folder, const char *name) {
    char *path = text_format("%s/%s", folder, name);
    struct stat info;
    bool there = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    free(path);
    return there;
}

static int make_new(struct session *s) {
    char why[AUTHOR_WHY];
    struct text said = {0};
    const char *name = s->options.arguments[1];
    const char *given = s->options.arguments[2], *folder = given ? given : ".";
    if (!name)
        return complain("dev new needs a name. Usage: unstuck dev new NAME [DIR]");
    if (!given && !(is_folder(".", "scenarios") && is_folder(".", "solutions")))
        return complain(
            "dev new: there is no scenarios/ here; say where: unstuck dev new %.60s DIR", name);
    bool good = author_new(&s->catalogue, folder, name, &said, why);
    fputs(said.data ? said.data : "", stdout);
    text_free(&said);
    if (!good) {
        say("%s", why);
        return EXIT_UNUSABLE;
    }
    printf("\nIt is a small whole scenario. Change it, and prove it again with:\n\n"
           "  unstuck dev check %s%s%s\n",
           name, " --pack ", folder);
    return EXIT_FINE;
}

// --- the commands -----------------------------------------------------------------------------------

int dev_check(struct session *s) {
    return with_scenarios(s, check_all);
}

int dev_new(struct session *s) {
    return with_scenarios(s, make_new);
}
