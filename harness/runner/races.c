// races: what a race engine reports, as events of the log.
//
// There are two: ThreadSanitizer's runtime (tsan.c) and our own (harness/hooks). Either calls race_add at
// the second of the two accesses, on the stack of the task that makes it: there the event is written, with
// room for its texts, and the addresses are kept. Their names are found after the run; only whose stack an
// address is on must be asked at once, for by then that task may have ended.
//
// What the event tells by numbers (both tasks, how many events there were at the first access) is what the
// parent needs to find out by itself whether the two are ordered (harness/before.h).
#include "core/inspect.h"
#include "core/run.h"
#include "harness/raced.h"
#include "harness/runner/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORTS = 8, TEXT = 236, STACKS = RACED_TEXT, PLACES = RACED_FRAMES };

struct report {
    struct race_access before, now;
    const void *address;
    char owner[RACE_NAME]; // of the stack that it lies on, "" it lies on none
};
static struct report reports[REPORTS];
static size_t report_count;
static bool wanted_words, probing;
static char blank_text[TEXT + 1], blank_stacks[STACKS + 1];
const struct race_engine *race_engine;

void races_begin(const event_log *log, bool named) {
    probing = false;
    report_count = 0;
    wanted_words = named;
    memset(blank_text, '.', TEXT);
    memset(blank_stacks, '.', STACKS);
    accesses_begin();
    allocs_begin(named ? log : NULL);
    if (race_engine)
        race_engine->begin(log);
}

// The number that ends such a name, "worker (#3)".
static uint32_t number_of(const char *task) {
    const char *mark = strrchr(task, '#');
    char *end;
    unsigned long number = mark ? strtoul(mark + 1, &end, 10) : 0;
    return mark && end > mark + 1 && *end == ')' && number < EVENT_NOBODY ? (uint32_t)number
                                                                          : EVENT_NOBODY;
}

static void note_owner(struct report *r) {
    task_info owner;
    r->owner[0] = 0;
    if (inspect_stack_owner(r->address, &owner))
        snprintf(r->owner, sizeof r->owner, "%.24s (#%u)", owner.name, owner.number);
}

void races_probe(const event_log *log) {
    races_begin(log, false);
    probing = true;
}

bool races_are_probed(void) {
    return probing;
}

void race_add(const void *address, const struct race_access *before,
              const struct race_access *now) {
    if (report_count == REPORTS)
        return;
    struct report *r = &reports[report_count++];
    r->before = *before;
    r->now = *now;
    r->address = address;
    if (wanted_words)
        note_owner(r);
    note_race(number_of(before->task), before->events, wanted_words ? blank_text : "",
              wanted_words ? blank_stacks : "", NULL);
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
    snprintf(out, size, "%s by %.28s at %.26s:%d", a->write ? "write" : "read", a->task,
             base_name(p->file), p->line);
}

struct access_places {
    struct place at[PLACES];
    int count;
};

static void find_places(const struct race_access *a, struct access_places *out) {
    out->count = places_of_frames(a->frames, RACE_FRAMES, out->at, PLACES);
    if (!out->count)
        out->at[0] = (struct place){.file = "?"};
}

// The stacks as raced_read takes them apart.
static void write_stacks(const struct report *r, const char *object,
                         const struct access_places places[2], char *out) {
    const struct race_access *accesses[] = {&r->before, &r->now};
    int used = snprintf(out, STACKS + 1, "%c%s\n", RACED_OBJECT, object);
    for (int i = 0; i < 2; i++) {
        used += snprintf(out + used, (size_t)(STACKS + 1 - used), "%c%s\n",
                         accesses[i]->write ? RACED_WRITE : RACED_READ, accesses[i]->task);
        for (int k = 0; k < places[i].count; k++) {
            const struct place *p = &places[i].at[k];
            char line[240];
            int n = snprintf(line, sizeof line, "%c%d %s %s\n", RACED_FRAME, p->line, p->function,
                             p->file);
            if (n < (int)sizeof line && used + n + 64 < STACKS)
                used += snprintf(out + used, (size_t)(STACKS + 1 - used), "%s", line);
        }
    }
}

// The report in words, written over the room its event reserved.
static void describe_race(const struct report *r, event *e, event_log *log) {
    static struct access_places places[2];
    char object[RACED_NAME];
    find_places(&r->before, &places[0]);
    find_places(&r->now, &places[1]);
    object_of_address(r->address, r->owner, object, sizeof object);
    char first[80], second[80];
    describe_access(&r->before, &places[0].at[0], first, sizeof first);
    describe_access(&r->now, &places[1].at[0], second, sizeof second);
    uint32_t text = (uint32_t)e->value;
    if (text)
        snprintf(log->strings + text, TEXT + 1, "%.72s%s%s, %s", object, object[0] ? ": " : "",
                 first, second);
    if (e->object)
        write_stacks(r, object, places, log->strings + e->object);
    const struct place *at = &places[1].at[0];
    e->site = note_site(at->file, at->function, object, at->line);
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
        if (e->kind == EV_RACE)
            describe_race(&reports[i++], e, log);
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
