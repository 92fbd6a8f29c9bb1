// races: ThreadSanitizer's reports, as events of the log.
//
// The runtime calls __tsan_on_report at the second of the two accesses, on the stack of the task
// that makes it, with its own locks held: there the event is written, with room for a text, and
// the addresses are kept. Their names are found after the run, by libbacktrace.
#include "harness/runner/runner.h"

#include <backtrace.h>
#include <stdio.h>
#include <string.h>

#define WEAK __attribute__((weak, visibility("default")))
WEAK int __tsan_get_report_data(void *report, const char **description, int *count, int *stacks,
                                int *mops, int *locs, int *mutexes, int *threads, int *unique_tids,
                                void **sleep_trace, unsigned long trace_size);
WEAK int __tsan_get_report_mop(void *report, unsigned long i, int *tid, void **address, int *size,
                               int *write, int *atomic, void **trace, unsigned long trace_size);
WEAK int __tsan_get_report_thread(void *report, unsigned long i, int *tid, uint64_t *os_id,
                                  int *running, const char **name, int *parent, void **trace,
                                  unsigned long trace_size);
__attribute__((visibility("default"))) void __tsan_on_report(void *report);

enum { REPORTS = 8, TEXT = 236, NAME = 40, FRAMES = 8 };

struct access {
    int size;
    bool write;
    char task[NAME];
    void *frames[FRAMES]; // innermost first
};
struct report {
    struct access now, before;
    void *address;
};
static struct report reports[REPORTS];
static size_t report_count;
static const char blank[TEXT + 1] =
    "................................................................"
    "................................................................"
    "................................................................"
    "............................................";

void races_begin(void) {
    report_count = 0;
}

static void keep_name(char *to, const char *from) {
    size_t i = 0;
    for (; from && from[i] && i + 1 < NAME; i++)
        to[i] = from[i];
    to[i] = 0;
}

static void task_of(void *report, int threads, int tid, char *out) {
    keep_name(out, "a task");
    for (int i = 0; i < threads; i++) {
        int id, running, parent;
        uint64_t os_id;
        const char *name = NULL;
        void *trace[1];
        __tsan_get_report_thread(report, (unsigned long)i, &id, &os_id, &running, &name, &parent,
                                 trace, 1);
        if (id == tid && name && *name)
            keep_name(out, name);
    }
}

static void *access_of(void *report, int threads, unsigned long i, struct access *a) {
    int tid, atomic, write;
    void *address = NULL;
    memset(a, 0, sizeof *a);
    __tsan_get_report_mop(report, i, &tid, &address, &a->size, &write, &atomic, a->frames, FRAMES);
    a->write = write;
    task_of(report, threads, tid, a->task);
    return address;
}

void __tsan_on_report(void *report) {
    const char *kind;
    int count, stacks, mops, locs, mutexes, threads, tids;
    void *trace[1];
    if (report_count == REPORTS || !__tsan_get_report_data)
        return;
    __tsan_get_report_data(report, &kind, &count, &stacks, &mops, &locs, &mutexes, &threads, &tids,
                           trace, 1);
    if (mops < 2)
        return;
    struct report *r = &reports[report_count++];
    r->address = access_of(report, threads, 0, &r->now);
    access_of(report, threads, 1, &r->before);
    note_race(blank, NULL);
}

// --- names ----------------------------------------------------------------------------------------

struct place {
    char file[120];
    char function[48];
    int line;
};

static void no_error(void *user, const char *message, int number) {
    (void)user, (void)message, (void)number;
}

static struct backtrace_state *names(void) {
    static struct backtrace_state *state;
    if (!state)
        state = backtrace_create_state(NULL, 0, no_error, NULL);
    return state;
}

// Paths as in the log's other sites: from scenarios/ or solutions/ on, where that is in them.
static const char *short_path(const char *path) {
    const char *roots[] = {"/scenarios/", "/solutions/"};
    for (size_t i = 0; i < 2; i++) {
        const char *at = strstr(path, roots[i]);
        if (at)
            return at + 1;
    }
    return path;
}

static int take_place(void *user, uintptr_t pc, const char *file, int line, const char *function) {
    (void)pc;
    struct place *p = user;
    if (!file)
        return 0;
    snprintf(p->file, sizeof p->file, "%s", short_path(file));
    snprintf(p->function, sizeof p->function, "%s", function ? function : "");
    p->line = line;
    return 1;
}

static bool in_core(const char *file) {
    return !strncmp(file, "core/", 5) || strstr(file, "/core/");
}

// The innermost frame that is the exercise's or the driver's, not the core's.
static struct place place_of(const struct access *a) {
    struct place p = {.file = "?"};
    for (int i = 0; i < FRAMES && a->frames[i]; i++) {
        struct place here = {.line = 0};
        backtrace_pcinfo(names(), (uintptr_t)a->frames[i] - 1, take_place, no_error, &here);
        if (!here.line || in_core(here.file))
            continue;
        return here;
    }
    return p;
}

static void take_symbol(void *user, uintptr_t pc, const char *symbol, uintptr_t value,
                        uintptr_t size) {
    (void)pc, (void)value, (void)size;
    keep_name(user, symbol);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// "write by worker at exercise.c:12".
static void describe_access(const struct access *a, const struct place *p, char *out, size_t size) {
    snprintf(out, size, "%s by %s at %.40s:%d", a->write ? "write" : "read", a->task,
             base_name(p->file), p->line);
}

// The report in words, written over the room its event reserved.
static void describe_race(const struct report *r, char *text, struct place *at) {
    struct place now = place_of(&r->now), before = place_of(&r->before);
    char variable[NAME] = "";
    backtrace_syminfo(names(), (uintptr_t)r->address, take_symbol, no_error, variable);
    char first[112], second[112];
    describe_access(&r->before, &before, first, sizeof first);
    describe_access(&r->now, &now, second, sizeof second);
    int n = snprintf(text, TEXT + 1, "%s%s%s, %s", variable, variable[0] ? ": " : "", first,
                     second);
    if (n > TEXT)
        text[TEXT] = 0;
    *at = now;
}

void races_name(event_log *log) {
    uint64_t head = log->head;
    size_t i = 0;
    for (uint64_t n = 0; n < head && i < report_count; n++) {
        event *e = &log->events[n & (log->capacity - 1)];
        if (e->kind != EV_RACE)
            continue;
        struct place at;
        if (e->value)
            describe_race(&reports[i], log->strings + e->value, &at);
        e->site = note_site(at.file, at.function, at.line);
        i++;
    }
}
