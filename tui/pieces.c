#include "tui/pieces.h"

#include "harness/text.h"
#include "tui/glyphs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void draw_noted_rule(struct cells *c, struct rect in, int row, const char *title,
                     const char *note) {
    struct rect line = rect(in.row + row, in.col, row >= 0 && row < in.rows ? 1 : 0, in.cols);
    int end = in.cols - 1 - (*note ? cells_columns(note) + 3 : 0);
    cells_fill(c, line, ROLE_FRAME, glyph(c->ascii, GLYPH_RULE));
    if (*note)
        cells_printf(c, line, 0, end + 1, ROLE_KEY, " %s ", note);
    if (*title)
        cells_printf(c, rect(line.row, line.col, line.rows, end), 0, 1, ROLE_TITLE, " %s ", title);
}

void draw_rule(struct cells *c, struct rect in, int row, const char *title) {
    draw_noted_rule(c, in, row, title, "");
}

const char *hidden_rows(const struct cells *c, int above, int below, char *out, size_t size) {
    char up[8] = "", down[8] = "";
    up[utf8_put(glyph(c->ascii, GLYPH_UP), up)] = '\0';
    down[utf8_put(glyph(c->ascii, GLYPH_DOWN), down)] = '\0';
    out[0] = '\0';
    if (above > 0 && below > 0)
        snprintf(out, size, "%s %d  %s %d more", up, above, down, below);
    else if (above > 0 || below > 0)
        snprintf(out, size, "%s %d more", above > 0 ? up : down, above > 0 ? above : below);
    return out;
}

const char *shown_lines(int first, int rows, int lines, char *out, size_t size) {
    int last = first + rows < lines ? first + rows : lines;
    out[0] = '\0';
    if (lines > rows)
        snprintf(out, size, "lines %d-%d of %d", first + 1, last, lines);
    return out;
}

struct rect draw_right(struct cells *c, struct rect in, int row, enum role role, const char *text) {
    int width = cells_columns(text), most = in.cols * 2 / 3;
    width = width < most ? width : most;
    if (width)
        cells_field(c, in, row, in.cols - 1 - width, width, role, text);
    return rect(in.row + row, in.col, 1, in.cols - 1 - (width ? width + 2 : 0));
}

void draw_bar(struct cells *c, struct rect in) {
    struct rect bar = rect(in.row, in.col, in.rows, in.cols > 0 ? 1 : 0);
    cells_fill(c, bar, ROLE_FRAME, glyph(c->ascii, GLYPH_BAR));
}

// "buffer_of_one" of buffer_of_one.c, with "wrong: " before it when it is one.
static void variant_name(const struct variant *v, char *out, size_t size) {
    if (v->kind == VARIANT_EXERCISE) {
        snprintf(out, size, "exercise");
        return;
    }
    const char *dot = strrchr(v->file, '.');
    int length = dot ? (int)(dot - v->file) : (int)strlen(v->file);
    const char *kind = v->kind == VARIANT_WRONG      ? "wrong: "
                       : v->kind == VARIANT_SOLUTION ? "fix: "
                                                     : "";
    snprintf(out, size, "%s%.*s", kind, length, v->file);
}

static int variant_width(const struct scenario_info *s, size_t i) {
    char name[96];
    variant_name(&s->variants[i], name, sizeof name);
    return cells_columns(name) + 5;
}

// The first variant to draw so that the shown one is visible.
static size_t first_visible_variant(const struct scenario_info *s, size_t shown, int cols) {
    size_t first = shown;
    for (int used = variant_width(s, shown); first > 0; first--) {
        used += variant_width(s, first - 1);
        if (used > cols)
            break;
    }
    return first;
}

void draw_variants(struct cells *c, struct rect in, int row, const struct scenario_info *s,
                   size_t shown) {
    int col = 1;
    size_t first = first_visible_variant(s, shown, in.cols - 1);
    if (first)
        cells_put(c, in, row, 0, ROLE_DIM, "…");
    for (size_t i = first; i < s->variant_count; i++) {
        char name[96], text[128];
        variant_name(&s->variants[i], name, sizeof name);
        enum role role = i == shown ? ROLE_SELECTED : ROLE_DIM;
        if (i < 9)
            cells_printf(c, in, row, col, i == shown ? ROLE_SELECTED : ROLE_KEY, " %zu", i + 1);
        snprintf(text, sizeof text, " %s ", name);
        cells_put(c, in, row, col + 2, role, text);
        col += variant_width(s, i);
    }
}

int draw_number(struct cells *c, struct rect in, int row, int col, enum role word_role,
                const char *word, enum role number_role, uint64_t number) {
    char text[32];
    int needed = cells_columns(word) + 1 + cells_columns(text_count(number, text, sizeof text));
    if (col + needed > in.cols)
        return in.cols;
    col = cells_put(c, in, row, col, word_role, word) + 1;
    return cells_put(c, in, row, col, number_role, text) + 2;
}

struct wrapped {
    struct cells *c;
    struct rect in;
    int row, col;
    int end; // column after the last line that was there
    enum role role;
};

static void draw_line(void *user, const char *line) {
    struct wrapped *w = user;
    int end = cells_put(w->c, w->in, w->row, w->col, w->role, line);
    if (w->row++ < w->in.rows)
        w->end = end;
}

int draw_wrapped(struct cells *c, struct rect in, int row, int col, enum role role,
                 const char *text) {
    struct wrapped w = {.c = c, .in = in, .row = row, .col = col, .role = role};
    wrap_lines(text, in.cols - col, draw_line, &w);
    int last = in.cols - 1 < w.end ? in.cols - 1 : w.end;
    if (row < in.rows && w.row > in.rows)
        cells_put(c, in, in.rows - 1, last, role, "…");
    return w.row;
}

int draw_prose(struct cells *c, struct rect in, int row, int col, enum role role,
               const char *text) {
    char *joined = text_copy(text);
    for (char *at = joined; (at = strchr(at, '\n')); at++)
        *at = ' ';
    row = draw_wrapped(c, in, row, col, role, joined);
    free(joined);
    return row;
}

const char *role_mark(enum role role) {
    static const char *const marks[ROLE_COUNT] = {
        [ROLE_TEXT] = "\033[0m",  [ROLE_TITLE] = "\033[1m", [ROLE_DIM] = "\033[2m",
        [ROLE_KEY] = "\033[36m",  [ROLE_GOOD] = "\033[32m", [ROLE_BAD] = "\033[31m",
        [ROLE_WARN] = "\033[35m",
    };
    return marks[role];
}

enum role outcome_role(enum outcome o) {
    switch (o) {
    case OUTCOME_PASS:
        return ROLE_GOOD;
    case OUTCOME_FAIL:
    case OUTCOME_ERROR:
        return ROLE_BAD;
    case OUTCOME_JUDGING:
        return ROLE_WARN;
    case OUTCOME_NONE:
        break;
    }
    return ROLE_DIM;
}
