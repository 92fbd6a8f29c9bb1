// result_events: the event log as JSON Lines. Each line says when, who, what, on what and where,
// then what is particular to its kind, then the same in words.
#include "harness/result.h"

#include "core/select.h"

#include <stdlib.h>
#include <string.h>

static void set_string(json_t *line, const char *key, const event_log *log, uint32_t id) {
    json_object_set_new(line, key, result_string(event_log_string(log, id)));
}

static void set_integer(json_t *line, const char *key, int64_t value) {
    json_object_set_new(line, key, json_integer(value));
}

static void set_flag(json_t *line, const char *key, bool value) {
    json_object_set_new(line, key, json_boolean(value));
}

static json_t *actor(uint32_t task) {
    if (task == EVENT_CLOCK)
        return json_string("clock");
    return task == EVENT_NOBODY ? json_null() : json_integer(task);
}

static int32_t upper(const event *e) {
    return (int32_t)((uint64_t)e->value >> 32);
}

static int32_t lower(const event *e) {
    return (int32_t)(uint32_t)e->value;
}

static void put_arm(json_t *line, const event *e) {
    static const char *const words[] = {
        [ARM_RECV] = "receive", [ARM_SEND] = "send", [ARM_AFTER] = "after"};
    uint8_t kind = (uint8_t)e->value;
    set_integer(line, "arm", e->value >> 8);
    json_object_set_new(line, "waits", json_string(kind <= ARM_AFTER ? words[kind] : "?"));
}

static void put_check(json_t *line, const event *e, const event_log *log) {
    set_string(line, "check", log, (uint32_t)e->value);
    set_flag(line, "passed", upper(e));
    set_string(line, "detail", log, e->object);
}

static void put_print(json_t *line, const event *e, const event_log *log) {
    set_string(line, "printed", log, (uint32_t)e->value);
    json_object_set_new(line, "stream", json_string(e->peer == 2 ? "stderr" : "stdout"));
}

// What the value of this kind of record means.
static void put_value(json_t *line, const event *e, const event_log *log) {
    switch ((enum event_kind)e->kind) {
    case EV_GO:
    case EV_MAKE:
    case EV_CALL:
    case EV_RETURN:
        set_string(line, "name", log, (uint32_t)e->value);
        break;
    case EV_LABEL:
        set_string(line, "labels", log, (uint32_t)e->value);
        break;
    case EV_PANICKING:
    case EV_RECOVER:
    case EV_PANIC:
    case EV_MISUSE:
    case EV_RACE:
        set_string(line, "sentence", log, (uint32_t)e->value);
        break;
    case EV_SLEEP:
    case EV_TIMER_SET:
    case EV_TIMER_RESET:
        set_integer(line, "duration", e->value);
        break;
    case EV_LOAD:
    case EV_STORE:
        set_string(line, "variable", log, event_log_site(log, e->site).operand);
        if (!(e->flags & EVENT_NO_VALUE))
            set_integer(line, "value", e->value);
        break;
    case EV_SELECT:
        if (e->value >= 0)
            set_integer(line, "arm", e->value);
        break;
    case EV_ARM:
        put_arm(line, e);
        break;
    case EV_TRYLOCK:
        set_flag(line, "taken", e->value);
        break;
    case EV_GROUP_ERR:
    case EV_SCOPE_ERR:
        if (e->value)
            json_object_set_new(line, "err", json_string(err_text((err)e->value)));
        break;
    case EV_SCOPE_GO:
        set_flag(line, "started", e->value);
        break;
    case EV_FLIGHT:
    case EV_FLIGHT_CHAN:
    case EV_FLIGHT_RUN:
    case EV_FLIGHT_DONE:
        set_string(line, "key", log, (uint32_t)e->value);
        break;
    case EV_FLIGHT_FORGET:
    case EV_POOL_GET:
    case EV_MAP_LOAD:
    case EV_MAP_LOAD_OR_STORE:
    case EV_MAP_DELETE:
    case EV_MAP_COMPARE:
    case EV_MAP_NEXT:
        set_flag(line, "found", e->value);
        break;
    case EV_TIMER_STOP:
    case EV_AFTER_STOP:
        set_flag(line, "stopped", e->value);
        break;
    case EV_ADD:
    case EV_DONE:
        set_integer(line, "delta", e->kind == EV_DONE ? -1 : upper(e));
        set_integer(line, "counter", lower(e));
        break;
    case EV_CANCEL:
        json_object_set_new(line, "err", json_string(err_text((err)lower(e))));
        if (upper(e))
            json_object_set_new(line, "cause", json_string(err_text((err)upper(e))));
        break;
    case EV_AFTER:
        set_string(line, "name", log, (uint32_t)e->value);
        break;
    case EV_CHOOSE:
        set_integer(line, "of", upper(e));
        set_integer(line, "taken", lower(e));
        break;
    case EV_READ:
    case EV_WRITE:
        set_integer(line, "bytes", e->value);
        break;
    case EV_PRINT:
        put_print(line, e, log);
        break;
    case EV_CHECK:
        put_check(line, e, log);
        break;
    case EV_WAKE:
    case EV_FIRE:
        set_integer(line, "arm", e->value);
        break;
    default:
        break;
    }
}

static void put_flags(json_t *line, const event *e) {
    static const struct {
        uint8_t flag;
        const char *key;
    } names[] = {{EVENT_PARKED, "parked"},
                 {EVENT_CLOSED, "closed"},
                 {EVENT_FRUITLESS, "fruitless"},
                 {EVENT_DERIVED, "derived"},
                 {EVENT_EARLY, "early"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (e->flags & names[i].flag)
            set_flag(line, names[i].key, true);
}

static void put_object(json_t *line, const struct seen *s, const event *e) {
    char label[160];
    if (e->object == 0 || e->kind == EV_CHECK || e->kind == EV_RACE)
        return;
    const char *name = seen_object_label(s, e->object, label, sizeof label);
    json_object_set_new(line, "object", result_string(name));
}

static void put_site(json_t *line, const event *e, const event_log *log) {
    log_site at = event_log_site(log, e->site);
    const char *file = event_log_string(log, at.file);
    if (!*file)
        return;
    char place[512];
    snprintf(place, sizeof place, "%.480s:%u", file, at.line);
    json_object_set_new(line, "site", result_string(place));
}

static json_t *event_line(const struct seen *s, uint64_t n, const event *e) {
    char text[512];
    json_t *line = json_object();
    set_integer(line, "event", (json_int_t)n + 1);
    set_integer(line, "time", e->time);
    json_object_set_new(line, "task", actor(e->task));
    json_object_set_new(line, "kind", json_string(event_word(e->kind)));
    put_object(line, s, e);
    put_site(line, e, s->log);
    if (e->peer != EVENT_NOBODY && e->kind != EV_PRINT && e->kind != EV_MAKE)
        json_object_set_new(line, "peer", actor(e->peer));
    put_value(line, e, s->log);
    put_flags(line, e);
    json_object_set_new(line, "text", result_string(seen_event_text(s, n, text, sizeof text)));
    return line;
}

void result_events(const event_log *log, FILE *out) {
    struct seen s = {0};
    seen_init(&s, log, 0);
    uint64_t head = atomic_load_explicit(&log->head, memory_order_acquire);
    seen_fold(&s, head);
    uint64_t first = head > s.capacity ? head - s.capacity : 0;
    if (!log->ring && head > s.capacity)
        first = 0, head = s.capacity;
    for (uint64_t n = first; n < head; n++) {
        event e = log->events[n & (s.capacity - 1)];
        json_t *line = event_line(&s, n, &e);
        json_dumpf(line, out, JSON_COMPACT);
        fputc('\n', out);
        json_decref(line);
    }
    seen_free(&s);
}
