#include "tui/curve.h"

#include "harness/text.h"
#include "tui/format.h"
#include "tui/glyphs.h"

#include <stdio.h>

enum { GUTTER = 8, END_ROOM = 10, EIGHTHS = 8, LABEL_GAP = 2, LEAST_TAIL = 8 };

// What stays the same while one curve is drawn.
struct plot {
    struct cells *c;
    const struct curve *k;
    struct rect area;    // of the columns
    int tail;            // columns after it that repeat the last moment
    uint32_t most;       // tasks alive at the highest point
    int64_t start, span; // of time
};

static const struct layer {
    enum role role;
    enum glyph glyph;
    const char *word;
} layers[] = {
    {ROLE_BAD, GLYPH_LEFT, "left"},
    {ROLE_BLOCKED, GLYPH_BLOCKED, "blocked"},
    {ROLE_SLEEPING, GLYPH_SLEEPING, "sleeping"},
    {ROLE_RUNNING, GLYPH_RUNNABLE, "runnable"},
};
enum { LAYERS = sizeof layers / sizeof *layers };

static uint32_t layer_count(const struct counts *c, int layer) {
    const uint32_t counts[LAYERS] = {c->left, c->blocked, c->sleeping, c->runnable};
    return counts[layer];
}

// ---- columns and moments ----

// The last moment that belongs to a column. Column 0 is the first moment, the last column the last.
static size_t moment_of_column(const struct plot *p, int col) {
    size_t last = p->k->count - 1;
    int cols = p->area.cols;
    if (col >= cols - 1)
        return last;
    if (p->k->axis == CURVE_BY_EVENT)
        return (size_t)((uint64_t)last * (uint64_t)col / (uint64_t)(cols - 1));
    int64_t time = p->start + (int64_t)((double)p->span * col / (cols - 1));
    size_t low = 0, high = last; // the last moment not after `time`
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (p->k->moments[middle].time <= time)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static int column_of_moment(const struct plot *p, size_t moment) {
    int low = 0, high = p->area.cols - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (moment_of_column(p, middle) >= moment)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

// The highest of a column's moments, but no later than `limit`; the last column is exact.
static const struct moment *peak(const struct plot *p, int col, size_t limit) {
    size_t to = moment_of_column(p, col);
    size_t from = col > 0 && col < p->area.cols - 1 ? moment_of_column(p, col - 1) + 1 : to;
    to = to < limit ? to : limit;
    const struct moment *best = &p->k->moments[to];
    for (size_t i = from; i < to; i++)
        if (counts_alive(&p->k->moments[i].counts) > counts_alive(&best->counts))
            best = &p->k->moments[i];
    return best;
}

// ---- heights ----

// Rows that one task takes, 0 where several tasks share a row.
static int rows_per_task(const struct plot *p) {
    return p->most && p->most <= (uint32_t)p->area.rows ? p->area.rows / (int)p->most : 0;
}

// Height of so many tasks in eighths of a row.
static int height(const struct plot *p, uint32_t tasks) {
    int whole = rows_per_task(p);
    if (whole)
        return (int)tasks * whole * EIGHTHS;
    if (!p->most)
        return 0;
    int eighths = (int)((uint64_t)tasks * (uint64_t)(p->area.rows * EIGHTHS) / p->most);
    return tasks && !eighths ? 1 : eighths;
}

// Which layer is in the middle of a row of a column; the top one where the column ends in the row.
static int layer_at(const struct plot *p, const struct counts *counts, int eighth) {
    uint32_t sum = 0;
    int top = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
        uint32_t n = layer_count(counts, layer);
        if (!n)
            continue;
        sum += n;
        top = layer;
        if (height(p, sum) > eighth)
            return layer;
    }
    return top;
}

static void draw_column(const struct plot *p, int col, const struct counts *counts, bool outline) {
    int total = height(p, counts_alive(counts));
    for (int row = 0; row < p->area.rows; row++) {
        int above = total - row * EIGHTHS; // eighths of this row that are filled, or more
        if (above <= 0)
            return;
        struct rect cell = rect(p->area.row + p->area.rows - 1 - row, p->area.col + col, 1, 1);
        bool top = above <= EIGHTHS;
        const struct layer *layer = &layers[layer_at(p, counts, row * EIGHTHS + EIGHTHS / 2)];
        enum glyph g = above < EIGHTHS ? (enum glyph)(GLYPH_EIGHTH_1 + above - 1) : layer->glyph;
        if (outline && top)
            cells_fill(p->c, cell, ROLE_DIM, glyph(p->c->ascii, GLYPH_DOT));
        else if (!outline)
            cells_fill(p->c, cell, layer->role, glyph(p->c->ascii, g));
    }
}

// ---- axis and labels ----

static void draw_levels(const struct plot *p, struct rect in) {
    int whole = rows_per_task(p), rows = p->area.rows;
    for (int row = 0; row < rows; row++) {
        int up = rows - row; // rows from the axis to the top of this one
        bool named = whole ? up % whole == 0 && (uint32_t)(up / whole) <= p->most
                           : row == 0 || (row == rows / 2 && rows >= 4);
        char text[32] = "";
        uint32_t level = whole ? (uint32_t)(up / whole)
                               : (uint32_t)((uint64_t)p->most * (uint64_t)up / (uint64_t)rows);
        if (named)
            text_count(level, text, sizeof text);
        cells_right(p->c, in, row, GUTTER - 2, ROLE_DIM, text);
        enum glyph g = named ? GLYPH_AXIS : GLYPH_BAR;
        cells_fill(p->c, rect(in.row + row, in.col + GUTTER - 1, 1, 1), ROLE_FRAME,
                   glyph(p->c->ascii, g));
    }
}

// A label at each column where the clock had moved, as far as they have room.
static void draw_time_labels(const struct plot *p, struct rect axis) {
    const struct moment *m = p->k->moments;
    size_t before = SIZE_MAX;
    for (int col = 0, free_from = 0; col < axis.cols; col++) {
        size_t i = moment_of_column(p, col);
        if (i > p->k->furthest)
            return;
        bool moved = before == SIZE_MAX || m[i].time != m[before].time;
        char text[32];
        int width = cells_columns(format_duration(m[i].time, text, sizeof text));
        if (moved && col >= free_from && col + width < axis.cols) {
            cells_put(p->c, axis, 0, col, ROLE_TEXT, text);
            free_from = col + width + LABEL_GAP;
        }
        before = i;
    }
}

static void draw_axis(const struct plot *p, struct rect in) {
    struct rect line = rect(in.row + in.rows - 1, in.col, 1, in.cols);
    cells_right(p->c, line, 0, GUTTER - 2, ROLE_DIM, "0");
    struct rect axis = rect(line.row, p->area.col - 1, 1, p->area.cols + p->tail + 1);
    cells_fill(p->c, axis, ROLE_FRAME, glyph(p->c->ascii, GLYPH_RULE));
    cells_fill(p->c, rect(axis.row, axis.col, 1, 1), ROLE_FRAME, glyph(p->c->ascii, GLYPH_ORIGIN));
    draw_time_labels(p, rect(axis.row, p->area.col, 1, p->area.cols));
    struct rect here = rect(axis.row, p->area.col + column_of_moment(p, p->k->shown), 1, 1);
    cells_paint(p->c, here, 0, ROLE_SELECTED);
}

// The state in which the run stays, and its name beside it: beside the axis when it is nothing.
static void draw_tail(const struct plot *p, struct rect in) {
    const struct curve *k = p->k;
    if (!k->end || k->shown != k->count - 1)
        return;
    const struct counts *last = &k->moments[k->count - 1].counts;
    for (int col = 0; col < p->tail; col++)
        draw_column(p, p->area.cols + col, last, false);
    int up = height(p, counts_alive(last)) / EIGHTHS;
    int row = p->area.rows - (up < 1 ? 0 : up), col = GUTTER + p->area.cols;
    cells_put(p->c, in, row, col + p->tail + 1, k->end_role, k->end);
    cells_put(p->c, in, p->area.rows, col, ROLE_TEXT, "for ever");
}

void curve_draw(struct cells *c, struct rect in, const struct curve *k) {
    struct plot p = {.c = c, .k = k};
    int end = k->end ? cells_columns(k->end) + 2 : 0;
    int cols = in.cols - GUTTER - (!k->end ? 1 : end > END_ROOM ? end : END_ROOM);
    if (k->end)
        p.tail = cols / 7 > LEAST_TAIL ? cols / 7 : LEAST_TAIL;
    cols -= p.tail;
    p.area = rect(in.row, in.col + GUTTER, in.rows - 1, cols);
    if (!k->count || p.area.rows < 1 || p.area.cols < 2)
        return;
    p.start = k->moments[0].time;
    p.span = k->moments[k->count - 1].time - p.start;
    for (size_t i = 0; i < k->count; i++)
        if (counts_alive(&k->moments[i].counts) > p.most)
            p.most = counts_alive(&k->moments[i].counts);
    draw_levels(&p, in);
    int here = column_of_moment(&p, k->shown), seen = column_of_moment(&p, k->furthest);
    for (int col = 0; col <= seen; col++) {
        bool past = col <= here;
        draw_column(&p, col, &peak(&p, col, past ? k->shown : k->furthest)->counts, !past);
    }
    draw_axis(&p, in);
    draw_tail(&p, in);
}

int curve_legend(struct cells *c, struct rect in, int row, int col, const struct counts *counts) {
    for (int i = 0; i < LAYERS; i++) {
        char mark[8] = "", number[32];
        mark[utf8_put(glyph(c->ascii, layers[i].glyph), mark)] = '\0';
        text_count(layer_count(counts, i), number, sizeof number);
        col = cells_put(c, in, row, col, layers[i].role, mark);
        col = cells_printf(c, in, row, col + 1, ROLE_TEXT, "%s ", layers[i].word);
        col = cells_put(c, in, row, col, layers[i].role, number) + 2;
    }
    return col;
}
