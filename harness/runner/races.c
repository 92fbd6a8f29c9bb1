// races: what a race engine reports, as events of the log.
//
// There are two: ThreadSanitizer's runtime (tsan.c) and our own (harness/hooks). Either calls race_add at
// the second of the two accesses, on the stack of the task that makes it: there the event is written, with
// room for a text, and the addresses are kept. Their names are found after the run.
#include "harness/runner/runner.h"

#include <stdio.h>
#include <string.h>

enum { REPORTS = 8, TEXT = 236 };

struct report {
    struct race_access before, now;
    const void *address;
};
static struct report reports[REPORTS];
static size_t report_count;
static const char blank[TEXT + 1] =
    "................................................................"
    "................................................................"
    "................................................................"
    "............................................";
const struct race_engine *race_engine;

void races_begin(const event_log *log) {
    report_count = 0;
    accesses_begin();
    if (race_engine)
        race_engine->begin(log);
}

void race_add(const void *address, const struct race_access *before,
              const struct race_access *now) {
    if (report_count == REPORTS)
        return;
    reports[report_count++] = (struct report){*before, *now, address};
    note_race(blank, NULL);
}

bool races_seen(void) {
    return report_count;
}

void race_task(struct race_access *a, const char *name) {
    size_t i = 0;
    for (; name && name[i] && i + 1 < sizeof a->task; i++)
        a->task[i] = name[i];
    a->task[i] = 0;
}

// --- in words ---------------------------------------------------------------------------------------

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// "write by worker at exercise.c:12".
static void describe_access(const struct race_access *a, const struct place *p, char *out,
                            size_t size) {
    snprintf(out, size, "%s by %s at %.40s:%d", a->write ? "write" : "read", a->task,
             base_name(p->file), p->line);
}

// The report in words, written over the room its event reserved.
static void describe_race(const struct report *r, char *text, struct place *at) {
    struct place now = place_of_frames(r->now.frames, RACE_FRAMES);
    struct place before = place_of_frames(r->before.frames, RACE_FRAMES);
    char variable[RACE_NAME];
    name_of_variable(r->address, variable, sizeof variable);
    char first[112], second[112];
    describe_access(&r->before, &before, first, sizeof first);
    describe_access(&r->now, &now, second, sizeof second);
    int n = snprintf(text, TEXT + 1, "%s%s%s, %s", variable, variable[0] ? ": " : "", first,
                     second);
    if (n > TEXT)
        text[TEXT] = 0;
    *at = now;
}

uint16_t race_site(const void *address, void *pc) {
    struct place p = place_of_frames(&pc, 1);
    char variable[RACE_NAME];
    name_of_variable(address, variable, sizeof variable);
    return note_site(p.file, p.function, variable, p.line);
}

static void races_name(event_log *log) {
    uint64_t head = log->head;
    size_t i = 0;
    for (uint64_t n = 0; n < head && i < report_count; n++) {
        event *e = &log->events[n & (log->capacity - 1)];
        if (e->kind != EV_RACE)
            continue;
        struct place at = {.file = "?"};
        if (e->value)
            describe_race(&reports[i], log->strings + e->value, &at);
        e->site = note_site(at.file, at.function, "", at.line);
        i++;
    }
}

void races_end(event_log *log, bool named) {
    if (race_engine)
        race_engine->end();
    if (!named)
        return;
    races_name(log);
    accesses_name();
}
