// seen_text: what a log says, in words: labels of tasks, objects, sites and times, and one phrase
// per record. Every report, screen and explanation calls things by these names.
#include "harness/seen.h"

#include "core/select.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 160 };

// A bounded text under construction.
struct text {
    char *out;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...) {
    if (t->used >= t->size)
        return;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->out + t->used, t->size - t->used, format, args);
    va_end(args);
    if (n > 0)
        t->used += (size_t)n;
}

// --- labels -----------------------------------------------------------------------------------

static const char *object_name(const struct seen *s, uint32_t id) {
    return id < s->object_count ? event_log_string(s->log, s->objects[id].name) : "";
}

const char *seen_object_label(const struct seen *s, uint32_t id, char *out, size_t size) {
    enum object_kind kind = id < s->object_count ? s->objects[id].kind : OBJECT_NONE;
    const char *name = object_name(s, id);
    if (id == 0)
        snprintf(out, size, "nothing");
    else if (kind == OBJECT_NONE)
        snprintf(out, size, "object#%u", id);
    else if (*name)
        snprintf(out, size, "%s (%s#%u)", name, object_word(kind), id);
    else
        snprintf(out, size, "%s#%u", object_word(kind), id);
    return out;
}

const char *seen_task_label(const struct seen *s, uint32_t task, char *out, size_t size) {
    const char *name = task < s->task_count ? event_log_string(s->log, s->tasks[task].name) : "";
    if (task == EVENT_CLOCK)
        snprintf(out, size, "the clock");
    else if (task == EVENT_NOBODY)
        snprintf(out, size, "nobody");
    else if (!*name)
        snprintf(out, size, "%s (#%u)", task ? "task" : "main", task);
    else
        snprintf(out, size, "%s (#%u)", name, task);
    return out;
}

const char *seen_task_labelled(const struct seen *s, uint32_t task, char *out, size_t size) {
    const char *labels = "";
    if (task < s->task_count)
        labels = event_log_string(s->log, s->tasks[task].labels);
    struct text t = {out, size, strlen(seen_task_label(s, task, out, size))};
    if (*labels)
        add(&t, " {%s}", labels);
    return out;
}

const char *seen_site_label(const struct seen *s, uint16_t at, char *out, size_t size) {
    log_site l = event_log_site(s->log, at);
    const char *file = event_log_string(s->log, l.file);
    const char *slash = strrchr(file, '/');
    if (*file)
        snprintf(out, size, "%s:%u", slash ? slash + 1 : file, l.line);
    else
        snprintf(out, size, "%s", "");
    return out;
}

// Rounded to a tenth of the largest unit that fits: what lasted 9 h 59 min 59.98 s lasted 10 h.
const char *seen_time_label(int64_t ns, char *out, size_t size) {
    static const struct {
        int64_t ns;
        const char *word;
    } units[] = {{HOUR, "h"},         {MINUTE, "min"},     {SECOND, "s"},
                 {MILLISECOND, "ms"}, {MICROSECOND, "us"}, {NANOSECOND, "ns"}};
    snprintf(out, size, "0");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t unit = units[i].ns;
        if (ns < unit)
            continue;
        int64_t whole = ns / unit, tenths = (ns % unit * 10 + unit / 2) / unit;
        whole += tenths / 10;
        if (tenths % 10 && whole < 100)
            snprintf(out, size, "%" PRId64 ".%" PRId64 " %s", whole, tenths % 10, units[i].word);
        else
            snprintf(out, size, "%" PRId64 " %s", whole, units[i].word);
        break;
    }
    return out;
}

// --- records ------------------------------------------------------------------------------------

static const char *string_of(const struct seen *s, int64_t value) {
    return event_log_string(s->log, (uint32_t)value);
}

static void add_object(struct text *t, const struct seen *s, uint32_t id, const char *nil) {
    char label[LABEL];
    add(t, " %s", id ? seen_object_label(s, id, label, sizeof label) : nil);
}

// ": waits", or who was woken by it.
static void add_outcome(struct text *t, const struct seen *s, const event *e) {
    char label[LABEL];
    if (e->flags & EVENT_PARKED)
        add(t, ": waits");
    else if (e->peer != EVENT_NOBODY && e->peer != EVENT_CLOCK)
        add(t, ": wakes %s", seen_task_label(s, e->peer, label, sizeof label));
}

static void text_channel(struct text *t, const struct seen *s, const event *e) {
    char label[LABEL];
    bool send = e->kind == EV_SEND;
    const char *peer = seen_task_label(s, e->peer, label, sizeof label);
    add(t, send ? "send on" : "receive from");
    add_object(t, s, e->object, "a nil channel");
    if (e->flags & EVENT_PARKED)
        add(t, ": waits");
    else if (e->flags & EVENT_CLOSED)
        add(t, ": closed and empty");
    else if (e->peer != EVENT_NOBODY)
        add(t, send ? ": taken by %s" : ": from %s", peer);
    else if (e->object < s->object_count && s->objects[e->object].capacity == 0)
        add(t, ": handed over"); // to or from a select, whose own record follows
    else
        add(t, send ? ": buffered" : ": from the buffer");
}

static void text_select(struct text *t, const struct seen *s, const event *e) {
    if (e->flags & EVENT_PARKED && event_wait_reason(e) == WAIT_SELECT_EMPTY)
        add(t, "select without arms: waits for ever");
    else if (e->flags & EVENT_PARKED)
        add(t, "select: no arm is ready, waits");
    else if (e->flags & EVENT_FRUITLESS)
        add(t, "poll: no arm is ready");
    else
        add(t, "select: arm %" PRId64, e->value);
    if (!(e->flags & EVENT_PARKED))
        add_outcome(t, s, e);
}

static void text_arm(struct text *t, const struct seen *s, const event *e) {
    static const char *const words[] = {[ARM_RECV] = "receive from", [ARM_SEND] = "send on"};
    uint8_t kind = (uint8_t)e->value;
    add(t, "  arm %" PRId64 ": ", e->value >> 8);
    if (kind > ARM_SEND) {
        add(t, "a time");
        return;
    }
    add(t, "%s", words[kind]);
    add_object(t, s, e->object, "a nil channel");
}

static void text_count(struct text *t, const struct seen *s, const event *e) {
    if (e->kind == EV_DONE)
        add(t, "done on");
    else
        add(t, "add %d to", (int32_t)((uint64_t)e->value >> 32));
    add_object(t, s, e->object, "nothing");
    add(t, ": counter %d", (int32_t)(uint32_t)e->value);
    add_outcome(t, s, e);
}

static void text_make(struct text *t, const struct seen *s, const event *e) {
    add(t, "make");
    add_object(t, s, e->object, "nothing");
    if ((uint64_t)e->value >> 32 != OBJECT_CHAN || e->peer >= EVENT_NOBODY)
        return;
    if (e->peer == 0)
        add(t, ", unbuffered");
    else
        add(t, ", room for %u", e->peer);
}

static void text_check(struct text *t, const struct seen *s, const event *e) {
    bool passed = (uint64_t)e->value >> 32;
    const char *detail = event_log_string(s->log, e->object);
    add(t, "check \"%s\": %s", string_of(s, e->value), passed ? "passed" : "failed");
    if (!passed && *detail)
        add(t, ", %s", detail);
}

static void text_end(struct text *t, const event *e) {
    static const char *const words[] = {
        [RUN_UNFINISHED] = "unfinished",
        [RUN_QUIESCENT] = "nothing can run any more",
        [RUN_PANICKED] = "a panic",
        [RUN_STEPS] = "the step budget is used up",
        [RUN_LOG_FULL] = "the log is full",
        [RUN_STOPPED] = "stopped",
        [RUN_DIVERGED] = "the schedule no longer fits",
    };
    bool known = e->value >= 0 && e->value <= RUN_DIVERGED;
    add(t, "the run is over: %s", known ? words[e->value] : "unknown");
}

// Kinds that need no more than a phrase, the object and the outcome.
static void text_plain(struct text *t, const struct seen *s, const event *e, const char *phrase) {
    add(t, "%s", phrase);
    if (e->object)
        add_object(t, s, e->object, "");
    add_outcome(t, s, e);
}

// "reads counter (0)". A pointer, or what looks like one, is told as one.
static void text_access(struct text *t, const struct seen *s, const event *e, const char *did) {
    const char *what = event_log_string(s->log, event_log_site(s->log, e->site).operand);
    add(t, "%s %s", did, *what ? what : "memory");
    if (e->flags & EVENT_NO_VALUE)
        return;
    if (e->value > UINT32_MAX || e->value < INT32_MIN)
        add(t, " (0x%" PRIx64 ")", (uint64_t)e->value);
    else
        add(t, " (%" PRId64 ")", e->value);
}

static void text_timed(struct text *t, const struct seen *s, const event *e, const char *phrase) {
    char span[32];
    add(t, "%s %s", phrase, seen_time_label(e->value, span, sizeof span));
    add_outcome(t, s, e);
}

static void text_permits(struct text *t, const struct seen *s, const event *e, const char *did) {
    add(t, "%s %" PRId64 " permit%s of", did, e->value, e->value == 1 ? "" : "s");
    add_object(t, s, e->object, "nothing");
    if (e->flags & EVENT_CLOSED)
        add(t, ": the context has ended");
    add_outcome(t, s, e);
}

static void text_cond_wait(struct text *t, const struct seen *s, const event *e) {
    add(t, "wait on");
    add_object(t, s, e->object, "nothing");
    add(t, ", unlocking");
    add_object(t, s, (uint32_t)e->value, "nothing");
    add_outcome(t, s, e);
}

static void text_once(struct text *t, const struct seen *s, const event *e) {
    add(t, "once");
    add_object(t, s, e->object, "nothing");
    if (e->flags & EVENT_PARKED)
        add(t, ": the function is running, waits");
    else
        add(t, e->value == 1 ? ": runs the function" : ": has been done");
}

static void text_scope_error(struct text *t, const struct seen *s, const event *e) {
    text_plain(t, s, e, e->value ? "error in" : "panic in");
    if (e->value)
        add(t, ": %s", err_text((err)e->value));
}

static void text_flight(struct text *t, const struct seen *s, const event *e, const char *did) {
    add(t, "%s \"%.60s\" of", did, string_of(s, e->value));
    add_object(t, s, e->object, "nothing");
    add_outcome(t, s, e);
}

// Of pools and maps: whether it was there.
static void text_found(struct text *t, const struct seen *s, const event *e, const char *yes,
                       const char *no) {
    text_plain(t, s, e, event_word(e->kind));
    add(t, ": %s", e->value ? yes : no);
}

static void text_cancel(struct text *t, const struct seen *s, const event *e) {
    uint32_t cause = (uint32_t)((uint64_t)e->value >> 32);
    text_plain(t, s, e, "cancel");
    add(t, ": %s", err_text((err)(uint32_t)e->value));
    if (cause)
        add(t, ", because: %s", err_text((err)cause));
}

// Go's words for several panics are several lines; a record has one.
static void text_sentence(struct text *t, const struct seen *s, const event *e, const char *did) {
    add(t, "%s: ", did);
    for (const char *rest = string_of(s, e->value); *rest;) {
        size_t length = strcspn(rest, "\n");
        add(t, "%.*s", (int)length, rest);
        rest += length + strspn(rest + length, "\n\t");
        add(t, "%s", *rest ? "; " : "");
    }
}

static void text_limit(struct text *t, const struct seen *s, const event *e) {
    text_plain(t, s, e, "limit");
    if (e->value < 0)
        add(t, " to any number of tasks");
    else
        add(t, " to %" PRId64 " task%s at once", e->value, e->value == 1 ? "" : "s");
}

static void event_words(struct text *t, const struct seen *s, const event *e) {
    char label[LABEL];
    switch ((enum event_kind)e->kind) {
    case EV_GO:
        add(t, "go %s", seen_task_label(s, e->peer, label, sizeof label));
        break;
    case EV_EXIT:
        text_plain(t, s, e, e->value == 1 ? "ends by goexit" : "ends");
        break;
    case EV_MAKE:
        text_make(t, s, e);
        break;
    case EV_SLEEP:
        text_timed(t, s, e, "sleep");
        break;
    case EV_TIMER_SET:
        text_timed(t, s, e, "set a timer to");
        break;
    case EV_SEND:
    case EV_RECV:
        text_channel(t, s, e);
        break;
    case EV_SELECT:
        text_select(t, s, e);
        break;
    case EV_ARM:
        text_arm(t, s, e);
        break;
    case EV_TRYLOCK:
        text_plain(t, s, e, e->value == 1 ? "trylock got" : "trylock missed");
        break;
    case EV_TRYRLOCK:
        text_plain(t, s, e, e->value == 1 ? "try read lock got" : "try read lock missed");
        break;
    case EV_COND_WAIT:
        text_cond_wait(t, s, e);
        break;
    case EV_ONCE:
        text_once(t, s, e);
        break;
    case EV_ACQUIRE:
        text_permits(t, s, e, "acquire");
        break;
    case EV_TRYACQUIRE:
        if (e->flags & EVENT_FRUITLESS)
            text_plain(t, s, e, "try acquire missed");
        else
            text_permits(t, s, e, "try acquire got");
        break;
    case EV_SEMA_RELEASE:
        text_permits(t, s, e, "release");
        break;
    case EV_GROUP_GO:
        text_plain(t, s, e,
                   e->flags & EVENT_FRUITLESS ? "the limit forbids a task in" : "group go");
        break;
    case EV_GROUP_ERR:
        text_plain(t, s, e, "error in");
        add(t, ": %s", err_text((err)e->value));
        break;
    case EV_GROUP_LIMIT:
        text_limit(t, s, e);
        break;
    case EV_SCOPE_GO:
        text_plain(t, s, e, e->value ? "scope go" : "too late to start a task in");
        break;
    case EV_SCOPE_ERR:
        text_scope_error(t, s, e);
        break;
    case EV_FLIGHT:
        text_flight(t, s, e, e->flags & EVENT_PARKED ? "share the call for" : "begin the call for");
        break;
    case EV_FLIGHT_CHAN:
        text_flight(t, s, e, "ask for a result of the call for");
        break;
    case EV_FLIGHT_RUN:
        text_flight(t, s, e, "run the call for");
        break;
    case EV_FLIGHT_DONE:
        text_flight(t, s, e, "end the call for");
        break;
    case EV_FLIGHT_FORGET:
        text_plain(t, s, e,
                   e->value ? "forget a call of" : "forget a call that was not under way of");
        break;
    case EV_ADD:
    case EV_DONE:
        text_count(t, s, e);
        break;
    case EV_WAIT:
        text_plain(t, s, e, "wait for");
        break;
    case EV_CANCEL:
        text_cancel(t, s, e);
        break;
    case EV_AFTER:
        add(t, "%s is to follow the end of", string_of(s, e->value));
        add_object(t, s, e->object, "the background");
        break;
    case EV_AFTER_STOP:
        text_plain(t, s, e,
                   e->value ? "call off what follows" : "too late to call off what follows");
        break;
    case EV_TIMER_RESET:
        text_timed(t, s, e, "reset a timer to");
        break;
    case EV_TIMER_STOP:
        text_plain(t, s, e, e->value ? "stop a timer in time" : "stop a timer that had fired");
        break;
    case EV_FIRE:
        text_plain(t, s, e,
                   e->flags & EVENT_EARLY ? "time moves early: a timer fires" : "a timer fires");
        break;
    case EV_WAKE:
        add(t, "is woken too");
        break;
    case EV_POOL_GET:
        text_found(t, s, e, "one put before", "none is there");
        break;
    case EV_MAP_LOAD:
    case EV_MAP_LOAD_OR_STORE:
    case EV_MAP_DELETE:
        text_found(t, s, e, "the key was there", "the key was not there");
        break;
    case EV_MAP_COMPARE:
        text_found(t, s, e, "equal, done", "not equal");
        break;
    case EV_MAP_NEXT:
        text_found(t, s, e, "a key", "the end");
        break;
    case EV_CHOOSE:
        add(t, "choose: %u of 0..%" PRIu64, (uint32_t)e->value, ((uint64_t)e->value >> 32) - 1);
        break;
    case EV_READ:
    case EV_WRITE:
        text_plain(t, s, e, event_word(e->kind));
        if (!(e->flags & EVENT_PARKED))
            add(t, ", %" PRId64 " bytes", e->value);
        break;
    case EV_LOAD:
        text_access(t, s, e, "reads");
        break;
    case EV_STORE:
        text_access(t, s, e, "writes");
        break;
    case EV_DAEMON:
        add(t, "is a daemon from here on");
        break;
    case EV_PRINT:
        add(t, "prints \"%.*s\"", (int)strcspn(string_of(s, e->value), "\n"),
            string_of(s, e->value));
        break;
    case EV_CHECK:
        text_check(t, s, e);
        break;
    case EV_LABEL:
        add(t, e->value ? "labelled %s from here on" : "no longer labelled%s",
            string_of(s, e->value));
        break;
    case EV_PANICKING:
        text_sentence(t, s, e, "panics and makes its deferred calls");
        break;
    case EV_RECOVER:
        text_sentence(t, s, e, "recovers from panic");
        break;
    case EV_GOEXIT:
        add(t, "goexit: makes its deferred calls");
        break;
    case EV_PANIC:
    case EV_MISUSE:
    case EV_RACE:
        text_sentence(t, s, e, event_word(e->kind));
        break;
    case EV_CALL:
        add(t, "environment call %s", string_of(s, e->value));
        break;
    case EV_RETURN:
        add(t, "environment call %s returns", string_of(s, e->value));
        break;
    case EV_HANG:
        add(t, "is busy and never calls the core again");
        break;
    case EV_END:
        text_end(t, e);
        break;
    default:
        text_plain(t, s, e, event_word(e->kind));
        break;
    }
}

const char *seen_event_text(const struct seen *s, uint64_t n, char *out, size_t size) {
    uint64_t head = atomic_load_explicit(&s->log->head, memory_order_acquire);
    struct text t = {out, size, 0};
    add(&t, "%s", "");
    if (n >= head || s->capacity == 0 || head - n > s->capacity)
        return out;
    event e = s->log->events[n & (s->capacity - 1)];
    event_words(&t, s, &e);
    return out;
}
