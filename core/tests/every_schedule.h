// every_schedule: all schedules of a small world, depth first.
//
//     EVERY_SCHEDULE(root, 5000) {                   // fails when there are more
//         cr_assert(world_finished());
//     }
#pragma once

#include "core/tests/world.h"

enum { SCHEDULE_POINTS = 200 };

static struct schedules {
    struct policy policy;
    size_t taken[SCHEDULE_POINTS], ways[SCHEDULE_POINTS]; // at each choice point
    size_t depth, known;                                  // points met, points decided
    int runs;                                             // so far
} schedules;

static size_t schedules_pick(struct policy *self, const struct choice *ways, size_t count,
                             size_t preferred) {
    (void)ways, (void)preferred;
    struct schedules *s = (struct schedules *)self;
    size_t at = s->depth++;
    if (at == SCHEDULE_POINTS)
        return POLICY_STOP;
    if (at == s->known) {
        s->taken[at] = 0;
        s->ways[at] = count;
        s->known++;
    }
    return s->taken[at];
}

// Runs the next schedule; false: there is none.
static bool schedules_next(task_fn *root, int most) {
    struct schedules *s = &schedules;
    while (s->known && ++s->taken[s->known - 1] == s->ways[s->known - 1])
        s->known--;
    if (s->runs && !s->known) {
        s->runs = 0;
        return false;
    }
    s->policy = (struct policy){.announce = true, .pick = schedules_pick};
    s->depth = 0;
    cr_assert_lt(s->runs, most, "there are more schedules than that");
    s->runs++;
    world_run(root, &s->policy);
    cr_assert_neq(world.end, RUN_STOPPED, "schedule %d is too long", s->runs);
    return true;
}

#define EVERY_SCHEDULE(root, most) while (schedules_next((root), (most)))
