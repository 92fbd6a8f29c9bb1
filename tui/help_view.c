// help_view: what can be asked for on the screen below, from the request table; enter does it.
#include "harness/text.h"
#include "tui/pieces.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 2, GAP = 2 };

struct help_view {
    struct view view;
    const struct view_ops *below;         // the screen it explains
    enum request requests[REQUEST_COUNT]; // its requests, in the order of the table
    int count;
    int selected;
    int scroll;
    int page;
};

static const char remark[] = "meaning is always in a word, never in colour alone";

// Columns of the widest list of keys.
static int keys_width(const struct help_view *h) {
    int widest = 0;
    for (int i = 0; i < h->count; i++) {
        int width = cells_columns(request_row(h->requests[i])->keys);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void draw_entry(const struct help_view *h, struct cells *c, struct rect in, int row, int i) {
    const struct request_row *entry = request_row(h->requests[i]);
    int width = keys_width(h);
    cells_field(c, in, row, MARGIN, width, ROLE_KEY, entry->keys);
    cells_put(c, in, row, MARGIN + width + GAP, ROLE_TEXT, entry->help);
    if (i != h->selected)
        return;
    cells_select(c, in, row);
    cells_cursor(c, in, row, 0);
}

static void help_draw(struct view *v, struct rect area) {
    struct help_view *h = (struct help_view *)v;
    struct cells *c = &v->ui->cells;
    struct rect head = rect_take_rows(&area, 2);
    int end = cells_printf(c, head, 0, 1, ROLE_TITLE, "KEYS of the %s screen", h->below->name);
    if (end + 2 + cells_columns(remark) < head.cols)
        draw_right(c, head, 0, ROLE_DIM, remark);
    h->page = area.rows;
    if (h->selected < h->scroll)
        h->scroll = h->selected;
    if (h->selected >= h->scroll + area.rows)
        h->scroll = h->selected - area.rows + 1;
    int most = h->count > area.rows ? h->count - area.rows : 0;
    h->scroll = h->scroll > most ? most : h->scroll;
    char hidden[40];
    hidden_rows(c, h->scroll, h->count - h->scroll - area.rows, hidden, sizeof hidden);
    draw_noted_rule(c, head, 1, "", hidden);
    for (int i = 0; i < area.rows && h->scroll + i < h->count; i++)
        draw_entry(h, c, area, i, h->scroll + i);
}

static void move(struct help_view *h, int step) {
    int to = h->selected + step;
    h->selected = to < 0 ? 0 : to >= h->count ? h->count - 1 : to;
}

static void do_selected(struct help_view *h) {
    struct ui *ui = h->view.ui;
    enum request r = h->requests[h->selected];
    ui_pop(ui); // frees h
    ui_request(ui, r);
}

static void help_request(struct view *v, enum request q) {
    struct help_view *h = (struct help_view *)v;
    switch (q) {
    case REQUEST_DO:
        do_selected(h);
        break;
    case REQUEST_DOWN:
        move(h, 1);
        break;
    case REQUEST_UP:
        move(h, -1);
        break;
    case REQUEST_PAGE_DOWN:
        move(h, h->page);
        break;
    case REQUEST_PAGE_UP:
        move(h, -h->page);
        break;
    case REQUEST_TOP:
        h->selected = 0;
        break;
    case REQUEST_BOTTOM:
        h->selected = h->count - 1;
        break;
    default:
        break;
    }
}

static void help_close(struct view *v) {
    free(v);
}

static const struct view_ops help_ops = {
    .name = "help",
    .bit = IN_HELP,
    .draw = help_draw,
    .request = help_request,
    .close = help_close,
};

void help_view_open(struct ui *ui) {
    struct help_view *h = zero_alloc(1, sizeof *h);
    h->view = (struct view){&help_ops, ui};
    h->below = ui_top(ui)->ops;
    for (enum request r = REQUEST_NONE + 1; r < REQUEST_COUNT; r++)
        if (request_row(r)->views & (unsigned)h->below->bit)
            h->requests[h->count++] = r;
    ui_push(ui, &h->view);
}
