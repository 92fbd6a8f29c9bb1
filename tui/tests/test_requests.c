// The request table is the only source of keys: none means two things, none is nonsense, and every
// request of a screen is in its help.
#include "tui/tests/fake.h"

#include <criterion/criterion.h>

static const enum view_bit views[] = {IN_LIST, IN_RUN, IN_LIVE, IN_TEXT, IN_HELP, IN_HINT};
enum { VIEWS = sizeof views / sizeof *views };

static bool belongs(enum request r, enum view_bit view) {
    return request_row(r)->views & (unsigned)view;
}

// Words in a list of keys.
static int count_words(const char *keys) {
    int count = 0;
    for (const char *at = keys; *at; at++)
        count += *at != ' ' && (at == keys || at[-1] == ' ');
    return count;
}

Test(requests, every_key_of_the_table_is_a_key) {
    for (enum request r = REQUEST_NONE + 1; r < REQUEST_COUNT; r++) {
        int words = count_words(request_row(r)->keys);
        cr_assert_gt(words, 0, "%s has no key", request_row(r)->name);
        cr_assert_neq(request_key(r, words - 1), 0, "%s: `%s` is not all keys",
                      request_row(r)->name, request_row(r)->keys);
    }
}

Test(requests, no_key_means_two_things_on_one_screen) {
    for (int v = 0; v < VIEWS; v++)
        for (enum request r = REQUEST_NONE + 1; r < REQUEST_COUNT; r++) {
            uint32_t key;
            for (int n = 0; belongs(r, views[v]) && (key = request_key(r, n)); n++)
                cr_assert_eq(request_of(key, views[v]), r, "key %d of %s is also %s in view %x", n,
                             request_row(r)->name, request_row(request_of(key, views[v]))->name,
                             views[v]);
        }
}

Test(requests, every_request_says_what_it_does_and_where) {
    for (enum request r = REQUEST_NONE + 1; r < REQUEST_COUNT; r++) {
        cr_assert_gt(strlen(request_row(r)->help), 5, "%s", request_row(r)->name);
        cr_assert(request_row(r)->views & IN_ALL, "%s is in no view", request_row(r)->name);
    }
}

Test(requests, help_and_the_way_out_are_on_every_screen) {
    for (int v = 0; v < VIEWS; v++) {
        cr_assert(belongs(REQUEST_HELP, views[v]));
        cr_assert(belongs(REQUEST_QUIT, views[v]));
        cr_assert(belongs(REQUEST_LEAVE, views[v]));
    }
}

static void help_has_all(struct fake *f, enum view_bit view) {
    ui_key(&f->ui, '?');
    char *text = fake_frame(f);
    for (enum request r = REQUEST_NONE + 1; r < REQUEST_COUNT; r++)
        if (belongs(r, view))
            cr_assert(strstr(text, request_row(r)->help), "the help lacks %s:\n%s",
                      request_row(r)->name, text);
    free(text);
    ui_key(&f->ui, KEYS_ESC);
}

Test(requests, the_help_of_a_screen_has_every_request_of_it) {
    static struct fake f;
    fake_open(&f, 60, 120, false);
    help_has_all(&f, IN_LIST);
    ui_key(&f.ui, KEYS_ENTER);
    help_has_all(&f, IN_RUN);
    ui_key(&f.ui, 'w');
    help_has_all(&f, IN_TEXT);
    fake_close(&f);
}

// In the narrowest window nothing of the help is cut.
static void help_fits(struct fake *f) {
    ui_key(&f->ui, '?');
    char *text = fake_frame(f);
    cr_assert_not(strstr(text, "…"), "cut:\n%s", text);
    free(text);
    ui_key(&f->ui, KEYS_ESC);
}

Test(requests, the_help_of_every_screen_fits_the_narrowest_window) {
    static struct fake f;
    fake_open(&f, 60, UI_LEAST_COLS, false);
    help_fits(&f);
    ui_key(&f.ui, KEYS_ENTER);
    help_fits(&f);
    ui_key(&f.ui, 'w');
    help_fits(&f);
    ui_key(&f.ui, KEYS_ESC);
    ui_key(&f.ui, 'h');
    cr_assert_eq(ui_top(&f.ui)->ops->bit, IN_HINT);
    help_fits(&f);
    fake_close(&f);
}

Test(requests, enter_in_the_help_does_what_is_selected) {
    static struct fake f;
    fake_open(&f, 24, 80, false);
    ui_key(&f.ui, '?');
    cr_assert_eq(ui_top(&f.ui)->ops->bit, IN_HELP);
    ui_key(&f.ui, KEYS_ENTER); // the first of the list is OPEN
    cr_assert_eq(ui_top(&f.ui)->ops->bit, IN_RUN);
    cr_assert_eq(f.ui.depth, 2);
    fake_close(&f);
}

Test(requests, key_words_are_read_exactly) {
    uint32_t key;
    cr_assert(key_parse("enter", 5, &key) && key == KEYS_ENTER);
    cr_assert(key_parse("ctrl-l", 6, &key) && key == KEYS_CTRL + 'l');
    cr_assert(key_parse("é", strlen("é"), &key) && key == 0xE9);
    cr_assert_not(key_parse("entr", 4, &key));
    cr_assert_not(key_parse("", 0, &key));
    cr_assert_not(key_parse("jj", 2, &key));
}
