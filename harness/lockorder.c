// lockorder: see lockorder.h.
//
// Invariants: `held` of a task are the locks it has, in the order in which it took them; a vector clock
// grows with each step of its own task, so one step came before another just when the other's task
// had heard of it by then.
#include "harness/lockorder.h"

#include "harness/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELD_MOST = 8, ORDERS_MOST = 1024, LOOKS_MOST = 1000000 };

typedef uint32_t clock_of_all[LOCKORDER_TASKS];

// A lock that a task has.
struct held {
    uint32_t lock;
    uint16_t at; // site
    bool reads;
};

struct tasks_locks {
    clock_of_all clock;
    struct held held[HELD_MOST];
    uint32_t count;
    struct held wanted; // parked for it; lock 0: it is not
};

// That a task took `wants` while it had `holds`, and what else.
struct order {
    uint32_t task, step; // step: its own clock then
    struct held holds, wants;
    uint32_t gate_count;
    struct held gates[HELD_MOST]; // all it had
    clock_of_all clock;
};

struct analysis {
    struct tasks_locks tasks[LOCKORDER_TASKS];
    clock_of_all *objects; // what those heard who used each, by its id
    uint32_t
        object_count; // those made so far; the log may name any other, of which nothing is known
    uint32_t object_room;
    uint32_t last; // who did the last operation
    struct order *orders;
    uint32_t order_count;
    uint32_t looks; // at pairs of orders, while searching
    bool cut;
};

// --- happens-before ---------------------------------------------------------------------------------

static void join(clock_of_all to, const clock_of_all from) {
    for (size_t i = 0; i < LOCKORDER_TASKS; i++)
        if (from[i] > to[i])
            to[i] = from[i];
}

// NULL: there is no such object.
static clock_of_all *object_clock(struct analysis *a, uint32_t object) {
    if (object == 0 || object >= a->object_count)
        return NULL;
    if (object >= a->object_room) {
        uint32_t room = 2 * a->object_count + 16;
        a->objects = more_memory(a->objects, room, sizeof *a->objects);
        memset(a->objects + a->object_room, 0, (room - a->object_room) * sizeof *a->objects);
        a->object_room = room;
    }
    return &a->objects[object];
}

static struct tasks_locks *task_of(struct analysis *a, uint32_t number) {
    if (number < LOCKORDER_TASKS)
        return &a->tasks[number];
    a->cut |= number < EVENT_NOBODY;
    return NULL;
}

// The task that a record woke or made; NULL: none. Of some kinds `peer` is none, or `object` a text.
static struct tasks_locks *peer_of(struct analysis *a, const event *e) {
    bool other = e->kind == EV_MAKE || e->kind == EV_PRINT || e->kind == EV_CHECK;
    return other ? NULL : task_of(a, e->peer);
}

// Each that uses an object is taken to hear of all who used it before: more is ordered then than really
// is, and a warning may be missed, but none is made of what cannot be.
static void hear(struct analysis *a, struct tasks_locks *t, const event *e) {
    struct tasks_locks *peer = peer_of(a, e);
    clock_of_all *object = e->kind == EV_CHECK ? NULL : object_clock(a, e->object);
    if (object) {
        join(t->clock, *object);
        join(*object, t->clock);
    }
    if (peer)
        join(peer->clock, t->clock);
}

static bool before(const struct order *x, const struct order *y) {
    return y->clock[x->task] >= x->step;
}

// --- locks ------------------------------------------------------------------------------------------

static bool same_held(const struct held *x, const struct held *y) {
    return x->lock == y->lock && x->at == y->at && x->reads == y->reads;
}

static bool same_order(const struct order *x, const struct order *y) {
    if (x->task != y->task || !same_held(&x->holds, &y->holds) || !same_held(&x->wants, &y->wants))
        return false;
    uint32_t i = 0;
    while (i < x->gate_count && same_held(&x->gates[i], &y->gates[i]))
        i++;
    return x->gate_count == y->gate_count && i == x->gate_count;
}

// Where to note it. Of what a task does again and again the first time and the last are enough. NULL:
// there is no more room.
static struct order *order_place(struct analysis *a, const struct order *o) {
    struct order *known = NULL;
    uint32_t times = 0;
    for (uint32_t i = 0; i < a->order_count; i++)
        if (same_order(&a->orders[i], o)) {
            known = &a->orders[i];
            times++;
        }
    if (times > 1)
        return known;
    return a->order_count < ORDERS_MOST ? &a->orders[a->order_count++] : NULL;
}

static void note_orders(struct analysis *a, uint32_t task, const struct held *wants) {
    struct tasks_locks *t = &a->tasks[task];
    for (uint32_t i = 0; i < t->count; i++) {
        struct order o = (struct order){.task = task,
                                        .step = t->clock[task],
                                        .holds = t->held[i],
                                        .wants = *wants,
                                        .gate_count = t->count};
        memcpy(o.gates, t->held, sizeof o.gates);
        memcpy(o.clock, t->clock, sizeof o.clock);
        struct order *place = order_place(a, &o);
        if (place)
            *place = o;
    }
}

static void take(struct tasks_locks *t, const struct held *h) {
    if (t->count < HELD_MOST)
        t->held[t->count++] = *h;
    t->wanted = (struct held){0};
}

static void give(struct tasks_locks *t, uint32_t lock) {
    for (uint32_t i = t->count; i-- > 0;)
        if (t->held[i].lock == lock) {
            memmove(&t->held[i], &t->held[i + 1], (--t->count - i) * sizeof *t->held);
            return;
        }
}

// What a parked task was given by the record that woke it.
static void woken(struct analysis *a, uint32_t number) {
    struct tasks_locks *t = task_of(a, number);
    if (t && t->wanted.lock)
        take(t, &t->wanted);
}

static void lock_step(struct analysis *a, const event *e, bool reads) {
    struct tasks_locks *t = &a->tasks[e->task];
    struct held h = {e->object, e->site, reads};
    if (t->wanted.lock != e->object) // else it was noted when it began to wait
        note_orders(a, e->task, &h);
    if (e->flags & EVENT_PARKED)
        t->wanted = h;
    else
        take(t, &h);
}

// --- one record -------------------------------------------------------------------------------------

static void operation(struct analysis *a, const event *e) {
    struct tasks_locks *t = &a->tasks[e->task];
    t->clock[e->task]++;
    switch (e->kind) {
    case EV_LOCK:
    case EV_WLOCK:
        lock_step(a, e, false);
        return;
    case EV_RLOCK:
        lock_step(a, e, true);
        return;
    case EV_TRYLOCK:
    case EV_TRYRLOCK: // who tries does not wait, so it closes no cycle
        if (e->value == 1)
            take(t, &(struct held){e->object, e->site, e->kind == EV_TRYRLOCK});
        return;
    case EV_UNLOCK:
    case EV_RUNLOCK:
        give(t, e->object);
        woken(a, e->peer);
        return;
    case EV_COND_WAIT:
        give(t, (uint32_t)e->value);
        break;
    default:
        break;
    }
    hear(a, t, e);
}

static void record(struct analysis *a, const event *e) {
    if (e->kind == EV_MAKE && e->object == a->object_count)
        a->object_count++;
    if (e->kind == EV_WAKE) {
        struct tasks_locks *by = task_of(a, a->last), *t = task_of(a, e->task);
        if (by && t)
            join(t->clock, by->clock);
        woken(a, e->task);
    } else if (task_of(a, e->task)) {
        operation(a, e);
        a->last = e->task;
    } else if (e->kind == EV_FIRE) {
        a->last = EVENT_NOBODY;
    }
}

// --- cycles -----------------------------------------------------------------------------------------

// Whether both may hold it at the same time.
static bool compatible(const struct held *x, const struct held *y) {
    return x->lock != y->lock || (x->reads && y->reads);
}

// Whether the two could be under way at once.
static bool concurrent(const struct order *x, const struct order *y) {
    if (x->task == y->task || before(x, y) || before(y, x))
        return false;
    for (uint32_t i = 0; i < x->gate_count; i++)
        for (uint32_t k = 0; k < y->gate_count; k++)
            if (!compatible(&x->gates[i], &y->gates[k]))
                return false;
    return true;
}

static bool follows(const struct order *x, const struct order *y) {
    return x->wants.lock == y->holds.lock && !compatible(&x->wants, &y->holds);
}

// The same locks in the same order of places, whoever takes them.
static bool same_step(const struct lockorder_step *x, const struct lockorder_step *y) {
    return x->holds == y->holds && x->wants == y->wants && x->held_at == y->held_at &&
           x->wanted_at == y->wanted_at;
}

static bool same_cycle(const struct lockorder_cycle *x, const struct lockorder_cycle *y) {
    for (uint32_t turn = 0; x->length == y->length && turn < x->length; turn++) {
        uint32_t i = 0;
        while (i < x->length && same_step(&x->steps[i], &y->steps[(i + turn) % x->length]))
            i++;
        if (i == x->length)
            return true;
    }
    return false;
}

static void tell(const struct order **path, uint32_t length, struct lockorder *out) {
    struct lockorder_cycle c = {.length = length};
    for (uint32_t i = 0; i < length; i++)
        c.steps[i] = (struct lockorder_step){path[i]->task, path[i]->holds.lock,
                                             path[i]->wants.lock, path[i]->holds.at,
                                             path[i]->wants.at};
    for (uint32_t i = 0; i < out->count; i++)
        if (same_cycle(&out->cycles[i], &c))
            return;
    if (out->count < LOCKORDER_CYCLES)
        out->cycles[out->count++] = c;
    else
        out->cut = true;
}

// Goes on from path[length - 1], by orders that come after path[0], so that each cycle is met once.
static void search(struct analysis *a, const struct order **path, uint32_t length,
                   struct lockorder *out) {
    if (length > 1 && follows(path[length - 1], path[0]))
        tell(path, length, out);
    if (length == LOCKORDER_LENGTH)
        return;
    for (const struct order *next = path[0] + 1; next < a->orders + a->order_count; next++) {
        if (++a->looks > LOOKS_MOST)
            return;
        bool fits = follows(path[length - 1], next);
        for (uint32_t i = 0; fits && i < length; i++)
            fits = concurrent(path[i], next);
        if (!fits)
            continue;
        path[length] = next;
        search(a, path, length + 1, out);
    }
}

// --- public -----------------------------------------------------------------------------------------

void lockorder_find(const event_log *log, struct lockorder *out) {
    struct analysis *a = zero_alloc(1, sizeof *a);
    uint64_t head = atomic_load_explicit(&log->head, memory_order_acquire);
    *out = (struct lockorder){0};
    a->orders = zero_alloc(ORDERS_MOST, sizeof *a->orders);
    a->last = EVENT_NOBODY;
    a->object_count = 1; // ids begin behind it
    for (uint64_t n = 0; !log->ring && n < head && n < log->capacity; n++)
        record(a, &log->events[n]);
    for (uint32_t i = 0; i < a->order_count; i++)
        search(a, (const struct order *[LOCKORDER_LENGTH]){&a->orders[i]}, 1, out);
    out->cut |= a->cut || log->ring || a->order_count == ORDERS_MOST || a->looks > LOOKS_MOST;
    free(a->objects);
    free(a->orders);
    free(a);
}

const char *lockorder_text(const struct seen *s, const struct lockorder_step *step, char *out,
                           size_t size) {
    char task[80], wants[80], holds[80], wanted_at[120], held_at[120];
    snprintf(out, size, "%s takes %s at %s while it holds %s since %s",
             seen_task_label(s, step->task, task, sizeof task),
             seen_object_label(s, step->wants, wants, sizeof wants),
             seen_site_label(s, step->wanted_at, wanted_at, sizeof wanted_at),
             seen_object_label(s, step->holds, holds, sizeof holds),
             seen_site_label(s, step->held_at, held_at, sizeof held_at));
    return out;
}
