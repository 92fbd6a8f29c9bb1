// hint_view: the hints of a case, opened one at a time, each as it is asked for.
#include "harness/guide.h"
#include "harness/text.h"
#include "tui/pieces.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SCROLL = 1 << 20 };

struct hint_view {
    struct view view;
    const struct scenario_info *scenario;
    char *hints[GUIDE_RUNGS]; // Markdown; NULL: locked, or not written
    int open;                 // how many of them are shown
    char why[300];            // why the next one cannot be; "" none
    int scroll;
    int page;
};

static const char *const rungs[GUIDE_RUNGS] = {"Symptom", "Concept", "Where to look", "Ways out",
                                               "One patch"};

// The first hint is what the learner's own run shows, where there is one; then what the guide says of it.
static char *hint_text(struct hint_view *h, int rung) {
    struct ui *ui = h->view.ui;
    char *guide = guide_hint(h->scenario, rung, h->why), *own = NULL;
    if (guide && rung == 1 && ui->practice && h->scenario->variant_count)
        own = practice_symptom(lab_trial(&ui->lab, h->scenario, &h->scenario->variants[0])->answer);
    if (!own)
        return guide;
    char *both = text_format("%s\n%s", own, guide);
    free(own);
    free(guide);
    return both;
}

static void open_next(struct hint_view *h) {
    if (h->open == GUIDE_RUNGS) {
        ui_notice(h->view.ui, "These are all the hints; g on the run screen is the guide.");
        return;
    }
    h->why[0] = '\0';
    h->hints[h->open] = hint_text(h, h->open + 1);
    if (!h->hints[h->open])
        return;
    h->open++;
    if (h->view.ui->practice)
        practice_hint(h->view.ui->practice, h->scenario, h->open);
    h->scroll = MOST_SCROLL; // to what is new; drawing brings it back to what there is
}

// Draws the lines of a rendered text from `row` on; returns the row after them.
static int draw_hint(struct cells *c, struct rect in, int row, const char *markdown) {
    int width = in.cols - 8;
    char *text = guide_render(markdown, width > 10 ? width : 10, false);
    if (!text)
        return row;
    for (const char *at = text; *at;) {
        char line[512];
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, at);
        cells_put(c, in, row++, 6, ROLE_TEXT, line);
        at += length + (at[length] == '\n');
    }
    free(text);
    return row;
}

// Draws all rungs from `row` on; returns the row after them.
static int draw_rungs(const struct hint_view *h, struct cells *c, struct rect in, int row) {
    for (int i = 0; i < GUIDE_RUNGS; i++) {
        bool open = i < h->open;
        cells_printf(c, in, row++, 1, open ? ROLE_TITLE : ROLE_DIM, "%d  %-14s %s", i + 1, rungs[i],
                     open ? "" : "not opened yet");
        if (open)
            row = draw_hint(c, in, row, h->hints[i]) + 1;
    }
    return *h->why ? draw_wrapped(c, in, row, 1, ROLE_WARN, h->why) : row;
}

static void hint_draw(struct view *v, struct rect area) {
    struct hint_view *h = (struct hint_view *)v;
    struct cells *c = &v->ui->cells;
    struct rect head = rect_take_rows(&area, 2);
    h->page = area.rows;
    struct rect nowhere = rect(area.row, area.col, 0, area.cols);
    int rows = draw_rungs(h, c, nowhere, 0), hidden = rows - area.rows;
    h->scroll = h->scroll > hidden ? hidden : h->scroll;
    h->scroll = h->scroll < 0 ? 0 : h->scroll;
    char place[40];
    shown_lines(h->scroll, area.rows, rows, place, sizeof place);
    struct rect left = draw_right(c, head, 0, ROLE_DIM, place);
    cells_printf(c, left, 0, 1, ROLE_TITLE, "HINTS  %d  %s", h->scenario->number,
                 h->scenario->title);
    draw_rule(c, head, 1, "");
    draw_rungs(h, c, area, -h->scroll);
    cells_cursor(c, area, 0, 0);
}

static void hint_request(struct view *v, enum request q) {
    struct hint_view *h = (struct hint_view *)v;
    switch (q) {
    case REQUEST_MORE:
        open_next(h);
        break;
    case REQUEST_SCROLL_DOWN:
        h->scroll++;
        break;
    case REQUEST_SCROLL_UP:
        h->scroll--;
        break;
    case REQUEST_PAGE_DOWN:
        h->scroll += h->page;
        break;
    case REQUEST_PAGE_UP:
        h->scroll -= h->page;
        break;
    case REQUEST_TOP:
        h->scroll = 0;
        break;
    case REQUEST_BOTTOM:
        h->scroll = MOST_SCROLL;
        break;
    default:
        break;
    }
    h->scroll = h->scroll < 0 ? 0 : h->scroll;
}

static void hint_close(struct view *v) {
    struct hint_view *h = (struct hint_view *)v;
    for (int i = 0; i < GUIDE_RUNGS; i++)
        free(h->hints[i]);
    free(h);
}

static const struct view_ops hint_ops = {
    .name = "hints",
    .bit = IN_HINT,
    .draw = hint_draw,
    .request = hint_request,
    .close = hint_close,
};

void hint_view_open(struct ui *ui, const struct scenario_info *s) {
    struct hint_view *h = zero_alloc(1, sizeof *h);
    h->view = (struct view){&hint_ops, ui};
    h->scenario = s;
    int before = ui->practice ? practice_hints(ui->practice, s) : 0;
    do
        open_next(h);
    while (h->open && h->open < before && !*h->why);
    ui_push(ui, &h->view);
}
