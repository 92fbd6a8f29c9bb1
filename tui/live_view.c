// live_view: a variant under load: the number of tasks climbs for a leak and stays flat for a fix.
#include "harness/compile.h"
#include "harness/limits.h"
#include "harness/text.h"
#include "tui/curve.h"
#include "tui/format.h"
#include "tui/live.h"
#include "tui/pieces.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_TOP = 40,
    LOG_EVENTS = 1 << 19,
    EVENTS_A_FRAME = 50000, // more than a load makes meanwhile at the highest pace
    ERROR_TEXT = 600,
    LEAST_PACE = -4,
    MOST_PACE = 6,
    ENOUGH_SAMPLES = 20
};
static const int64_t resident_every = 250 * MILLISECOND;
static const uint32_t task_limits[] = {1000, 10000, 100000};
enum { TASK_LIMITS = sizeof task_limits / sizeof *task_limits };

struct live_view {
    struct view view;
    const struct scenario_info *scenario;
    size_t variant;
    struct variant loaded;           // the variant to put load on, with fresh objects where needed
    struct compilation *compilation; // which made those; NULL: there was no need
    int built;           // 0: that is under way; 1: loaded can run; -1: it does not compile
    struct child *child; // NULL: not started yet, or it could not be: see error
    enum child_state state;
    struct live live;
    struct leaks leaks; // as told last
    int pace;           // doublings of one second of the run's time per real second
    int limit;          // index into task_limits
    size_t resident;    // bytes, 0: unknown
    int64_t next_resident;
    char error[ERROR_TEXT]; // why it does not run; "" it does
};

// ---- the child ----

static void stop(struct live_view *l) {
    live_free(&l->live);
    if (l->child)
        child_free(l->child);
    l->child = NULL;
}

static int64_t pace_of(const struct live_view *l) {
    return l->pace < 0 ? SECOND >> -l->pace : SECOND << l->pace;
}

// Puts the load on what is loaded.
static void run(struct live_view *l) {
    const struct scenario_info *s = l->scenario;
    struct child_config config = {
        .scenario = s, .variant = &l->loaded, .log_events = LOG_EVENTS, .live = true};
    struct job job = {.kind = JOB_LIVE,
                      .pace = pace_of(l),
                      .max_tasks = task_limits[l->limit],
                      .grace = s->terms.grace};
    l->state = CHILD_RUNNING;
    l->resident = 0;
    l->leaks = (struct leaks){0};
    l->next_resident = 0;
    l->child = child_start(&config, &job, l->error);
    if (l->child)
        live_init(&l->live, &child_shared(l->child)->log, s->terms.grace);
}

// Loads the variant as the catalogue has it.
static void load(struct live_view *l) {
    if (l->compilation)
        compile_free(l->compilation);
    l->compilation = NULL;
    l->built = 1;
    l->loaded = l->scenario->variants[l->variant];
}

// From nothing, compiled first when the source was edited since.
static void start(struct live_view *l) {
    stop(l);
    l->error[0] = '\0';
    if (!compile_needed(&l->loaded)) {
        run(l);
        return;
    }
    load(l);
    l->compilation = compile_start(l->view.ui->catalogue, l->scenario, l->loaded.source, l->error);
    l->built = l->compilation ? 0 : 1;
}

static bool build_tick(struct live_view *l) {
    l->built = compile_poll(l->compilation);
    if (l->built > 0) {
        l->loaded = compile_renewed(l->compilation, &l->loaded);
        run(l);
    }
    return l->built != 0;
}

// Why it does not run, "" when it does or will.
static const char *problem(const struct live_view *l) {
    return l->built < 0 ? compile_output(l->compilation) : l->error;
}

// Its last events and its last counts are those that stay on the screen.
static void finish(struct live_view *l) {
    if (l->state == CHILD_FAILED)
        child_error(l->child, l->error, sizeof l->error);
    live_read(&l->live, UINT64_MAX);
    leaks_read(&child_shared(l->child)->leaks, &l->leaks);
    live_sample(&l->live, l->live.next_sample);
}

static bool live_tick(struct view *v) {
    struct live_view *l = (struct live_view *)v;
    if (l->built == 0)
        return build_tick(l);
    if (!l->child || l->state != CHILD_RUNNING)
        return false;
    l->state = child_poll(l->child);
    if (l->state != CHILD_RUNNING) {
        finish(l);
        return true;
    }
    live_read(&l->live, EVENTS_A_FRAME);
    leaks_read(&child_shared(l->child)->leaks, &l->leaks);
    if (v->ui->now >= l->next_resident) {
        l->resident = child_resident(l->child);
        l->next_resident = v->ui->now + resident_every;
    }
    return live_sample(&l->live, v->ui->now);
}

// ---- drawing ----

// After how many tasks the load ends, however few are alive.
static uint32_t started_limit(const struct live_view *l) {
    return limits_started(task_limits[l->limit]);
}

static void draw_head(const struct live_view *l, struct cells *c, struct rect in) {
    char time[32] = "0", text[120];
    if (l->child)
        format_duration(live_now(&l->live).time, time, sizeof time);
    snprintf(text, sizeof text, l->pace < 0 ? "t=%s  speed 1/%d" : "t=%s  speed %dx", time,
             1 << (l->pace < 0 ? -l->pace : l->pace));
    struct rect left = draw_right(c, in, 0, ROLE_DIM, text);
    cells_printf(c, left, 0, 1, ROLE_TITLE, "LIVE  %d  %s", l->scenario->number,
                 l->scenario->title);
    draw_variants(c, in, 1, l->scenario, l->variant);
}

// A load ends when too many tasks are alive, or were started at all.
static bool ended_by_count(const struct live_view *l) {
    return atomic_load(&l->live.log->started) >= started_limit(l);
}

// The load is over and nothing happens any more: whoever is still there is left for ever.
static enum role trend_over(const struct live_view *l, uint32_t alive, char *out, size_t size) {
    char left[32], all[32], after[64] = "";
    if (ended_by_count(l))
        snprintf(after, sizeof after, " after %s tasks",
                 text_count(started_limit(l), all, sizeof all));
    if (alive)
        snprintf(out, size, "over%s  %s left for ever; r starts again", after,
                 text_count(alive, left, sizeof left));
    else
        snprintf(out, size, "over%s  none is left; r starts again", after);
    return alive ? ROLE_BAD : ROLE_GOOD;
}

// The load is over, and those that are still there may go on.
static enum role trend_after(const struct live_view *l, uint32_t alive, char *out, size_t size) {
    char left[32];
    snprintf(out, size, "no more load  %s still alive; r starts again",
             text_count(alive, left, sizeof left));
    return ended_by_count(l) ? ROLE_WARN : ROLE_BAD;
}

// What a service owner wants to know: does it grow?
static enum role trend_running(const struct live_view *l, char *out, size_t size) {
    char more[32];
    int64_t growth = live_growth(&l->live);
    if (growth) {
        snprintf(out, size, "climbing  %s more tasks each second",
                 text_count((uint64_t)growth, more, sizeof more));
        return ROLE_BAD;
    }
    bool early = l->live.sample_count < ENOUGH_SAMPLES;
    snprintf(out, size, early ? "starting" : "flat  what starts also ends");
    return early ? ROLE_WARN : ROLE_GOOD;
}

static enum role trend(const struct live_view *l, char *out, size_t size) {
    if (*problem(l)) {
        snprintf(out, size, "ERROR%s", *l->error ? "" : " build");
        return ROLE_BAD;
    }
    if (l->built == 0) {
        snprintf(out, size, "building");
        return ROLE_WARN;
    }
    struct counts now = live_now(&l->live).counts;
    uint32_t alive = counts_alive(&now);
    if (l->state == CHILD_FINISHED)
        return trend_over(l, alive, out, size);
    return l->live.seen.root_ended ? trend_after(l, alive, out, size) : trend_running(l, out, size);
}

// Where the load ends by itself stands beside what it does, as far as there is room for that.
static void draw_trend(const struct live_view *l, struct cells *c, struct rect in, int row) {
    char text[100], bounds[100], alive[32], all[32];
    enum role role = trend(l, text, sizeof text);
    int room = in.cols - cells_columns(text) - 4;
    text_count(task_limits[l->limit], alive, sizeof alive);
    text_count(started_limit(l), all, sizeof all);
    snprintf(bounds, sizeof bounds, "at most %s alive, %s in all", alive, all);
    if (cells_columns(bounds) > room)
        snprintf(bounds, sizeof bounds, "at most %s alive", alive);
    struct rect left = draw_right(c, in, row, ROLE_DIM, cells_columns(bounds) > room ? "" : bounds);
    cells_put(c, left, 0, 1, role, text);
}

static void draw_totals(const struct live_view *l, struct cells *c, struct rect in, int row) {
    struct counts now = live_now(&l->live).counts;
    char text[32];
    int col = draw_number(c, in, row, 1, ROLE_TEXT, "alive", ROLE_TITLE, counts_alive(&now));
    col = draw_number(c, in, row, col, ROLE_BLOCKED, "blocked", ROLE_BLOCKED, now.blocked);
    col = draw_number(c, in, row, col, ROLE_SLEEPING, "sleeping", ROLE_SLEEPING, now.sleeping);
    col = draw_number(c, in, row, col, ROLE_RUNNING, "runnable", ROLE_RUNNING, now.runnable);
    col = draw_number(c, in, row, col, ROLE_TEXT, "ended", ROLE_ENDED, now.ended);
    format_bytes(l->resident, text, sizeof text);
    if (l->resident && col + cells_columns(text) <= in.cols)
        cells_put(c, in, row, col, ROLE_TEXT, text);
}

// Who is leaked for certain while the load goes on. Returns the rows that takes.
static int draw_leaks(const struct live_view *l, struct cells *c, struct rect in) {
    char words[LEAKS_TEXT];
    if (!l->leaks.known || !l->leaks.waiting)
        return 0;
    leaks_words(&l->leaks, true, words, sizeof words);
    if (cells_columns(words) > in.cols - 1)
        leaks_words(&l->leaks, false, words, sizeof words);
    cells_put(c, in, 0, 1, l->leaks.leaked ? ROLE_BAD : ROLE_DIM, words);
    return 1;
}

static void draw_curve(const struct live_view *l, struct cells *c, struct rect in) {
    if (!l->live.sample_count)
        return;
    struct curve k = {.moments = l->live.samples,
                      .count = l->live.sample_count,
                      .shown = l->live.sample_count - 1,
                      .furthest = l->live.sample_count - 1,
                      .axis = CURVE_BY_TIME};
    curve_draw(c, in, &k);
}

// ---- where they wait ----

enum { COLUMN_WAIT, COLUMN_ON, COLUMN_WHERE, COLUMNS };
enum { CELL = 128, TASKS_END = 11, LEAST_WIDTH = 5, GAP = 2 };

static const char *const headings[COLUMNS] = {"WAIT", "ON", "WHERE"};

struct group_row {
    uint32_t tasks;
    char cells[COLUMNS][CELL];
};

static void fill_row(const struct live_view *l, const struct live_group *g, struct group_row *row) {
    row->tasks = g->count;
    snprintf(row->cells[COLUMN_WAIT], CELL, "%s", wait_reason_text((enum wait_reason)g->reason));
    snprintf(row->cells[COLUMN_ON], CELL, "%s", event_log_string(l->live.log, g->name));
    seen_site_label(&l->live.seen, g->at, row->cells[COLUMN_WHERE], CELL);
}

// As wide as what is in them; where that is too much the widest give way.
static void fit(const struct group_row *rows, int count, int room, int widths[COLUMNS]) {
    int sum = 0;
    for (int column = 0; column < COLUMNS; column++) {
        widths[column] = cells_columns(headings[column]);
        for (int i = 0; i < count; i++) {
            int width = cells_columns(rows[i].cells[column]);
            widths[column] = width > widths[column] ? width : widths[column];
        }
        sum += widths[column] + GAP;
    }
    while (sum > room) {
        int widest = 0;
        for (int column = 1; column < COLUMNS; column++)
            widest = widths[column] > widths[widest] ? column : widest;
        if (widths[widest] <= LEAST_WIDTH)
            return;
        widths[widest]--;
        sum--;
    }
}

static void draw_group(struct cells *c, struct rect in, int at, const int widths[COLUMNS],
                       const struct group_row *row) {
    char count[32];
    int col = TASKS_END + GAP;
    cells_right(c, in, at, TASKS_END, ROLE_TITLE, text_count(row->tasks, count, sizeof count));
    for (int column = 0; column < COLUMNS; column++) {
        enum role role = column == COLUMN_WAIT ? ROLE_BLOCKED : ROLE_TEXT;
        col = cells_field(c, in, at, col, widths[column], role, row->cells[column]) + GAP;
    }
}

static void draw_headings(struct cells *c, struct rect in, const int widths[COLUMNS]) {
    int col = TASKS_END + GAP;
    cells_right(c, in, 0, TASKS_END, ROLE_DIM, "TASKS");
    for (int column = 0; column < COLUMNS; column++)
        col = cells_field(c, in, 0, col, widths[column], ROLE_DIM, headings[column]) + GAP;
}

static const char *groups_title(const struct live *l) {
    if (l->full)
        return "WHERE THEY WAITED  (there are too many by now to count on)";
    return l->approximate ? "WHERE THEY WAIT  (approximate: too quick to be read)"
                          : "WHERE THEY WAIT";
}

static void draw_groups(const struct live_view *l, struct cells *c, struct rect in) {
    struct live_group top[MOST_TOP];
    struct group_row rows[MOST_TOP];
    int widths[COLUMNS], most = in.rows - 2 < MOST_TOP ? in.rows - 2 : MOST_TOP;
    int count = most > 0 ? live_top(&l->live, top, most) : 0;
    for (int i = 0; i < count; i++)
        fill_row(l, &top[i], &rows[i]);
    fit(rows, count, in.cols - TASKS_END - GAP, widths);
    char hidden[40];
    hidden_rows(c, 0, live_groups(&l->live) - count, hidden, sizeof hidden);
    draw_noted_rule(c, in, 0, groups_title(&l->live), hidden);
    rect_take_rows(&in, 1);
    draw_headings(c, in, widths);
    for (int i = 0; i < count; i++)
        draw_group(c, in, i + 1, widths, &rows[i]);
    cells_cursor(c, in, 0, 0);
}

static void draw_problem(const struct live_view *l, struct cells *c, struct rect in) {
    char *words = *l->error ? text_copy(l->error) : format_compiler(problem(l));
    draw_wrapped(c, in, 1, 1, *l->error ? ROLE_BAD : ROLE_TEXT, words);
    free(words);
}

static void live_draw(struct view *v, struct rect area) {
    struct live_view *l = (struct live_view *)v;
    struct cells *c = &v->ui->cells;
    struct rect head = rect_take_rows(&area, 4);
    draw_head(l, c, head);
    draw_trend(l, c, head, 2);
    if (l->child) {
        draw_totals(l, c, head, 3);
        rect_take_rows(&area, draw_leaks(l, c, area));
        draw_curve(l, c, rect_take_rows(&area, area.rows / 2));
    }
    if (*problem(l))
        draw_problem(l, c, area);
    else if (l->child)
        draw_groups(l, c, area);
}

// ---- requests ----

static void show(struct live_view *l, size_t variant) {
    if (variant >= l->scenario->variant_count)
        return;
    l->variant = variant;
    load(l);
    start(l);
}

static void set_pace(struct live_view *l, int pace) {
    if (pace < LEAST_PACE || pace > MOST_PACE) {
        ui_notice(l->view.ui, pace < 0 ? "It does not go slower." : "It does not go faster.");
        return;
    }
    l->pace = pace;
    start(l);
}

static void show_scenario(struct live_view *l, int step) {
    const struct catalogue *c = l->view.ui->catalogue;
    long at = l->scenario - c->scenarios + step;
    while (at >= 0 && at < (long)c->count &&
           (!c->scenarios[at].has_load || !c->scenarios[at].variant_count))
        at += step;
    if (at < 0 || at >= (long)c->count) {
        ui_notice(l->view.ui, "There is no further case with a load driver.");
        return;
    }
    l->scenario = &c->scenarios[at];
    list_view_select(l->view.ui, l->scenario);
    show(l, 0);
}

static void live_request(struct view *v, enum request q) {
    struct live_view *l = (struct live_view *)v;
    size_t count = l->scenario->variant_count;
    if (q >= REQUEST_VARIANT_1 && q <= REQUEST_VARIANT_9) {
        show(l, q - REQUEST_VARIANT_1);
        return;
    }
    switch (q) {
    case REQUEST_VARIANT:
        show(l, (l->variant + 1) % count);
        break;
    case REQUEST_VARIANT_BACK:
        show(l, (l->variant + count - 1) % count);
        break;
    case REQUEST_FASTER:
        set_pace(l, l->pace + 1);
        break;
    case REQUEST_SLOWER:
        set_pace(l, l->pace - 1);
        break;
    case REQUEST_AGAIN:
        start(l);
        break;
    case REQUEST_TASKS:
        l->limit = (l->limit + 1) % TASK_LIMITS;
        start(l);
        break;
    case REQUEST_NEXT_CASE:
        show_scenario(l, 1);
        break;
    case REQUEST_PREVIOUS_CASE:
        show_scenario(l, -1);
        break;
    default:
        break;
    }
}

static bool live_busy(const struct view *v) {
    const struct live_view *l = (const struct live_view *)v;
    return l->built == 0 || (l->child && l->state == CHILD_RUNNING);
}

static void live_close(struct view *v) {
    struct live_view *l = (struct live_view *)v;
    stop(l);
    if (l->compilation)
        compile_free(l->compilation);
    free(l);
}

static const struct view_ops live_ops = {
    .name = "live",
    .bit = IN_LIVE,
    .draw = live_draw,
    .request = live_request,
    .tick = live_tick,
    .busy = live_busy,
    .close = live_close,
};

void live_view_open(struct ui *ui, const struct scenario_info *s, size_t variant) {
    if (variant >= s->variant_count) {
        ui_notice(ui, "%s has no code to run.", s->name);
        return;
    }
    struct live_view *l = zero_alloc(1, sizeof *l);
    l->view = (struct view){&live_ops, ui};
    l->scenario = s;
    l->limit = 1;
    show(l, variant);
    ui_push(ui, &l->view);
}
