// leaks: looks for tasks that are leaked while others run, now and then, at a bounded cost.
//
// A look takes time in proportion to the tasks and the memory there are, so the next one waits until
// the run has worked for as long as the last one took, or until that would be a twentieth of the
// real time: under load the run keeps at least half of the processor, and idle nearly all of it.
#include "core/reach.h"
#include "harness/runner/runner.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const int64_t PAUSE = 100 * MILLISECOND;
enum { IDLE_SHARE = 20 };

static struct leaks found; // too large for a stack that may be small

// Of the last look, by two clocks.
static struct {
    int64_t real, cpu; // when it was over
    int64_t took;      // CPU time
    uint64_t head;     // of the log
} last;

static int64_t clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

// The group of a task, NULL: there is no room for another.
static struct leaks_group *group_of(const task_info *t, uint16_t at) {
    for (uint32_t i = 0; i < found.group_count; i++) {
        struct leaks_group *g = &found.groups[i];
        if (g->at == at && g->reason == (uint8_t)t->reason &&
            !strncmp(g->name, t->name, LEAKS_NAME - 1))
            return g;
    }
    if (found.group_count == LEAKS_GROUPS)
        return NULL;
    struct leaks_group *g = &found.groups[found.group_count++];
    *g = (struct leaks_group){.first = t->number, .at = at, .reason = (uint8_t)t->reason};
    snprintf(g->name, sizeof g->name, "%s", t->name);
    return g;
}

static void leaked(const task_info *t, void *user) {
    (void)user;
    struct leaks_group *g = group_of(t, t->at ? (uint16_t)t->at->id : 0);
    if (g)
        g->count++;
    found.root |= t->number == 0;
}

void leaks_tell(struct shared *s) {
    struct reach_config config = {.leaked = leaked, .ignore_globals = s->job.ignore_globals};
    config.globals = statics_ranges(&config.global_count);
    found = (struct leaks){.ignores_globals = config.ignore_globals,
                           .at = atomic_load_explicit(&s->log.now, memory_order_relaxed)};
    struct reach r = reach_find(&config);
    found.known = r.known;
    found.waiting = r.waiting;
    found.leaked = r.leaked;
    found.by_globals = r.by_globals;
    leaks_publish(&s->leaks, &found);
}

void leaks_begin(struct shared *s) {
    memset(&last, 0, sizeof last);
    leaks_publish(&s->leaks, &(struct leaks){.known = false});
}

void leaks_look(struct shared *s) {
    int64_t real = clock_ns(CLOCK_MONOTONIC), waited = real - last.real;
    uint64_t head = atomic_load_explicit(&s->log.head, memory_order_relaxed);
    if (waited < PAUSE || head == last.head)
        return;
    int64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    if (cpu - last.cpu < last.took && waited < IDLE_SHARE * last.took)
        return;
    leaks_tell(s);
    last.cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    last.real = clock_ns(CLOCK_MONOTONIC);
    last.took = last.cpu - cpu;
    last.head = head;
}
