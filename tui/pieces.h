// pieces: what several views draw: rules, text at the right end of a row, wrapped text, variants.
#pragma once

#include "tui/cells.h"
#include "tui/lab.h"

// A horizontal rule in one row with a title in it; "" for none.
void draw_rule(struct cells *c, struct rect in, int row, const char *title);
// The same with a note at its right end, which stays when there is not room for both.
void draw_noted_rule(struct cells *c, struct rect in, int row, const char *title, const char *note);
// "↑ 3  ↓ 12 more": the note of a rule above rows of which so many are hidden; "" for none. Returns out.
const char *hidden_rows(const struct cells *c, int above, int below, char *out, size_t size);
// "lines 5-20 of 88", what is shown of a text from line `first` (0: the top) on; "" when all. Returns out.
const char *shown_lines(int first, int rows, int lines, char *out, size_t size);
// Text at the right end of a row. What is left of the row is returned: whatever is drawn there is
// cut before it meets that text. The text itself leaves a third of the row, where it has to.
struct rect draw_right(struct cells *c, struct rect in, int row, enum role role, const char *text);
// A vertical rule in the first column of the rectangle.
void draw_bar(struct cells *c, struct rect in);
// "1 exercise  2 buffer_of_one  5 wrong: sleep": which variant is shown, which keys show others.
void draw_variants(struct cells *c, struct rect in, int row, const struct scenario_info *s,
                   size_t shown);
// "blocked 12,345" at a column when it has room as a whole. Returns the column for the next such, past
// the edge when it had none, so that none of those has either.
int draw_number(struct cells *c, struct rect in, int row, int col, enum role word_role,
                const char *word, enum role number_role, uint64_t number);
// Wrapped text from `row` on; returns the row after it. An ellipsis ends the last row that is there
// when not all of them are.
int draw_wrapped(struct cells *c, struct rect in, int row, int col, enum role role,
                 const char *text);
// The same of prose whose own line ends are for another width: they count as spaces.
int draw_prose(struct cells *c, struct rect in, int row, int col, enum role role, const char *text);

// What text for a text view has before what is of this role, up to the next such mark; NULL: it is not told apart.
const char *role_mark(enum role role);

// The role in which an outcome is drawn.
enum role outcome_role(enum outcome o);
