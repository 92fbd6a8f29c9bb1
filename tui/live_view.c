// live_view: a variant under load: the number of tasks climbs for a leak and stays flat for a fix.
#include "harness/compile.h"
#include "harness/text.h"
#include "tui/curve.h"
#include "tui/format.h"
#include "tui/live.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_TOP = 40,
    LOG_EVENTS = 1 << 21,
    ERROR_TEXT = 600,
    LEAST_PACE = -4,
    MOST_PACE = 12,
    ENOUGH_SAMPLES = 20
};
static const int64_t read_budget = 12 * MILLISECOND, resident_every = 250 * MILLISECOND;
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
    int pace;        // doublings of one second of the run's time per real second
    int limit;       // index into task_limits
    size_t resident; // bytes, 0: unknown
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

static bool live_tick(struct view *v) {
    struct live_view *l = (struct live_view *)v;
    if (l->built == 0)
        return build_tick(l);
    if (!l->child)
        return false;
    enum child_state before = l->state;
    l->state = child_poll(l->child);
    live_read(&l->live, read_budget);
    if (l->state == CHILD_FAILED && before != CHILD_FAILED)
        child_error(l->child, l->error, sizeof l->error);
    if (l->state != CHILD_RUNNING)
        return l->state != before;
    if (v->ui->now >= l->next_resident) {
        l->resident = child_resident(l->child);
        l->next_resident = v->ui->now + resident_every;
    }
    return live_sample(&l->live, v->ui->now);
}

// ---- drawing ----

static void draw_head(const struct live_view *l, struct cells *c, struct rect in) {
    char time[32] = "0", text[120];
    if (l->child)
        format_duration(live_now(&l->live).time, time, sizeof time);
    cells_printf(c, in, 0, 1, ROLE_TITLE, "LIVE  %d  %s", l->scenario->number, l->scenario->title);
    snprintf(text, sizeof text, l->pace < 0 ? "t=%s  speed 1/%d" : "t=%s  speed %dx", time,
             1 << (l->pace < 0 ? -l->pace : l->pace));
    cells_right(c, in, 0, in.cols - 1, ROLE_DIM, text);
    draw_variants(c, in, 1, l->scenario, l->variant);
}

// What a service owner wants to know: does it grow? When the load is over nothing can run any more,
// so whoever is still there is left for ever.
static enum role trend(const struct live_view *l, char *out, size_t size) {
    char text[32];
    struct moment now = l->child ? live_now(&l->live) : (struct moment){0};
    uint32_t alive = counts_alive(&now.counts);
    int64_t growth = l->child ? live_growth(&l->live) : 0;
    text_count(l->state == CHILD_FINISHED ? alive : (uint64_t)growth, text, sizeof text);
    bool error = *problem(l);
    if (error)
        snprintf(out, size, "ERROR%s", *l->error ? "" : " build");
    else if (l->built == 0)
        snprintf(out, size, "building");
    else if (l->state == CHILD_FINISHED)
        snprintf(out, size, "over  %s tasks are left for ever; r starts again", text);
    else if (growth)
        snprintf(out, size, "climbing  %s more tasks each second", text);
    else if (l->live.sample_count < ENOUGH_SAMPLES)
        snprintf(out, size, "starting");
    else
        snprintf(out, size, "flat  what starts also ends");
    if (error || growth || (l->state == CHILD_FINISHED && alive))
        return ROLE_BAD;
    return l->live.sample_count < ENOUGH_SAMPLES ? ROLE_WARN : ROLE_GOOD;
}

static void draw_trend(const struct live_view *l, struct cells *c, struct rect in, int row) {
    char text[100], number[32];
    enum role role = trend(l, text, sizeof text);
    cells_put(c, in, row, 1, role, text);
    text_count(task_limits[l->limit], number, sizeof number);
    snprintf(text, sizeof text, "at most %s tasks", number);
    cells_right(c, in, row, in.cols - 1, ROLE_DIM, text);
}

static void draw_totals(const struct live_view *l, struct cells *c, struct rect in, int row) {
    struct moment now = live_now(&l->live);
    char text[32];
    int col = cells_put(c, in, row, 1, ROLE_TEXT, "alive");
    col = cells_put(c, in, row, col + 1, ROLE_TITLE,
                    text_count(counts_alive(&now.counts), text, sizeof text));
    col = cells_put(c, in, row, col + 2, ROLE_BLOCKED, "blocked");
    col = cells_put(c, in, row, col + 1, ROLE_BLOCKED,
                    text_count(now.counts.blocked, text, sizeof text));
    col = cells_put(c, in, row, col + 2, ROLE_SLEEPING, "sleeping");
    col = cells_put(c, in, row, col + 1, ROLE_SLEEPING,
                    text_count(now.counts.sleeping, text, sizeof text));
    col = cells_put(c, in, row, col + 2, ROLE_RUNNING, "runnable");
    col = cells_put(c, in, row, col + 1, ROLE_RUNNING,
                    text_count(now.counts.runnable, text, sizeof text));
    col = cells_put(c, in, row, col + 2, ROLE_ENDED, "ended");
    col = cells_put(c, in, row, col + 1, ROLE_ENDED,
                    text_count(now.counts.ended, text, sizeof text));
    if (l->resident)
        cells_put(c, in, row, col + 2, ROLE_TEXT, format_bytes(l->resident, text, sizeof text));
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

static void draw_group(const struct live_view *l, struct cells *c, struct rect in, int row,
                       const struct live_group *g) {
    char count[32], where[200];
    cells_right(c, in, row, 11, ROLE_TITLE, text_count(g->count, count, sizeof count));
    cells_field(c, in, row, 13, 20, ROLE_BLOCKED, wait_reason_text((enum wait_reason)g->reason));
    cells_field(c, in, row, 34, 18, ROLE_TEXT, event_log_string(l->live.log, g->name));
    seen_site_label(&l->live.seen, g->at, where, sizeof where);
    cells_field(c, in, row, 53, in.cols - 54, ROLE_TEXT, where);
}

static void draw_groups(const struct live_view *l, struct cells *c, struct rect in) {
    draw_rule(c, in, 0, l->live.approximate ? "WHERE THEY WAIT  (approximate)" : "WHERE THEY WAIT");
    struct live_group top[MOST_TOP];
    int most = in.rows - 2 < MOST_TOP ? in.rows - 2 : MOST_TOP;
    int count = most > 0 ? live_top(&l->live, top, most) : 0;
    cells_right(c, in, 1, 11, ROLE_DIM, "TASKS");
    cells_put(c, in, 1, 13, ROLE_DIM, "WAIT");
    cells_put(c, in, 1, 34, ROLE_DIM, "ON");
    cells_put(c, in, 1, 53, ROLE_DIM, "WHERE");
    for (int i = 0; i < count; i++)
        draw_group(l, c, in, i + 2, &top[i]);
    cells_cursor(c, in, 1, 0);
}

static void live_draw(struct view *v, struct rect area) {
    struct live_view *l = (struct live_view *)v;
    struct cells *c = &v->ui->cells;
    struct rect head = rect_take_rows(&area, 4);
    draw_head(l, c, head);
    draw_trend(l, c, head, 2);
    if (l->child) {
        draw_totals(l, c, head, 3);
        draw_curve(l, c, rect_take_rows(&area, area.rows / 2));
    }
    if (*problem(l))
        draw_wrapped(c, area, 1, 1, *l->error ? ROLE_BAD : ROLE_TEXT, problem(l));
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
    pace = pace < LEAST_PACE ? LEAST_PACE : pace > MOST_PACE ? MOST_PACE : pace;
    if (pace == l->pace)
        return;
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
