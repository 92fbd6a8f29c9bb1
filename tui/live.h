// live: a load driver under way, summed up as it goes: how many tasks, where they wait.
//
// Work per call is bounded by time, not by how many tasks are alive: events are folded a batch at a
// time, and each changes the groups of at most two tasks. Where the reader was overrun by the
// writer (the log is a ring) the totals stay exact, the groups become approximate and say so.
#pragma once

#include "harness/child.h"
#include "harness/seen.h"
#include "tui/player.h"

enum { LIVE_GROUPS = 1024, LIVE_SAMPLES = 512 };

// Tasks that wait for the same reason on an object of the same name at the same place.
struct live_group {
    uint32_t count; // 0: not in use any more
    uint32_t name;  // string id of the object's name, 0: none
    uint16_t at;    // site
    uint8_t reason; // enum wait_reason
    bool used;
};

struct live {
    struct seen seen; // of `log`, without touches
    const event_log *log;
    struct live_group groups[LIVE_GROUPS]; // open addressing
    uint32_t ungrouped;                    // tasks for which the table had no room
    bool approximate;
    struct moment samples[LIVE_SAMPLES];
    size_t sample_count;
    int64_t sample_every; // real ns; doubles each time the samples are thinned out
    int64_t next_sample;
};

void live_init(struct live *l, const event_log *log, int64_t grace);
void live_free(struct live *l);

// Reads events for at most `budget` ns of real time. Returns how many are still to be read.
uint64_t live_read(struct live *l, int64_t budget);
// Takes a sample when one is due at `now`. True: it did.
bool live_sample(struct live *l, int64_t now);
// The totals at this moment, exact.
struct moment live_now(const struct live *l);
// The groups with most tasks, at most `most`; returns how many.
int live_top(const struct live *l, struct live_group *out, int most);
// Tasks per second of the run's time by which the number alive grows, judged from its low points;
// 0 when it stays flat or too little has been seen.
int64_t live_growth(const struct live *l);
