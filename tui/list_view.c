// list_view: the course as a table, each exercise judged while one looks.
//
// Invariant: `shown` holds the indexes of the scenarios that match the filter, in course order, and
// `selected` is an index into it (0 when it is empty).
#include "harness/text.h"
#include "tui/format.h"
#include "tui/pieces.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILTER = 40, DETAIL_ROWS = 6, KIND_COLS = 72, LEAST_REACH = 12 };

struct list_view {
    struct view view;
    size_t *shown;
    size_t count;
    size_t selected;
    size_t scroll; // first row on the screen
    int page;      // rows on the screen, as last drawn
    bool typing;   // the filter is being typed
    char filter[FILTER];
};

// ---- what is shown ----

static bool contains(const char *text, const char *part) {
    size_t length = strlen(part);
    for (; text && strlen(text) >= length; text++)
        if (!strncasecmp(text, part, length))
            return true;
    return false;
}

static struct trial *exercise_trial(const struct list_view *l, const struct scenario_info *s) {
    return s->variant_count ? lab_trial(&l->view.ui->lab, s, &s->variants[0]) : NULL;
}

static bool matches(const struct list_view *l, const struct scenario_info *s) {
    char verdict[200] = "";
    struct trial *t = exercise_trial(l, s);
    if (t)
        trial_verdict(t, verdict, sizeof verdict);
    return contains(s->name, l->filter) || contains(s->title, l->filter) ||
           contains(s->chapter, l->filter) || contains(verdict, l->filter);
}

static const struct scenario_info *selected(const struct list_view *l) {
    return l->count ? &l->view.ui->catalogue->scenarios[l->shown[l->selected]] : NULL;
}

static void select_scenario(struct list_view *l, const struct scenario_info *s) {
    for (size_t i = 0; i < l->count; i++)
        if (&l->view.ui->catalogue->scenarios[l->shown[i]] == s)
            l->selected = i;
}

static void apply_filter(struct list_view *l) {
    const struct scenario_info *was = selected(l);
    const struct catalogue *c = l->view.ui->catalogue;
    l->count = l->selected = 0;
    for (size_t i = 0; i < c->count; i++)
        if (matches(l, &c->scenarios[i]))
            l->shown[l->count++] = i;
    select_scenario(l, was);
}

// ---- drawing ----

static const char *mark_of(enum outcome o) {
    static const char *const marks[] = {[OUTCOME_NONE] = "..",
                                        [OUTCOME_JUDGING] = "~~",
                                        [OUTCOME_PASS] = "ok",
                                        [OUTCOME_FAIL] = "!!",
                                        [OUTCOME_ERROR] = "??"};
    return marks[o];
}

// Columns of the table: where each starts for a given width.
struct columns {
    int number, title, kind, verdict;
};

// A narrow window has no room for the kind.
static struct columns columns_for(int cols) {
    int title = 8, kind = title + (cols >= 100 ? 40 : 30);
    return (struct columns){3, title, kind, kind + (cols >= KIND_COLS ? 10 : 0)};
}

static void draw_scenario(const struct list_view *l, struct cells *c, struct rect in, int row,
                          const struct scenario_info *s) {
    struct columns at = columns_for(in.cols);
    struct trial *t = exercise_trial(l, s);
    char verdict[200] = "no code", reach[300] = "";
    enum outcome o = t ? trial_outcome(t) : OUTCOME_ERROR;
    if (t) {
        trial_verdict(t, verdict, sizeof verdict);
        if (t->state == TRIAL_UNBUILT)
            snprintf(reach, sizeof reach, "does not compile");
        else if (in.cols < 100)
            trial_reach_short(t, reach, sizeof reach);
        else
            trial_reach(t, reach, sizeof reach);
    }
    cells_put(c, in, row, 1, outcome_role(o), mark_of(o));
    cells_printf(c, in, row, at.number, ROLE_TEXT, "%3d", s->number);
    cells_field(c, in, row, at.title, at.kind - at.title - 1, ROLE_TEXT, s->title);
    cells_field(c, in, row, at.kind, at.verdict - at.kind - 1, ROLE_DIM, s->chapter);
    int col = cells_put(c, in, row, at.verdict, outcome_role(o), verdict) + 2;
    int room = in.cols - 1 - col, needed = cells_columns(reach);
    if (room >= LEAST_REACH || room >= needed) // less would only say that it is cut
        cells_field(c, in, row, col, room, ROLE_DIM, reach);
}

static void draw_rows(struct list_view *l, struct cells *c, struct rect in) {
    l->page = in.rows;
    size_t rows = (size_t)(in.rows > 0 ? in.rows : 0);
    if (l->selected < l->scroll)
        l->scroll = l->selected;
    if (rows && l->selected >= l->scroll + rows)
        l->scroll = l->selected + 1 - rows;
    if (l->scroll && l->scroll + rows > l->count)
        l->scroll = l->count > rows ? l->count - rows : 0;
    for (size_t i = 0; i < rows && l->scroll + i < l->count; i++) {
        size_t index = l->shown[l->scroll + i];
        draw_scenario(l, c, in, (int)i, &l->view.ui->catalogue->scenarios[index]);
        if (l->scroll + i != l->selected)
            continue;
        cells_put(c, in, (int)i, 0, ROLE_KEY, ">");
        cells_select(c, in, (int)i);
        cells_cursor(c, in, (int)i, 0);
    }
    if (!l->count)
        cells_put(c, in, 0, 4, ROLE_DIM, "Nothing matches the filter. esc shows everything.");
}

static void draw_detail(const struct list_view *l, struct cells *c, struct rect in) {
    const struct scenario_info *s = selected(l);
    if (!s)
        return;
    char text[600];
    int row = draw_prose(c, in, 0, 1, ROLE_TEXT, s->brief ? s->brief : "");
    snprintf(text, sizeof text, "GOAL  %s", s->goal ? s->goal : "");
    row = draw_wrapped(c, in, row, 1, ROLE_TITLE, text);
    cells_printf(c, in, row, 1, ROLE_DIM,
                 l->view.ui->practice ? "FILE  exercises/%s.c" : "FILE  scenarios/%s/exercise.c",
                 s->name);
}

static void draw_head(const struct list_view *l, struct cells *c, struct rect in) {
    const struct catalogue *all = l->view.ui->catalogue;
    size_t judged = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct trial *t = exercise_trial(l, &all->scenarios[i]);
        judged += t && t->state >= TRIAL_DONE;
    }
    char text[64];
    if (l->view.ui->practice)
        snprintf(text, sizeof text, "done %zu of %zu", practice_solved(l->view.ui->practice),
                 all->count);
    else
        snprintf(text, sizeof text, "judged %zu of %zu", judged, all->count);
    struct rect left = draw_right(c, in, 0, ROLE_DIM, text);
    int col = cells_put(c, left, 0, 1, ROLE_TITLE, "unstuck");
    cells_put(c, left, 0, col + 2, ROLE_TEXT, "concurrency that leaks, and how to stop it");
    struct columns at = columns_for(in.cols);
    cells_put(c, in, 2, at.number + 2, ROLE_DIM, "#");
    cells_put(c, in, 2, at.title, ROLE_DIM, "SCENARIO");
    if (at.verdict > at.kind)
        cells_put(c, in, 2, at.kind, ROLE_DIM, "KIND");
    cells_put(c, in, 2, at.verdict, ROLE_DIM, "THE EXERCISE AS IT IS");
    draw_rule(c, in, 1, "");
}

static void list_draw(struct view *v, struct rect area) {
    struct list_view *l = (struct list_view *)v;
    struct cells *c = &v->ui->cells;
    draw_head(l, c, rect_take_rows(&area, 3));
    int detail = DETAIL_ROWS < area.rows / 2 ? DETAIL_ROWS : area.rows / 2;
    draw_rows(l, c, rect_take_rows(&area, area.rows - detail - 1));
    char title[160] = "";
    if (l->typing || *l->filter)
        snprintf(title, sizeof title, "filter: %s%s", l->filter, l->typing ? "_" : "");
    else if (selected(l))
        snprintf(title, sizeof title, "%s", selected(l)->name);
    char hidden[40];
    int below = (int)l->count - (int)l->scroll - l->page;
    hidden_rows(c, (int)l->scroll, below, hidden, sizeof hidden);
    draw_noted_rule(c, area, 0, title, hidden);
    rect_take_rows(&area, 1);
    draw_detail(l, c, area);
}

// ---- keys ----

static void move(struct list_view *l, long step) {
    if (!l->count)
        return;
    long to = (long)l->selected + step, last = (long)l->count - 1;
    l->selected = (size_t)(to < 0 ? 0 : to > last ? last : to);
}

static void drop_last_character(char *text) {
    size_t length = strlen(text);
    while (length && ((unsigned char)text[--length] & 0xC0) == 0x80)
        ;
    text[length] = '\0';
}

static void type(struct list_view *l, uint32_t key) {
    size_t length = strlen(l->filter);
    char bytes[4];
    int count = utf8_put(key == KEYS_SPACE ? ' ' : key == KEYS_COMMA ? ',' : key, bytes);
    if (length + (size_t)count >= sizeof l->filter)
        return;
    memcpy(l->filter + length, bytes, (size_t)count);
    l->filter[length + (size_t)count] = '\0';
}

// While the filter is typed letters are text; the arrows still move.
static bool list_key(struct view *v, uint32_t key) {
    struct list_view *l = (struct list_view *)v;
    if (key == KEYS_ESC && (l->typing || *l->filter)) {
        l->typing = false;
        l->filter[0] = '\0';
        apply_filter(l);
        return true;
    }
    if (!l->typing)
        return false;
    if (key == KEYS_ENTER)
        l->typing = false;
    else if (key == KEYS_BACKSPACE)
        drop_last_character(l->filter);
    else if ((key >= ' ' && key < KEYS_START) || key == KEYS_SPACE || key == KEYS_COMMA)
        type(l, key);
    else
        return false;
    apply_filter(l);
    return true;
}

static void open_live(struct list_view *l, const struct scenario_info *s) {
    if (s->has_load)
        live_view_open(l->view.ui, s, 0);
    else
        ui_notice(l->view.ui, "%s has no load driver.", s->name);
}

static void list_open(struct list_view *l, enum request q) {
    const struct scenario_info *s = selected(l);
    if (!s)
        return;
    switch (q) {
    case REQUEST_OPEN:
        run_view_open(l->view.ui, s, 0);
        break;
    case REQUEST_LIVE:
        open_live(l, s);
        break;
    case REQUEST_HINT:
        hint_view_open(l->view.ui, s);
        break;
    case REQUEST_EDIT:
        ui_edit(l->view.ui, s, 0);
        break;
    case REQUEST_RESET:
        ui_reset(l->view.ui, s);
        break;
    case REQUEST_GUIDE:
        guide_view_open(l->view.ui, s);
        break;
    default:
        break;
    }
}

static void list_request(struct view *v, enum request q) {
    struct list_view *l = (struct list_view *)v;
    switch (q) {
    case REQUEST_DOWN:
        move(l, 1);
        break;
    case REQUEST_UP:
        move(l, -1);
        break;
    case REQUEST_PAGE_DOWN:
        move(l, l->page);
        break;
    case REQUEST_PAGE_UP:
        move(l, -l->page);
        break;
    case REQUEST_TOP:
        l->selected = 0;
        break;
    case REQUEST_BOTTOM:
        move(l, (long)l->count);
        break;
    case REQUEST_FILTER:
        l->typing = true;
        break;
    default:
        list_open(l, q);
    }
}

// ---- by itself ----

// Exercises are judged in the order of the course while the list is what one looks at.
static bool list_tick(struct view *v) {
    struct list_view *l = (struct list_view *)v;
    if (ui_top(v->ui) != v)
        return false;
    bool asked = false;
    const struct catalogue *c = v->ui->catalogue;
    for (size_t i = 0; i < c->count; i++) {
        struct trial *t = exercise_trial(l, &c->scenarios[i]);
        if (t && t->state == TRIAL_NEW) {
            lab_queue(t);
            asked = true;
        }
    }
    return asked;
}

static bool list_busy(const struct view *v) {
    return lab_busy(&v->ui->lab);
}

static void list_close(struct view *v) {
    struct list_view *l = (struct list_view *)v;
    free(l->shown);
    free(l);
}

static const struct view_ops list_ops = {
    .name = "list",
    .bit = IN_LIST,
    .draw = list_draw,
    .request = list_request,
    .key = list_key,
    .tick = list_tick,
    .busy = list_busy,
    .close = list_close,
};

void list_view_open(struct ui *ui) {
    struct list_view *l = zero_alloc(1, sizeof *l);
    l->view = (struct view){&list_ops, ui};
    l->shown = zero_alloc(ui->catalogue->count, sizeof *l->shown);
    apply_filter(l);
    ui_push(ui, &l->view);
}

void list_view_select(struct ui *ui, const struct scenario_info *s) {
    if (ui->depth && ui->stack[0]->ops == &list_ops)
        select_scenario((struct list_view *)ui->stack[0], s);
}

const struct scenario_info *list_view_selected(const struct ui *ui) {
    bool there = ui->depth && ui->stack[0]->ops == &list_ops;
    return there ? selected((const struct list_view *)ui->stack[0]) : NULL;
}
