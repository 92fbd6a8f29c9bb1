// why: the verdict in words, as lines to draw: what it is, who is left and why nothing can wake
// it, which checks failed, what to do next.
#pragma once

#include "tui/cells.h"
#include "tui/lab.h"
#include "tui/player.h"

enum { WHY_LINES = 96 };

struct why {
    int count;
    struct why_line {
        enum role role;
        int indent;
        bool circumstance; // gives way where there is little room
        char text[400];
    } lines[WHY_LINES];
};

// focus: the left task to speak of first, EVENT_NOBODY: any. full: every left task, every check. also:
// what else there is to say of an exercise, a line each (practice.h); "" nothing.
void why_build(struct why *w, const struct trial *t, const struct player *p, uint32_t focus,
               bool full, const char *also);

// The same as lines, each with the mark of its role (role_mark), malloc'ed.
char *why_text(const struct why *w);

// Draws it, wrapped. Where not all fits the circumstances go first, what they lead to stays.
// Returns whether all was drawn.
bool why_draw(const struct why *w, struct cells *c, struct rect in);
