// event: the log of one run. Everything that is said about a run is derived from it.
//
// One fixed-size record per public operation, written to memory that the parent process maps too,
// so a reader sees all that happened before a crash. Park and ready are derived: a record with
// EVENT_PARKED means its task now waits; `peer` of a later record, or an EV_WAKE, ends that wait.
//
// The meaning of the records is a contract; their layout belongs to core and harness alone.
#pragma once

#include "core/base.h"

#include <stdatomic.h>

// What happened. X(NAME, "word"). `value` and `peer` as said at each.
#define EVENT_KINDS(X)                                                                             \
    X(NONE, "none")                                                                                \
    X(GO, "go")     /* peer: the new task; value: its name; task: EVENT_CLOCK, if a timer did */   \
    X(EXIT, "exit") /* the task has ended; value: 1 by goexit, 0 it returned */                    \
    X(MAKE, "make") /* object: the new one; value: kind << 32 | its name; peer: a capacity */      \
    X(YIELD, "yield")                                                                              \
    X(SLEEP, "sleep") /* value: duration */                                                        \
    X(SEND, "send")                                                                                \
    X(RECV, "recv") /* EVENT_CLOSED: ended because the channel is closed and empty */              \
    X(LEN, "len")   /* value: elements buffered */                                                 \
    X(CLOSE, "close")                                                                              \
    X(SELECT, "select") /* value: the arm taken, -1 while parked or when none was ready */         \
    X(ARM, "arm")       /* an arm of the select just parked: object, value: arm << 8 | kind */     \
    X(LOCK, "lock")                                                                                \
    X(TRYLOCK, "trylock") /* value: 1 when it got the lock */                                      \
    X(UNLOCK, "unlock")                                                                            \
    X(ADD, "add")   /* value: delta << 32 | counter afterwards */                                  \
    X(DONE, "done") /* the same with delta -1 */                                                   \
    X(WAIT, "wait")                                                                                \
    X(RLOCK, "read lock")                                                                          \
    X(TRYRLOCK, "try read lock") /* value: 1 when it got the lock */                               \
    X(RUNLOCK, "read unlock")                                                                      \
    X(WLOCK, "write lock")    /* of an rwmutex, whose TRYLOCK and UNLOCK are a mutex's */          \
    X(COND_WAIT, "cond wait") /* value: the mutex that it unlocked */                              \
    X(SIGNAL, "signal")                                                                            \
    X(BROADCAST, "broadcast")                                                                      \
    X(ONCE, "once")              /* value: 1 when the caller is the one that runs the function */  \
    X(ONCE_DONE, "once done")    /* the function has returned */                                   \
    X(ACQUIRE, "acquire")        /* value: permits asked for */                                    \
    X(TRYACQUIRE, "try acquire") /* value: permits it got, 0: none */                              \
    X(SEMA_RELEASE, "sema release") /* value: permits given back */                                \
    X(GROUP_GO, "group go")     /* value: 1 when a task is started, 0 when the limit forbids it */ \
    X(GROUP_ERR, "group error") /* value: the err that a task returned */                          \
    X(GROUP_DONE, "group done") /* a task of the group has returned */                             \
    X(GROUP_WAIT, "group wait")                                                                    \
    X(GROUP_LIMIT, "group limit") /* value: the limit, negative: none */                           \
    X(SCOPE_GO, "scope go")       /* value: 1 when a task is started, 0 when the scope was left */ \
    X(SCOPE_ERR, "scope error")   /* value: the err that a task returned, 0: it panicked */        \
    X(SCOPE_DONE, "scope done")   /* a task of the scope has ended */                              \
    X(SCOPE_JOIN, "scope join")                                                                    \
    X(FLIGHT, "flight") /* value: number of the call << 32 | its key; parked: others run it */     \
    X(FLIGHT_CHAN, "flight chan")     /* the same */                                               \
    X(FLIGHT_RUN, "flight run")       /* the same; the task runs the call */                       \
    X(FLIGHT_DONE, "flight done")     /* the same */                                               \
    X(FLIGHT_FORGET, "flight forget") /* value: 1 when a call was under way */                     \
    X(CANCEL, "cancel")               /* object: the context; value: cause, if any, << 32 | err */ \
    X(AFTER, "after func") /* object: the context; value: the name of the task to start */         \
    X(AFTER_STOP, "after func stop") /* value: 1 when it had not been started */                   \
    X(ERR, "err")                    /* a look at a context; value: its err */                     \
    X(TIMER_SET, "timer set")        /* value: duration */                                         \
    X(TIMER_RESET, "timer reset")    /* value: duration */                                         \
    X(TIMER_STOP, "timer stop")      /* value: 1 when it had not fired */                          \
    X(FIRE, "fire")                  /* a timer: task is EVENT_CLOCK; peer: who it woke */         \
    X(WAKE, "wake")         /* a further task that the record before woke: task; value: its arm */ \
    X(CHOOSE, "choose")     /* value: n << 32 | the alternative taken */                           \
    X(POOL_GET, "pool get") /* value: 1 when the pool had an object */                             \
    X(POOL_PUT, "pool put")                                                                        \
    X(MAP_LOAD, "map load") /* of maps, value: 1 when the key was there, or compared equal */      \
    X(MAP_STORE, "map store")                                                                      \
    X(MAP_LOAD_OR_STORE, "map load or store")                                                      \
    X(MAP_DELETE, "map delete")                                                                    \
    X(MAP_COMPARE, "map compare") /* and swap or delete */                                         \
    X(MAP_CLEAR, "map clear")                                                                      \
    X(MAP_NEXT, "map next") /* value: 0 at the end of the walk */                                  \
    X(LOAD, "load")         /* of memory, where that is a choice point; value: what is read */     \
    X(STORE, "store")       /* ... and what is written. The site's operand says what */            \
    X(OPEN, "open")         /* object: a resource */                                               \
    X(RELEASE, "release")   /* object: a resource given back */                                    \
    X(READ, "read")         /* value: bytes */                                                     \
    X(WRITE, "write")       /* value: bytes */                                                     \
    X(ACCEPT, "accept")                                                                            \
    X(DIAL, "dial")                                                                                \
    X(DAEMON, "daemon")       /* the task is exempt from leak verdicts from here on */             \
    X(PRINT, "print")         /* value: string id of what the code printed; peer: 1 out, 2 err */  \
    X(CHECK, "check")         /* value: passed << 32 | string id; object: string id of detail */   \
    X(LABEL, "label")         /* value: string id of all labels that the task has from here on */  \
    X(PANICKING, "panicking") /* it makes its deferred calls; value: string id of the sentence */  \
    X(RECOVER, "recover")     /* value: string id of the sentence of the panic that it stopped */  \
    X(GOEXIT, "goexit")                                                                            \
    X(PANIC, "panic")   /* nobody recovered; value: string id of the sentence */                   \
    X(MISUSE, "misuse") /* value: string id of the sentence */                                     \
    X(RACE,                                                                                        \
      "race") /* its access now races with one of peer's: value: events before that one << 32 \
                       (RACE_WHENEVER: not known) | string id of the sentence; object: string id of \
                       the stacks */    \
    X(CALL, "call")     /* an environment call starts; value: string id */                         \
    X(RETURN, "return") /* ... and ends */                                                         \
    X(HANG, "hang") /* it is busy and never calls the core again, so the parent ends the run */    \
    X(END, "end")   /* the run is over; value: enum run_end */

enum event_kind {
#define X(name, word) EV_##name,
    EVENT_KINDS(X)
#undef X
        EV_KINDS
};

// The word of a kind, as printed by --events.
const char *event_word(enum event_kind kind);

enum event_flag {
    EVENT_PARKED = 1,    // the task waits from here on
    EVENT_CLOSED = 2,    // completed because the channel is closed
    EVENT_FRUITLESS = 4, // a poll, a try or a look that found nothing new
    EVENT_DERIVED = 8,   // followed from another operation (a child context's cancel)
    EVENT_EARLY = 16,    // FIRE: time moved to it while a task could go on (run_config.early)
    EVENT_NO_VALUE = 32, // LOAD, STORE: of more bytes than a value can tell
    EVENT_SENT = 64,     // SELECT: the arm taken is a send
};

enum { EVENT_CLOCK = UINT32_MAX, EVENT_NOBODY = UINT32_MAX - 1 };

typedef struct event {
    int64_t time;    // virtual time
    int64_t value;   // by kind
    uint32_t task;   // who did it, by creation number; EVENT_CLOCK: the clock
    uint32_t object; // on what; 0: nothing
    uint32_t peer;   // the task it woke or made; EVENT_NOBODY: none
    uint16_t site;   // where, an index into the log's sites
    uint8_t kind;    // enum event_kind
    uint8_t flags;   // enum event_flag
} event;

_Static_assert(sizeof(event) == 32, "one event is half a cache line");

// The value of a SELECT record that has no arms at all.
#define SELECT_NO_ARMS INT64_MIN

// In a RACE record: the engine does not tell when the other task made its access.
#define RACE_WHENEVER UINT32_MAX

// Why a task is parked, in Go's words. X(NAME, "words").
#define WAIT_REASONS(X)                                                                            \
    X(NONE, "")                                                                                    \
    X(SEND, "chan send")                                                                           \
    X(RECV, "chan receive")                                                                        \
    X(SEND_NIL, "chan send (nil chan)")                                                            \
    X(RECV_NIL, "chan receive (nil chan)")                                                         \
    X(SELECT, "select")                                                                            \
    X(SELECT_EMPTY, "select (no cases)")                                                           \
    X(SLEEP, "sleep")                                                                              \
    X(MUTEX, "sync.Mutex.Lock")                                                                    \
    X(WAITGROUP, "sync.WaitGroup.Wait")                                                            \
    X(RLOCK, "sync.RWMutex.RLock")                                                                 \
    X(WLOCK, "sync.RWMutex.Lock")                                                                  \
    X(COND, "sync.Cond.Wait")                                                                      \
    X(ONCE, "sync.Once.Do")                                                                        \
    X(SEMA, "semaphore acquire")                                                                   \
    X(GROUP_GO, "errgroup.Group.Go")                                                               \
    X(GROUP_WAIT, "errgroup.Group.Wait")                                                           \
    X(SCOPE, "scope join")                                                                         \
    X(FLIGHT, "singleflight.Group.Do")                                                             \
    X(IO, "IO wait")                                                                               \
    X(ACCEPT, "net accept")

enum wait_reason {
#define X(name, words) WAIT_##name,
    WAIT_REASONS(X)
#undef X
        WAIT_REASON_COUNT
};

const char *wait_reason_text(enum wait_reason reason);

// The reason why a task whose record is `e` waits, derived from the record alone.
enum wait_reason event_wait_reason(const event *e);

// What an object is. X(NAME, "word"): the word is how it is called in every report.
#define OBJECT_KINDS(X)                                                                            \
    X(NONE, "nothing")                                                                             \
    X(CHAN, "chan")                                                                                \
    X(MUTEX, "mutex")                                                                              \
    X(WAITGROUP, "waitgroup")                                                                      \
    X(RWMUTEX, "rwmutex")                                                                          \
    X(COND, "cond")                                                                                \
    X(ONCE, "once")                                                                                \
    X(SEMA, "sema")                                                                                \
    X(GROUP, "group")                                                                              \
    X(SCOPE, "scope")                                                                              \
    X(FLIGHT, "singleflight")                                                                      \
    X(POOL, "pool")                                                                                \
    X(MAP, "cmap")                                                                                 \
    X(CTX, "ctx")                                                                                  \
    X(TIMER, "timer")                                                                              \
    X(TICKER, "ticker")                                                                            \
    X(CONN, "conn")                                                                                \
    X(LISTENER, "listener")                                                                        \
    X(RESOURCE, "resource")

enum object_kind {
#define X(name, word) OBJECT_##name,
    OBJECT_KINDS(X)
#undef X
        OBJECT_KIND_COUNT
};

const char *object_word(enum object_kind kind);

// How a run ended.
enum run_end {
    RUN_UNFINISHED, // no END record: the process died or was killed
    RUN_QUIESCENT,  // nothing runnable, no timer pending: decided
    RUN_PANICKED,   // a task panicked and nobody recovered
    RUN_STEPS,      // the step budget is used up
    RUN_LOG_FULL,   // the log is full
    RUN_STOPPED,    // the caller asked it to stop
    RUN_DIVERGED,   // a replayed schedule no longer fits
};

// The log proper: a header, then sites, then strings, then events, in one mapping.
enum { LOG_MAX_SITES = 8192, LOG_STRING_BYTES = 1 << 20 };

typedef struct log_site {
    uint32_t file, function, operand; // string ids
    uint32_t line;
} log_site;

typedef struct event_log {
    uint64_t magic;         // LOG_MAGIC once the writer has set it up
    uint32_t capacity;      // events, a power of two
    bool ring;              // wrap round (live) instead of stopping when full
    _Atomic uint64_t head;  // events ever written; number i is at [i & (capacity - 1)]
    _Atomic uint64_t steps; // grows while the scheduler gets its turn: a sign of life
    _Atomic uint32_t
        waiting[WAIT_REASON_COUNT]; // tasks parked now, by reason; exact even in a ring
    _Atomic uint32_t alive;         // tasks that have not ended, the root included
    _Atomic uint32_t started;       // tasks ever started in this run
    _Atomic int64_t now;            // the run's clock
    _Atomic uint32_t current;       // the task that runs, EVENT_NOBODY: none
    _Atomic uint32_t last_site;     // where the current task last called the core
    _Atomic uint32_t site_count;
    _Atomic uint32_t string_bytes; // used in strings
    uint32_t dropped_strings;      // asked for when the table was full
    log_site sites[LOG_MAX_SITES];
    char strings[LOG_STRING_BYTES]; // NUL-terminated; a string id is an offset, 0 is ""
    event events[];                 // `capacity` of them
} event_log;

#define LOG_MAGIC UINT64_C(0x31676f6c6b637573)

// Bytes of a log with room for `capacity` events.
size_t event_log_size(uint32_t capacity);

// Makes the zeroed memory at `log` an empty log.
void event_log_init(event_log *log, uint32_t capacity, bool ring);

// Reading, from either process. Ids out of range give "" and a site of zeros: a log can be damaged.
const char *event_log_string(const event_log *log, uint32_t id);
log_site event_log_site(const event_log *log, uint16_t id);
