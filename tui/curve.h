// curve: how many tasks were alive, by state, as a stacked area over events or over time.
//
// Bottom to top: left behind, blocked, sleeping, runnable. What can never run again lies at the
// bottom, where one sees whether it goes away.
#pragma once

#include "tui/cells.h"
#include "tui/player.h"

enum curve_axis { CURVE_BY_EVENT, CURVE_BY_TIME };

struct curve {
    const struct moment *moments; // count of them, times never falling
    size_t count;
    size_t shown;    // the moment the reader is at
    size_t furthest; // moments up to here are outlined, later ones are not drawn
    enum curve_axis axis;
    // What stays for ever, "1 left": said beside a tail that repeats the last moment, once that is
    // shown. NULL: the curve has no end yet.
    const char *end;
    enum role end_role;
};

// The last row of the rectangle is the axis with its labels.
void curve_draw(struct cells *c, struct rect in, const struct curve *k);

// The counts by state in one row, each with the mark it has in the curve; returns the column after.
int curve_legend(struct cells *c, struct rect in, int row, int col, const struct counts *counts);
