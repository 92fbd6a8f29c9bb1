// replay: one schedule, event by event, forwards and backwards.
//
// The run is made once; every view of it is its finished log folded up to some event. Going back is
// folding again from the start, so what is shown after event n is the same from either side.
#include "tui/commands.h"

#include "harness/text.h"
#include "tui/cells.h"
#include "tui/task_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct replay {
    const struct session *session;
    const struct subject *subject;
    const struct answer *answer;
    struct seen seen;    // the world after event `at`
    uint64_t at, events; // events shown, events there are
};

// --- one event --------------------------------------------------------------------------------

static const event *event_at(const struct replay *r, uint64_t n) {
    const event_log *log = r->answer->log;
    return &log->events[n & (log->capacity - 1)];
}

static void put_header(const struct replay *r) {
    char id[SCHEDULE_TEXT];
    schedule_format(&r->answer->schedule, id, sizeof id);
    printf("%s  %s  %" PRIu64 " events\n\n", id, r->subject->variant.label, r->events);
    printf("%5s  %8s  %-20s %-16s %s\n", "EVENT", "TIME", "TASK", "WHERE", "WHAT");
}

// Event number n, counted from 0; shown from 1. Labels are those known at the end of the run.
static void put_event(const struct replay *r, uint64_t n) {
    const event *e = event_at(r, n);
    char when[32], who[80], where[80], what[400];
    const struct seen *s = &r->answer->seen;
    seen_event_text(s, n, what, sizeof what);
    char *clean = text_clean(what);
    bool stands_out = r->session->colour && e->flags & EVENT_PARKED;
    printf("%5" PRIu64 "  %8s  %-20s %-16s %s%s%s\n", n + 1,
           seen_time_label(e->time, when, sizeof when),
           seen_task_label(s, e->task, who, sizeof who),
           seen_site_label(s, e->site, where, sizeof where), stands_out ? "\033[36m" : "", clean,
           stands_out ? "\033[0m" : "");
    free(clean);
}

// --- the state --------------------------------------------------------------------------------

static void fold_to(struct replay *r, uint64_t at) {
    if (at < r->at)
        seen_init(&r->seen, r->answer->log, r->answer->seen.grace);
    seen_fold(&r->seen, at);
    r->at = at;
}

static const char *state_words(const struct seen_task *t) {
    static const char *const words[] = {
        [TASK_READY] = "ready", [TASK_RUNNING] = "running", [TASK_ENDED] = "ended"};
    return t->state == TASK_PARKED ? wait_reason_text(t->reason) : words[t->state];
}

enum { COLUMN_TASK, COLUMN_STATE, COLUMN_ON, COLUMN_WHERE, COLUMN_SINCE, COLUMNS };
enum { CELL = 80, GAP = 2, INDENT = 7 };

struct row {
    char cells[COLUMNS][CELL];
};

static const struct row headings = {{"TASK", "STATE", "ON", "WHERE", "SINCE"}};

static struct row row_of(const struct seen *s, uint32_t number) {
    const struct seen_task *t = &s->tasks[number];
    struct row row = {0};
    seen_task_label(s, number, row.cells[COLUMN_TASK], CELL);
    snprintf(row.cells[COLUMN_STATE], CELL, "%s", state_words(t));
    if (t->state == TASK_PARKED && t->object)
        seen_object_label(s, t->object, row.cells[COLUMN_ON], CELL);
    else
        task_waits_on(s, t, row.cells[COLUMN_ON], CELL);
    seen_site_label(s, t->at, row.cells[COLUMN_WHERE], CELL);
    seen_time_label(t->since, row.cells[COLUMN_SINCE], CELL);
    return row;
}

static void widen(const struct row *row, int widths[COLUMNS]) {
    for (int column = 0; column < COLUMNS; column++) {
        int width = cells_columns(row->cells[column]);
        widths[column] = width > widths[column] ? width : widths[column];
    }
}

static void put_row(const struct row *row, const int widths[COLUMNS]) {
    printf("%*s", INDENT, "");
    for (int column = 0; column + 1 < COLUMNS; column++) {
        const char *cell = row->cells[column];
        printf("%s%*s", cell, widths[column] - cells_columns(cell) + GAP, "");
    }
    puts(row->cells[COLUMNS - 1]);
}

// Everybody who is still there. Nothing is cut: a name cut short might be another's.
static void put_tasks(const struct seen *s) {
    int widths[COLUMNS] = {0};
    struct row *rows = zero_alloc(s->task_count, sizeof *rows);
    uint32_t count = 0;
    widen(&headings, widths);
    for (uint32_t i = 0; i < s->task_count; i++)
        if (s->tasks[i].state != TASK_ENDED) {
            rows[count] = row_of(s, i);
            widen(&rows[count++], widths);
        }
    put_row(&headings, widths);
    for (uint32_t i = 0; i < count; i++)
        put_row(&rows[i], widths);
    free(rows);
}

static void put_state(const struct replay *r) {
    const struct seen *s = &r->seen;
    char now[32];
    printf("\n       after event %" PRIu64 ", at %s: %u alive, %u ready, %u ended\n", r->at,
           seen_time_label(s->now, now, sizeof now), s->alive, s->ready, s->ended);
    put_tasks(s);
    putchar('\n');
}

// --- the three ways to see it -----------------------------------------------------------------

// A run that left its schedule has no verdict of its own.
static void put_verdict(const struct replay *r) {
    if (!r->answer->misfit)
        result_text(r->subject->scenario, &r->subject->variant, r->answer, r->session->colour,
                    stdout);
}

static void replay_text(struct replay *r) {
    put_header(r);
    for (uint64_t n = 0; n < r->events; n++)
        put_event(r, n);
    putchar('\n');
    put_verdict(r);
}

static int replay_at(struct replay *r, uint64_t at) {
    if (at < 1 || at > r->events)
        return complain("there is no event %" PRIu64 ": this run has events 1 to %" PRIu64, at,
                        r->events);
    put_header(r);
    put_event(r, at - 1);
    fold_to(r, at);
    put_state(r);
    return EXIT_FINE;
}

// Reads where to go next: "" on, "b" back, a number there. False: leave.
static bool ask(struct replay *r, uint64_t *at) {
    char line[64];
    if (isatty(STDIN_FILENO))
        printf("enter: on   b: back   1-%" PRIu64 ": go there   q: leave > ", r->events);
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    if (*line == 'q')
        return false;
    uint64_t wanted = *at;
    if (*line == 'b')
        wanted = *at > 1 ? *at - 1 : 1;
    else if (!*line)
        wanted = *at + 1;
    else if (!number_parse(line, &wanted) || wanted < 1 || wanted > r->events)
        printf("enter, b, q or a number from 1 to %" PRIu64 "\n", r->events);
    if (wanted >= 1 && wanted <= r->events + 1)
        *at = wanted;
    return true;
}

static void replay_step(struct replay *r) {
    put_header(r);
    for (uint64_t at = 1; at <= r->events;) {
        put_event(r, at - 1);
        fold_to(r, at);
        put_state(r);
        if (!ask(r, &at))
            return;
    }
    put_verdict(r);
}

// --- the command ------------------------------------------------------------------------------

static int show(struct replay *r) {
    const struct options *o = &r->session->options;
    const struct answer *a = r->answer;
    if (!a->log) {
        result_text(r->subject->scenario, &r->subject->variant, a, r->session->colour, stdout);
        return verdict_exit(answer_verdicts(a));
    }
    uint64_t head = atomic_load_explicit(&a->log->head, memory_order_acquire);
    r->events = head < a->log->capacity ? head : a->log->capacity;
    seen_init(&r->seen, a->log, a->seen.grace);
    int code = EXIT_FINE;
    if (o->at.given)
        code = replay_at(r, o->at.value);
    else if (o->step)
        replay_step(r);
    else
        replay_text(r);
    seen_free(&r->seen);
    if (code == EXIT_FINE && a->misfit)
        return complain("%s", a->error);
    return code ? code : verdict_exit(answer_verdicts(a));
}

static int replay_built(const struct session *s, const struct subject *subject,
                        const struct schedule *schedule) {
    char why[300];
    struct examine_config config = {
        .scenario = subject->scenario, .variant = &subject->variant, .schedule = *schedule};
    struct examination *x = examine_start(&config, why);
    if (!x) {
        say("%s: %s", subject->scenario->name, why);
        return EXIT_UNUSABLE;
    }
    while (examine_poll(x) != EXAMINE_DONE && !interrupted())
        pause_ms(1);
    struct replay r = {.session = s, .subject = subject, .answer = examine_answer(x)};
    int code = interrupted() ? EXIT_FAILED : show(&r);
    examine_free(x);
    return code;
}

// The schedule may still fit another source, but need not show what it was found for.
void check_source(const struct session *s, const struct variant *v) {
    char hash[SOURCE_HASH];
    const char *then = s->options.source;
    if (then && strcmp(then, variant_hash(v, hash)) != 0)
        say("%s has changed since this schedule was found in it (source %.8s then, %s now): it may "
            "lead elsewhere; explore again to be sure",
            v->label, then, *hash ? hash : "unreadable");
}

int command_replay(struct session *s) {
    const struct options *o = &s->options;
    struct schedule schedule;
    struct subjects list;
    char why[300];
    if (o->step + o->at.given + o->text > 1)
        return complain("--step, --at and --text exclude each other");
    if (!schedule_parse(o->arguments[0], &schedule, why))
        return complain("`%.80s`: %s", o->arguments[0], why);
    int code = subjects_find(s, schedule.name, false, &list);
    if (code == EXIT_FINE) {
        signals_hold();
        code = subject_build(s, &list.items[0], why);
        if (code == EXIT_UNUSABLE)
            say("%s", why);
        check_source(s, &list.items[0].variant);
        if (code == EXIT_FINE)
            code = replay_built(s, &list.items[0], &schedule);
    }
    subjects_free(&list);
    return code;
}
