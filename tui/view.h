// view: a screen as a set of operations, and the stack of screens that is the user interface.
//
// Invariants: the list is at the bottom of the stack and never leaves it but to quit; only the top
// view draws and gets keys, all views tick; a view draws from scratch into the rectangle it is
// given and keeps nothing between frames but its own state. Nothing here knows of a terminal.
#pragma once

#include "tui/cells.h"
#include "tui/lab.h"
#include "tui/practice.h"
#include "tui/requests.h"

struct view;

struct view_ops {
    const char *name;  // as help calls it
    enum view_bit bit; // its column of the request table
    void (*draw)(struct view *v, struct rect area);
    // A request of its own column. LEAVE, QUIT, HELP and REDRAW come here only as a last thing.
    void (*request)(struct view *v, enum request r);
    // Sees a key before the request table does; true: taken. NULL: takes none.
    bool (*key)(struct view *v, uint32_t key);
    // Moves on what goes by itself. True: draw again. NULL: nothing does.
    bool (*tick)(struct view *v);
    // Whether something will still change by itself. NULL: nothing will.
    bool (*busy)(const struct view *v);
    void (*close)(struct view *v); // frees it
};

// First member of every view.
struct view {
    const struct view_ops *ops;
    struct ui *ui;
};

enum { UI_DEPTH = 8, UI_LEAST_ROWS = 16, UI_LEAST_COLS = 60 };

struct ui {
    const struct catalogue *catalogue;
    struct lab lab;
    struct cells cells;
    struct view *stack[UI_DEPTH];
    int depth;
    int64_t now;               // real time, ns; given by whoever runs the loop, so tests decide it
    bool over;                 // the reader left
    bool repaint;              // send every cell again, not only those that changed
    struct practice *practice; // of the workspace; NULL: not in one
    struct edit {              // asked for, to be done by whoever has the terminal
        const struct scenario_info *scenario; // NULL: nothing is
        uint32_t line;                        // 0: anywhere
        bool make;                            // a workspace first, in `home`
        char home[500];
    } edit;
    enum request sure; // asked for once; the same again is meant. REQUEST_NONE: nothing
    char notice[300];  // one line instead of the footer until the next key; "" none
};

void ui_init(struct ui *ui, const struct catalogue *c, bool ascii);
void ui_close(struct ui *ui);

// Puts a view on top. With a full stack the new view is closed again and nothing changes.
void ui_push(struct ui *ui, struct view *v);
// Closes the top view; the bottom one stays.
void ui_pop(struct ui *ui);
struct view *ui_top(const struct ui *ui);

void ui_resize(struct ui *ui, int rows, int cols);
void ui_draw(struct ui *ui);
void ui_key(struct ui *ui, uint32_t key);
void ui_request(struct ui *ui, enum request r);
// Moves everything on to `now`. True: draw again.
bool ui_tick(struct ui *ui, int64_t now);
// Whether the top view will still change by itself.
bool ui_busy(const struct ui *ui);

// The reader wants to edit an exercise, or to have it as it was shipped: in a workspace that is done, else
// one is offered.
void ui_edit(struct ui *ui, const struct scenario_info *s, uint32_t line);
void ui_reset(struct ui *ui, const struct scenario_info *s);

void ui_notice(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Whole screens, each opened on top of what is there.
void list_view_open(struct ui *ui);
void run_view_open(struct ui *ui, const struct scenario_info *s, size_t variant);
void live_view_open(struct ui *ui, const struct scenario_info *s, size_t variant);
void help_view_open(struct ui *ui);
void hint_view_open(struct ui *ui, const struct scenario_info *s);
void guide_view_open(struct ui *ui, const struct scenario_info *s);
// Takes the text over, which must be malloc'ed.
void text_view_open(struct ui *ui, const char *title, char *text);

// The list goes to a scenario; used by views that move from one to the next.
void list_view_select(struct ui *ui, const struct scenario_info *s);
// The scenario it is at; NULL: none.
const struct scenario_info *list_view_selected(const struct ui *ui);
