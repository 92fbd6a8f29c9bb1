// explain: the chain of reasons why a task that is left can never run again.
//
// Every sentence is a fact of the log: who made the object, who ever touched it from the other
// side, and where each of those is now. A log cannot tell who still holds a pointer to an object,
// so nothing is said about that; that nobody will come is known from quiescence alone: nothing is
// runnable and no timer is pending.
#include "harness/explain.h"

#include "core/select.h"
#include "harness/waits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 80, PLACE = 64, SPAN = 32, NAMED = 3 };

// --- lines --------------------------------------------------------------------------------------

__attribute__((format(printf, 3, 0))) static void line_put(struct explanation *out, uint32_t most,
                                                           const char *format, va_list args) {
    if (out->count < most)
        vsnprintf(out->lines[out->count++], EXPLAIN_WIDTH, format, args);
}

// The last line is kept for the conclusion.
__attribute__((format(printf, 2, 3))) static void line(struct explanation *out, const char *format,
                                                       ...) {
    va_list args;
    va_start(args, format);
    line_put(out, EXPLAIN_LINES - 1, format, args);
    va_end(args);
}

__attribute__((format(printf, 2, 3))) static void last_line(struct explanation *out,
                                                            const char *format, ...) {
    va_list args;
    va_start(args, format);
    line_put(out, EXPLAIN_LINES, format, args);
    va_end(args);
}

// --- where things and tasks are -------------------------------------------------------------------

// " at exercise.c:11", "" without a site.
static const char *at_place(const struct seen *s, uint16_t site_id, char *out, size_t size) {
    char place[PLACE - 8];
    seen_site_label(s, site_id, place, sizeof place);
    snprintf(out, size, "%s%s", *place ? " at " : "", place);
    return out;
}

// What a task waits in: "chan send on results (chan#1)", whatever its state is.
static const char *wait_words(const struct seen *s, const struct seen_task *t, char *out,
                              size_t size) {
    char label[LABEL];
    if (!t->object)
        snprintf(out, size, "%s", wait_reason_text(t->reason));
    else
        snprintf(out, size, "%s on %s", wait_reason_text(t->reason),
                 seen_object_label(s, t->object, label, sizeof label));
    return out;
}

// What became of a task: "has ended (last seen at exercise.c:21)", "itself waits in ...".
static const char *fate(const struct seen *s, uint32_t task, char *out, size_t size) {
    const struct seen_task *t = &s->tasks[task];
    char place[PLACE], words[EXPLAIN_WIDTH];
    seen_site_label(s, t->at, place, sizeof place);
    if (t->state == TASK_ENDED)
        snprintf(out, size, "has ended%s%s%s", *place ? " (last seen at " : "", place,
                 *place ? ")" : "");
    else if (t->state == TASK_PARKED)
        snprintf(out, size, "itself waits in %s%s%s", wait_words(s, t, words, sizeof words),
                 *place ? " at " : "", place);
    else
        snprintf(out, size, "was still able to run");
    return out;
}

const char *explain_where(const struct seen *s, uint32_t task, char *out, size_t size) {
    if (task >= s->task_count) {
        snprintf(out, size, "task #%" PRIu32 " is not in the log", task);
        return out;
    }
    const struct seen_task *t = &s->tasks[task];
    char who[2 * LABEL], what[EXPLAIN_WIDTH], place[PLACE];
    seen_task_labelled(s, task, who, sizeof who);
    at_place(s, t->at, place, sizeof place);
    if (t->reason == WAIT_NONE)
        snprintf(out, size, "%s was able to run%s", who, place);
    else
        snprintf(out, size, "%s waits in %s%s", who, wait_words(s, t, what, sizeof what), place);
    return out;
}

// --- who touched it -------------------------------------------------------------------------------

// Says who else ever did one of `kinds` on the object and what became of each. `did` completes
// "... ever " ("tried to receive from it").
static void say_others(const struct seen *s, uint32_t self, uint32_t id, kind_set kinds,
                       const char *did, struct explanation *out) {
    char who[LABEL], what[EXPLAIN_WIDTH];
    uint32_t rows[NAMED], count = 0;
    for (uint32_t i = 0; i < s->touch_count; i++) {
        const struct seen_touch *t = &s->touches[i];
        if (t->task == self || t->task >= s->task_count || !waits_touched_first(s, t, id, kinds))
            continue;
        if (count < NAMED)
            rows[count] = i;
        count++;
    }
    if (count == 0) {
        line(out, "No other task ever %s.", did);
        return;
    }
    if (count > 1)
        line(out, "%" PRIu32 " other tasks ever %s:", count, did);
    for (uint32_t i = 0; i < count && i < NAMED; i++) {
        uint32_t task = s->touches[rows[i]].task;
        seen_task_label(s, task, who, sizeof who);
        fate(s, task, what, sizeof what);
        if (count == 1)
            line(out, "Only %s ever %s; it %s.", who, did, what);
        else
            line(out, "%s %s.", who, what);
    }
    if (count > NAMED)
        line(out, "So it is with %" PRIu32 " more: each has ended or waits itself.", count - NAMED);
}

static uint32_t times_done(const struct seen *s, uint32_t id, enum event_kind kind) {
    uint32_t times = 0;
    for (uint32_t i = 0; i < s->touch_count; i++)
        if (s->touches[i].object == id && s->touches[i].kind == kind)
            times += s->touches[i].times;
    return times;
}

static void say_origin(const struct seen *s, uint32_t id, struct explanation *out) {
    const struct seen_object *o = &s->objects[id];
    char who[LABEL], what[LABEL], place[PLACE];
    if (o->maker >= s->task_count)
        return;
    line(out, "%s was first used by %s%s.", seen_object_label(s, id, what, sizeof what),
         seen_task_label(s, o->maker, who, sizeof who),
         at_place(s, o->made_at, place, sizeof place));
}

// --- by what the task waits for -------------------------------------------------------------------

static void why_send(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    const struct seen_object *o = &s->objects[t->object];
    char what[LABEL];
    seen_object_label(s, t->object, what, sizeof what);
    if (o->capacity == 0)
        line(out, "%s is unbuffered, and no task waits to receive from it.", what);
    else
        line(out,
             "The buffer of %s is full (%" PRIu32 " of %" PRIu32
             "), and no task waits to receive from it.",
             what, o->capacity, o->capacity);
    say_origin(s, t->object, out);
    say_others(s, t->number, t->object, KINDS_THAT_RECEIVE, "tried to receive from it", out);
}

static void why_context(const struct seen *s, const struct seen_object *c,
                        struct explanation *out) {
    char what[LABEL];
    line(out, "%s was never cancelled, and no deadline of it is pending.",
         seen_object_label(s, c->id, what, sizeof what));
    say_origin(s, c->id, out);
}

// Nothing is pending, so it has been stopped, or its one time has been received.
static void why_timer(const struct seen *s, const struct seen_object *t, struct explanation *out) {
    const struct seen_touch *last = waits_last_touch(
        s, t->id, KIND(TIMER_SET) | KIND(TIMER_RESET) | KIND(TIMER_STOP));
    char what[LABEL], who[LABEL], place[PLACE];
    seen_object_label(s, t->id, what, sizeof what);
    if (last && last->kind == EV_TIMER_STOP)
        line(out, "%s was stopped by %s%s; its channel stays open, and no time comes any more.",
             what, seen_task_label(s, last->task, who, sizeof who),
             at_place(s, last->at, place, sizeof place));
    else
        line(out, "%s has given its time once, and was not reset since.", what);
    say_origin(s, t->id, out);
}

static void why_recv(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    char what[LABEL];
    const struct seen_object *c = waits_context(s, t->object);
    const struct seen_object *timer = waits_timer(s, t->object);
    if (c) {
        why_context(s, c, out);
        return;
    }
    if (timer) {
        why_timer(s, timer, out);
        return;
    }
    line(out, "%s is empty and not closed, and no task waits to send on it.",
         seen_object_label(s, t->object, what, sizeof what));
    say_origin(s, t->object, out);
    say_others(s, t->number, t->object, KINDS_THAT_SEND, "tried to send on it or to close it", out);
}

static void why_mutex(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    const struct seen_object *o = &s->objects[t->object];
    char what[LABEL], who[LABEL], words[EXPLAIN_WIDTH];
    seen_object_label(s, t->object, what, sizeof what);
    if (o->owner == t->number) {
        line(out, "%s is held by this task itself; a mutex cannot be locked twice.", what);
        return;
    }
    if (o->owner >= s->task_count)
        return;
    line(out, "%s is held by %s, which %s.", what, seen_task_label(s, o->owner, who, sizeof who),
         fate(s, o->owner, words, sizeof words));
}

// --- read-write mutexes -----------------------------------------------------------------------------

static void say_readers(const struct seen *s, const struct seen_task *self,
                        struct explanation *out) {
    char who[LABEL], what[EXPLAIN_WIDTH];
    uint32_t named = 0, id = self->object;
    if (waits_reads_held(s, self->number, id)) {
        line(out, "This task itself has locked it for reading and not unlocked it.");
        named++;
    }
    for (uint32_t i = 0; i < s->task_count && named < NAMED; i++) {
        if (i == self->number || !waits_reads_held(s, i, id))
            continue;
        line(out, "%s has locked it for reading and not unlocked it; it %s.",
             seen_task_label(s, i, who, sizeof who), fate(s, i, what, sizeof what));
        named++;
    }
}

static void why_rwmutex(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    const struct seen_object *o = &s->objects[t->object];
    char what[LABEL], who[LABEL], words[EXPLAIN_WIDTH];
    seen_object_label(s, t->object, what, sizeof what);
    if (o->owner == t->number) {
        line(out, "%s is locked for writing by this task itself; it cannot be locked twice.", what);
        return;
    }
    if (o->owner < s->task_count) {
        line(out, "%s is locked for writing by %s, which %s.", what,
             seen_task_label(s, o->owner, who, sizeof who), fate(s, o->owner, words, sizeof words));
        return;
    }
    const struct seen_task *writer = waits_oldest(s, t, WAIT_WLOCK);
    if (writer && t->reason == WAIT_RLOCK)
        line(out, "%s waits to write; a writer that waits keeps new readers out.",
             seen_task_label(s, writer->number, who, sizeof who));
    line(out, "%s is locked for reading %" PRId32 " time%s.", what, o->count,
         o->count == 1 ? "" : "s");
    say_readers(s, t, out);
}

// --- conds, onces, semaphores, groups, scopes, singleflights -----------------------------------------------------------------

static void why_cond(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    char what[LABEL];
    uint32_t signals = times_done(s, t->object, EV_SIGNAL);
    uint32_t broadcasts = times_done(s, t->object, EV_BROADCAST);
    line(out,
         "On %s signal was called %" PRIu32 " time%s and broadcast %" PRIu32
         " time%s; none of them reached this wait.",
         seen_object_label(s, t->object, what, sizeof what), signals, signals == 1 ? "" : "s",
         broadcasts, broadcasts == 1 ? "" : "s");
    say_others(s, t->number, t->object, KINDS_THAT_SIGNAL, "signalled it", out);
}

static void why_once(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    const struct seen_object *o = &s->objects[t->object];
    char what[LABEL], who[LABEL], words[EXPLAIN_WIDTH];
    seen_object_label(s, t->object, what, sizeof what);
    if (o->owner == t->number)
        line(out, "This task itself runs the function of %s, which came back to it.", what);
    else if (o->owner < s->task_count)
        line(out, "The function of %s runs in %s, which %s.", what,
             seen_task_label(s, o->owner, who, sizeof who), fate(s, o->owner, words, sizeof words));
}

static void why_sema(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    const struct seen_object *o = &s->objects[t->object];
    const struct seen_task *ahead = waits_oldest(s, t, WAIT_SEMA);
    char what[LABEL], who[LABEL];
    seen_object_label(s, t->object, what, sizeof what);
    if (t->wanted > o->capacity) {
        line(out, "It asks for %" PRId64 " permits of %s, which has %" PRIu32 " in all.", t->wanted,
             what, o->capacity);
        return;
    }
    line(out, "%" PRId64 " of %" PRIu32 " permits of %s are taken; it asks for %" PRId64 ".",
         o->held, o->capacity, what, t->wanted);
    if (ahead && ahead->since_event < t->since_event && ahead->wanted <= o->capacity)
        line(out, "%s came before it, asks for %" PRId64 " and must be served first.",
             seen_task_label(s, ahead->number, who, sizeof who), ahead->wanted);
    say_others(s, t->number, t->object, KINDS_THAT_TAKE, "asked for permits of it", out);
}

// Some of the tasks that a group or scope still has, and where each is.
static void say_members(const struct seen *s, uint32_t id, struct explanation *out) {
    char who[LABEL], words[EXPLAIN_WIDTH];
    uint32_t named = 0;
    for (uint32_t i = 0; i < s->task_count && named < NAMED; i++) {
        if (s->tasks[i].group != id || s->tasks[i].state == TASK_ENDED)
            continue;
        line(out, "%s %s.", seen_task_label(s, i, who, sizeof who),
             fate(s, i, words, sizeof words));
        named++;
    }
}

static void say_active(const struct seen *s, uint32_t id, struct explanation *out) {
    int32_t count = s->objects[id].count;
    char what[LABEL];
    line(out, "%" PRId32 " task%s of %s %s not returned.", count, count == 1 ? "" : "s",
         seen_object_label(s, id, what, sizeof what), count == 1 ? "has" : "have");
}

static void why_group(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    say_active(s, t->object, out);
    if (t->reason == WAIT_GROUP_GO)
        line(out, "Its limit is %" PRId64 ", so no other can be started.",
             s->objects[t->object].limit);
    say_members(s, t->object, out);
}

// A scope's context is made directly after it.
static void why_scope(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    bool cancelled = t->object + 1 < s->object_count && s->objects[t->object + 1].closed;
    say_active(s, t->object, out);
    if (cancelled)
        line(out, "Its context has ended, but who does not heed that is waited for all the same.");
    else
        line(out, "Its context was never cancelled, and no deadline of it is pending.");
    say_members(s, t->object, out);
}

static void why_flight(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    const char *key = event_log_string(s->log, (uint32_t)t->wanted);
    uint32_t runner = waits_runner(s, t->object, t->wanted);
    char what[LABEL], who[LABEL], words[EXPLAIN_WIDTH];
    seen_object_label(s, t->object, what, sizeof what);
    if (runner == t->number)
        line(out, "This task itself makes the call for \"%.40s\" of %s, which came back to it.",
             key, what);
    else if (runner < s->task_count)
        line(out, "The call for \"%.40s\" of %s is made by %s, which %s.", key, what,
             seen_task_label(s, runner, who, sizeof who), fate(s, runner, words, sizeof words));
}

// --- wait groups ------------------------------------------------------------------------------------

// Parked tasks that never called done are the likely ones to have been waited for.
static void say_undone(const struct seen *s, const struct seen_task *self,
                       struct explanation *out) {
    char who[LABEL], what[EXPLAIN_WIDTH];
    uint32_t named = 0;
    for (uint32_t i = 0; i < s->task_count && named < NAMED; i++) {
        if (!waits_undone(s, self, i))
            continue;
        line(out, "%s never called done on it; it %s.", seen_task_label(s, i, who, sizeof who),
             fate(s, i, what, sizeof what));
        named++;
    }
}

static void why_waitgroup(const struct seen *s, const struct seen_task *t,
                          struct explanation *out) {
    const struct seen_object *o = &s->objects[t->object];
    char what[LABEL];
    uint32_t adds = times_done(s, t->object, EV_ADD), dones = times_done(s, t->object, EV_DONE);
    line(out, "The counter of %s stands at %" PRId32 "; a wait ends only at 0.",
         seen_object_label(s, t->object, what, sizeof what), o->count);
    line(out, "add was called %" PRIu32 " time%s and done %" PRIu32 " time%s.", adds,
         adds == 1 ? "" : "s", dones, dones == 1 ? "" : "s");
    say_others(s, t->number, t->object, KIND(DONE), "called done on it", out);
    say_undone(s, t, out);
}

// One arm in one line, with the state of its channel and who used the other side.
static void why_arm(const struct seen *s, const struct seen_task *t, int arm,
                    struct explanation *out) {
    uint32_t id = t->arms[arm];
    bool sends = t->arm_kinds[arm] == ARM_SEND;
    char what[LABEL];
    const struct seen_object *c = sends ? NULL : waits_context(s, id);
    const struct seen_object *timer = sends ? NULL : waits_timer(s, id);
    if (t->arm_kinds[arm] > ARM_SEND)
        return;
    if (id == 0 || id >= s->object_count)
        line(out, "Arm %d, on a nil channel, is never ready.", arm);
    else if (c)
        line(out, "Arm %d waits for the end of %s, which was never cancelled.", arm,
             seen_object_label(s, c->id, what, sizeof what));
    else if (timer)
        line(out, "Arm %d waits for the time of %s, which gives none any more.", arm,
             seen_object_label(s, timer->id, what, sizeof what));
    else if (sends)
        line(out, "Arm %d sends on %s, which nobody waits to receive from.", arm,
             seen_object_label(s, id, what, sizeof what));
    else
        line(out, "Arm %d receives from %s, which is empty and not closed.", arm,
             seen_object_label(s, id, what, sizeof what));
    if (id && id < s->object_count && !c && !timer)
        say_others(s, t->number, id, sends ? KINDS_THAT_RECEIVE : KINDS_THAT_SEND,
                   sends ? "tried to receive from it" : "tried to send on it or to close it", out);
}

static void why_select(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    int stored = (int)(sizeof t->arms / sizeof t->arms[0]);
    for (int i = 0; i < t->arm_count && i < stored; i++)
        why_arm(s, t, i, out);
    if (t->arm_count > stored)
        line(out, "So it is with %d more arms.", t->arm_count - stored);
}

static void why_io(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    char what[LABEL];
    line(out, "Nothing is on its way to %s, and neither end of it was closed.",
         seen_object_label(s, t->object, what, sizeof what));
    say_origin(s, t->object, out);
}

static void why_accept(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    char what[LABEL];
    line(out, "No connection is on its way to %s.",
         seen_object_label(s, t->object, what, sizeof what));
    say_origin(s, t->object, out);
}

// What would have to happen, to complete "so nobody will ever ...".
static const char *missing(const struct seen *s, const struct seen_task *t) {
    switch (t->reason) {
    case WAIT_SEND:
        return "receive from it";
    case WAIT_RECV:
        return waits_context(s, t->object) ? "cancel it"
               : waits_timer(s, t->object) ? "set it again"
                                           : "send on it or close it";
    case WAIT_MUTEX:
        return "unlock it";
    case WAIT_WAITGROUP:
        return "bring the counter to 0";
    case WAIT_RLOCK:
    case WAIT_WLOCK:
        return "unlock it";
    case WAIT_COND:
        return "signal it";
    case WAIT_ONCE:
        return "finish its function";
    case WAIT_SEMA:
        return "release what it asks for";
    case WAIT_GROUP_GO:
        return "make room in it";
    case WAIT_GROUP_WAIT:
    case WAIT_SCOPE:
        return "return as the last of its tasks";
    case WAIT_FLIGHT:
        return "finish the call";
    case WAIT_SELECT:
        return "make one of its arms ready";
    default:
        return "wake it";
    }
}

static void why_parked(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    bool known = t->object && t->object < s->object_count;
    switch (t->reason) {
    case WAIT_SEND_NIL:
    case WAIT_RECV_NIL:
        line(out, "The channel is nil: a %s on it waits for ever.",
             t->reason == WAIT_SEND_NIL ? "send" : "receive");
        return;
    case WAIT_SELECT_EMPTY:
        line(out, "A select without arms waits for ever.");
        return;
    case WAIT_SELECT:
        why_select(s, t, out);
        break;
    default:
        if (known && t->reason == WAIT_SEND)
            why_send(s, t, out);
        else if (known && t->reason == WAIT_RECV)
            why_recv(s, t, out);
        else if (known && t->reason == WAIT_MUTEX)
            why_mutex(s, t, out);
        else if (known && t->reason == WAIT_WAITGROUP)
            why_waitgroup(s, t, out);
        else if (known && (t->reason == WAIT_RLOCK || t->reason == WAIT_WLOCK))
            why_rwmutex(s, t, out);
        else if (known && t->reason == WAIT_COND)
            why_cond(s, t, out);
        else if (known && t->reason == WAIT_ONCE)
            why_once(s, t, out);
        else if (known && t->reason == WAIT_SEMA)
            why_sema(s, t, out);
        else if (known && (t->reason == WAIT_GROUP_GO || t->reason == WAIT_GROUP_WAIT))
            why_group(s, t, out);
        else if (known && t->reason == WAIT_SCOPE)
            why_scope(s, t, out);
        else if (known && t->reason == WAIT_FLIGHT)
            why_flight(s, t, out);
        else if (known && t->reason == WAIT_IO)
            why_io(s, t, out);
        else if (known && t->reason == WAIT_ACCEPT)
            why_accept(s, t, out);
        break;
    }
    last_line(out, "Nothing can run any more and no timer is pending, so nobody will ever %s.",
              missing(s, t));
}

// A task that the grace found alive, and that was not parked for ever.
static void why_late(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    char words[EXPLAIN_WIDTH], place[PLACE], root[LABEL], span[SPAN];
    seen_task_label(s, 0, root, sizeof root);
    at_place(s, t->at, place, sizeof place);
    line(out, "%s ended; who is still alive %s later, or %d operations later, outlives it.", root,
         seen_time_label(s->grace, span, sizeof span), SEEN_GRACE_OPERATIONS);
    if (t->reason == WAIT_NONE)
        line(out, "At that moment it was able to run%s.", place);
    else
        line(out, "At that moment it waited in %s%s.", wait_words(s, t, words, sizeof words),
             place);
    if (t->state == TASK_ENDED)
        last_line(out, "It ended %s after %s did.",
                  seen_time_label(t->ended_at - s->root_end_time, span, sizeof span), root);
    else
        last_line(out, "It had not ended when the run was cut off%s.",
                  t->state == TASK_PARKED ? "; whether anything could still wake it is not decided"
                                          : "");
}

// A task that never called the core again, until the run was ended for it.
static void why_hung(const struct seen *s, const struct seen_task *t, struct explanation *out) {
    char place[PLACE], root[LABEL];
    at_place(s, t->at, place, sizeof place);
    if (t->outlived)
        line(out, "%s ended; who is still alive then has to come to its end too.",
             seen_task_label(s, 0, root, sizeof root));
    line(out, "It is busy%s and never calls the core again, so no other task gets a turn.", place);
    last_line(out, "The run was ended when it had used up its CPU time. Look for a loop without an "
                   "end, or a system call that waits.");
}

static void say_start(const struct seen *s, const struct seen_task *t, bool parked,
                      struct explanation *out) {
    char who[LABEL], place[PLACE], since[SPAN];
    if (t->parent >= s->task_count && t->parent != EVENT_CLOCK)
        return;
    if (t->parent == EVENT_CLOCK)
        snprintf(who, sizeof who, "A timer");
    else
        seen_task_label(s, t->parent, who, sizeof who);
    at_place(s, t->started_at, place, sizeof place);
    if (parked)
        line(out, "%s started it%s; it waits since %s.", who, place,
             seen_time_label(t->since, since, sizeof since));
    else
        line(out, "%s started it%s.", who, place);
}

void explain_task(const struct seen *s, uint32_t task, struct explanation *out) {
    out->count = 0;
    if (task >= s->task_count)
        return;
    const struct seen_task *t = &s->tasks[task];
    bool parked = t->state == TASK_PARKED && s->end == RUN_QUIESCENT;
    if (parked || t->outlived || t->hangs)
        say_start(s, t, parked, out);
    if (parked)
        why_parked(s, t, out);
    else if (t->hangs)
        why_hung(s, t, out);
    else if (t->outlived)
        why_late(s, t, out);
}

// --- the whole verdict ------------------------------------------------------------------------------

static uint32_t left_parked(const struct seen *s, const struct judgement *j) {
    uint32_t parked = 0;
    for (uint32_t i = 0; i < j->left_count; i++)
        parked += s->end == RUN_QUIESCENT && s->tasks[j->left[i]].state == TASK_PARKED;
    return parked;
}

static void say_note(const struct seen *s, const struct judgement *j, const char *otherwise,
                     char *out, size_t size) {
    char who[2 * LABEL], place[PLACE];
    if (!j->note[0]) {
        snprintf(out, size, "%s", otherwise);
        return;
    }
    at_place(s, j->note_at, place, sizeof place);
    if (j->note_task < s->task_count)
        snprintf(out, size, "%s, in %s%s", j->note,
                 seen_task_labelled(s, j->note_task, who, sizeof who), place);
    else
        snprintf(out, size, "%s%s", j->note, place);
}

static void say_checks(const struct judgement *j, char *out, size_t size) {
    for (uint32_t i = 0; i < j->check_count; i++) {
        const struct judged_check *c = &j->checks[i];
        if (c->state == CHECK_PASSED)
            continue;
        snprintf(out, size, "\"%s\" %s%s%s", c->name,
                 c->state == CHECK_FAILED ? "failed" : "was not reached", *c->detail ? ": " : "",
                 c->detail);
        return;
    }
    snprintf(out, size, "%s", verdict_meaning(VERDICT_BEHAVIOUR_BIT));
}

// Go's words where nobody is left, "no goroutines (main called runtime.Goexit) - deadlock!".
static void say_goexit(const struct seen *s, uint32_t parked, char *out, size_t size) {
    char root[LABEL];
    seen_task_label(s, 0, root, sizeof root);
    if (parked)
        snprintf(out, size, "%s called goexit, and %" PRIu32 " task%s parked for ever", root,
                 parked, parked == 1 ? " is" : "s are");
    else
        snprintf(out, size, "no tasks (%s called goexit) - deadlock!", root);
}

static void say_verdict(const struct seen *s, const struct judgement *j, enum verdict_bit bit,
                        char *out, size_t size) {
    uint32_t parked = left_parked(s, j), late = j->left_count - parked;
    char root[LABEL];
    switch (bit) {
    case VERDICT_DEADLOCK_BIT:
        if (s->task_count && s->tasks[0].state == TASK_ENDED) {
            say_goexit(s, parked, out, size);
            break;
        }
        snprintf(out, size, "%s can never run again; %" PRIu32 " task%s parked for ever",
                 seen_task_label(s, 0, root, sizeof root), parked, parked == 1 ? " is" : "s are");
        break;
    case VERDICT_LEAK_BIT:
        snprintf(out, size, "%" PRIu32 " task%s can never run again", parked,
                 parked == 1 ? "" : "s");
        break;
    case VERDICT_OUTLIVES_BIT:
        snprintf(out, size, "%" PRIu32 " task%s still able to run after the grace", late,
                 late == 1 ? " was" : "s were");
        break;
    case VERDICT_BEHAVIOUR_BIT:
        say_checks(j, out, size);
        break;
    case VERDICT_RACE_BIT: // its sentence names both tasks and both sites
        snprintf(out, size, "%s", *j->note ? j->note : verdict_meaning(bit));
        break;
    default:
        say_note(s, j, verdict_meaning(bit), out, size);
        break;
    }
}

const char *explain_verdict(const struct seen *s, const struct judgement *j, char *out,
                            size_t size) {
    size_t used = 0;
    snprintf(out, size, "PASS");
    for (int bit = 0; bit < VERDICT_COUNT; bit++) {
        char sentence[2 * JUDGE_NOTE];
        if (!(j->verdicts >> bit & 1) || used >= size)
            continue;
        say_verdict(s, j, (enum verdict_bit)bit, sentence, sizeof sentence);
        int n = snprintf(out + used, size - used, "%s%s: %s", used ? "; " : "",
                         verdict_word((enum verdict_bit)bit), sentence);
        used += (size_t)n;
    }
    return out;
}
