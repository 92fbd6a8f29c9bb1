// screen: the one place that knows of ncurses and of the terminal. Shows cells, reads keys.
//
// Whatever ends the program, the terminal is as it was before: closing does it, and so do the
// handlers of the signals that kill.
#pragma once

#include "tui/cells.h"
#include "tui/tui.h"

enum { KEYS_RESIZE = 0x130000 }; // comes as a key; beyond those of requests.h

// Whether a terminal is there that can show screens. False: `why` (at least 300 bytes), a sentence.
bool screen_possible(char *why);

// Takes the terminal over. False: `why`.
bool screen_open(enum tui_colour colour, char *why);
void screen_close(void);

// Gives the terminal to another program, and takes it back; then everything is to be drawn again.
void screen_suspend(void);
void screen_resume(void);

// Whether ctrl-z was pressed, and obeying it: leaves the terminal, stops the process, and takes the terminal back when
// it is continued.
bool screen_stopping(void);
void screen_stop(void);

void screen_size(int *rows, int *cols);
// Shows the cells; only what differs from the last time is sent, all of it with `repaint`.
void screen_show(const struct cells *c, bool repaint);

// Waits at most `ms` for a key. False: none came.
bool screen_key(int ms, uint32_t *key);

// The signal that asked the program to end (SIGINT, SIGTERM, SIGHUP), or SIGHUP when the terminal
// went away; 0: none did.
int screen_ending(void);
