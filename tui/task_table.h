// task_table: tasks as rows: number, name, state, on what, where, since.
#pragma once

#include "tui/cells.h"
#include "tui/player.h"

struct task_table {
    const struct player *player; // with a run loaded
    uint32_t focus;              // the selected task, EVENT_NOBODY: none
    const char *file;            // sites in this file are shown as ":12" only
};

// Draws the rows around the focus. hidden: says how many rows there was no room for, "" none.
void task_table_draw(struct cells *c, struct rect in, const struct task_table *t, char *hidden,
                     size_t size);

// What a task waits on, in one or a few words: "reply", "reply|done", "until 80ms". Returns out.
const char *task_waits_on(const struct seen *s, const struct seen_task *t, char *out, size_t size);
