// hang: the log of a run whose process had to be ended, because a task never called the core again.
//
// Only the parent knows that the run is over, so it writes the last records, into memory that
// nobody else writes any more. From there on such a run is judged and explained like any other:
// where the root had ended the task that is busy outlives it, else the run is a `timeout`.
//
// Rejected: letting the runner's signal handler write them (it may have interrupted the core in the
// middle of a record); letting the handler make the task leave for the scheduler, so that the
// process could go on (it may have interrupted the C library with a lock held).
#include "harness/hang.h"

#include <string.h>

// Puts a text of at most `most` bytes at the end of the log's strings. 0: it does not fit.
static uint32_t string_put(event_log *log, const char *text, size_t most) {
    uint32_t id = log->string_bytes;
    size_t length = strnlen(text, most);
    if (length == 0 || id >= LOG_STRING_BYTES || length + 1 > LOG_STRING_BYTES - id)
        return 0;
    memcpy(log->strings + id, text, length);
    log->strings[id + length] = 0;
    log->string_bytes = id + (uint32_t)length + 1;
    return id;
}

// 0: nobody knows where, or there is no room to say so.
static uint16_t site_put(event_log *log, const struct hang *hang) {
    uint32_t id = log->site_count;
    if (atomic_load(&hang->state) != HANG_NAMED || hang->line <= 0 || id >= LOG_MAX_SITES)
        return 0;
    log->sites[id] = (log_site){
        .file = string_put(log, hang->file, sizeof hang->file),
        .function = string_put(log, hang->function, sizeof hang->function),
        .line = (uint32_t)hang->line,
    };
    log->site_count = id + 1;
    return (uint16_t)id;
}

void hang_end_log(event_log *log, uint32_t capacity, const struct hang *hang) {
    uint64_t head = log->head;
    uint32_t task = log->current;
    if (log->ring || capacity < 2 || head > capacity - 2 || task >= EVENT_NOBODY)
        return;
    event *e = &log->events[head];
    int64_t now = head ? e[-1].time : 0;
    e[0] = (event){.time = now,
                   .task = task,
                   .peer = EVENT_NOBODY,
                   .site = site_put(log, hang),
                   .kind = EV_HANG};
    e[1] = (event){
        .time = now, .value = RUN_STEPS, .task = EVENT_CLOCK, .peer = EVENT_NOBODY, .kind = EV_END};
    log->head = head + 2;
}
