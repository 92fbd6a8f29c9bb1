// live: a load driver under way, summed up as it goes: how many tasks, where they wait.
//
// Work per call is bounded by a number of events, however many tasks are alive: each changes the
// groups of at most two tasks. Where the reader was overrun by the writer (the log is a ring) the
// totals stay exact, the groups become approximate and say so. Memory is bounded too: the tables of
// `seen` keep a row for every task and object there ever was, so at LIVE_ROWS of either the reader
// stops and the groups stay as they were then, which they say as well.
#pragma once

#include "harness/child.h"
#include "harness/seen.h"
#include "tui/player.h"

enum { LIVE_GROUPS = 1024, LIVE_SAMPLES = 512, LIVE_ROWS = 1 << 21 };

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
    uint16_t
        *group_of; // by task: 1 + its group, 1 + LIVE_GROUPS: ungrouped, 0: it waits for nothing
    uint32_t group_room;
    bool approximate;   // the reader was overrun
    uint32_t most_rows; // LIVE_ROWS; tests take less
    bool full;          // there is no room for more rows
    struct moment samples[LIVE_SAMPLES];
    size_t sample_count;
    int64_t sample_every; // real ns; doubles each time the samples are thinned out
    int64_t next_sample;
};

void live_init(struct live *l, const event_log *log, int64_t grace);
void live_free(struct live *l);

// Reads at most that many events. Returns how many are still to be read; none once it is full.
uint64_t live_read(struct live *l, uint64_t most);
// Takes a sample when one is due at `now`. True: it did.
bool live_sample(struct live *l, int64_t now);
// The totals at this moment, exact.
struct moment live_now(const struct live *l);
// How many groups there are that have tasks.
int live_groups(const struct live *l);
// The groups with most tasks, at most `most`; returns how many.
int live_top(const struct live *l, struct live_group *out, int most);
// Tasks per second of the run's time by which the number alive grows, judged from its low points;
// 0 when it stays flat or too little has been seen.
int64_t live_growth(const struct live *l);
