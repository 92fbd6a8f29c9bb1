// aftermath: what a run of world.h left behind, read from its log. Servers are daemons, which stay
// and do not count.
#pragma once

#include "core/tests/world.h"

__attribute__((unused)) static const char *event_name(const event *e) {
    return event_log_string(world.log, (uint32_t)e->value);
}

// The last record by which a task waits; NULL: it has ended, or is a daemon.
__attribute__((unused)) static const event *left_waiting(uint32_t task) {
    const event *last = NULL;
    for (uint64_t i = 0; i < world.log->head; i++) {
        const event *e = &world.log->events[i];
        if (e->task != task)
            continue;
        if (e->kind == EV_EXIT || e->kind == EV_DAEMON)
            return NULL;
        if (e->flags & EVENT_PARKED)
            last = e;
    }
    return last;
}

// Tasks left that were started under this name (NULL: any) and wait for this reason (0: any).
__attribute__((unused)) static int left_tasks(const char *name, enum wait_reason reason) {
    int n = 0;
    for (uint64_t i = 0; i < world.log->head; i++) {
        const event *e = &world.log->events[i];
        if (e->kind != EV_GO || (name && strcmp(event_name(e), name) != 0))
            continue;
        const event *last = left_waiting(e->peer);
        n += last && (!reason || event_wait_reason(last) == reason);
    }
    return n;
}

// The record that made the object.
__attribute__((unused)) static const event *made(uint32_t object) {
    for (uint64_t i = 0; i < world.log->head; i++)
        if (world.log->events[i].kind == EV_MAKE && world.log->events[i].object == object)
            return &world.log->events[i];
    return NULL;
}

// The OPEN record of the n-th resource of this name (NULL: any) never given back, NULL: fewer.
__attribute__((unused)) static const event *left_open(const char *name, int n) {
    for (uint64_t i = 0; i < world.log->head; i++) {
        const event *e = &world.log->events[i];
        if (e->kind != EV_OPEN || (name && strcmp(event_name(made(e->object)), name) != 0))
            continue;
        bool released = false;
        for (uint64_t k = i; k < world.log->head; k++)
            released |= world.log->events[k].kind == EV_RELEASE &&
                        world.log->events[k].object == e->object;
        if (!released && n-- == 0)
            return e;
    }
    return NULL;
}

__attribute__((unused)) static int left_open_count(const char *name) {
    int n = 0;
    while (left_open(name, n))
        n++;
    return n;
}

// Undisturbed, nobody left but daemons, everything given back.
__attribute__((unused)) static bool clean(void) {
    return world.end == RUN_QUIESCENT && left_tasks(NULL, WAIT_NONE) == 0 &&
           left_waiting(0) == NULL && left_open_count(NULL) == 0;
}
