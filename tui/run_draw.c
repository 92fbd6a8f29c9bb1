// How the run screen looks. From top to bottom: what is judged and the verdict, how many tasks are
// alive and the curve of that, the tasks beside the source, the events or the reason.
#include "tui/run_view.h"

#include "tui/format.h"
#include "tui/glyphs.h"
#include "tui/pieces.h"
#include "tui/task_table.h"
#include "tui/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_BY_SIDE = 80, BAND_SIDE_BY_SIDE = 110, ACTOR = 64, MOST_ACTOR = 17 };

// ---- head ----

static void draw_title(const struct run_view *r, struct cells *c, struct rect in) {
    const struct scenario_info *s = r->scenario;
    struct rect left = draw_right(c, in, 0, ROLE_DIM, s->name);
    cells_printf(c, left, 0, 1, ROLE_TITLE, "%d  %s", s->number, s->title);
    draw_variants(c, in, 1, s, r->variant);
}

// The id stays whole where it can: it is what repeats the run. How sure the verdict is gives way
// first, to its short form, then the verdict.
static void draw_verdict(const struct run_view *r, struct cells *c, struct rect in, int row) {
    char verdict[200], reach[300], id[SCHEDULE_TEXT] = "";
    if (r->player.log)
        schedule_format(&r->loaded, id, sizeof id);
    struct rect left = draw_right(c, in, row, ROLE_DIM, id);
    trial_verdict(r->trial, verdict, sizeof verdict);
    trial_reach(r->trial, reach, sizeof reach);
    int col = cells_put(c, left, 0, 1, outcome_role(trial_outcome(r->trial)), verdict) + 2;
    if (col + cells_columns(reach) > left.cols)
        trial_reach_short(r->trial, reach, sizeof reach);
    cells_put(c, left, 0, col, ROLE_TEXT, reach);
}

static void draw_counts(const struct run_view *r, struct cells *c, struct rect in, int row) {
    const struct player *p = &r->player;
    if (!p->log)
        return;
    const struct counts *counts = &p->moments[p->position].counts;
    int col = cells_put(c, in, row, 1, ROLE_TEXT, "alive");
    col = cells_printf(c, in, row, col + 1, ROLE_TITLE, "%u", counts_alive(counts));
    col = curve_legend(c, in, row, col + 2, counts);
    draw_number(c, in, row, col, ROLE_TEXT, "ended", ROLE_ENDED, counts->ended);
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
    snprintf(out, size, "%s%s%s%s",
             place->file ? path_name(place->file->path) : r->trial->variant->file, *who ? "  " : "",
             who, place->started ? " led here" : "");
}

static void draw_tasks_pane(const struct run_view *r, struct cells *c, struct rect in) {
    char title[200], hidden[40] = "";
    struct rect above = rect_take_rows(&in, 1);
    struct task_table table = {
        .player = &r->player, .focus = run_focus(r), .file = r->trial->variant->file};
    if (r->player.log)
        task_table_draw(c, in, &table, hidden, sizeof hidden);
    tasks_title(r, title, sizeof title);
    draw_noted_rule(c, above, 0, title, hidden);
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

static void event_actor(const struct player *p, uint64_t n, char *out, size_t size) {
    const event *e = player_event_at(p, n);
    snprintf(out, size, "clock");
    if (e->task >= p->end.task_count)
        return;
    const char *name = event_log_string(p->log, p->end.tasks[e->task].name);
    snprintf(out, size, "#%u %s", e->task, *name ? name : e->task ? "task" : "main");
}

// Columns for who acts in the events from `first` on.
static int actors_width(const struct player *p, uint64_t first, int rows) {
    int widest = 0;
    for (uint64_t n = first; n < first + (uint64_t)rows && n <= p->furthest; n++) {
        char who[ACTOR];
        event_actor(p, n, who, sizeof who);
        int width = cells_columns(who);
        widest = width > widest ? width : widest;
    }
    return widest < MOST_ACTOR ? widest : MOST_ACTOR;
}

// The time goes where it would leave little of the text: that of the event shown is in the title.
static void draw_event(const struct run_view *r, struct cells *c, struct rect in, int row,
                       uint64_t n, int actor_width) {
    const struct player *p = &r->player;
    char text[300], time[32], who[ACTOR];
    bool here = n == p->position, bad = n == p->first_bad;
    enum role role = bad ? ROLE_BAD : n > p->position ? ROLE_DIM : ROLE_TEXT;
    seen_event_text(&p->end, n - 1, text, sizeof text);
    event_actor(p, n, who, sizeof who);
    format_duration(player_event_at(p, n)->time, time, sizeof time);
    cells_put(c, in, row, 0, bad ? ROLE_BAD : ROLE_KEY, bad ? "!" : here ? ">" : " ");
    cells_printf(c, in, row, 1, ROLE_DIM, "%5" PRIu64, n);
    int col = 7;
    if (c->cols >= SIDE_BY_SIDE)
        col = cells_field(c, in, row, col, 7, ROLE_DIM, time) + 1;
    col = cells_field(c, in, row, col, actor_width, role, who) + 1;
    cells_field(c, in, row, col, in.cols - col - 1, role, text);
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
    int width = actors_width(p, first, in.rows);
    for (int row = 0; row < in.rows && first + (uint64_t)row <= p->furthest; row++)
        draw_event(r, c, in, row, first + (uint64_t)row, width);
}

// Returns whether all of it was drawn.
static bool draw_why(const struct run_view *r, struct cells *c, struct rect in) {
    struct why w;
    char *also = run_also(r);
    why_build(&w, r->trial, &r->player, run_focus(r), false, also);
    free(also);
    return why_draw(&w, c, in);
}

// Before the first event there is nothing to list: then the story is told.
static void draw_events_or_story(const struct run_view *r, struct cells *c, struct rect in) {
    if (r->player.position || !r->scenario->brief)
        draw_events(r, c, in);
    else
        draw_prose(c, in, 0, 1, ROLE_TEXT, r->scenario->brief);
}

static void draw_band(const struct run_view *r, struct cells *c, struct rect in) {
    const struct player *p = &r->player;
    char title[120];
    struct rect above = rect_take_rows(&in, 1);
    bool ended = !p->log || p->position == p->length || r->trial->state == TRIAL_UNBUILT;
    bool wide = in.cols >= BAND_SIDE_BY_SIDE; // room for both
    bool why = r->band == BAND_WHY || (ended && (wide || r->band == BAND_AUTO));
    bool events = wide || !why, whole = true;
    if (events)
        draw_events_or_story(r, c, why ? rect_take_cols(&in, in.cols / 2) : in);
    if (events && why) {
        draw_bar(c, in);
        rect_take_cols(&in, 1);
    }
    if (why)
        whole = draw_why(r, c, in);
    events_title(r, title, sizeof title);
    draw_noted_rule(c, above, 0, title, whole ? "" : "w: the whole reason");
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
