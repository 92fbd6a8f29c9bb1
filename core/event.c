// event: writing and reading the log of one run.
//
// Invariants: only the running process writes, and only on one thread, so `head` needs a release
// store and nothing else. The `pending` events from `head` on are written or reserved, but not
// published: while an operation is under way that is its own record, reserved, and what it caused. Strings live in two regions: literals (site texts, names), interned by address
// and kept from run to run, and texts of the run (what was printed, what failed), dropped at each
// reset. So a million runs in one process need no more room than one.
//
// Rejected: one log line of text per event (ten times the bytes, and formatting on task stacks);
// separate park and ready records (twice the records, and they can be derived).
#include "core/event.h"

#include "core/quick.h"

#include <string.h>

enum { LITERAL_BYTES = LOG_STRING_BYTES / 2, KNOWN = 1 << 14 };

// Addresses already interned: string literals and sites, open addressing.
struct known {
    const void *address;
    uint32_t id;
};
static struct known known_literals[KNOWN];
static struct known known_sites[KNOWN];

static struct known last_literal; // often the next as well

static uint32_t literal_bytes; // used in the lower region
static uint32_t text_bytes;    // used in the upper region
static event_log *known_in;    // the log whose ids the tables hold
static event scratch;          // where records go that no longer fit

// --- words ----------------------------------------------------------------------------------

const char *event_word(enum event_kind kind) {
    static const char *const words[] = {
#define X(name, word) word,
        EVENT_KINDS(X)
#undef X
    };
    return (unsigned)kind < EV_KINDS ? words[kind] : "unknown";
}

const char *wait_reason_text(enum wait_reason reason) {
    static const char *const words[] = {
#define X(name, word) word,
        WAIT_REASONS(X)
#undef X
    };
    return (unsigned)reason < WAIT_REASON_COUNT ? words[reason] : "unknown";
}

const char *object_word(enum object_kind kind) {
    static const char *const words[] = {
#define X(name, word) word,
        OBJECT_KINDS(X)
#undef X
    };
    return (unsigned)kind < OBJECT_KIND_COUNT ? words[kind] : "unknown";
}

// Why an operation of each kind waits; of some it depends on the record.
static const uint8_t wait_reasons[EV_KINDS] = {
    [EV_SEND] = WAIT_SEND,
    [EV_RECV] = WAIT_RECV,
    [EV_SELECT] = WAIT_SELECT,
    [EV_SLEEP] = WAIT_SLEEP,
    [EV_LOCK] = WAIT_MUTEX,
    [EV_WAIT] = WAIT_WAITGROUP,
    [EV_RLOCK] = WAIT_RLOCK,
    [EV_WLOCK] = WAIT_WLOCK,
    [EV_COND_WAIT] = WAIT_COND,
    [EV_ONCE] = WAIT_ONCE,
    [EV_ACQUIRE] = WAIT_SEMA,
    [EV_GROUP_GO] = WAIT_GROUP_GO,
    [EV_GROUP_WAIT] = WAIT_GROUP_WAIT,
    [EV_SCOPE_JOIN] = WAIT_SCOPE,
    [EV_FLIGHT] = WAIT_FLIGHT,
    [EV_ACCEPT] = WAIT_ACCEPT,
    [EV_READ] = WAIT_IO,
    [EV_WRITE] = WAIT_IO,
    [EV_DIAL] = WAIT_IO,
};

enum wait_reason event_wait_reason(const event *e) {
    if (!(e->flags & EVENT_PARKED) || e->kind >= EV_KINDS)
        return WAIT_NONE;
    if (e->kind == EV_SEND && !e->object)
        return WAIT_SEND_NIL;
    if (e->kind == EV_RECV && !e->object)
        return WAIT_RECV_NIL;
    if (e->kind == EV_SELECT && e->value == SELECT_NO_ARMS)
        return WAIT_SELECT_EMPTY;
    return wait_reasons[e->kind];
}

// --- the log as memory ----------------------------------------------------------------------

size_t event_log_size(uint32_t capacity) {
    return sizeof(event_log) + (size_t)capacity * sizeof(event);
}

void event_log_init(event_log *log, uint32_t capacity, bool ring) {
    log->capacity = capacity;
    log->ring = ring;
    log->current = EVENT_NOBODY;
    log->site_count = 1;
    log->string_bytes = 1;
    log->magic = LOG_MAGIC;
}

const char *event_log_string(const event_log *log, uint32_t id) {
    if (id >= LOG_STRING_BYTES || !memchr(log->strings + id, 0, LOG_STRING_BYTES - id))
        return "";
    return log->strings + id;
}

log_site event_log_site(const event_log *log, uint16_t id) {
    if (id >= LOG_MAX_SITES)
        return (log_site){0};
    return log->sites[id];
}

// --- strings and sites ------------------------------------------------------------------------

// The place of `address` in a table: where it is or would be. NULL: the table is full.
static struct known *known_find(struct known *table, const void *address) {
    uint64_t hash = (uint64_t)(uintptr_t)address * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t start = (uint32_t)(hash >> 50);
    for (uint32_t i = 0; i < KNOWN; i++) {
        struct known *k = &table[(start + i) & (KNOWN - 1)];
        if (k->address == address || !k->address)
            return k;
    }
    return NULL;
}

// Copies into one of the two regions; 0 when it does not fit.
static uint32_t string_put(const char *text, size_t length, uint32_t *used, uint32_t limit) {
    if (length == 0)
        return 0;
    if (length + 1 > limit - *used) {
        run.log->dropped_strings++;
        return 0;
    }
    uint32_t id = *used;
    for (size_t i = 0; i < length; i++)
        run.log->strings[id + i] = text[i];
    run.log->strings[id + length] = 0;
    *used += (uint32_t)length + 1;
    atomic_store_explicit(&run.log->string_bytes, text_bytes, memory_order_release);
    return id;
}

uint32_t event_string(const char *text, size_t length) {
    return string_put(text, length, &text_bytes, LOG_STRING_BYTES);
}

SLOW uint32_t literal_find(const char *text) {
    struct known *k = *text ? known_find(known_literals, text) : NULL;
    if (!k)
        return 0;
    if (!k->address) {
        k->address = text;
        k->id = string_put(text, strlen(text), &literal_bytes, LITERAL_BYTES);
    }
    last_literal = *k;
    return k->id;
}

uint32_t event_literal(const char *text) {
    if (!text)
        return 0;
    return text == last_literal.address ? last_literal.id : literal_find(text);
}

// First use of a site: enters it into the log's table.
uint16_t site_register(site *at) {
    struct known *k = known_find(known_sites, at);
    uint32_t count = run.log->site_count;
    if (!k || (!k->address && count >= LOG_MAX_SITES))
        return 0;
    if (!k->address) {
        k->address = at;
        k->id = count;
        run.log->sites[count] = (log_site){event_literal(at->file), event_literal(at->function),
                                           event_literal(at->operand), (uint32_t)at->line};
        atomic_store_explicit(&run.log->site_count, count + 1, memory_order_release);
    }
    at->id = (uint16_t)k->id;
    return at->id;
}

// --- records ----------------------------------------------------------------------------------

// The log is nearly full, which ends the run; its last records still fit.
SLOW bool fits(uint64_t number, enum event_kind kind) {
    run_stop(RUN_LOG_FULL);
    return kind == EV_END && number < run.log->capacity;
}

// Where the next record goes.
ALWAYS_INLINE event *slot_take(enum event_kind kind) {
    uint64_t number = head_now() + run.pending;
    bool room = run.log->ring || number + LOG_SPARE < run.log->capacity;
    if (unlikely(!room) && !fits(number, kind))
        return &scratch;
    run.pending++;
    return event_at(number);
}

ALWAYS_INLINE void publish(void) {
    event_publish(head_now() + run.pending);
    run.pending = 0;
}

void event_write_for(uint32_t task, enum event_kind kind, uint32_t object, site *at, uint32_t peer,
                     int64_t value, uint8_t flags) {
    bool under_way = run.pending;
    uint16_t where = event_site(at);
    if (run.moving_early && kind == EV_FIRE)
        flags |= EVENT_EARLY;
    event *e = slot_take(kind);
    event_put(e, (event){.time = run.now,
                         .value = value,
                         .task = task,
                         .object = object,
                         .peer = peer,
                         .site = where,
                         .kind = (uint8_t)kind,
                         .flags = flags});
    run.notes += e != &scratch;
    if (!under_way)
        publish();
}

void event_write(enum event_kind kind, uint32_t object, site *at, uint32_t peer, int64_t value,
                 uint8_t flags) {
    uint32_t task = run.current ? run.current->number : EVENT_CLOCK;
    event_write_for(task, kind, object, at, peer, value, flags);
}

event *event_reserve(enum event_kind kind) {
    return slot_take(kind);
}

// In a ring, what the operation caused may have been so much that it ran over its own record.
void event_commit(event *e, struct op *op, bool parked) {
    event record = op_record(op, op->kind, event_site(op->at));
    record.peer = run.woken;
    record.flags |= parked ? EVENT_PARKED : 0;
    run.woken = EVENT_NOBODY;
    if (run.pending <= run.log->capacity)
        event_put(e, record);
    publish();
}

void event_drop(void) {
    run.pending = 0;
}

void event_settle(void) {
    if (run.attempting && run.pending)
        event_commit(event_at(head_now()), run.attempting, false);
    else
        publish();
}

// Another log, or the same one emptied: no string and no site is in it yet.
static void known_forget(void) {
    for (uint32_t i = 0; i < KNOWN; i++)
        if (known_sites[i].address)
            ((site *)(uintptr_t)known_sites[i].address)->id = 0;
    memset(known_literals, 0, sizeof known_literals);
    memset(known_sites, 0, sizeof known_sites);
    last_literal = (struct known){0};
    known_in = run.log;
    literal_bytes = 1;
}

void event_reset(void) {
    if (known_in != run.log || run.log->site_count <= 1)
        known_forget();
    run.event_mask = run.log->capacity - 1;
    run.pending = 0;
    run.woken = EVENT_NOBODY;
    text_bytes = LITERAL_BYTES;
    atomic_store_explicit(&run.log->head, 0, memory_order_release);
}

// --- notes from around the exercise -------------------------------------------------------

void note_check(bool passed, const char *name, const char *detail, site *at) {
    run_check();
    uint32_t text = passed || !detail ? 0 : event_string(detail, strlen(detail));
    event_write(EV_CHECK, text, at, EVENT_NOBODY,
                (int64_t)passed << 32 | (int64_t)event_literal(name), 0);
}

void note_call(const char *name, site *at) {
    run_check();
    event_write(EV_CALL, 0, at, EVENT_NOBODY, event_literal(name), 0);
}

void note_return(const char *name, site *at) {
    run_check();
    event_write(EV_RETURN, 0, at, EVENT_NOBODY, event_literal(name), 0);
}

void note_print(const char *text, size_t length, int stream, site *at) {
    run_check();
    uint32_t id = event_string(text, length);
    if (id)
        event_write(EV_PRINT, 0, at, (uint32_t)stream, id, 0);
}

void note_race(uint32_t with, uint32_t events, const char *text, const char *stacks, site *at) {
    uint32_t words = event_string(text, strlen(text));
    event_write(EV_RACE, event_string(stacks, strlen(stacks)), at, with,
                (int64_t)((uint64_t)events << 32 | words), 0);
}

uint16_t note_site(const char *file, const char *function, const char *operand, int line) {
    uint32_t count = run.log->site_count;
    if (count >= LOG_MAX_SITES)
        return 0;
    run.log->sites[count] = (log_site){event_string(file, strlen(file)),
                                       event_string(function, strlen(function)),
                                       event_string(operand, strlen(operand)), (uint32_t)line};
    atomic_store_explicit(&run.log->site_count, count + 1, memory_order_release);
    return (uint16_t)count;
}
