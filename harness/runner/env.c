// env: what a driver uses to watch its exercise: checks, environment calls, the load's pace.
#include "core/watch.h"
#include "harness/limits.h"
#include "harness/runner/runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CALLS = 32, DETAIL = 200 };

// Calls of one name. Kept outside the scenario's own data, so that no exercise can reach them.
struct calls {
    const char *name;
    int total, now, most;
};
static struct calls calls[CALLS];
static size_t calls_count;

void env_reset(void) {
    calls_count = 0;
}

// Who watches the run is told of each use: the counters are plain memory that tasks share. The key is
// the same in every run, whoever called first.
static void touch(const struct calls *c, enum operand_role role) {
    uint64_t hash = 0;
    for (const char *p = c->name; *p; p++)
        hash = hash * UINT64_C(1099511628211) + (unsigned char)*p;
    run_touch(operand_word(hash), role);
}

static struct calls *calls_find(const char *name) {
    for (size_t i = 0; i < calls_count; i++)
        if (!strcmp(calls[i].name, name))
            return &calls[i];
    if (calls_count == CALLS)
        panic("env_call: more than %d names", CALLS);
    calls[calls_count] = (struct calls){.name = name};
    return &calls[calls_count++];
}

void env_call_at(const char *name, int64_t ns, site *at) {
    struct calls *c = calls_find(name);
    note_call(name, at);
    touch(c, ROLE_RAISE);
    c->total++;
    if (++c->now > c->most)
        c->most = c->now;
    if (ns > 0)
        task_sleep_at(ns, at);
    touch(c, ROLE_LOWER);
    c->now--;
    note_return(name, at);
}

static const struct calls *calls_look(const char *name) {
    const struct calls *c = calls_find(name);
    touch(c, ROLE_LOOK);
    return c;
}

int env_calls(const char *name) {
    return calls_look(name)->total;
}

int env_now(const char *name) {
    return calls_look(name)->now;
}

int env_most(const char *name) {
    return calls_look(name)->most;
}

void scenario_check_at(bool passed, const char *name, site *at, const char *format, ...) {
    char detail[DETAIL] = "";
    if (!passed) {
        va_list args;
        va_start(args, format);
        vsnprintf(detail, sizeof detail, format, args);
        va_end(args);
    }
    note_check(passed, name, detail, at);
}

bool load_next_at(load *l, site *at) {
    if (time_now() + l->every > l->until || l->log->alive >= l->max_tasks ||
        l->log->started >= limits_started(l->max_tasks))
        return false;
    task_sleep_at(l->every, at);
    l->count++;
    return true;
}

int64_t load_count(const load *l) {
    return l->count;
}
