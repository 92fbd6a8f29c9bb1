// text_view: text to scroll: a chapter of the guide, the whole reason of a verdict.
//
// Markdown is rendered again for each width it is shown in; the marks of the renderer (bold, code)
// become roles. Plain text is wrapped; a line of it that begins with such a mark is all of that role.
#include "harness/guide.h"
#include "harness/text.h"
#include "tui/pieces.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE = 80, LINE = 2048, MOST_WIDTH = 100 };

struct text_view {
    struct view view;
    char title[TITLE];
    char *source;
    bool markdown;
    char *rendered; // for `width`
    int width;
    int lines; // in `rendered`
    int scroll;
    int page; // rows on the screen, as last drawn
};

// ---- rendering ----

// Where wrapped lines go, and the mark that each of them begins with.
struct wrapping {
    struct text out;
    const char *mark;
    int mark_length;
};

static void append_line(void *user, const char *line) {
    struct wrapping *w = user;
    text_addf(&w->out, "%.*s%s%s\n", w->mark_length, w->mark, line,
              w->mark_length ? "\033[0m" : "");
}

static char *wrap_marked(const char *source, int width) {
    struct wrapping w = {0};
    char *copy = text_copy(source), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n")) && (*line || rest);) {
        w.mark = line;
        w.mark_length = *line == '\033' ? (int)strcspn(line, "m") + 1 : 0;
        wrap_lines(line + w.mark_length, width, append_line, &w);
    }
    free(copy);
    return text_take(&w.out);
}

static void render(struct text_view *t, int width) {
    if (t->rendered && t->width == width)
        return;
    free(t->rendered);
    t->width = width;
    t->rendered = t->markdown ? guide_render(t->source, width, true)
                              : wrap_marked(t->source, width);
    t->lines = 0;
    for (const char *at = t->rendered; *at; at++)
        t->lines += *at == '\n';
}

// The role that an escape sequence of the renderer asks for; *at moves past it.
static enum role escape_role(const char **at, enum role now) {
    size_t length = strcspn(*at, "m");
    enum role role = now;
    if (!strncmp(*at, "\033[3m", 4))
        role = ROLE_TITLE;
    for (enum role r = 0; r < ROLE_COUNT; r++)
        if (role_mark(r) && !strncmp(*at, role_mark(r), length + 1))
            role = r;
    *at += length + ((*at)[length] != '\0');
    return role;
}

// Draws one line; returns the role in which the next begins.
static enum role draw_styled(struct cells *c, struct rect in, int row, const char *line,
                             size_t length, enum role role) {
    char text[LINE];
    snprintf(text, sizeof text, "%.*s", (int)length, line);
    int col = 1;
    for (const char *at = text; *at;) {
        if (*at == '\033') {
            role = escape_role(&at, role);
            continue;
        }
        char piece[LINE];
        size_t size = strcspn(at, "\033");
        snprintf(piece, sizeof piece, "%.*s", (int)size, at);
        col = cells_put(c, in, row, col, role, piece);
        at += size;
    }
    return role;
}

static void draw_body(struct text_view *t, struct cells *c, struct rect in) {
    int most = t->lines - in.rows;
    t->page = in.rows;
    t->scroll = t->scroll > most ? most : t->scroll;
    t->scroll = t->scroll < 0 ? 0 : t->scroll;
    const char *at = t->rendered;
    enum role role = ROLE_TEXT;
    for (int line = 0; *at && line < t->scroll + in.rows; line++) {
        size_t length = strcspn(at, "\n");
        role = draw_styled(c, in, line - t->scroll, at, length, role);
        at += length + (at[length] == '\n');
    }
}

static void text_draw(struct view *v, struct rect area) {
    struct text_view *t = (struct text_view *)v;
    struct cells *c = &v->ui->cells;
    int width = area.cols - 2 < MOST_WIDTH ? area.cols - 2 : MOST_WIDTH;
    render(t, width < 1 ? 1 : width);
    struct rect head = rect_take_rows(&area, 2);
    draw_body(t, c, area);
    char place[40];
    shown_lines(t->scroll, area.rows, t->lines, place, sizeof place);
    struct rect left = draw_right(c, head, 0, ROLE_DIM, place);
    cells_put(c, left, 0, 1, ROLE_TITLE, t->title);
    draw_rule(c, head, 1, "");
    cells_cursor(c, area, 0, 0);
}

// ---- requests ----

static void text_request(struct view *v, enum request q) {
    struct text_view *t = (struct text_view *)v;
    switch (q) {
    case REQUEST_SCROLL_DOWN:
        t->scroll++;
        break;
    case REQUEST_SCROLL_UP:
        t->scroll--;
        break;
    case REQUEST_PAGE_DOWN:
        t->scroll += t->page;
        break;
    case REQUEST_PAGE_UP:
        t->scroll -= t->page;
        break;
    case REQUEST_TOP:
        t->scroll = 0;
        break;
    case REQUEST_BOTTOM:
        t->scroll = t->lines;
        break;
    default:
        break;
    }
}

static void text_close(struct view *v) {
    struct text_view *t = (struct text_view *)v;
    free(t->source);
    free(t->rendered);
    free(t);
}

static const struct view_ops text_ops = {
    .name = "text",
    .bit = IN_TEXT,
    .draw = text_draw,
    .request = text_request,
    .close = text_close,
};

static void open_text(struct ui *ui, const char *title, char *text, bool markdown) {
    struct text_view *t = zero_alloc(1, sizeof *t);
    t->view = (struct view){&text_ops, ui};
    snprintf(t->title, sizeof t->title, "%s", title);
    t->source = text;
    t->markdown = markdown;
    ui_push(ui, &t->view);
}

void text_view_open(struct ui *ui, const char *title, char *text) {
    open_text(ui, title, text, false);
}

// A chapter ends with its hints, which are to be opened one at a time elsewhere.
static void cut_hints(char *text) {
    char *hints = strstr(text, "\n## Hints");
    if (hints)
        hints[1] = '\0';
}

void guide_view_open(struct ui *ui, const struct scenario_info *s) {
    char why[300] = "", title[TITLE];
    char *text = guide_text(s, why);
    if (!text) {
        ui_notice(ui, "%s", why);
        return;
    }
    cut_hints(text);
    snprintf(title, sizeof title, "GUIDE  %d  %s", s->number, s->title);
    open_text(ui, title, text, true);
}
