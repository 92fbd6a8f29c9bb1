// Clipping, wide characters, marks, broken bytes, wrapping.
#include "tui/cells.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static struct cells c;

static void begin(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    cells_init(&c, false);
    cells_resize(&c, 3, 10);
}

static void end(void) {
    cells_free(&c);
}

static void shows(const char *expected) {
    char *text = cells_text(&c);
    cr_assert_str_eq(text, expected);
    free(text);
}

TestSuite(cells, .init = begin, .fini = end);

Test(cells, text_lands_where_it_is_put) {
    int col = cells_put(&c, cells_rect(&c), 1, 2, ROLE_BAD, "leak");
    cr_assert_eq(col, 6);
    cr_assert_eq(c.at[12].role, ROLE_BAD);
    cr_assert_eq(c.at[11].role, ROLE_TEXT);
    shows("\n  leak\n\n");
}

Test(cells, text_is_clipped_to_its_rectangle) {
    struct rect in = rect(0, 2, 1, 4);
    cells_put(&c, in, 0, -2, ROLE_TEXT, "abcdefghij");
    cells_put(&c, in, 1, 0, ROLE_TEXT, "below");
    cells_put(&c, in, -1, 0, ROLE_TEXT, "above");
    shows("  cde…\n\n\n");
}

Test(cells, what_is_cut_ends_in_an_ellipsis) {
    struct rect in = rect(0, 0, 3, 4);
    cells_put(&c, in, 0, 0, ROLE_TEXT, "four");
    cells_put(&c, in, 1, 0, ROLE_TEXT, "fives");
    cells_put(&c, in, 2, 0, ROLE_TEXT, "four  ");
    shows("four\nfiv…\nfour\n");
}

Test(cells, so_does_what_comes_after_the_edge) {
    struct rect in = rect(0, 0, 3, 4);
    int col = cells_put(&c, in, 0, 0, ROLE_TEXT, "four");
    cells_put(&c, in, 0, col, ROLE_BAD, "more");
    cells_put(&c, in, 1, 9, ROLE_BAD, "far away");
    cells_put(&c, in, 2, 9, ROLE_BAD, "  ");
    shows("fou…\n   …\n\n");
}

Test(cells, a_cut_is_one_column_in_ascii_too) {
    c.ascii = true;
    cells_put(&c, rect(0, 0, 1, 4), 0, 0, ROLE_TEXT, "fives");
    shows("fiv~\n\n\n");
}

Test(cells, a_mark_on_the_last_column_is_kept) {
    cells_put(&c, rect(0, 0, 1, 2), 0, 0, ROLE_TEXT, "te\xCC\x81");
    cr_assert_eq(c.at[1].marks[0], 0x301);
    shows("te\xCC\x81\n\n\n");
}

Test(cells, what_is_aligned_right_stays_before_its_end) {
    cells_right(&c, cells_rect(&c), 0, 4, ROLE_TEXT, "123456");
    shows("123…\n\n\n");
}

Test(cells, a_rectangle_past_the_buffer_draws_nothing_outside) {
    cells_put(&c, rect(2, 8, 9, 9), 0, 0, ROLE_TEXT, "corner");
    cells_fill(&c, rect(-5, -5, 6, 6), ROLE_TEXT, '#');
    shows("#\n\n        c…\n");
}

Test(cells, sizes_below_zero_count_as_zero) {
    struct rect r = rect(1, 1, -3, -4);
    cr_assert_eq(r.rows, 0);
    cr_assert_eq(r.cols, 0);
    struct rect all = cells_rect(&c);
    struct rect taken = rect_take_rows(&all, 99);
    cr_assert_eq(taken.rows, 3);
    cr_assert_eq(all.rows, 0);
    cr_assert_eq(rect_take_cols(&all, -1).cols, 0);
}

Test(cells, a_wide_character_takes_two_columns) {
    int col = cells_put(&c, cells_rect(&c), 0, 0, ROLE_TEXT, "a漢b");
    cr_assert_eq(col, 4);
    cr_assert_eq(c.at[2].base, 0);
    shows("a漢b\n\n\n");
}

Test(cells, a_wide_character_is_never_cut_in_half) {
    cells_put(&c, rect(0, 0, 1, 4), 0, 0, ROLE_TEXT, "abc漢");
    shows("abc…\n\n\n");
    cells_put(&c, cells_rect(&c), 1, 0, ROLE_TEXT, "漢字");
    cells_put(&c, cells_rect(&c), 1, 1, ROLE_TEXT, "x");
    cells_put(&c, cells_rect(&c), 1, 2, ROLE_TEXT, "y");
    shows("abc…\n xy\n\n");
}

Test(cells, a_combining_mark_stays_with_its_base) {
    cells_put(&c, cells_rect(&c), 0, 0, ROLE_TEXT, "e\xCC\x81t");
    cr_assert_eq(c.at[0].marks[0], 0x301);
    cr_assert_eq(c.at[1].base, 't');
}

Test(cells, control_characters_and_broken_bytes_become_dots) {
    cells_put(&c, cells_rect(&c), 0, 0, ROLE_TEXT, "a\033b\xFFz\xC3");
    shows("a.b.z.\n\n\n");
}

Test(cells, tabs_are_expanded) {
    int col = cells_put(&c, cells_rect(&c), 0, 0, ROLE_TEXT, "a\tb");
    cr_assert_eq(col, 5);
    shows("a   b\n\n\n");
}

Test(cells, overlong_and_surrogate_sequences_are_refused) {
    const char *overlong = "\xC0\x80", *surrogate = "\xED\xA0\x80";
    cr_assert_eq(utf8_next(&overlong), 0xFFFD);
    cr_assert_eq(utf8_next(&surrogate), 0xFFFD);
}

Test(cells, ascii_draws_what_it_cannot_show_as_a_question_mark) {
    c.ascii = true;
    cells_put(&c, cells_rect(&c), 0, 0, ROLE_TEXT, "é漢");
    shows("??\n\n\n");
}

Test(cells, a_field_says_where_it_was_cut) {
    int col = cells_field(&c, cells_rect(&c), 0, 0, 5, ROLE_TEXT, "waiting");
    cr_assert_eq(col, 5);
    cells_put(&c, cells_rect(&c), 1, 0, ROLE_TEXT, "##########");
    cells_field(&c, cells_rect(&c), 1, 2, 5, ROLE_TEXT, "ok");
    shows("wait…\n##ok   ###\n\n");
}

Test(cells, right_aligned_text_ends_at_its_column) {
    cells_right(&c, cells_rect(&c), 0, 6, ROLE_TEXT, "42");
    shows("    42\n\n\n");
}

Test(cells, an_empty_buffer_takes_anything) {
    cells_resize(&c, 0, -7);
    cells_put(&c, cells_rect(&c), 0, 0, ROLE_TEXT, "x");
    cells_fill(&c, rect(0, 0, 50, 50), ROLE_TEXT, 'x');
    cells_paint(&c, rect(0, 0, 50, 50), 0, ROLE_BAD);
    cells_cursor(&c, rect(0, 0, 50, 50), 0, 0);
    shows("");
}

static void collect(void *user, const char *line) {
    strncat(user, line, 100);
    strncat(user, "/", 2);
}

Test(cells, lines_break_at_spaces_where_they_can) {
    char out[400] = "";
    wrap_lines("nobody can ever receive", 10, collect, out);
    cr_assert_str_eq(out, "nobody can/ever/receive/");
}

Test(cells, a_word_longer_than_the_line_is_cut) {
    char out[400] = "";
    wrap_lines("abcdefgh ij\n\nk", 3, collect, out);
    cr_assert_str_eq(out, "abc/def/gh/ij//k/");
}
