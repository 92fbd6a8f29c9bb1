// The loop between the views and the terminal, and its twin without one.
#include "tui/tui.h"

#include "harness/clock.h"
#include "harness/workspace.h"
#include "tui/editor.h"
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

// A user interface in a workspace, or in none.
static void begin(struct ui *ui, struct catalogue *c, const char *root, bool ascii) {
    char why[300] = "";
    ui_init(ui, c, ascii);
    if (root)
        ui->practice = practice_open(c, &ui->lab, root, why);
    if (*why)
        ui_notice(ui, "%s", why);
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

// In a workspace the next exercise is what one came for.
static void open_exercise(struct ui *ui, const struct tui_options *o) {
    const struct scenario_info *next = practice_next(ui->practice);
    const struct scenario_info *s = o->start ? catalogue_find(ui->catalogue, o->start) : next;
    list_view_open(ui);
    if (!s) {
        ui_notice(ui, "Every exercise is solved. L puts load on one, g has the story.");
        return;
    }
    list_view_select(ui, s);
    run_view_open(ui, s, 0);
}

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

// ---- editing ----

// From here on the exercises are those of a workspace that is made now; the screens begin anew, since the
// catalogue changes under them.
static bool move_in(struct ui *ui) {
    struct catalogue *c = (struct catalogue *)(uintptr_t)ui->catalogue;
    char why[300], home[sizeof ui->edit.home], *root;
    struct text said = {0};
    const struct scenario_info *s = ui->edit.scenario;
    int rows = ui->cells.rows, cols = ui->cells.cols;
    snprintf(home, sizeof home, "%s", ui->edit.home);
    root = workspace_find(home);
    bool made = (root || workspace_make(c, home, &said, why)) &&
                (root || (root = workspace_find(home))) && workspace_adopt(root, c, why);
    text_free(&said);
    if (!made) {
        ui_notice(ui, "%s", why);
        ui->edit.scenario = NULL;
        free(root);
        return false;
    }
    bool ascii = ui->cells.ascii;
    ui_close(ui);
    begin(ui, c, root, ascii);
    ui_resize(ui, rows, cols);
    ui->now = clock_now();
    list_view_open(ui);
    list_view_select(ui, s);
    run_view_open(ui, s, 0);
    ui_notice(ui, "This is your workspace now: %.200s. Run unstuck in there to go on.", home);
    free(root);
    return true;
}

static void fit(struct ui *ui) {
    int rows, cols;
    screen_size(&rows, &cols);
    ui_resize(ui, rows, cols);
}

static void edit(struct ui *ui) {
    struct edit wanted = ui->edit;
    char why[300];
    if (wanted.make && !move_in(ui))
        return;
    ui->edit = (struct edit){0};
    char *file = workspace_exercise(practice_root(ui->practice), wanted.scenario);
    screen_suspend();
    if (!editor_run(file, wanted.line, why))
        ui_notice(ui, "%s", why);
    screen_resume();
    fit(ui);
    free(file);
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
        if (ui->edit.scenario) {
            edit(ui);
            changed = true;
            continue;
        }
        if (screen_stopping()) {
            screen_stop();
            fit(ui);
            changed = true;
            continue;
        }
        bool moving = ui_busy(ui) || lab_busy(&ui->lab);
        changed = take_keys(ui, moving ? FRAME_MS : IDLE_MS);
    }
}

static int interactive(struct ui *ui, const struct tui_options *o) {
    char why[300];
    if (!screen_open(o->colour, why)) {
        fprintf(stderr, "unstuck: %s\n", why);
        return EXIT_NO_TERMINAL;
    }
    ui->now = clock_now();
    fit(ui);
    if (ui->practice)
        open_exercise(ui, o);
    else
        open_first_screen(ui, o);
    loop(ui);
    const struct scenario_info *last = list_view_selected(ui);
    if (last)
        place_write(last->name);
    screen_close();
    return EXIT_OK;
}

int tui_main(struct catalogue *c, const struct tui_options *o) {
    struct ui ui;
    bool ascii = locale_is_ascii() || o->ascii;
    begin(&ui, c, o->workspace, ascii);
    int code = o->snapshot ? snapshot(&ui, o) : interactive(&ui, o);
    ui_close(&ui);
    int killed_by = o->snapshot ? 0 : screen_ending();
    if (killed_by) {
        signal(killed_by, SIG_DFL);
        raise(killed_by);
    }
    return code;
}
