#include "tui/snapshot.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

// Time is not real here: each round counts as one frame, so a run plays as fast as it can be drawn.
static const int64_t frame = 20 * MILLISECOND;
enum { MOST_ROUNDS = 60000, LIVE_ROUNDS = 100 };

static void wait_ms(long ms) {
    struct timespec t = {0, ms * 1000000};
    nanosleep(&t, NULL);
}

// A load never comes to rest: it is shown after two seconds. Examinations are waited for.
void snapshot_settle(struct ui *ui) {
    for (int round = 0; round < MOST_ROUNDS; round++) {
        ui_tick(ui, ui->now + frame);
        if (!ui_busy(ui))
            return;
        bool live = ui_top(ui)->ops->bit == IN_LIVE;
        if (live && round >= LIVE_ROUNDS)
            return;
        if (live)
            wait_ms(frame / MILLISECOND);
        else if (lab_busy(&ui->lab))
            wait_ms(1);
    }
}

bool snapshot_size(const char *text, int *rows, int *cols) {
    int end = 0;
    return sscanf(text, "%3dx%3d%n", cols, rows, &end) == 2 && text[end] == '\0' && *cols > 0 &&
           *rows > 0;
}

bool snapshot_feed(struct ui *ui, const char *keys, const char **bad) {
    for (const char *at = keys; *at && !ui->over;) {
        size_t length = strcspn(at, ",");
        uint32_t key;
        *bad = at;
        if (!key_parse(at, length, &key))
            return false;
        ui_key(ui, key);
        snapshot_settle(ui);
        at += length + (at[length] == ',');
    }
    return true;
}
