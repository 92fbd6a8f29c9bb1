// seen: the world as a log tells it. The only place where records are interpreted.
//
// Invariants:
//   - tasks[] is indexed by creation number and objects[] by id, both without gaps; a record that
//     names a number out of turn is a contradiction and changes nothing;
//   - a task is PARKED exactly between a record with EVENT_PARKED and the record (or WAKE) that
//     ends the wait, and waiting[] counts exactly the tasks that are PARKED;
//   - folding allocates only when a world is larger than any before it, so a warm `seen` folds
//     millions of logs without a call of malloc;
//   - whatever the log holds, folding never reads or writes out of bounds: the log comes from a
//     process that ran a learner's code.
//
// Only what cannot be in any log that the core wrote counts as a contradiction. Anything less sure
// is left alone: a false `tampered` is worse than a missed one.
#include "harness/seen.h"

#include "core/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64, LOST_TASKS = 1 << 22, LOST_OBJECTS = 1 << 22 };

static void grow(void **array, uint32_t *room, uint32_t need, size_t size) {
    if (need <= *room)
        return;
    uint32_t more = *room ? *room : FIRST_ROOM;
    while (more < need)
        more *= 2;
    void *p = realloc(*array, (size_t)more * size);
    if (!p) {
        fprintf(stderr, "unstuck: out of memory while reading a log (%u entries)\n", more);
        abort();
    }
    *array = p;
    *room = more;
}

// The first contradiction stands; after a ring overran the reader nothing is one.
static void contradict(struct seen *s, const char *what) {
    if (s->contradiction || s->lost)
        return;
    s->contradiction = what;
    s->contradiction_at = s->next;
}

// --- tasks --------------------------------------------------------------------------------------

static struct seen_task *task_add(struct seen *s) {
    grow((void **)&s->tasks, &s->task_room, s->task_count + 1, sizeof *s->tasks);
    struct seen_task *t = &s->tasks[s->task_count];
    *t = (struct seen_task){.number = s->task_count,
                            .parent = EVENT_NOBODY,
                            .state = TASK_ENDED,
                            .since = s->now,
                            .since_event = (uint32_t)s->next,
                            .born = s->now,
                            .wakes_at = INT64_MAX};
    s->task_count++;
    return t;
}

static void task_start(struct seen *s, struct seen_task *t) {
    t->state = TASK_READY;
    s->alive++;
}

// The task of a record. NULL: there is no such task, or it is no task (the clock).
static struct seen_task *task_at(struct seen *s, uint32_t number) {
    if (number < s->task_count)
        return &s->tasks[number];
    if (!s->lost || number >= LOST_TASKS)
        return NULL;
    while (s->task_count <= number)
        task_add(s);
    task_start(s, &s->tasks[number]);
    return &s->tasks[number];
}

static bool is_task(uint32_t number) {
    return number != EVENT_CLOCK && number != EVENT_NOBODY;
}

static void state_set(struct seen *s, struct seen_task *t, enum task_state state) {
    if (t->state == state)
        return;
    t->state = state;
    t->since = s->now;
    t->since_event = (uint32_t)s->next;
}

static void wait_begin(struct seen *s, struct seen_task *t, const event *e) {
    if (t->state == TASK_PARKED)
        s->waiting[t->reason]--;
    t->state = TASK_PARKED;
    t->reason = event_wait_reason(e);
    t->object = e->kind == EV_SELECT ? 0 : e->object;
    t->since = s->now;
    t->since_event = (uint32_t)s->next;
    t->arm_count = 0;
    t->wakes_at = INT64_MAX;
    t->wanted = e->kind == EV_ACQUIRE || e->kind == EV_FLIGHT ? e->value : 0;
    if (e->kind == EV_SLEEP && e->value >= 0 && e->value < INT64_MAX - s->now)
        t->wakes_at = s->now + e->value;
    s->waiting[t->reason]++;
}

static void wait_end(struct seen *s, struct seen_task *t) {
    if (t->state != TASK_PARKED)
        return;
    s->waiting[t->reason]--;
    t->reason = WAIT_NONE;
    t->object = 0;
    t->arm_count = 0;
    t->wakes_at = INT64_MAX;
    state_set(s, t, TASK_READY);
}

static struct seen_object *object_at(struct seen *s, uint32_t id) {
    return id && id < s->object_count ? &s->objects[id] : NULL;
}

// A damaged log may ask for any sum.
static int64_t plus(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

// What a parked task asked for is handed to it by whoever wakes it.
static void hand_over(struct seen *s, const struct seen_task *t) {
    struct seen_object *o = object_at(s, t->object);
    if (!o || t->state != TASK_PARKED)
        return;
    if (t->reason == WAIT_RLOCK || t->reason == WAIT_GROUP_GO)
        o->count = (int32_t)plus(o->count, 1);
    else if (t->reason == WAIT_WLOCK || t->reason == WAIT_MUTEX)
        o->owner = t->number;
    else if (t->reason == WAIT_SEMA)
        o->held = plus(o->held, t->wanted);
}

// Whoever acted before has come to its next operation and waits for its turn.
static void running_set(struct seen *s, uint32_t number) {
    if (s->running != number && s->running < s->task_count &&
        s->tasks[s->running].state == TASK_RUNNING)
        state_set(s, &s->tasks[s->running], TASK_READY);
    s->running = number;
}

// A root that ends by goexit never counts as ended: the run goes on without it.
static void task_end(struct seen *s, struct seen_task *t, bool by_goexit) {
    state_set(s, t, TASK_ENDED);
    t->ended_at = s->now;
    s->alive--;
    s->ended++;
    if (t->number == 0 && !by_goexit) {
        s->root_ended = true;
        s->root_end_time = s->now;
        s->root_end_event = s->next;
    }
}

// --- the grace after the root's end -----------------------------------------------------------

static void mark_late(struct seen *s) {
    s->grace_over = true;
    for (uint32_t i = 0; i < s->task_count; i++) {
        struct seen_task *t = &s->tasks[i];
        if (t->state == TASK_ENDED || t->daemon)
            continue;
        t->outlived = true;
        t->late = (struct seen_late){t->reason, t->object, t->at, t->since};
    }
}

static bool is_operation(const event *e) {
    switch (e->kind) {
    case EV_MAKE:
    case EV_ARM:
    case EV_WAKE:
    case EV_PRINT:
    case EV_CHECK:
    case EV_CALL:
    case EV_RETURN:
    case EV_RACE:
    case EV_MISUSE:
    case EV_HANG:
    case EV_END:
        return false;
    default:
        return true;
    }
}

// Before the record is folded in: does it happen after the grace?
static void grace_check(struct seen *s, const event *e) {
    if (!s->root_ended || s->grace_over)
        return;
    s->late_operations += is_operation(e);
    bool used_up = e->kind == EV_END && e->value == RUN_STEPS;
    bool late = s->now - s->root_end_time > s->grace;
    if (late || used_up || s->late_operations > SEEN_GRACE_OPERATIONS)
        mark_late(s);
}

// At the end of a log, an outlived task is reported as it was when the grace was over, unless it
// is parked for ever.
static void late_restore(struct seen *s) {
    for (uint32_t i = 0; s->grace_over && i < s->task_count; i++) {
        struct seen_task *t = &s->tasks[i];
        if (!t->outlived || (t->state == TASK_PARKED && s->end == RUN_QUIESCENT))
            continue;
        if (t->state == TASK_PARKED)
            s->waiting[t->reason]--, s->waiting[t->late.reason]++;
        t->reason = t->late.reason;
        t->object = t->late.object;
        t->at = t->late.at;
        t->since = t->late.since;
    }
}

// --- who touched what -----------------------------------------------------------------------------

static uint32_t touch_hash(uint32_t id, uint32_t task, uint8_t kind) {
    uint64_t key = ((uint64_t)id << 32 | task) * 64 + kind;
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static void touch_index_put(struct seen *s, uint32_t row) {
    const struct seen_touch *t = &s->touches[row];
    uint32_t mask = s->touch_index_room - 1, i = touch_hash(t->object, t->task, t->kind) & mask;
    while (s->touch_index[i])
        i = (i + 1) & mask;
    s->touch_index[i] = row + 1;
}

// Keeps the index at most half full.
static void touch_index_fit(struct seen *s) {
    if (2 * (s->touch_count + 1) <= s->touch_index_room)
        return;
    grow((void **)&s->touch_index, &s->touch_index_room, 4 * (s->touch_count + 1),
         sizeof *s->touch_index);
    memset(s->touch_index, 0, s->touch_index_room * sizeof *s->touch_index);
    for (uint32_t row = 0; row < s->touch_count; row++)
        touch_index_put(s, row);
}

// The place of a row in the index: where it is or would be.
static uint32_t touch_place(const struct seen *s, uint32_t id, uint32_t task, uint8_t kind) {
    uint32_t mask = s->touch_index_room - 1, i = touch_hash(id, task, kind) & mask;
    for (; s->touch_index[i]; i = (i + 1) & mask) {
        const struct seen_touch *t = &s->touches[s->touch_index[i] - 1];
        if (t->object == id && t->task == task && t->kind == kind)
            break;
    }
    return i;
}

static struct seen_touch *touch_find(struct seen *s, uint32_t id, uint32_t task, uint8_t kind) {
    touch_index_fit(s);
    uint32_t i = touch_place(s, id, task, kind);
    if (s->touch_index[i])
        return &s->touches[s->touch_index[i] - 1];
    grow((void **)&s->touches, &s->touch_room, s->touch_count + 1, sizeof *s->touches);
    struct seen_touch *t = &s->touches[s->touch_count++];
    *t = (struct seen_touch){.object = id, .task = task, .kind = kind};
    s->touch_index[i] = s->touch_count;
    return t;
}

static void touch(struct seen *s, uint32_t id, uint32_t task, uint8_t kind, uint16_t at) {
    if (!s->record_touches || !id || !is_task(task))
        return;
    struct seen_touch *t = touch_find(s, id, task, kind);
    t->times++;
    t->at = at;
    t->event = (uint32_t)s->next;
}

// --- objects ------------------------------------------------------------------------------------

static void object_make(struct seen *s, const event *e) {
    if (e->object == 0 || (e->object != s->object_count && !s->lost) || e->object >= LOST_OBJECTS) {
        contradict(s, "an object is made out of turn");
        return;
    }
    grow((void **)&s->objects, &s->object_room, e->object + 1, sizeof *s->objects);
    while (s->object_count <= e->object)
        s->objects[s->object_count++] = (struct seen_object){.owner = EVENT_NOBODY};
    uint32_t kind = (uint32_t)((uint64_t)e->value >> 32);
    s->objects[e->object] = (struct seen_object){
        .id = e->object,
        .kind = kind < OBJECT_KIND_COUNT ? (enum object_kind)kind : OBJECT_NONE,
        .name = (uint32_t)e->value,
        .made_at = e->site,
        .maker = e->task,
        .capacity = (kind == OBJECT_CHAN || kind == OBJECT_SEMA) && e->peer < EVENT_NOBODY ? e->peer
                                                                                           : 0,
        .owner = EVENT_NOBODY,
        .limit = -1,
    };
    // A timer's channel, made just before it, gives values that nobody sent.
    struct seen_object *before = &s->objects[e->object - 1];
    if ((kind == OBJECT_TIMER || kind == OBJECT_TICKER) && before->kind == OBJECT_CHAN &&
        before->made_at == e->site)
        before->vague = true;
}

// The operation passed its value to, or took it from, somebody who waited: named by the record, or
// by a WAKE directly after it when that was a select. Records of one operation appear together.
static bool handed_over(const struct seen *s, const event *e) {
    if (is_task(e->peer))
        return true;
    uint64_t head = atomic_load_explicit(&s->log->head, memory_order_acquire);
    return s->next + 1 < head && s->log->events[(s->next + 1) & (s->capacity - 1)].kind == EV_WAKE;
}

static void chan_put(struct seen *s, struct seen_object *o, const event *e) {
    if (o->closed || handed_over(s, e)) // closed: the panic follows
        return;
    if (o->length < o->capacity)
        o->length++;
    else if (!o->vague)
        contradict(s, "a send went through without a receiver or room");
}

static void chan_take(struct seen *s, struct seen_object *o, const event *e) {
    if (e->flags & EVENT_CLOSED || handed_over(s, e)) // nothing, or a waiting sender filled up
        return;
    if (o->length > 0)
        o->length--;
    else if (!o->vague)
        contradict(s, "a receive got a value that nobody had sent");
}

// The operation that a select which took an arm at once amounts to. Its record names the channel,
// not the direction: that follows from who was waiting, or from the buffer where only one way is
// possible. SELECT: cannot be told.
static enum event_kind direction(const struct seen *s, const event *e) {
    const struct seen_object *o = &s->objects[e->object];
    const event *next = &s->log->events[(s->next + 1) & (s->capacity - 1)];
    if (e->flags & EVENT_CLOSED)
        return EV_RECV;
    if (e->peer < s->task_count)
        return s->tasks[e->peer].reason == WAIT_SEND ? EV_RECV : EV_SEND;
    if (handed_over(s, e)) {
        const struct seen_task *t = next->task < s->task_count ? &s->tasks[next->task] : NULL;
        bool known = t && next->value >= 0 && next->value < t->arm_count && next->value < 8;
        return !known ? EV_SELECT : t->arm_kinds[next->value] == ARM_SEND ? EV_RECV : EV_SEND;
    }
    if (o->closed || o->vague)
        return EV_SELECT;
    return o->length == 0 ? EV_SEND : o->length == o->capacity ? EV_RECV : EV_SELECT;
}

// A context's done channel, made directly after it, closes with it.
static void context_end(struct seen *s, struct seen_object *o) {
    struct seen_object *done = object_at(s, o->id + 1);
    o->closed = true;
    if (done && done->kind == OBJECT_CHAN && done->made_at == o->made_at)
        done->closed = true;
}

static void resource_set(struct seen *s, struct seen_object *o, const event *e) {
    bool open = e->kind == EV_OPEN;
    if (open && !o->open) {
        s->open_resources++;
        o->made_at = e->site;
        o->maker = e->task;
    } else if (!open && o->open) {
        s->open_resources--;
    }
    o->open = open;
    o->closed = !open;
}

// Mutexes, wait groups and the like live in memory that the program under test can overwrite by mistake. So
// what the log says of them can be odd without anybody having forged it, and is never held against it.
static void count_set(struct seen_object *o, const event *e) {
    int32_t delta = e->kind == EV_DONE ? -1 : (int32_t)((uint64_t)e->value >> 32);
    if (delta == 0) // nothing happened, or the counter would have overflowed: a panic follows
        return;
    o->count = (int32_t)(uint32_t)e->value;
}

static void lock_set(struct seen_object *o, const event *e) {
    if (e->kind == EV_UNLOCK) {
        o->owner = EVENT_NOBODY;
        return;
    }
    if (e->kind == EV_TRYLOCK && e->value != 1)
        return;
    o->owner = e->task;
}

static void once_set(struct seen_object *o, const event *e) {
    if (e->kind == EV_ONCE_DONE) {
        o->owner = EVENT_NOBODY;
        o->closed = true;
    } else if (e->value == 1) {
        o->owner = e->task;
    }
}

static void permits_set(struct seen_object *o, const event *e) {
    if (e->kind == EV_SEMA_RELEASE)
        o->held = plus(o->held, -(e->value & INT64_MAX));
    else if (!(e->flags & (EVENT_CLOSED | EVENT_FRUITLESS)))
        o->held = plus(o->held, e->value);
}

static void group_set(struct seen_object *o, const event *e) {
    if (e->kind == EV_GROUP_LIMIT && o->count == 0) // else a panic follows
        o->limit = e->value;
    else if (e->kind == EV_GROUP_GO)
        o->count = (int32_t)plus(o->count, e->value == 1);
    else if (e->kind == EV_GROUP_DONE)
        o->count = (int32_t)plus(o->count, -1);
}

// Tasks of a scope, calls of a singleflight.
static void under_way(struct seen_object *o, int by) {
    o->count = (int32_t)plus(o->count, by);
}

// Parking is what it does to its mutex.
static void cond_unlock(struct seen *s, const event *e) {
    struct seen_object *o = e->value >= 0 ? object_at(s, (uint32_t)e->value) : NULL;
    if (e->kind == EV_COND_WAIT && e->flags & EVENT_PARKED && o && o->kind == OBJECT_MUTEX)
        o->owner = EVENT_NOBODY;
}

// The effect of an operation that went through on its object.
static void object_apply(struct seen *s, const event *e) {
    struct seen_object *o = object_at(s, e->object);
    if (!o)
        return;
    switch (e->kind) {
    case EV_SEND:
        chan_put(s, o, e);
        break;
    case EV_RECV:
        chan_take(s, o, e);
        break;
    case EV_SELECT: // which way the value went cannot be told
        o->vague = true;
        break;
    case EV_CLOSE:
        o->closed = true;
        break;
    case EV_CANCEL:
        context_end(s, o);
        break;
    case EV_LOCK:
    case EV_WLOCK:
    case EV_TRYLOCK:
    case EV_UNLOCK:
        lock_set(o, e);
        break;
    case EV_RLOCK:
        o->count = (int32_t)plus(o->count, 1);
        break;
    case EV_RUNLOCK:
        o->count = (int32_t)plus(o->count, o->count > 0 ? -1 : 0); // 0: a panic follows
        break;
    case EV_ONCE:
    case EV_ONCE_DONE:
        once_set(o, e);
        break;
    case EV_ACQUIRE:
    case EV_TRYACQUIRE:
    case EV_SEMA_RELEASE:
        permits_set(o, e);
        break;
    case EV_GROUP_GO:
    case EV_GROUP_DONE:
    case EV_GROUP_LIMIT:
        group_set(o, e);
        break;
    case EV_SCOPE_GO:
        under_way(o, e->value == 1);
        break;
    case EV_FLIGHT_RUN:
        under_way(o, 1);
        break;
    case EV_SCOPE_DONE:
    case EV_FLIGHT_DONE:
        under_way(o, -1);
        break;
    case EV_ADD:
    case EV_DONE:
        count_set(o, e);
        break;
    case EV_OPEN:
    case EV_RELEASE:
        resource_set(s, o, e);
        break;
    default:
        break;
    }
}

// --- records --------------------------------------------------------------------------------------

static void apply_go(struct seen *s, const event *e) {
    bool root = e->peer == 0 && s->task_count == 1 && !is_task(e->task);
    if (!root && e->peer != s->task_count && !(s->lost && e->peer < LOST_TASKS)) {
        contradict(s, "a task is started out of turn");
        return;
    }
    while (s->task_count <= e->peer)
        task_add(s);
    struct seen_task *t = &s->tasks[e->peer];
    if (t->state == TASK_ENDED)
        task_start(s, t);
    t->parent = e->task;
    t->name = (uint32_t)e->value;
    t->started_at = t->at = e->site;
    t->last_kind = EV_NONE;
    const struct seen_task *by = is_task(e->task) ? task_at(s, e->task) : NULL;
    bool joined = by && (by->last_kind == EV_GROUP_GO || by->last_kind == EV_SCOPE_GO);
    if (joined && by->at == e->site)
        t->group = by->last_object;
    t->labels = by ? by->labels : 0;
    t->since = t->born = s->now;
    // A callback that begins after the grace: nobody was there when it was over, and it can run all
    // the same. What a task starts then is that task's doing.
    if (s->grace_over && !is_task(e->task)) {
        t->outlived = true;
        t->late = (struct seen_late){WAIT_NONE, 0, t->at, s->now};
    }
}

static void woken(struct seen *s, struct seen_task *t, bool served) {
    if (served)
        hand_over(s, t);
    wait_end(s, t);
}

static void apply_wake(struct seen *s, const event *e) {
    struct seen_task *t = task_at(s, e->task);
    if (!t || (t->state != TASK_PARKED && !s->lost))
        contradict(s, "a task was woken that did not wait");
    else
        woken(s, t, t->reason != WAIT_SEMA || e->value == 0); // 1: its context has ended
}

static void apply_arm(struct seen *s, const event *e) {
    struct seen_task *t = task_at(s, e->task);
    if (!t)
        return;
    enum arm_kind kind = (enum arm_kind)(e->value & 0xff);
    if (t->arm_count < sizeof t->arms / sizeof t->arms[0]) {
        t->arms[t->arm_count] = e->object;
        t->arm_kinds[t->arm_count] = (uint8_t)kind;
    }
    if (t->arm_count < UINT8_MAX)
        t->arm_count++;
    if (kind != ARM_AFTER)
        touch(s, e->object, e->task, kind == ARM_SEND ? EV_SEND : EV_RECV, e->site);
}

static void apply_label(struct seen *s, const event *e) {
    struct seen_task *t = task_at(s, e->task);
    if (t)
        t->labels = (uint32_t)e->value;
}

static void apply_note(struct seen *s) {
    grow((void **)&s->notes, &s->note_room, s->note_count + 1, sizeof *s->notes);
    s->notes[s->note_count++] = s->next;
}

// Both accesses must have been possible. Who made the first is not always known.
static void apply_race(struct seen *s, const event *e) {
    uint64_t since = (uint64_t)e->value >> 32;
    bool other = !is_task(e->peer) || (e->peer < s->task_count && e->peer != e->task);
    if (!other || e->task >= s->task_count || (since > s->next && since != RACE_WHENEVER))
        contradict(s, "a race is reported between accesses that there cannot have been");
    apply_note(s);
}

// Whoever makes an object or says something runs, and is where it says so, though that is no
// operation. Nothing is wrong with one by a task that cannot run: it is left as it is.
static void apply_acting(struct seen *s, const event *e) {
    struct seen_task *t = e->task < s->task_count ? &s->tasks[e->task] : NULL;
    if (!t || t->state == TASK_PARKED || t->state == TASK_ENDED)
        return;
    running_set(s, t->number);
    state_set(s, t, TASK_RUNNING);
    t->at = e->site ? e->site : t->at;
}

// A daemon is one from its start on, before it ever ran: that tells nothing of who runs.
static void apply_daemon(struct seen *s, const event *e) {
    struct seen_task *t = task_at(s, e->task);
    if (t)
        t->daemon = true;
}

// The others had no turn since: whether they would have ended in time is not known. So after the
// root's end this task alone outlives it.
static void apply_hang(struct seen *s, const event *e) {
    struct seen_task *t = e->task < s->task_count ? &s->tasks[e->task] : NULL;
    if (!t || t->state == TASK_PARKED || t->state == TASK_ENDED)
        return;
    apply_acting(s, e);
    t->hangs = true;
    s->hung = e->task;
    if (!s->root_ended || t->daemon)
        return;
    s->grace_over = t->outlived = true;
    t->late = (struct seen_late){WAIT_NONE, 0, t->at, t->since};
}

static void apply_end(struct seen *s, const event *e) {
    s->over = true;
    s->end = e->value > RUN_UNFINISHED && e->value <= RUN_DIVERGED ? (enum run_end)e->value
                                                                   : RUN_UNFINISHED;
    if (s->hung == EVENT_NOBODY)
        running_set(s, EVENT_NOBODY);
    late_restore(s);
}

// The record of an operation of a task that can act.
static void apply_task(struct seen *s, struct seen_task *t, const event *e) {
    if (t->state == TASK_ENDED) {
        if (!s->lost) {
            contradict(s, "a task acts that has ended");
            return;
        }
        task_start(s, t);
    }
    bool parks = e->flags & EVENT_PARKED;
    if (t->state == TASK_PARKED && e->kind != EV_LOCK && e->kind != EV_WLOCK && !s->lost) {
        contradict(s, "a task acts while it is parked");
        return;
    }
    running_set(s, t->number);
    t->at = e->site ? e->site : t->at;
    t->last_kind = e->kind;
    t->last_object = e->kind == EV_SELECT ? 0 : e->object;
    if (parks) {
        wait_begin(s, t, e);
        return;
    }
    wait_end(s, t);
    if (e->kind == EV_EXIT)
        task_end(s, t, e->value == 1);
    else
        state_set(s, t, TASK_RUNNING);
}

// Kinds whose `peer` is a task that the record woke.
static bool wakes_peer(const event *e) {
    switch (e->kind) {
    case EV_GO:
    case EV_MAKE:
    case EV_PRINT:
    case EV_CHECK:
    case EV_END:
        return false;
    default:
        return is_task(e->peer);
    }
}

// The record of an operation, by a task or by the clock.
static void apply_operation(struct seen *s, const event *e) {
    if (is_task(e->task)) {
        struct seen_task *t = task_at(s, e->task);
        if (!t) {
            contradict(s, "a task acts that was never started");
            return;
        }
        apply_task(s, t, e);
    } else {
        running_set(s, e->task);
    }
    event as = *e;
    if (e->kind == EV_SELECT && object_at(s, e->object))
        as.kind = (uint8_t)direction(s, e);
    if (e->kind == EV_TRYRLOCK && e->value == 1)
        as.kind = EV_RLOCK;
    cond_unlock(s, e);
    if (!(e->flags & EVENT_PARKED))
        object_apply(s, &as);
    touch(s, as.object, as.task, as.kind, as.site);
    struct seen_task *peer = wakes_peer(e) ? task_at(s, e->peer) : NULL;
    if (peer)
        woken(s, peer, peer->reason != WAIT_SEMA || e->kind != EV_CANCEL);
}

static void apply(struct seen *s, const event *e) {
    if (s->over)
        contradict(s, "the log goes on after its end");
    if (e->time < s->now)
        contradict(s, "time goes backwards");
    else
        s->now = e->time; // so it is never below 0, and no difference of two times overflows
    grace_check(s, e);
    switch (e->kind) {
    case EV_GO:
        apply_go(s, e);
        if (is_task(e->task))
            apply_operation(s, e);
        break;
    case EV_MAKE:
        object_make(s, e);
        apply_acting(s, e);
        break;
    case EV_ARM:
        apply_arm(s, e);
        break;
    case EV_WAKE:
        apply_wake(s, e);
        break;
    case EV_DAEMON:
        apply_daemon(s, e);
        break;
    case EV_LABEL:
        apply_label(s, e);
        apply_acting(s, e);
        break;
    case EV_CHECK:
    case EV_PANIC:
    case EV_MISUSE:
        apply_note(s);
        apply_acting(s, e);
        break;
    case EV_RACE:
        apply_race(s, e);
        apply_acting(s, e);
        break;
    case EV_PRINT:
    case EV_CALL:
    case EV_RETURN:
        apply_acting(s, e);
        break;
    case EV_NONE:
        break;
    case EV_HANG:
        apply_hang(s, e);
        break;
    case EV_END:
        apply_end(s, e);
        break;
    default:
        if (e->kind < EV_KINDS)
            apply_operation(s, e);
        else
            contradict(s, "a record of no known kind");
    }
}

// --- public -----------------------------------------------------------------------------------

void seen_init(struct seen *s, const event_log *log, int64_t grace) {
    s->log = log;
    s->capacity = log->capacity & (log->capacity - 1) ? 0 : log->capacity;
    s->grace = grace > 0 ? grace : MINUTE;
    s->next = s->root_end_event = s->contradiction_at = 0;
    s->now = s->root_end_time = 0;
    s->running = s->hung = EVENT_NOBODY;
    s->task_count = s->touch_count = s->note_count = 0;
    s->object_count = 1;
    grow((void **)&s->objects, &s->object_room, 1, sizeof *s->objects);
    s->objects[0] = (struct seen_object){.owner = EVENT_NOBODY};
    memset(s->waiting, 0, sizeof s->waiting);
    s->alive = s->ready = s->ended = s->open_resources = s->late_operations = 0;
    s->root_ended = s->grace_over = s->over = s->lost = false;
    s->end = RUN_UNFINISHED;
    s->contradiction = NULL;
    if (s->touch_index)
        memset(s->touch_index, 0, s->touch_index_room * sizeof *s->touch_index);
    task_start(s, task_add(s));
}

// Copies the next record. A ring may have overwritten it, even meanwhile: then goes on with what
// is still there. An eighth of the ring is kept clear for what the writer has begun.
static event take(struct seen *s) {
    const event_log *log = s->log;
    for (;;) {
        event e = log->events[s->next & (s->capacity - 1)];
        if (!log->ring)
            return e;
        atomic_thread_fence(memory_order_acquire);
        uint64_t head = atomic_load_explicit(&log->head, memory_order_acquire);
        if (head - s->next <= s->capacity - s->capacity / 8)
            return e;
        s->lost = true;
        s->next = head - s->capacity / 2;
    }
}

// Counts that stay exact whatever the reader missed.
static void counts_from_log(struct seen *s) {
    s->alive = atomic_load_explicit(&s->log->alive, memory_order_relaxed);
    for (int i = 0; i < WAIT_REASON_COUNT; i++)
        s->waiting[i] = atomic_load_explicit(&s->log->waiting[i], memory_order_relaxed);
}

static void ready_count(struct seen *s) {
    uint32_t parked = 0;
    for (int i = 0; i < WAIT_REASON_COUNT; i++)
        parked += s->waiting[i];
    s->ready = s->alive > parked ? s->alive - parked : 0;
}

void seen_fold(struct seen *s, uint64_t upto) {
    const event_log *log = s->log;
    uint64_t head = atomic_load_explicit(&log->head, memory_order_acquire);
    if (!log->ring && head > s->capacity)
        head = s->capacity;
    uint64_t end = s->capacity == 0 ? 0 : upto < head ? upto : head;
    for (; s->next < end; s->next++) {
        event e = take(s);
        apply(s, &e);
    }
    if (s->lost)
        counts_from_log(s);
    ready_count(s);
}

const struct seen_touch *seen_touch_of(const struct seen *s, uint32_t id, uint32_t task,
                                       enum event_kind kind) {
    if (!s->touch_index_room)
        return NULL;
    uint32_t row = s->touch_index[touch_place(s, id, task, (uint8_t)kind)];
    return row ? &s->touches[row - 1] : NULL;
}

void seen_free(struct seen *s) {
    free(s->tasks);
    free(s->objects);
    free(s->touches);
    free(s->notes);
    free(s->touch_index);
    *s = (struct seen){0};
}
