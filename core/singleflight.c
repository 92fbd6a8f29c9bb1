// singleflight: one call for each key at a time.
//
// Invariants: `calls` holds a call from the operation that began it to the one that ended it, or
// that forgot it; tasks wait only for calls that are under way. A call lives until the last of
// those who read its result has: the task that runs it, and each that waits.
//
// The function runs between two operations: the one that begins the call and the one that ends it,
// which lets everybody else go on. The second is deferred, so it also happens when the function
// panics or calls goexit. Values for channels are sent after it, one operation each.
//
// Rejected: calling the function from within one operation (it may park); a mutex, and a wait group
// for each call, as Go has it (who waits would be shown waiting for those, not for the call).
#include "core/singleflight.h"

#include "core/cmap.h"
#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"
#include "core/select.h"

#include <string.h>

enum outcome { RUNNING, RETURNED, PANICKED, EXITED };

// A channel that is to get the result.
struct listening {
    flight_chan to;         // with room for one
    struct listening *next; // asked later
};

struct call {
    singleflight *of;                // whose call it is
    flight_fn *fn;                   // the function
    void *arg;                       // its argument
    char *key;                       // owned
    site *at;                        // of the one who began it
    int64_t words;                   // for the log: number << 32 | key
    uint32_t users;                  // who will still read it
    enum outcome outcome;            // how it ended
    const panicked *panicked;        // with what, if it panicked
    flight result;                   // once it has returned
    struct wait_list waiters;        // tasks that wait for it
    struct listening *first, **last; // channels, in the order they came
};

struct flight_op {
    struct op op;                // what the scheduler knows of it
    const char *key;             // asked for
    struct call *fresh;          // to be begun if none is under way
    struct call *call;           // the one that is
    struct listening *listening; // do_chan
    struct waiter waiter;        // its place in the queue
};

static singleflight *singleflight_of(const struct op *op) {
    return (singleflight *)((char *)op->object - offsetof(singleflight, object));
}

static uint64_t word(const void *p) {
    return (uint64_t)(uintptr_t)p;
}

static struct table_entry *entry_of(const singleflight *s, const char *key) {
    return table_find(&s->calls, &cmap_text, word(key));
}

// --- calls ----------------------------------------------------------------------------------------

static struct call *call_make(singleflight *s, const char *key, flight_fn *fn, void *arg,
                              site *at) {
    struct call *c = run_alloc_at(sizeof *c, at);
    *c = (struct call){
        .of = s, .fn = fn, .arg = arg, .key = run_strdup_at(key, at), .at = at, .users = 1};
    c->last = &c->first;
    return c;
}

static void call_leave(struct call *c) {
    if (--c->users)
        return;
    run_free(c->key);
    run_free(c);
}

static void call_begin(struct call *c) {
    table_add(&c->of->calls, &cmap_text, word(c->key))->value = word(c);
    c->words = (int64_t)++c->of->count << 32 | event_string(c->key, strlen(c->key));
}

static void listen(struct call *c, struct listening *l) {
    *c->last = l;
    c->last = &l->next;
}

static struct flight_op flight_op(const struct op_kind *kind, singleflight *s, const char *key,
                                  site *at) {
    object_use(&s->object, OBJECT_FLIGHT, at);
    if (!key)
        panic_at(at, "singleflight: nil key");
    return (struct flight_op){.op = {.kind = kind, .object = &s->object, .at = at}, .key = key};
}

// The call under way for the key of an operation, NULL: none is.
static struct call *call_found(const struct flight_op *f) {
    const struct table_entry *e = entry_of(singleflight_of(&f->op), f->key);
    return e ? (struct call *)(uintptr_t)e->value : NULL;
}

// --- running one ------------------------------------------------------------------------------------

struct end_op {
    struct op op;      // what the scheduler knows of it
    struct call *call; // the one that is run, or ended
};

static enum op_result end_attempt(struct op *op) {
    struct call *c = ((struct end_op *)op)->call;
    struct table_entry *e = entry_of(c->of, c->key);
    op->value = c->words;
    if (e && e->value == word(c)) // else it was forgotten
        table_remove(&c->of->calls, e);
    for (struct waiter *w; (w = c->waiters.first);)
        op_complete(w);
    return OP_DONE;
}

static const struct op_kind end_kind = {.event = EV_FLIGHT_DONE, .attempt = end_attempt};

static void call_end_at(struct call *c, site *at) {
    (void)at;
    c->panicked = recover();
    if (c->panicked)
        c->outcome = PANICKED;
    else if (c->outcome == RUNNING)
        c->outcome = EXITED;
    struct end_op end = {.op = {.kind = &end_kind, .object = &c->of->object, .at = c->at},
                         .call = c};
    op_perform(&end.op);
    if (c->outcome == EXITED)
        call_leave(c);
}
DEFERRABLE(call_end, struct call *)

static void call_run(struct call *c) {
    deferring();
    defer(call_end, c);
    event_write(EV_FLIGHT_RUN, c->of->object.id, c->at, EVENT_NOBODY, c->words, 0);
    c->result.err = c->fn(c->arg, &c->result.value);
    c->outcome = RETURNED;
}

TASK(panics_alone, const panicked *p; site * at;) {
    panic_again_at(a->p, a->at);
}

// Go: a panic that channels wait for must not be recovered from, so another task panics with it; this
// one stays, to be seen.
static _Noreturn void panic_for_all(const struct call *c) {
    struct panics_alone_args args = {c->panicked, c->at};
    task_start_at(panics_alone_task, "singleflight", &args, sizeof args, c->at);
    for (;;)
        select_at(NULL, 0, c->at);
}

static void tell(struct call *c) {
    if (c->outcome == PANICKED && c->first)
        panic_for_all(c);
    while (c->first && c->outcome == RETURNED) {
        struct listening *l = c->first;
        c->first = l->next;
        chan_send_at(l->to.raw, &c->result, sizeof c->result, c->at);
        run_free(l);
    }
}

// The result, for one who has made the call or waited for it.
static flight result_of(struct call *c, site *at) {
    const panicked *p = c->panicked;
    enum outcome outcome = c->outcome;
    flight result = c->result;
    call_leave(c);
    if (outcome == PANICKED)
        panic_again_at(p, at);
    if (outcome == EXITED)
        goexit_at(at);
    return result;
}

// --- do ---------------------------------------------------------------------------------------------

static enum op_result do_attempt(struct op *op) {
    struct flight_op *f = (struct flight_op *)op;
    f->call = call_found(f);
    if (f->call) {
        op->value = f->call->words;
        return OP_BLOCKED;
    }
    f->call = f->fresh;
    call_begin(f->call);
    op->value = f->call->words;
    return OP_DONE;
}

static void do_enqueue(struct op *op) {
    struct flight_op *f = (struct flight_op *)op;
    f->call->users++;
    f->call->result.shared = true;
    wait_list_append(&f->call->waiters, &f->waiter);
}

static void do_dequeue(struct op *op) {
    waiter_unlink(&((struct flight_op *)op)->waiter);
}

static const struct op_kind do_kind = {
    .event = EV_FLIGHT,
    .reason = WAIT_FLIGHT,
    .attempt = do_attempt,
    .enqueue = do_enqueue,
    .dequeue = do_dequeue,
};

flight singleflight_do_at(singleflight *s, const char *key, flight_fn *fn, void *arg, site *at) {
    struct flight_op f = flight_op(&do_kind, s, key, at);
    f.fresh = call_make(s, key, fn, arg, at);
    f.waiter.op = &f.op;
    op_perform(&f.op);
    if (f.call == f.fresh) {
        call_run(f.call);
        tell(f.call);
    } else {
        call_leave(f.fresh);
    }
    return result_of(f.call, at);
}

// --- do_chan, forget ----------------------------------------------------------------------------------

static enum op_result do_chan_attempt(struct op *op) {
    struct flight_op *f = (struct flight_op *)op;
    f->call = call_found(f);
    if (f->call) {
        f->call->result.shared = true;
    } else {
        f->call = f->fresh;
        call_begin(f->call);
    }
    listen(f->call, f->listening);
    op->value = f->call->words;
    return OP_DONE;
}

static const struct op_kind do_chan_kind = {.event = EV_FLIGHT_CHAN, .attempt = do_chan_attempt};

static void run_alone(void *args) {
    struct call *c = *(struct call **)args;
    call_run(c);
    tell(c);
    result_of(c, c->at);
}

flight_chan singleflight_do_chan_at(singleflight *s, const char *key, flight_fn *fn,
                                    const char *name, void *arg, site *at) {
    struct flight_op f = flight_op(&do_chan_kind, s, key, at);
    f.fresh = call_make(s, key, fn, arg, at);
    f.listening = run_alloc_at(sizeof *f.listening, at);
    flight_chan results = {chan_make_named(sizeof(flight), 1, "flight.chan", at)};
    f.listening->to = results;
    op_perform(&f.op);
    if (f.call == f.fresh)
        task_start_at(run_alone, name, &f.call, sizeof f.call, at);
    else
        call_leave(f.fresh);
    return results;
}

static enum op_result forget_attempt(struct op *op) {
    singleflight *s = singleflight_of(op);
    struct table_entry *e = entry_of(s, ((struct flight_op *)op)->key);
    op->value = e != NULL;
    if (e)
        table_remove(&s->calls, e);
    return OP_DONE;
}

static const struct op_kind forget_kind = {.event = EV_FLIGHT_FORGET, .attempt = forget_attempt};

void singleflight_forget_at(singleflight *s, const char *key, site *at) {
    struct flight_op f = flight_op(&forget_kind, s, key, at);
    op_perform(&f.op);
}
