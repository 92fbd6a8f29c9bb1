// player: a finished run, shown as if it happened now. Reads a private copy of the log, so the
// examination that made it may go on, be replaced or end.
//
// The world after k events is the fold of the first k events from nothing: going forwards folds
// one more, going back folds again from the start. So every frame is exact, both ways.
#pragma once

#include "harness/judge.h"

// How many tasks were in each state. left + blocked + sleeping + runnable = alive.
struct counts {
    uint32_t runnable; // running or ready
    uint32_t blocked;
    uint32_t sleeping;
    uint32_t left; // will never end, or too late; in none of the above
    uint32_t ended;
};

static inline uint32_t counts_alive(const struct counts *c) {
    return c->runnable + c->blocked + c->sleeping + c->left;
}

// While which events a task counts as left: from the wait that never ends on, or from the end of
// the root on when it does end, but too late. from 0: never.
struct left_span {
    uint64_t from, to;
};

// One point of a curve.
struct moment {
    int64_t time;
    struct counts counts;
};

struct player {
    event_log *log;         // own; NULL: nothing loaded
    uint64_t length;        // events
    struct seen now;        // after `position` events
    struct seen end;        // after all, with touches: for names and explanations
    struct moment *moments; // after k events, for k = 0 .. length
    struct left_span *left; // by task number of `end`
    uint32_t left_count;    // tasks that are left according to the judgement
    uint64_t first_bad;     // first event after which something had gone wrong; 0: none
    uint64_t position;      // events shown
    uint64_t furthest;      // the most ever shown
    bool playing;
    int speed;   // doublings of the usual speed, may be negative
    int64_t due; // when the next event is to be shown
};

// Copies the log and starts from its first event. j may be NULL while it is not judged.
void player_load(struct player *p, const event_log *log, const struct judgement *j, int64_t grace);
void player_free(struct player *p);

// Shows the world after k events (clamped to what there is) and stops playing.
void player_seek(struct player *p, uint64_t k);
// Plays on from here, or from the start when at the end.
void player_play(struct player *p, int64_t now);
// Doubles the speed that many times, halves it when negative; within bounds.
void player_hurry(struct player *p, int doublings);
// Shows what is due. True when something changed.
bool player_tick(struct player *p, int64_t now);
// Time between two events at the present speed.
int64_t player_interval(const struct player *p);

// Whether the task is left at the event shown; whether the judgement says so at all.
bool player_is_left(const struct player *p, uint32_t task);
bool player_ever_left(const struct player *p, uint32_t task);

// Event number n, from 1.
const event *player_event_at(const struct player *p, uint64_t n);
