// graph: the wait graph of a run as text to scroll: who waits for whom.
#pragma once

#include "tui/player.h"

// At the moment that the player shows: everybody who is parked then; at the end of the run whoever is
// left. malloc'ed.
char *graph_text(const struct player *p);

// What a screen of it is called: "WHO WAITS FOR WHOM after event 7 of 9". Returns out.
const char *graph_title(const struct player *p, char *out, size_t size);
