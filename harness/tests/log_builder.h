// log_builder: writes event logs by hand, record by record, for tests of whatever reads them.
#pragma once

#include "core/event.h"
#include "core/select.h"

#include <stdlib.h>
#include <string.h>

struct log_builder {
    event_log *log;
    int64_t now; // time of the next record
    uint32_t string_bytes;
};

// One record; `peer` and `site` are set by the builder's functions where they matter.
struct log_record {
    uint32_t task;
    enum event_kind kind;
    uint32_t object;
    uint32_t peer_plus_1; // 0: nobody
    int64_t value;
    uint8_t flags;
    int line; // of exercise.c, 0: no site
};

static inline void builder_start(struct log_builder *b, uint32_t capacity) {
    *b = (struct log_builder){.log = calloc(1, event_log_size(capacity)), .string_bytes = 1};
    event_log_init(b->log, capacity, false);
}

static inline void builder_end(struct log_builder *b) {
    free(b->log);
}

static inline uint32_t builder_string(struct log_builder *b, const char *text) {
    size_t length = strlen(text) + 1;
    uint32_t id = b->string_bytes;
    if (length == 1 || id + length > LOG_STRING_BYTES)
        return 0;
    memcpy(b->log->strings + id, text, length);
    b->string_bytes += (uint32_t)length;
    return id;
}

// The site of a line of exercise.c.
static inline uint16_t builder_site(struct log_builder *b, int line) {
    if (line == 0)
        return 0;
    uint32_t count = b->log->site_count;
    for (uint32_t i = 1; i < count; i++)
        if (b->log->sites[i].line == (uint32_t)line)
            return (uint16_t)i;
    b->log->sites[count] = (log_site){.file = builder_string(b, "/src/scenarios/x/exercise.c"),
                                      .function = builder_string(b, "f"),
                                      .line = (uint32_t)line};
    b->log->site_count = count + 1;
    return (uint16_t)count;
}

static inline void builder_put(struct log_builder *b, struct log_record r) {
    uint64_t n = b->log->head;
    b->log->events[n & (b->log->capacity - 1)] = (event){
        .time = b->now,
        .value = r.value,
        .task = r.task,
        .object = r.object,
        .peer = r.peer_plus_1 ? r.peer_plus_1 - 1 : EVENT_NOBODY,
        .site = builder_site(b, r.line),
        .kind = (uint8_t)r.kind,
        .flags = r.flags,
    };
    b->log->head = n + 1;
}

// PUT(b, 1, SEND, .object = 1, WAKES(0), .line = 11): one record of task 1.
#define PUT(b, who, what, ...)                                                                     \
    builder_put((b), (struct log_record){.task = (who), .kind = EV_##what, ##__VA_ARGS__})
#define WAKES(task_) .peer_plus_1 = (task_) + 1
#define PARKS        .flags = EVENT_PARKED

static inline void builder_go(struct log_builder *b, uint32_t parent, uint32_t child,
                              const char *name, int line) {
    PUT(b, parent, GO, WAKES(child), .value = builder_string(b, name), .line = line);
}

static inline void builder_make(struct log_builder *b, uint32_t task, uint32_t id,
                                enum object_kind kind, const char *name, uint32_t capacity,
                                int line) {
    PUT(b, task, MAKE, .object = id, .peer_plus_1 = capacity + 1,
        .value = (int64_t)kind << 32 | builder_string(b, name), .line = line);
}

static inline void builder_arm(struct log_builder *b, uint32_t task, int arm, enum arm_kind kind,
                               uint32_t id, int line) {
    PUT(b, task, ARM, .object = id, .value = (int64_t)arm << 8 | kind, .line = line);
}

static inline void builder_check(struct log_builder *b, uint32_t task, bool passed,
                                 const char *name, const char *detail) {
    PUT(b, task, CHECK, .object = builder_string(b, detail),
        .value = (int64_t)passed << 32 | builder_string(b, name));
}

static inline void builder_finish(struct log_builder *b, enum run_end end) {
    PUT(b, EVENT_CLOCK, END, .value = end);
}

// The classic: main waits for a result or a time, the time comes first, the worker's send is never
// received. Objects: results (chan#1). 9 events before the end.
static inline void builder_unheard_send(struct log_builder *b) {
    builder_make(b, 0, 1, OBJECT_CHAN, "results", 0, 19);
    builder_go(b, 0, 1, "worker", 20);
    PUT(b, 0, SELECT, .value = -1, PARKS, .line = 21);
    builder_arm(b, 0, 0, ARM_RECV, 1, 21);
    builder_arm(b, 0, 1, ARM_AFTER, 0, 21);
    PUT(b, 1, SLEEP, .value = 80 * MILLISECOND, PARKS, .line = 10);
    b->now = 50 * MILLISECOND;
    PUT(b, EVENT_CLOCK, FIRE, WAKES(0), .value = 1, .line = 21);
    PUT(b, 0, EXIT, .line = 21);
    b->now = 80 * MILLISECOND;
    PUT(b, EVENT_CLOCK, FIRE, WAKES(1), .line = 10);
    PUT(b, 1, SEND, .object = 1, PARKS, .line = 11);
}
