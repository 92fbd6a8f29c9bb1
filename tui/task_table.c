#include "tui/task_table.h"

#include "tui/format.h"
#include "tui/pieces.h"

#include <stdio.h>
#include <string.h>

enum { COLUMN_ID, COLUMN_NAME, COLUMN_STATE, COLUMN_ON, COLUMN_WHERE, COLUMN_SINCE, COLUMNS };
enum { CELL = 128, LEAST_WIDTH = 5, LEAST_HEAD = 3, MOST_ROWS = 64, ARMS_SHOWN = 3 };

static const char *const headings[COLUMNS] = {"ID", "NAME", "STATE", "ON", "WHERE", "SINCE"};

struct row {
    uint32_t task;
    enum role role;
    bool left;
    char cells[COLUMNS][CELL];
};

// ---- what is in a row ----

static const char *object_short(const struct seen *s, uint32_t object, char *out, size_t size) {
    const char *name = "";
    if (object && object < s->object_count)
        name = event_log_string(s->log, s->objects[object].name);
    if (*name || !object)
        snprintf(out, size, "%s", name);
    else
        seen_object_label(s, object, out, size);
    return out;
}

const char *task_waits_on(const struct seen *s, const struct seen_task *t, char *out, size_t size) {
    char text[CELL];
    out[0] = '\0';
    if (t->state != TASK_PARKED)
        return out;
    if (t->reason == WAIT_SLEEP && t->wakes_at != INT64_MAX) {
        snprintf(out, size, "until %s", format_duration(t->wakes_at, text, sizeof text));
        return out;
    }
    if (t->reason != WAIT_SELECT)
        return object_short(s, t->object, out, size);
    for (int i = 0; i < t->arm_count && i < ARMS_SHOWN; i++) {
        size_t used = strlen(out);
        object_short(s, t->arms[i], text, sizeof text);
        snprintf(out + used, size - used, "%s%s", i ? "|" : "", *text ? text : "time");
    }
    if (t->arm_count > ARMS_SHOWN)
        snprintf(out + strlen(out), size - strlen(out), "|…");
    return out;
}

static const char *state_word(const struct seen_task *t) {
    switch (t->state) {
    case TASK_READY:
        return "ready";
    case TASK_RUNNING:
        return "running";
    case TASK_ENDED:
        return "ended";
    case TASK_PARKED:
        break;
    }
    return wait_reason_text(t->reason);
}

static enum role state_role(const struct seen_task *t) {
    switch (t->state) {
    case TASK_READY:
    case TASK_RUNNING:
        return ROLE_RUNNING;
    case TASK_ENDED:
        return ROLE_ENDED;
    case TASK_PARKED:
        break;
    }
    return t->reason == WAIT_SLEEP ? ROLE_SLEEPING : ROLE_BLOCKED;
}

static void where(const struct task_table *t, uint16_t at, char *out, size_t size) {
    log_site l = event_log_site(t->player->log, at);
    const char *file = path_name(event_log_string(t->player->log, l.file));
    out[0] = '\0';
    if (l.line)
        snprintf(out, size, "%s:%u", t->file && !strcmp(file, t->file) ? "" : file, l.line);
}

static void fill_row(const struct task_table *t, uint32_t number, struct row *row) {
    const struct seen *now = &t->player->now;
    const struct seen_task *task = &now->tasks[number];
    const char *name = event_log_string(now->log, task->name);
    row->task = number;
    row->left = player_is_left(t->player, number);
    row->role = row->left ? ROLE_BAD : state_role(task);
    snprintf(row->cells[COLUMN_ID], CELL, "#%u", number);
    snprintf(row->cells[COLUMN_NAME], CELL, "%s", *name ? name : number ? "task" : "main");
    snprintf(row->cells[COLUMN_STATE], CELL, "%s", state_word(task));
    task_waits_on(now, task, row->cells[COLUMN_ON], CELL);
    where(t, task->at, row->cells[COLUMN_WHERE], CELL);
    format_duration(task->since, row->cells[COLUMN_SINCE], CELL);
}

// ---- how wide ----

// Which column gives way next, a place at a time, the since as a whole; COLUMNS: none can. A place in
// the source is cut down to its line, then names; the state is what one looks for and goes last.
static int next_to_give(const int widths[COLUMNS]) {
    int named = widths[COLUMN_NAME] >= widths[COLUMN_ON] ? COLUMN_NAME : COLUMN_ON;
    const struct {
        int column, least;
    } order[] = {{named, 20},
                 {COLUMN_WHERE, 9},
                 {named, 14},
                 {COLUMN_SINCE, 0},
                 {COLUMN_WHERE, LEAST_WIDTH},
                 {named, 10},
                 {COLUMN_STATE, 12},
                 {named, 7},
                 {COLUMN_STATE, 7},
                 {named, LEAST_WIDTH},
                 {COLUMN_STATE, LEAST_WIDTH}};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (widths[order[i].column] > order[i].least)
            return order[i].column;
    return COLUMNS;
}

// As wide as what is in them, as far as there is room.
static void fit(const struct row *rows, int count, int room, int widths[COLUMNS]) {
    int sum = 0;
    for (int column = 0; column < COLUMNS; column++) {
        widths[column] = (int)strlen(headings[column]);
        for (int i = 0; i < count; i++) {
            int width = cells_columns(rows[i].cells[column]);
            widths[column] = width > widths[column] ? width : widths[column];
        }
        sum += widths[column] + 1;
    }
    for (int column; sum > room && (column = next_to_give(widths)) < COLUMNS;) {
        int given = column == COLUMN_SINCE ? widths[column] : 1;
        widths[column] -= given;
        sum -= given + (column == COLUMN_SINCE);
    }
}

// "exer…:12" of "exercise.c:12": cut where it tells least.
static void cut_where(const char *where, int width, char *out, size_t size) {
    const char *line = strrchr(where, ':');
    int kept = line ? width - 1 - (int)strlen(line) : 0;
    while (kept > 0 && ((unsigned char)where[kept] & 0xC0) == 0x80)
        kept--;
    if (cells_columns(where) <= width || kept < 0 || !line)
        snprintf(out, size, "%s", where);
    else
        snprintf(out, size, "%.*s…%s", kept >= LEAST_HEAD ? kept : 0, where, line);
}

static void draw_cells(struct cells *c, struct rect in, int row, const int widths[COLUMNS],
                       const char *const texts[COLUMNS], const enum role roles[COLUMNS]) {
    int col = 2;
    for (int column = 0; column < COLUMNS; column++)
        if (widths[column])
            col = cells_field(c, in, row, col, widths[column], roles[column], texts[column]) + 1;
}

static void draw_row(struct cells *c, struct rect in, int at, const int widths[COLUMNS],
                     const struct row *row, bool selected) {
    const char *texts[COLUMNS];
    enum role roles[COLUMNS];
    char where[CELL];
    for (int column = 0; column < COLUMNS; column++) {
        texts[column] = row->cells[column];
        roles[column] = row->left || column == COLUMN_STATE ? row->role : ROLE_TEXT;
    }
    cut_where(row->cells[COLUMN_WHERE], widths[COLUMN_WHERE], where, sizeof where);
    texts[COLUMN_WHERE] = where;
    cells_put(c, in, at, 0, row->role, row->left ? "!" : " ");
    draw_cells(c, in, at, widths, texts, roles);
    if (selected) {
        cells_select(c, in, at);
        cells_cursor(c, in, at, 0);
    }
}

// The first task to show, so that the focus is about in the middle.
static uint32_t first_row(const struct task_table *t, int rows) {
    uint32_t count = t->player->now.task_count, shown = (uint32_t)rows;
    if (count <= shown || t->focus >= count || t->focus < shown / 2)
        return 0;
    uint32_t first = t->focus - shown / 2;
    return first + shown > count ? count - shown : first;
}

void task_table_draw(struct cells *c, struct rect in, const struct task_table *t, char *hidden,
                     size_t size) {
    struct row rows[MOST_ROWS];
    int room = in.rows - 1 < MOST_ROWS ? in.rows - 1 : MOST_ROWS;
    hidden[0] = '\0';
    if (room < 1)
        return;
    uint32_t first = first_row(t, room);
    int count = 0, widths[COLUMNS];
    while (count < room && first + (uint32_t)count < t->player->now.task_count) {
        fill_row(t, first + (uint32_t)count, &rows[count]);
        count++;
    }
    hidden_rows(c, (int)first, (int)t->player->now.task_count - (int)first - count, hidden, size);
    fit(rows, count, in.cols - 2, widths);
    enum role plain[COLUMNS] = {ROLE_DIM, ROLE_DIM, ROLE_DIM, ROLE_DIM, ROLE_DIM, ROLE_DIM};
    draw_cells(c, in, 0, widths, headings, plain);
    for (int i = 0; i < count; i++)
        draw_row(c, in, i + 1, widths, &rows[i], rows[i].task == t->focus);
}
