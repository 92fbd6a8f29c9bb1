// run_view: one variant of one scenario: judged under every schedule, and its run played.
//
// run_view.c holds what the reader does, run_draw.c how it looks; nobody else includes this.
#pragma once

#include "tui/curve.h"
#include "tui/player.h"
#include "tui/source.h"
#include "tui/view.h"

// What the lower band shows.
enum run_band {
    BAND_AUTO, // the reason at the end of the run, the events before
    BAND_EVENTS,
    BAND_WHY,
};

// What the middle shows. A narrow window has room for one of the two.
enum run_zoom { ZOOM_BOTH, ZOOM_TASKS, ZOOM_SOURCE };

struct run_view {
    struct view view;
    const struct scenario_info *scenario;
    size_t variant;         // in scenario->variants
    struct trial *trial;    // of the variant
    struct player player;   // of the trial's log, once it has one
    uint32_t round;         // of the trial whose run the player has
    struct schedule loaded; // which run that is
    uint64_t loaded_events;
    uint32_t loaded_left; // tasks left according to the judgement then
    uint32_t selected;    // task; EVENT_NOBODY: whoever acts
    enum run_band band;
    enum run_zoom zoom;
    enum curve_axis axis;
    struct source_cache sources;
};

void run_draw(struct run_view *r, struct rect area);

// What is to be said of the learner's own attempt beside the verdict, a line each; malloc'ed.
char *run_also(const struct run_view *r);

// The task that the source and the reason speak of; EVENT_NOBODY: none yet.
uint32_t run_focus(const struct run_view *r);
