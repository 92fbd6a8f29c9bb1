// snapshot: the screens without a terminal: feed keys, get the last screen as text.
#pragma once

#include "tui/view.h"

// Lets everything that goes by itself come to rest: examinations end, runs play to their end.
void snapshot_settle(struct ui *ui);

// Reads "80x24". False: malformed, or sides not in 1 .. 999.
bool snapshot_size(const char *text, int *rows, int *cols);

// Feeds "j,enter,q", settling after each. False: *bad is the first word that is no key.
bool snapshot_feed(struct ui *ui, const char *keys, const char **bad);
