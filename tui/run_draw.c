// How the run screen looks. From top to bottom: what is judged and the verdict, how many tasks are
// alive and the curve of that, the tasks beside the source, the events or the reason.
#include "tui/run_view.h"

#include "tui/format.h"
#include "tui/task_table.h"
#include "tui/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SIDE_BY_SIDE = 80, BAND_SIDE_BY_SIDE = 110 };

// ---- head ----

static void draw_title(const struct run_view *r, struct cells *c, struct rect in) {
    const struct scenario_info *s = r->scenario;
    cells_printf(c, in, 0, 1, ROLE_TITLE, "%d  %s", s->number, s->title);
    cells_right(c, in, 0, in.cols - 1, ROLE_DIM, s->name);
    draw_variants(c, in, 1, s, r->variant);
}

static void draw_verdict(const struct run_view *r, struct cells *c, struct rect in, int row) {
    char verdict[200], reach[300], id[SCHEDULE_TEXT] = "";
    enum role role = outcome_role(trial_outcome(r->trial));
    int col = cells_put(c, in, row, 1, role, trial_verdict(r->trial, verdict, sizeof verdict));
    trial_reach(r->trial, reach, sizeof reach);
    col = cells_put(c, in, row, col + 2, ROLE_TEXT, reach);
    if (r->player.log)
        schedule_format(&r->loaded, id, sizeof id);
    if (col + 2 + cells_columns(id) < in.cols)
        cells_right(c, in, row, in.cols - 1, ROLE_DIM, id);
}

static void draw_counts(const struct run_view *r, struct cells *c, struct rect in, int row) {
    const struct player *p = &r->player;
    if (!p->log)
        return;
    const struct counts *counts = &p->moments[p->position].counts;
    int col = cells_put(c, in, row, 1, ROLE_TEXT, "alive");
    col = cells_printf(c, in, row, col + 1, ROLE_TITLE, "%u", counts_alive(counts));
    col = curve_legend(c, in, row, col + 2, counts);
    col = cells_put(c, in, row, col, ROLE_TEXT, "ended");
    cells_printf(c, in, row, col + 1, ROLE_ENDED, "%u", counts->ended);
}

static void draw_curve(const struct run_view *r, struct cells *c, struct rect in) {
    const struct player *p = &r->player;
    if (!p->log)
        return;
    const struct counts *last = &p->moments[p->length].counts;
    uint32_t alive = counts_alive(last);
    bool late = p->left_count && !last->left;
    char end[32] = "too late";
    if (!late)
        snprintf(end, sizeof end, last->left || !alive ? "%u left" : "%u alive",
                 last->left ? last->left : alive);
    struct curve k = {.moments = p->moments,
                      .count = p->length + 1,
                      .shown = p->position,
                      .furthest = p->furthest,
                      .axis = r->axis,
                      .end = end,
                      .end_role = p->left_count ? ROLE_BAD
                                  : alive       ? ROLE_WARN
                                                : ROLE_GOOD};
    curve_draw(c, in, &k);
}

// ---- tasks and source ----

// "TASKS  chan send 2, select 1": what those that wait wait in.
static void tasks_title(const struct run_view *r, char *out, size_t size) {
    snprintf(out, size, "TASKS");
    const struct seen *s = &r->player.now;
    const char *separator = "  ";
    for (int reason = 0; r->player.log && reason < WAIT_REASON_COUNT; reason++) {
        size_t used = strlen(out);
        if (!s->waiting[reason])
            continue;
        snprintf(out + used, size - used, "%s%s %u", separator,
                 wait_reason_text((enum wait_reason)reason), s->waiting[reason]);
        separator = ", ";
    }
}

static void draw_tasks(const struct run_view *r, struct cells *c, struct rect in) {
    const struct player *p = &r->player;
    if (!p->log)
        return;
    struct task_table table = {.player = p, .focus = run_focus(r), .file = r->trial->variant->file};
    task_table_draw(c, in, &table);
}

// What the source pane shows: a place in a file that is here.
struct shown_place {
    const struct source_file *file; // NULL: nothing is
    uint32_t line;                  // 0: the top of the file
    uint32_t task;                  // whose place it is
    bool started;                   // where the task's forebear acts, not the task itself
};

static struct shown_place place_at(struct run_view *r, uint16_t at, uint32_t task) {
    log_site where = event_log_site(r->player.log, at);
    const char *name = event_log_string(r->player.log, where.file);
    struct shown_place place = {.line = where.line, .task = task};
    if (where.line)
        place.file = source_find(&r->sources, r->scenario, r->trial->variant, name);
    return place;
}

// Where the focus is. A task deep in a library is shown where the learner's code led to it.
static struct shown_place place_of(struct run_view *r, uint32_t focus) {
    const struct seen *now = &r->player.now;
    bool there = r->player.log && focus < now->task_count;
    for (uint32_t task = focus; there && task < now->task_count; task = now->tasks[task].parent) {
        struct shown_place place = place_at(r, now->tasks[task].at, task);
        if (!place.file)
            place = place_at(r, now->tasks[task].started_at, task);
        place.started = task != focus;
        if (place.file)
            return place;
    }
    const struct source_file *top = source_find(&r->sources, r->scenario, r->trial->variant, "");
    return (struct shown_place){.file = top, .task = EVENT_NOBODY};
}

// The shown line first, then those where the tasks wait that are left.
static int source_marks(const struct run_view *r, const struct shown_place *place,
                        struct source_mark *marks, int most) {
    const struct player *p = &r->player;
    if (!place->line)
        return 0;
    bool left = player_is_left(p, place->task);
    int count = 0;
    marks[count++] = (struct source_mark){place->line, left ? ROLE_BAD : ROLE_MARK,
                                          left ? '!' : '>'};
    const char *shown = path_name(place->file->path);
    for (uint32_t i = 0; i < p->now.task_count && count < most; i++) {
        log_site at = event_log_site(p->log, p->now.tasks[i].at);
        if (player_is_left(p, i) && !strcmp(path_name(event_log_string(p->log, at.file)), shown))
            marks[count++] = (struct source_mark){at.line, ROLE_BAD, '!'};
    }
    return count;
}

static void source_title(const struct run_view *r, const struct shown_place *place, char *out,
                         size_t size) {
    char who[100] = "";
    if (place->task != EVENT_NOBODY)
        seen_task_label(&r->player.now, place->task, who, sizeof who);
    snprintf(out, size, "%s  %s%s",
             place->file ? path_name(place->file->path) : r->trial->variant->file, who,
             place->started ? " led here" : "");
}

static void draw_tasks_pane(struct run_view *r, struct cells *c, struct rect in) {
    char title[200];
    tasks_title(r, title, sizeof title);
    draw_rule(c, in, 0, title);
    rect_take_rows(&in, 1);
    draw_tasks(r, c, in);
}

static void draw_source_pane(struct run_view *r, struct cells *c, struct rect in) {
    char title[200];
    struct shown_place place = place_of(r, run_focus(r));
    source_title(r, &place, title, sizeof title);
    draw_rule(c, in, 0, title);
    rect_take_rows(&in, 1);
    struct source_mark marks[16];
    if (place.file)
        source_draw(c, in, place.file, marks, source_marks(r, &place, marks, 16));
    else
        cells_put(c, in, 0, 1, ROLE_DIM, "The source is not here.");
}

static void draw_middle(struct run_view *r, struct cells *c, struct rect in) {
    bool both = r->zoom == ZOOM_BOTH && in.cols >= SIDE_BY_SIDE;
    if (!both && r->zoom == ZOOM_SOURCE) {
        draw_source_pane(r, c, in);
        return;
    }
    struct rect left = both ? rect_take_cols(&in, (in.cols + 1) / 2) : in;
    draw_tasks_pane(r, c, left);
    if (!both)
        return;
    struct rect bar = in;
    draw_source_pane(r, c, rect(in.row, in.col + 1, in.rows, in.cols - 1));
    draw_bar(c, bar);
    cells_fill(c, rect(bar.row, bar.col, 1, 1), ROLE_FRAME, glyph(c->ascii, GLYPH_TEE_DOWN));
}

// ---- events and the reason ----

static void events_title(const struct run_view *r, char *out, size_t size) {
    const struct player *p = &r->player;
    char time[32], speed[32] = "";
    if (p->speed)
        snprintf(speed, sizeof speed, p->speed > 0 ? "  %dx" : "  1/%dx",
                 1 << (p->speed > 0 ? p->speed : -p->speed));
    format_duration(p->log ? p->moments[p->position].time : 0, time, sizeof time);
    const char *doing = p->playing ? "playing" : p->position == p->length ? "the end" : "paused";
    snprintf(out, size, "EVENT %" PRIu64 " of %" PRIu64 "  t=%s  %s%s", p->position, p->length,
             time, doing, speed);
}

static void draw_event(const struct run_view *r, struct cells *c, struct rect in, int row,
                       uint64_t n) {
    const struct player *p = &r->player;
    const event *e = player_event_at(p, n);
    char text[300], time[32], who[64] = "clock";
    bool here = n == p->position, bad = n == p->first_bad;
    enum role role = bad ? ROLE_BAD : n > p->position ? ROLE_DIM : ROLE_TEXT;
    seen_event_text(&p->end, n - 1, text, sizeof text);
    if (e->task < p->end.task_count) {
        const char *name = event_log_string(p->log, p->end.tasks[e->task].name);
        snprintf(who, sizeof who, "#%u %s", e->task, *name ? name : e->task ? "task" : "main");
    }
    format_duration(e->time, time, sizeof time);
    cells_put(c, in, row, 0, bad ? ROLE_BAD : ROLE_KEY, bad ? "!" : here ? ">" : " ");
    cells_printf(c, in, row, 1, ROLE_DIM, "%5" PRIu64, n);
    cells_field(c, in, row, 7, 7, ROLE_DIM, time);
    cells_field(c, in, row, 15, 17, role, who);
    cells_field(c, in, row, 33, in.cols - 34, role, text);
    if (here)
        cells_select(c, in, row);
}

static void draw_events(const struct run_view *r, struct cells *c, struct rect in) {
    const struct player *p = &r->player;
    uint64_t rows = (uint64_t)in.rows, before = rows * 2 / 3;
    uint64_t first = p->position > before ? p->position - before : 1;
    if (p->furthest + 1 >= rows && first + rows > p->furthest + 1)
        first = p->furthest + 1 - rows;
    first = first ? first : 1;
    for (int row = 0; row < in.rows && first + (uint64_t)row <= p->furthest; row++)
        draw_event(r, c, in, row, first + (uint64_t)row);
}

static void draw_why(const struct run_view *r, struct cells *c, struct rect in) {
    struct why w;
    why_build(&w, r->trial, &r->player, run_focus(r), false);
    struct rect above = rect(in.row - 1, in.col, 1, in.cols);
    if (!why_draw(&w, c, in))
        cells_right(c, above, 0, in.cols - 1, ROLE_KEY, " w: the whole reason ");
}

// Before the first event there is nothing to list: then the story is told.
static void draw_events_or_story(const struct run_view *r, struct cells *c, struct rect in) {
    if (r->player.position || !r->scenario->brief)
        draw_events(r, c, in);
    else
        draw_wrapped(c, in, 0, 1, ROLE_TEXT, r->scenario->brief);
}

static void draw_band(const struct run_view *r, struct cells *c, struct rect in) {
    const struct player *p = &r->player;
    char title[120];
    events_title(r, title, sizeof title);
    draw_rule(c, in, 0, title);
    rect_take_rows(&in, 1);
    bool ended = !p->log || p->position == p->length || r->trial->state == TRIAL_UNBUILT;
    if (in.cols >= BAND_SIDE_BY_SIDE) {
        draw_events_or_story(r, c, rect_take_cols(&in, in.cols / 2));
        draw_bar(c, in);
        rect_take_cols(&in, 1);
        if (ended || r->band == BAND_WHY)
            draw_why(r, c, in);
    } else if (r->band == BAND_WHY || (r->band == BAND_AUTO && ended)) {
        draw_why(r, c, in);
    } else {
        draw_events_or_story(r, c, in);
    }
}

void run_draw(struct run_view *r, struct rect area) {
    struct cells *c = &r->view.ui->cells;
    struct rect head = rect_take_rows(&area, 4);
    draw_title(r, c, head);
    draw_verdict(r, c, head, 2);
    draw_counts(r, c, head, 3);
    int rest = area.rows - 2; // two rules
    int curve = rest * 27 / 100;
    draw_curve(r, c, rect_take_rows(&area, curve < 3 ? 3 : curve));
    draw_middle(r, c, rect_take_rows(&area, 1 + rest / 3));
    draw_band(r, c, area);
}
