// cells: a screen as an array of character cells. Views draw here and nowhere else; one backend
// sends it to the terminal and tests read it as text.
//
// Invariants: no function writes outside the buffer or outside the rectangle it was given, whatever
// the arguments; sizes below zero count as zero. A character two columns wide occupies its cell and
// a continuation cell, and is never cut in half: where only one column is left a space is drawn.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a cell means. The backend decides how that looks; colour never carries meaning alone.
#define ROLES(X)                                                                                   \
    X(TEXT)                                                                                        \
    X(TITLE)   /* headings */                                                                      \
    X(DIM)     /* secondary text */                                                                \
    X(FRAME)   /* rules and axes */                                                                \
    X(KEY)     /* a key to press */                                                                \
    X(GOOD)    /* passed, ended */                                                                 \
    X(BAD)     /* failed, left behind */                                                           \
    X(WARN)    /* not known yet, unavailable */                                                    \
    X(RUNNING) /* states of tasks, in tables and curves */                                         \
    X(BLOCKED)                                                                                     \
    X(SLEEPING)                                                                                    \
    X(ENDED)                                                                                       \
    X(SELECTED)     /* the row the reader is on */                                                 \
    X(SELECTED_BAD) /* ... where it says BAD */                                                    \
    X(MARK)         /* the source line where something waits */

enum role {
#define X(name) ROLE_##name,
    ROLES(X)
#undef X
        ROLE_COUNT
};

// One cell: a base character with its combining marks.
struct cell {
    uint32_t base;     // a code point; 0: the right half of the wide character before it
    uint32_t marks[2]; // combining characters, 0: none
    uint8_t role;      // enum role
};

struct cells {
    int rows, cols;
    struct cell *at;            // rows * cols
    int cursor_row, cursor_col; // where the hardware cursor rests
    bool ascii;                 // characters beyond ASCII are drawn as '?'
};

// A part of a screen. Rows and columns below zero are clamped by rect().
struct rect {
    int row, col, rows, cols;
};

void cells_init(struct cells *c, bool ascii);
void cells_free(struct cells *c);
// Makes it rows x cols, blank. Sizes below 1 give an empty buffer in which nothing is drawn.
void cells_resize(struct cells *c, int rows, int cols);
void cells_clear(struct cells *c);

struct rect cells_rect(const struct cells *c); // all of it
struct rect rect(int row, int col, int rows, int cols);
// The first n rows, and what is left below them; the same for columns. n is clamped to what is there.
struct rect rect_take_rows(struct rect *from, int n);
struct rect rect_take_cols(struct rect *from, int n);

// Draws UTF-8 text at (row, col) of the rectangle, clipped to it: what has no room on the right
// leaves an ellipsis in the last column, unless it is nothing but spaces. Control characters and
// broken bytes are drawn as '.', tabs up to the next multiple of 4. Returns the column after the
// text; past the edge when it was cut.
int cells_put(struct cells *c, struct rect in, int row, int col, enum role role, const char *text);
int cells_printf(struct cells *c, struct rect in, int row, int col, enum role role,
                 const char *format, ...) __attribute__((format(printf, 6, 7)));
// The same in at most `width` columns; pads with spaces. Returns col + width.
int cells_field(struct cells *c, struct rect in, int row, int col, int width, enum role role,
                const char *text);
// Right-aligned: the text ends before column `end`, and is cut there when it is too long.
void cells_right(struct cells *c, struct rect in, int row, int end, enum role role,
                 const char *text);

void cells_fill(struct cells *c, struct rect in, enum role role, uint32_t base);
// Changes the role of one row and keeps the characters.
void cells_paint(struct cells *c, struct rect in, int row, enum role role);
// Marks one row as the selected one; what is bad stays bad.
void cells_select(struct cells *c, struct rect in, int row);
// Puts the hardware cursor there, if it is inside.
void cells_cursor(struct cells *c, struct rect in, int row, int col);

// Columns that the text takes when drawn.
int cells_columns(const char *text);

// Called with each line of at most `width` columns, broken at spaces where possible.
typedef void wrapped_line(void *user, const char *line);
// Breaks text into lines; a paragraph that starts with spaces is indented as a whole. Width below 1 counts as 1.
void wrap_lines(const char *text, int width, wrapped_line *line, void *user);

// The whole screen as UTF-8, one line per row, trailing spaces removed; malloc'ed.
char *cells_text(const struct cells *c);

// Decodes one character; advances *text; 0 at the end. Broken bytes give U+FFFD.
uint32_t utf8_next(const char **text);
// Encodes; returns the length (1 to 4), without NUL.
int utf8_put(uint32_t codepoint, char out[4]);
