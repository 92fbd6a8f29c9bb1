// The stack of views: who draws, who gets keys, the footer, and screens too small for any of it.
#include "harness/workspace.h"
#include "tui/pieces.h"
#include "tui/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ui_init(struct ui *ui, const struct catalogue *c, bool ascii) {
    *ui = (struct ui){.catalogue = c};
    lab_init(&ui->lab, c);
    cells_init(&ui->cells, ascii);
}

// ---- the workspace ----

// Where a workspace is offered: a folder of its own in the home folder.
static bool offer(struct ui *ui) {
    const char *home = getenv("HOME");
    snprintf(ui->edit.home, sizeof ui->edit.home, "%.400s/unstuck", home ? home : "");
    if (home && *home == '/')
        return true;
    ui_notice(ui, "Exercises are edited in a workspace: `unstuck init DIR` makes one; then run "
                  "unstuck in there.");
    return false;
}

void ui_edit(struct ui *ui, const struct scenario_info *s, uint32_t line) {
    bool sure = ui->sure == REQUEST_EDIT;
    ui->sure = REQUEST_NONE;
    if (!ui->practice && !offer(ui))
        return;
    if (!ui->practice && !sure) {
        ui->sure = REQUEST_EDIT;
        ui_notice(ui,
                  "You edit copies of your own. e again makes a workspace for them in %.200s; any "
                  "other key does not.",
                  ui->edit.home);
        return;
    }
    ui->edit.make = !ui->practice;
    ui->edit.scenario = s;
    ui->edit.line = line;
}

static void put_back(struct ui *ui, const struct scenario_info *s) {
    char why[300], *kept = NULL;
    if (!workspace_reset(practice_root(ui->practice), s, &kept, why))
        ui_notice(ui, "%s", why);
    else if (kept)
        ui_notice(ui, "As shipped again. Yours is kept: %.200s", kept);
    else
        ui_notice(ui, "It was as shipped.");
    free(kept);
}

void ui_reset(struct ui *ui, const struct scenario_info *s) {
    bool sure = ui->sure == REQUEST_RESET;
    ui->sure = REQUEST_NONE;
    if (!ui->practice) {
        ui_notice(ui, "This is the exercise as it was shipped.");
    } else if (sure) {
        put_back(ui, s);
    } else {
        ui->sure = REQUEST_RESET;
        ui_notice(ui, "R again puts the shipped %.60s back; yours is kept in .unstuck/history.",
                  s->name);
    }
}

void ui_close(struct ui *ui) {
    while (ui->depth > 0) {
        struct view *v = ui->stack[--ui->depth];
        v->ops->close(v);
    }
    practice_close(ui->practice);
    lab_close(&ui->lab);
    cells_free(&ui->cells);
}

struct view *ui_top(const struct ui *ui) {
    return ui->depth ? ui->stack[ui->depth - 1] : NULL;
}

void ui_push(struct ui *ui, struct view *v) {
    v->ui = ui;
    if (ui->depth == UI_DEPTH) {
        v->ops->close(v);
        ui_notice(ui, "Too many screens are open: esc goes back.");
        return;
    }
    ui->stack[ui->depth++] = v;
}

void ui_pop(struct ui *ui) {
    if (ui->depth <= 1)
        return;
    struct view *v = ui->stack[--ui->depth];
    v->ops->close(v);
}

void ui_notice(struct ui *ui, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(ui->notice, sizeof ui->notice, format, args);
    va_end(args);
}

// ---- keys ----

static bool too_small(const struct ui *ui) {
    return ui->cells.rows < UI_LEAST_ROWS || ui->cells.cols < UI_LEAST_COLS;
}

static void quit(struct ui *ui) {
    if (ui->depth <= 1 || too_small(ui))
        ui->over = true;
    else
        ui_pop(ui);
}

void ui_request(struct ui *ui, enum request r) {
    struct view *top = ui_top(ui);
    switch (r) {
    case REQUEST_NONE:
        break;
    case REQUEST_LEAVE:
        ui_pop(ui);
        break;
    case REQUEST_QUIT:
        quit(ui);
        break;
    case REQUEST_REDRAW:
        ui->repaint = true;
        break;
    case REQUEST_HELP:
        if (top && top->ops->bit == IN_HELP)
            ui_pop(ui);
        else
            help_view_open(ui);
        break;
    default:
        if (top)
            top->ops->request(top, r);
    }
}

void ui_key(struct ui *ui, uint32_t key) {
    struct view *top = ui_top(ui);
    ui->notice[0] = '\0';
    if (!top || (top->ops->key && !too_small(ui) && top->ops->key(top, key)))
        return;
    enum request r = request_of(key, top->ops->bit);
    if (r != ui->sure)
        ui->sure = REQUEST_NONE;
    if (!too_small(ui) || r == REQUEST_QUIT || r == REQUEST_REDRAW)
        ui_request(ui, r);
}

bool ui_tick(struct ui *ui, int64_t now) {
    ui->now = now;
    bool changed = lab_tick(&ui->lab);
    if (ui->practice && practice_tick(ui->practice, now))
        changed = true;
    const struct scenario_info *saved = ui->practice ? practice_saved(ui->practice) : NULL;
    if (saved)
        list_view_select(ui, saved);
    for (int i = 0; i < ui->depth; i++)
        if (ui->stack[i]->ops->tick)
            changed |= ui->stack[i]->ops->tick(ui->stack[i]);
    return changed;
}

bool ui_busy(const struct ui *ui) {
    const struct view *top = ui_top(ui);
    return top && top->ops->busy && top->ops->busy(top);
}

// ---- drawing ----

void ui_resize(struct ui *ui, int rows, int cols) {
    cells_resize(&ui->cells, rows, cols);
    ui->repaint = true;
}

static void draw_too_small(struct ui *ui) {
    struct cells *c = &ui->cells;
    struct rect all = cells_rect(c);
    cells_printf(c, all, 0, 1, ROLE_TITLE, "unstuck: this window is %dx%d", c->cols, c->rows);
    cells_printf(c, all, 1, 1, ROLE_TEXT, "It takes %dx%d (best 80x24).", UI_LEAST_COLS,
                 UI_LEAST_ROWS);
    cells_put(c, all, 3, 1, ROLE_TEXT, "Make it larger to go on.");
    int col = cells_put(c, all, 4, 1, ROLE_KEY, "q");
    cells_put(c, all, 4, col + 1, ROLE_TEXT, "quit");
}

// The first key of a request as text: "enter", "?".
static const char *first_key(enum request r, char *out, size_t size) {
    const char *keys = request_row(r)->keys;
    snprintf(out, size, "%.*s", (int)strcspn(keys, " "), keys);
    return out;
}

// Columns of one entry of the footer: "enter open  ".
static int footer_width(enum request r) {
    char key[24];
    return cells_columns(first_key(r, key, sizeof key)) + 1 + cells_columns(request_row(r)->label) +
           2;
}

static int draw_footer_entry(struct cells *c, struct rect in, int row, int col, enum request r) {
    char key[24];
    int after = cells_put(c, in, row, col, ROLE_KEY, first_key(r, key, sizeof key));
    cells_put(c, in, row, after + 1, ROLE_TEXT, request_row(r)->label);
    return col + footer_width(r);
}

// Help and quit always have their place at the end of the last row.
static void draw_footer_end(struct cells *c, struct rect in) {
    int col = in.cols - footer_width(REQUEST_HELP) - footer_width(REQUEST_QUIT);
    col = draw_footer_entry(c, in, in.rows - 1, col < 1 ? 1 : col, REQUEST_HELP);
    draw_footer_entry(c, in, in.rows - 1, col, REQUEST_QUIT);
}

static void draw_footer(struct ui *ui, struct rect in, enum view_bit bit) {
    int row = 0, col = 1;
    int reserved = footer_width(REQUEST_HELP) + footer_width(REQUEST_QUIT);
    for (enum request r = REQUEST_NONE + 1; r < REQUEST_COUNT; r++) {
        const struct request_row *entry = request_row(r);
        if (!(entry->views & (unsigned)bit) || !*entry->label || r == REQUEST_HELP ||
            r == REQUEST_QUIT || (r == REQUEST_LEAVE && ui->depth <= 1))
            continue;
        if (col + footer_width(r) > in.cols - (row == in.rows - 1 ? reserved : 0)) {
            row++;
            col = 1;
        }
        if (row >= in.rows)
            break;
        if (col + footer_width(r) <= in.cols - (row == in.rows - 1 ? reserved : 0))
            col = draw_footer_entry(&ui->cells, in, row, col, r);
    }
    draw_footer_end(&ui->cells, in);
}

void ui_draw(struct ui *ui) {
    struct view *top = ui_top(ui);
    cells_clear(&ui->cells);
    if (too_small(ui) || !top) {
        draw_too_small(ui);
        return;
    }
    struct rect footer = cells_rect(&ui->cells);
    struct rect area = rect_take_rows(&footer, footer.rows - (footer.rows >= 24 ? 3 : 2));
    top->ops->draw(top, area);
    draw_rule(&ui->cells, footer, 0, "");
    rect_take_rows(&footer, 1);
    if (ui->notice[0])
        draw_wrapped(&ui->cells, footer, 0, 1, ROLE_WARN, ui->notice);
    else
        draw_footer(ui, footer, top->ops->bit);
}
