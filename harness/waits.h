// waits: who could end a wait, as far as a log can tell. Explanations and the wait graph both ask
// here, so they never name different tasks.
//
// A log cannot tell who still holds a pointer to an object. So for what has an owner (locks, onces,
// the calls of a singleflight, groups) it is the owner who could; for the rest it is whoever ever did
// to the object what a wait for it needs. The seen world must be folded with record_touches set.
#pragma once

#include "harness/seen.h"

// Event kinds as a set; a select whose direction is not known counts as either.
typedef unsigned __int128 kind_set;
_Static_assert(EV_KINDS <= 128, "a kind_set has a bit for each kind");
#define KIND(name) ((kind_set)1 << EV_##name)

// What ends a wait of each sort.
#define KINDS_THAT_RECEIVE (KIND(RECV) | KIND(SELECT))
#define KINDS_THAT_SEND    (KIND(SEND) | KIND(CLOSE) | KIND(SELECT))
#define KINDS_THAT_SIGNAL  (KIND(SIGNAL) | KIND(BROADCAST))
#define KINDS_THAT_TAKE    (KIND(ACQUIRE) | KIND(TRYACQUIRE))

// Whether the row is about this object, and of one of these kinds.
bool waits_touched(const struct seen_touch *t, uint32_t object, kind_set kinds);

// The same, and the first of the rows of its task that are: each task is counted once.
bool waits_touched_first(const struct seen *s, const struct seen_touch *t, uint32_t object,
                         kind_set kinds);

// The last time that some task did one of `kinds` on the object, NULL: none ever did.
const struct seen_touch *waits_last_touch(const struct seen *s, uint32_t object, kind_set kinds);

// The context whose done channel this is, NULL: it is none.
const struct seen_object *waits_context(const struct seen *s, uint32_t object);

// The timer or ticker whose channel this is, NULL: it is none's.
const struct seen_object *waits_timer(const struct seen *s, uint32_t object);

// How often a task has locked a rwmutex for reading and nobody in its name has unlocked it.
uint32_t waits_reads_held(const struct seen *s, uint32_t task, uint32_t object);

// The oldest of those that wait for the same object in the same way, NULL: nobody else does.
const struct seen_task *waits_oldest(const struct seen *s, const struct seen_task *self,
                                     enum wait_reason reason);

// The task that runs this call of a singleflight, EVENT_NOBODY: the log no longer says.
uint32_t waits_runner(const struct seen *s, uint32_t object, int64_t call);

// Whether task i is one that a waiter on a wait group was likely to wait for: parked, and it never
// called done.
bool waits_undone(const struct seen *s, const struct seen_task *self, uint32_t i);

// Who could end one wait of a task for one object.
enum server_relation { SERVER_HOLDS, SERVER_COULD };
struct server {
    uint32_t task;
    enum server_relation relation;
    uint8_t did; // enum event_kind of what it last did there, EV_NONE: nothing
    uint16_t at; // the site of that
};

// Fills at most `room`; returns how many there are. The task itself is among them only where it holds
// what it waits for. `sends`: of a channel, whether the wait is to send.
uint32_t waits_servers(const struct seen *s, const struct seen_task *t, uint32_t object, bool sends,
                       struct server *out, uint32_t room);
