// Whatever is typed in windows of whatever size, and stepping there and back.
#include "tui/snapshot.h"
#include "tui/tests/fake.h"

#include <criterion/criterion.h>

static struct fake f;

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

// Any key of the table or any character; not `r`, which would start a real examination.
static uint32_t random_key(uint64_t *state) {
    for (;;) {
        enum request r = (enum request)(1 + next_random(state) % (REQUEST_COUNT - 1));
        uint32_t key = next_random(state) % 4 ? request_key(r, (int)(next_random(state) % 2))
                                              : (uint32_t)(' ' + next_random(state) % 200);
        if (key && key != 'r' && key != request_key(REQUEST_QUIT, 0))
            return key;
    }
}

// Continuation cells follow a wide character, nothing is a control character, the cursor is inside.
static void well_formed(const struct cells *c) {
    for (int i = 0; i < c->rows * c->cols; i++) {
        if (c->at[i].base == 0)
            cr_assert(i % c->cols > 0 && c->at[i - 1].base >= 0x80);
        else
            cr_assert_geq(c->at[i].base, ' ');
        cr_assert_lt(c->at[i].role, ROLE_COUNT);
    }
    cr_assert(c->cursor_row == 0 || c->cursor_row < c->rows);
    cr_assert(c->cursor_col == 0 || c->cursor_col < c->cols);
}

static void storm(uint64_t seed, bool ascii) {
    uint64_t state = seed;
    fake_open(&f, 24, 80, ascii);
    for (int step = 0; step < 1500; step++) {
        if (next_random(&state) % 4 == 0) {
            int rows = (int)(1 + next_random(&state) % 100);
            int cols = (int)(1 + next_random(&state) % 300);
            ui_resize(&f.ui, rows, cols);
        }
        bool help = ui_top(&f.ui)->ops->bit == IN_HELP; // which can do what no key is pressed for
        ui_key(&f.ui, random_key(&state));
        ui_tick(&f.ui, f.ui.now + (int64_t)(next_random(&state) % 400) * MILLISECOND);
        ui_draw(&f.ui);
        well_formed(&f.ui.cells);
        cr_assert(!f.ui.over || help);
        f.ui.over = false;
    }
    ui_resize(&f.ui, 24, 80); // one too small takes no keys
    for (int i = 0; i < 2 * UI_DEPTH; i++)
        ui_key(&f.ui, KEYS_ESC);
    cr_assert_eq(f.ui.depth, 1, "esc comes back to the list and never leaves it");
    fake_close(&f);
}

Test(storm, random_keys_and_sizes_never_leave_the_buffer) {
    for (uint64_t seed = 1; seed <= 4; seed++)
        storm(seed, seed % 2);
}

Test(storm, every_size_of_every_screen_draws) {
    static const char *const keys[] = {"", "enter", "enter,w", "enter,?", "enter,s", "enter,home"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const char *bad;
        fake_open(&f, 24, 80, false);
        cr_assert(snapshot_feed(&f.ui, keys[k], &bad));
        for (int rows = 1; rows <= 60; rows += 1)
            for (int cols = 1; cols <= 200; cols += 7) {
                ui_resize(&f.ui, rows, cols);
                ui_draw(&f.ui);
                well_formed(&f.ui.cells);
            }
        fake_close(&f);
    }
}

Test(storm, left_then_right_gives_the_same_frame_at_every_event) {
    const char *bad;
    fake_open(&f, 24, 80, false);
    cr_assert(snapshot_feed(&f.ui, "enter,home", &bad));
    for (int k = 0; k < 20; k++) {
        ui_key(&f.ui, KEYS_RIGHT);
        char *before = fake_frame(&f);
        ui_key(&f.ui, KEYS_LEFT);
        char *between = fake_frame(&f);
        ui_key(&f.ui, KEYS_RIGHT);
        char *after = fake_frame(&f);
        if (k >= 1 && k < 14) // at the end `right` stays
            cr_assert_str_eq(before, after);
        cr_assert(k == 0 || strcmp(before, between) != 0);
        free(before);
        free(between);
        free(after);
    }
    fake_close(&f);
}

Test(storm, a_window_too_small_quits_with_q) {
    fake_open(&f, 6, 40, false);
    ui_key(&f.ui, KEYS_ENTER);
    cr_assert_eq(f.ui.depth, 1, "nothing opens that could not be seen");
    ui_key(&f.ui, 'q');
    cr_assert(f.ui.over);
    fake_close(&f);
}

Test(storm, esc_on_the_list_stays_and_q_leaves) {
    fake_open(&f, 24, 80, false);
    ui_key(&f.ui, KEYS_ESC);
    cr_assert_not(f.ui.over);
    ui_key(&f.ui, 'q');
    cr_assert(f.ui.over);
    fake_close(&f);
}
