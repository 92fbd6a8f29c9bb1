#include "tui/cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { TAB = 4, PRINT_ROOM = 1024, REPLACEMENT = 0xFFFD, ELLIPSIS = 0x2026 };

static int clamp(int n, int low, int high) {
    return n < low ? low : n > high ? high : n;
}

// ---- UTF-8 ----

static int continuation_bytes(unsigned char first) {
    if (first >= 0xF0 && first < 0xF8)
        return 3;
    if (first >= 0xE0)
        return 2;
    return first >= 0xC0 ? 1 : -1;
}

static bool well_formed(uint32_t codepoint, int bytes) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    return codepoint >= least[bytes] && codepoint <= 0x10FFFF &&
           (codepoint < 0xD800 || codepoint > 0xDFFF);
}

uint32_t utf8_next(const char **text) {
    const unsigned char *at = (const unsigned char *)*text;
    if (!*at)
        return 0;
    *text += 1;
    if (*at < 0x80)
        return *at;
    int more = *at >= 0xF8 ? -1 : continuation_bytes(*at);
    if (more < 0)
        return REPLACEMENT;
    uint32_t codepoint = *at & (0x3Fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return REPLACEMENT;
        codepoint = codepoint << 6 | (at[i] & 0x3Fu);
    }
    if (!well_formed(codepoint, more))
        return REPLACEMENT;
    *text += more;
    return codepoint;
}

int utf8_put(uint32_t codepoint, char out[4]) {
    if (codepoint < 0x80) {
        out[0] = (char)codepoint;
        return 1;
    }
    int more = codepoint < 0x800 ? 1 : codepoint < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[more] | codepoint >> (6 * more));
    for (int i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (codepoint >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

// The character as it can be drawn, and how many columns it takes: 0 for a combining mark. What the
// terminal would not print, or would take as a command, becomes a dot.
static int drawable(uint32_t *codepoint) {
    if (*codepoint < 0x20 || *codepoint == 0x7F || *codepoint == REPLACEMENT) {
        *codepoint = '.';
        return 1;
    }
    if (*codepoint < 0x7F)
        return 1;
    int width = wcwidth((wchar_t)*codepoint);
    if (width < 0) {
        *codepoint = '.';
        return 1;
    }
    return width;
}

int cells_columns(const char *text) {
    int columns = 0;
    for (uint32_t c; (c = utf8_next(&text));)
        columns += c == '\t' ? TAB - columns % TAB : drawable(&c);
    return columns;
}

// ---- rectangles ----

struct rect rect(int row, int col, int rows, int cols) {
    return (struct rect){row, col, rows > 0 ? rows : 0, cols > 0 ? cols : 0};
}

struct rect rect_take_rows(struct rect *from, int n) {
    n = clamp(n, 0, from->rows);
    struct rect taken = rect(from->row, from->col, n, from->cols);
    *from = rect(from->row + n, from->col, from->rows - n, from->cols);
    return taken;
}

struct rect rect_take_cols(struct rect *from, int n) {
    n = clamp(n, 0, from->cols);
    struct rect taken = rect(from->row, from->col, from->rows, n);
    *from = rect(from->row, from->col + n, from->rows, from->cols - n);
    return taken;
}

// ---- the buffer ----

void cells_init(struct cells *c, bool ascii) {
    *c = (struct cells){.ascii = ascii};
}

void cells_free(struct cells *c) {
    free(c->at);
    *c = (struct cells){0};
}

void cells_resize(struct cells *c, int rows, int cols) {
    rows = clamp(rows, 0, 1000);
    cols = clamp(cols, 0, 2000);
    size_t count = (size_t)rows * (size_t)cols;
    free(c->at);
    c->at = calloc(count ? count : 1, sizeof *c->at);
    if (!c->at)
        abort();
    c->rows = rows;
    c->cols = cols;
    cells_clear(c);
}

void cells_clear(struct cells *c) {
    for (int i = 0; i < c->rows * c->cols; i++)
        c->at[i] = (struct cell){.base = ' '};
    c->cursor_row = c->cursor_col = 0;
}

struct rect cells_rect(const struct cells *c) {
    return rect(0, 0, c->rows, c->cols);
}

// The cell at (row, col) of the rectangle; NULL outside it or outside the buffer.
static struct cell *cell_at(const struct cells *c, struct rect in, int row, int col) {
    if (row < 0 || col < 0 || row >= in.rows || col >= in.cols)
        return NULL;
    int y = in.row + row, x = in.col + col;
    if (y < 0 || x < 0 || y >= c->rows || x >= c->cols)
        return NULL;
    return &c->at[y * c->cols + x];
}

// A wide character that loses one half becomes spaces.
static void unpair(struct cells *c, struct cell *at) {
    int x = (int)((at - c->at) % c->cols);
    if (at->base == 0 && x > 0)
        at[-1].base = ' ';
    if (x + 1 < c->cols && at[1].base == 0)
        at[1].base = ' ';
}

static void set(struct cells *c, struct cell *at, enum role role, uint32_t base) {
    unpair(c, at);
    *at = (struct cell){.base = base, .role = (uint8_t)role};
}

static void add_mark(struct cells *c, struct rect in, int row, int col, uint32_t mark) {
    struct cell *at = cell_at(c, in, row, col);
    if (at && at->base == 0)
        at = cell_at(c, in, row, col - 1);
    if (!at || c->ascii)
        return;
    if (!at->marks[0])
        at->marks[0] = mark;
    else if (!at->marks[1])
        at->marks[1] = mark;
}

// Draws one character of known width; returns its width.
static int put_char(struct cells *c, struct rect in, int row, int col, enum role role,
                    uint32_t base, int width) {
    struct cell *at = cell_at(c, in, row, col);
    struct cell *right = width == 2 ? cell_at(c, in, row, col + 1) : NULL;
    if (c->ascii && base > 0x7E)
        base = base == ELLIPSIS ? '~' : '?';
    if (at && width == 2 && !right)
        base = ' ';
    if (at)
        set(c, at, role, base);
    if (right)
        set(c, right, role, base < 0x80 ? ' ' : 0);
    if (at && right && base >= 0x80)
        at->base = base; // taking the right half had cut it
    return width;
}

// Draws one character that is no mark; returns the column after it. *cut: there was no room for it.
static int put_next(struct cells *c, struct rect in, int row, int col, enum role role, uint32_t ch,
                    int width, bool *cut) {
    if (col + width > in.cols && ch != ' ')
        *cut = true;
    return col + put_char(c, in, row, col, role, ch, width);
}

int cells_put(struct cells *c, struct rect in, int row, int col, enum role role, const char *text) {
    bool cut = false;
    in.cols = clamp(in.cols, 0, c->cols - in.col);
    for (uint32_t ch; !cut && (ch = utf8_next(&text));) {
        int spaces = ch == '\t' ? TAB - col % TAB : 0;
        for (int i = 0; i < spaces; i++)
            col = put_next(c, in, row, col, role, ' ', 1, &cut);
        if (spaces)
            continue;
        int width = drawable(&ch);
        if (width == 0)
            add_mark(c, in, row, col - 1, ch);
        else
            col = put_next(c, in, row, col, role, ch, width, &cut);
    }
    if (cut && in.cols > 0)
        put_char(c, in, row, in.cols - 1, role, ELLIPSIS, 1);
    return col;
}

int cells_printf(struct cells *c, struct rect in, int row, int col, enum role role,
                 const char *format, ...) {
    char text[PRINT_ROOM];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return cells_put(c, in, row, col, role, text);
}

int cells_field(struct cells *c, struct rect in, int row, int col, int width, enum role role,
                const char *text) {
    if (width <= 0)
        return col;
    struct rect field = rect(in.row + row, in.col + col, 1, clamp(width, 0, in.cols - col));
    if (row < 0 || row >= in.rows || col < 0 || col >= in.cols)
        return col + width;
    for (int end = cells_put(c, field, 0, 0, role, text); end < field.cols; end++)
        put_char(c, field, 0, end, role, ' ', 1);
    return col + width;
}

void cells_right(struct cells *c, struct rect in, int row, int end, enum role role,
                 const char *text) {
    int start = end - cells_columns(text);
    struct rect before = rect(in.row, in.col, in.rows, end < in.cols ? end : in.cols);
    cells_put(c, before, row, start > 0 ? start : 0, role, text);
}

void cells_fill(struct cells *c, struct rect in, enum role role, uint32_t base) {
    for (int row = 0; row < in.rows; row++)
        for (int col = 0; col < in.cols; col++)
            put_char(c, in, row, col, role, base, 1);
}

void cells_paint(struct cells *c, struct rect in, int row, enum role role) {
    for (int col = 0; col < in.cols; col++) {
        struct cell *at = cell_at(c, in, row, col);
        if (at)
            at->role = (uint8_t)role;
    }
}

// One bar of one colour, however little of the row is bad.
void cells_select(struct cells *c, struct rect in, int row) {
    bool bad = false;
    for (int col = 0; col < in.cols && !bad; col++) {
        struct cell *at = cell_at(c, in, row, col);
        bad = at && at->role == ROLE_BAD;
    }
    cells_paint(c, in, row, bad ? ROLE_SELECTED_BAD : ROLE_SELECTED);
}

void cells_cursor(struct cells *c, struct rect in, int row, int col) {
    if (!cell_at(c, in, row, col))
        return;
    c->cursor_row = in.row + row;
    c->cursor_col = in.col + col;
}

// ---- text ----

// How many bytes of `text` fit in `width` columns, at least one character; a newline ends it.
static size_t fitting(const char *text, int width) {
    const char *at = text, *space = NULL;
    int columns = 0;
    while (*at && *at != '\n') {
        const char *before = at;
        uint32_t c = utf8_next(&at);
        columns += c == '\t' ? TAB - columns % TAB : drawable(&c);
        if (columns > width && before > text)
            return (size_t)((*before == ' ' ? before : space ? space : before) - text);
        if (c == ' ' && before > text)
            space = before;
    }
    return (size_t)(at - text);
}

// One line out: `indent` spaces, then `length` bytes of text.
static void emit(const char *text, size_t length, int indent, wrapped_line *line, void *user) {
    char out[PRINT_ROOM];
    size_t spaces = (size_t)clamp(indent, 0, PRINT_ROOM / 2), room = sizeof out - 1 - spaces;
    memset(out, ' ', spaces);
    size_t kept = length < room ? length : room;
    memcpy(out + spaces, text, kept);
    out[spaces + kept] = '\0';
    line(user, out);
}

// One paragraph; lines after its first are indented as it is. Returns where it ends.
static const char *wrap_paragraph(const char *text, int width, wrapped_line *line, void *user) {
    int indent = clamp((int)strspn(text, " "), 0, width / 2);
    size_t length = fitting(text, width);
    emit(text, length, 0, line, user);
    for (text += length; *text && *text != '\n'; text += length) {
        text += strspn(text, " ");
        length = fitting(text, width - indent);
        if (length)
            emit(text, length, indent, line, user);
    }
    return text;
}

void wrap_lines(const char *text, int width, wrapped_line *line, void *user) {
    width = width < 1 ? 1 : width;
    do {
        text = wrap_paragraph(text, width, line, user);
        if (*text == '\n' && *++text == '\0')
            return;
    } while (*text);
}

char *cells_text(const struct cells *c) {
    // A cell is at most three code points of four bytes.
    char *text = malloc((size_t)c->rows * ((size_t)c->cols * 12 + 1) + 1);
    if (!text)
        abort();
    char *out = text;
    for (int row = 0; row < c->rows; row++) {
        char *end = out; // after the last character that is not a space
        for (int col = 0; col < c->cols; col++) {
            const struct cell *at = &c->at[row * c->cols + col];
            if (at->base)
                out += utf8_put(at->base, out);
            for (int i = 0; i < 2 && at->marks[i]; i++)
                out += utf8_put(at->marks[i], out);
            if (at->base && at->base != ' ')
                end = out;
        }
        out = end;
        *out++ = '\n';
    }
    *out = '\0';
    return text;
}
