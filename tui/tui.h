// tui: the ncurses screens of unstuck, as one call.
#pragma once

#include "harness/catalogue.h"

// What --color said.
enum tui_colour { TUI_COLOUR_AUTO, TUI_COLOUR_NEVER, TUI_COLOUR_ALWAYS };

struct tui_options {
    enum tui_colour colour;
    bool ascii;            // no character beyond ASCII, whatever the locale says
    const char *workspace; // its root, whose exercises the catalogue has adopted; NULL: none
    const char *start;     // scenario to open at once; NULL: the list, or the course's first lesson
    const char *snapshot;  // "80x24": no terminal; feed `keys`, print the last screen as text
    const char *notice; // to be said at once, where there is nothing more important; NULL: nothing
    const char *keys;   // with snapshot: "j,enter,q"; NULL: none
};

// Shows the screens until the reader leaves. Returns an exit code (0, 2 usage, 4 environment) and
// has said why on stderr when it is not 0. The locale must not matter to the caller: it is set here.
int tui_main(struct catalogue *c, const struct tui_options *o);

// Whether the screens can be shown on this terminal. False: `why` (at least 300 bytes) says why.
bool tui_possible(char *why);
