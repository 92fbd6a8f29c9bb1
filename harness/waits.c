// waits: who could end a wait, as far as a log can tell.
//
// Rejected: to reckon with everybody who ever touched an object, whatever they did there. Who only
// waits at the same end of a channel serves nobody.
#include "harness/waits.h"

#include "core/select.h"

// --- who touched it -------------------------------------------------------------------------------

bool waits_touched(const struct seen_touch *t, uint32_t object, kind_set kinds) {
    return t->object == object && kinds >> t->kind & 1;
}

// A task may have several rows: that of the lowest kind stands for it.
bool waits_touched_first(const struct seen *s, const struct seen_touch *t, uint32_t object,
                         kind_set kinds) {
    if (!waits_touched(t, object, kinds))
        return false;
    for (enum event_kind kind = EV_NONE; kind < t->kind; kind++)
        if (kinds >> kind & 1 && seen_touch_of(s, t->object, t->task, kind))
            return false;
    return true;
}

const struct seen_touch *waits_last_touch(const struct seen *s, uint32_t object, kind_set kinds) {
    const struct seen_touch *last = NULL;
    for (uint32_t i = 0; i < s->touch_count; i++)
        if (waits_touched(&s->touches[i], object, kinds) &&
            (!last || s->touches[i].event > last->event))
            last = &s->touches[i];
    return last;
}

// --- what things are ------------------------------------------------------------------------------

const struct seen_object *waits_context(const struct seen *s, uint32_t object) {
    if (object < 2 || object >= s->object_count || s->objects[object].kind != OBJECT_CHAN)
        return NULL;
    const struct seen_object *c = &s->objects[object - 1];
    return c->kind == OBJECT_CTX && c->made_at == s->objects[object].made_at ? c : NULL;
}

const struct seen_object *waits_timer(const struct seen *s, uint32_t object) {
    if (object + 1 >= s->object_count || s->objects[object].kind != OBJECT_CHAN)
        return NULL;
    const struct seen_object *t = &s->objects[object + 1];
    bool is_timer = t->kind == OBJECT_TIMER || t->kind == OBJECT_TICKER;
    return is_timer && t->made_at == s->objects[object].made_at ? t : NULL;
}

uint32_t waits_reads_held(const struct seen *s, uint32_t task, uint32_t object) {
    const struct seen_touch *locks = seen_touch_of(s, object, task, EV_RLOCK);
    const struct seen_touch *unlocks = seen_touch_of(s, object, task, EV_RUNLOCK);
    const struct seen_task *t = &s->tasks[task];
    uint32_t waiting = t->state == TASK_PARKED && t->reason == WAIT_RLOCK && t->object == object;
    uint32_t got = (locks ? locks->times : 0) - waiting, gave = unlocks ? unlocks->times : 0;
    return got > gave ? got - gave : 0;
}

const struct seen_task *waits_oldest(const struct seen *s, const struct seen_task *self,
                                     enum wait_reason reason) {
    const struct seen_task *oldest = NULL;
    for (uint32_t i = 0; i < s->task_count; i++) {
        const struct seen_task *t = &s->tasks[i];
        if (t != self && t->state == TASK_PARKED && t->reason == reason &&
            t->object == self->object && (!oldest || t->since_event < oldest->since_event))
            oldest = t;
    }
    return oldest;
}

uint32_t waits_runner(const struct seen *s, uint32_t object, int64_t call) {
    uint64_t first = s->next > s->capacity ? s->next - s->capacity : 0;
    for (uint64_t n = s->next; n > first; n--) {
        const event *e = &s->log->events[(n - 1) & (s->capacity - 1)];
        if (e->kind == EV_FLIGHT_RUN && e->object == object && e->value == call)
            return e->task;
    }
    return EVENT_NOBODY;
}

bool waits_undone(const struct seen *s, const struct seen_task *self, uint32_t i) {
    const struct seen_task *t = &s->tasks[i];
    return t->state == TASK_PARKED && !t->daemon && t != self && i != self->parent &&
           !(t->reason == WAIT_WAITGROUP && t->object == self->object) &&
           !seen_touch_of(s, self->object, i, EV_DONE);
}

// --- who could end a wait -------------------------------------------------------------------------

struct servers {
    const struct seen *seen;
    const struct seen_task *waiter;
    uint32_t object;
    struct server *out;
    uint32_t room, count;
};

static void found(struct servers *v, uint32_t task, enum server_relation relation,
                  const struct seen_touch *t) {
    if (task >= v->seen->task_count)
        return;
    if (v->count < v->room)
        v->out[v->count] = (struct server){task, relation, t ? t->kind : EV_NONE, t ? t->at : 0};
    v->count++;
}

static void touchers(struct servers *v, uint32_t object, kind_set kinds,
                     enum server_relation relation) {
    const struct seen *s = v->seen;
    for (uint32_t i = 0; i < s->touch_count; i++) {
        const struct seen_touch *t = &s->touches[i];
        if (t->task != v->waiter->number && waits_touched_first(s, t, object, kinds))
            found(v, t->task, relation, t);
    }
}

static void owner(struct servers *v, enum event_kind took) {
    uint32_t holder = v->seen->objects[v->object].owner;
    found(v, holder, SERVER_HOLDS, seen_touch_of(v->seen, v->object, holder, took));
}

static void readers(struct servers *v) {
    for (uint32_t i = 0; i < v->seen->task_count; i++)
        if (waits_reads_held(v->seen, i, v->object))
            found(v, i, SERVER_HOLDS, seen_touch_of(v->seen, v->object, i, EV_RLOCK));
}

// A writer that waits keeps new readers out.
static void rwmutex(struct servers *v) {
    const struct seen_task *writer = NULL;
    if (v->seen->objects[v->object].owner < v->seen->task_count) {
        owner(v, EV_WLOCK);
        return;
    }
    readers(v);
    if (v->waiter->reason == WAIT_RLOCK)
        writer = waits_oldest(v->seen, v->waiter, WAIT_WLOCK);
    if (writer)
        found(v, writer->number, SERVER_COULD,
              seen_touch_of(v->seen, v->object, writer->number, EV_WLOCK));
}

static void members(struct servers *v) {
    for (uint32_t i = 0; i < v->seen->task_count; i++)
        if (v->seen->tasks[i].group == v->object && v->seen->tasks[i].state != TASK_ENDED)
            found(v, i, SERVER_HOLDS, NULL);
}

static void waitgroup(struct servers *v) {
    touchers(v, v->object, KIND(DONE), SERVER_COULD);
    for (uint32_t i = 0; i < v->seen->task_count; i++)
        if (waits_undone(v->seen, v->waiter, i))
            found(v, i, SERVER_COULD, NULL);
}

// Nobody sends on the channel of a timer; that of a context is closed by who cancels it.
static void senders(struct servers *v) {
    const struct seen_object *c = waits_context(v->seen, v->object);
    if (waits_timer(v->seen, v->object))
        return;
    if (!c)
        touchers(v, v->object, KINDS_THAT_SEND, SERVER_COULD);
    else if (c->maker != v->waiter->number)
        found(v, c->maker, SERVER_COULD, NULL);
}

static void by_reason(struct servers *v, bool sends) {
    switch (v->waiter->reason) {
    case WAIT_SEND:
    case WAIT_RECV:
    case WAIT_SELECT:
        if (sends)
            touchers(v, v->object, KINDS_THAT_RECEIVE, SERVER_COULD);
        else
            senders(v);
        break;
    case WAIT_MUTEX:
        owner(v, EV_LOCK);
        break;
    case WAIT_RLOCK:
    case WAIT_WLOCK:
        rwmutex(v);
        break;
    case WAIT_ONCE:
        owner(v, EV_ONCE);
        break;
    case WAIT_COND:
        touchers(v, v->object, KINDS_THAT_SIGNAL, SERVER_COULD);
        break;
    case WAIT_SEMA:
        touchers(v, v->object, KINDS_THAT_TAKE, SERVER_COULD);
        break;
    case WAIT_GROUP_GO:
    case WAIT_GROUP_WAIT:
    case WAIT_SCOPE:
        members(v);
        break;
    case WAIT_FLIGHT:
        found(v, waits_runner(v->seen, v->object, v->waiter->wanted), SERVER_HOLDS, NULL);
        break;
    case WAIT_WAITGROUP:
        waitgroup(v);
        break;
    default:
        break;
    }
}

uint32_t waits_servers(const struct seen *s, const struct seen_task *t, uint32_t object, bool sends,
                       struct server *out, uint32_t room) {
    struct servers v = {.seen = s, .waiter = t, .object = object, .out = out, .room = room};
    if (object && object < s->object_count)
        by_reason(&v, sends);
    return v.count;
}
