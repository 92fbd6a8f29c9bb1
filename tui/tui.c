// The loop between the views and the terminal, and its twin without one.
#include "tui/tui.h"

#include "harness/clock.h"
#include "tui/place.h"
#include "tui/screen.h"
#include "tui/snapshot.h"
#include "tui/view.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_OK = 0, EXIT_BAD_USAGE = 2, EXIT_NO_TERMINAL = 4 };
enum { FRAME_MS = 20, IDLE_MS = 250 };

static bool locale_is_ascii(void) {
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

bool tui_possible(char *why) {
    return screen_possible(why);
}

// ---- without a terminal ----

static int print_screen(struct ui *ui) {
    ui_draw(ui);
    char *text = cells_text(&ui->cells);
    fputs(text, stdout);
    free(text);
    return EXIT_OK;
}

static int snapshot(struct ui *ui, const struct tui_options *o) {
    int rows, cols;
    const char *bad = NULL;
    if (!snapshot_size(o->snapshot, &rows, &cols)) {
        fprintf(stderr, "unstuck: --snapshot takes WIDTHxHEIGHT, as in 80x24; not `%.40s`\n",
                o->snapshot);
        return EXIT_BAD_USAGE;
    }
    ui_resize(ui, rows, cols);
    list_view_open(ui);
    const struct scenario_info *s = o->start ? catalogue_find(ui->catalogue, o->start) : NULL;
    if (s)
        run_view_open(ui, s, 0);
    ui_draw(ui);
    snapshot_settle(ui);
    if (o->keys && !snapshot_feed(ui, o->keys, &bad)) {
        fprintf(stderr, "unstuck: --keys: `%.*s` is no key; try j, enter, esc, right, ctrl-l\n",
                (int)strcspn(bad, ","), bad);
        return EXIT_BAD_USAGE;
    }
    return print_screen(ui);
}

// ---- on a terminal ----

// The first time, the first case plays at once; later the list opens where the reader was.
static void open_first_screen(struct ui *ui, const struct tui_options *o) {
    char place[SCHEDULE_NAME] = "";
    bool first_time = !place_read(place, sizeof place);
    list_view_open(ui);
    const struct scenario_info *s = catalogue_find(ui->catalogue, o->start ? o->start : place);
    if (s)
        list_view_select(ui, s);
    if (o->start && s) {
        run_view_open(ui, s, 0);
    } else if (first_time && ui->catalogue->count) {
        run_view_open(ui, &ui->catalogue->scenarios[0], 0);
        if (!o->notice)
            ui_notice(ui, "Welcome. This is the first case, as it is: watch who stays behind. "
                          "esc shows all cases, ? the keys.");
    }
    if (o->notice)
        ui_notice(ui, "%s", o->notice);
}

static bool take_keys(struct ui *ui, int wait_ms) {
    uint32_t key;
    bool any = false;
    while (!ui->over && !screen_ending() && screen_key(wait_ms, &key)) {
        any = true;
        wait_ms = 0;
        if (key == KEYS_RESIZE) {
            int rows, cols;
            screen_size(&rows, &cols);
            ui_resize(ui, rows, cols);
        } else {
            ui_key(ui, key);
        }
    }
    return any;
}

static void loop(struct ui *ui) {
    bool changed = true;
    while (!ui->over && !screen_ending()) {
        changed |= ui_tick(ui, clock_now());
        if (changed) {
            ui_draw(ui);
            screen_show(&ui->cells, ui->repaint);
            ui->repaint = false;
        }
        bool moving = ui_busy(ui) || lab_busy(&ui->lab);
        changed = take_keys(ui, moving ? FRAME_MS : IDLE_MS);
    }
}

static int interactive(struct ui *ui, const struct tui_options *o) {
    char why[300];
    int rows, cols;
    if (!screen_open(o->colour, why)) {
        fprintf(stderr, "unstuck: %s\n", why);
        return EXIT_NO_TERMINAL;
    }
    screen_size(&rows, &cols);
    ui->now = clock_now();
    ui_resize(ui, rows, cols);
    open_first_screen(ui, o);
    loop(ui);
    const struct scenario_info *last = list_view_selected(ui);
    if (last)
        place_write(last->name);
    screen_close();
    return EXIT_OK;
}

int tui_main(const struct catalogue *c, const struct tui_options *o) {
    struct ui ui;
    bool ascii = locale_is_ascii() || o->ascii;
    ui_init(&ui, c, ascii);
    int code = o->snapshot ? snapshot(&ui, o) : interactive(&ui, o);
    ui_close(&ui);
    int killed_by = o->snapshot ? 0 : screen_ending();
    if (killed_by) {
        signal(killed_by, SIG_DFL);
        raise(killed_by);
    }
    return code;
}
