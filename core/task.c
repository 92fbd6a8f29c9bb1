// task: making tasks, and the operations that concern only the caller.
//
// Invariants: tasks alive are in one list in creation order; a task's arguments are its own copy, at
// the top of its stack, and stay where they are as long as it lives. Finishing is the scheduler's
// business (sched.c).
//
// A set of labels is a list in the order of its keys that nobody ever changes: adding one copies
// those before it and shares those behind. So any number of tasks may have the same set, whatever
// any of them does next.
//
// Rejected: numbers used again by later tasks (a report could mean either); thread-local storage for
// labels (the tasks of a run share a thread).
#include "core/task.h"

#include "core/handover.h"
#include "core/heap.h"
#include "core/panic.h"

#include <string.h>

// A set of labels: one of them, and the set of those with greater keys.
struct labels {
    const struct labels *rest; // NULL: none
    const char *key;
    const char *value; // NULL: a plain label
    const char *text;  // the whole set in words; where it is some task's, else NULL
    uint32_t words;    // the same in the log
};

// Copies the arguments below the top of the stack and lays out the first frame below them.
struct task *task_make(task_fn *fn, const char *name, const void *args, size_t size, site *at,
                       bool is_small, void (*entry)(void)) {
    struct task *t = stack_take(is_small);
    if (!t)
        return NULL;
    t->number = run.next_task++;
    t->parent = run.current ? run.current->number : EVENT_NOBODY;
    t->name = name;
    t->started_at = t->at = at;
    t->born = t->since = run.now;
    t->labels = run.current ? run.current->labels : NULL;
    struct stack_top *top = t->top;
    top->fn = fn;
    top->args = (void *)(((uintptr_t)top - size) & ~(uintptr_t)15);
    copy_elem(top->args, args, size);
    stack_prepare(&t->resume, top->args, entry);
    t->older = run.youngest;
    if (run.youngest)
        run.youngest->younger = t;
    else
        run.oldest = t;
    run.youngest = t;
    return t;
}

void task_unlist(struct task *t) {
    if (t->older)
        t->older->younger = t->younger;
    else
        run.oldest = t->younger;
    if (t->younger)
        t->younger->older = t->older;
    else
        run.youngest = t->older;
}

// --- yield ------------------------------------------------------------------------------------

static enum op_result yield_attempt(struct op *op) {
    op->flags |= EVENT_FRUITLESS;
    return OP_DONE;
}

static const struct op_kind yield_kind = {
    .event = EV_YIELD, .attempt = yield_attempt, .in_vain = op_always_in_vain};

SLOW void yield_slowly(site *at) {
    struct op yield = {.kind = &yield_kind, .at = at};
    op_perform(&yield);
}

void task_yield_at(site *at) {
    struct op yield = {.at = at};
    if (likely(op_quick(&yield, &yield_kind)))
        op_was_in_vain(run.current);
    else
        yield_slowly(at);
}

// --- sleep ------------------------------------------------------------------------------------

struct sleep_op {
    struct op op;
    struct timer_node timer;
    struct waiter waiter;
};

static void sleep_fired(struct timer_node *t) {
    struct sleep_op *s = (struct sleep_op *)((char *)t - offsetof(struct sleep_op, timer));
    op_complete_by_clock(&s->waiter, 0);
}

static enum op_result sleep_attempt(struct op *op) {
    return op->value > 0 ? OP_BLOCKED : OP_DONE;
}

static void sleep_enqueue(struct op *op) {
    struct sleep_op *s = (struct sleep_op *)op;
    timer_set(&s->timer, timer_deadline(op->value));
}

static void sleep_dequeue(struct op *op) {
    timer_clear(&((struct sleep_op *)op)->timer);
}

static const struct op_kind sleep_kind = {
    .event = EV_SLEEP,
    .reason = WAIT_SLEEP,
    .local = true,
    .attempt = sleep_attempt,
    .enqueue = sleep_enqueue,
    .dequeue = sleep_dequeue,
};

void task_sleep_at(int64_t ns, site *at) {
    if (ns <= 0) {
        task_yield_at(at);
        return;
    }
    timer_check_room(at);
    struct sleep_op s = {.op = {.kind = &sleep_kind, .at = at, .value = ns}};
    s.timer.fire = sleep_fired;
    s.waiter.op = &s.op;
    op_perform(&s.op);
}

// --- the caller --------------------------------------------------------------------------------

uint32_t task_id(void) {
    return run.current ? run.current->number : EVENT_NOBODY;
}

const char *task_name(void) {
    return run.current ? run.current->name : "";
}

int64_t time_now(void) {
    return clock_now();
}

void task_daemon_at(site *at) {
    run.current->daemon = true;
    event_write(EV_DAEMON, 0, at, EVENT_NOBODY, 0, 0);
}

// --- choose -----------------------------------------------------------------------------------

struct choose_op {
    struct op op;
    uint32_t count;
};

static uint64_t choose_branches(const struct op *op) {
    uint32_t n = ((const struct choose_op *)op)->count;
    return n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static enum op_result choose_attempt(struct op *op) {
    op->value = (int64_t)((const struct choose_op *)op)->count << 32 | op->branch;
    return OP_DONE;
}

static const struct op_kind choose_kind = {
    .event = EV_CHOOSE, .local = true, .attempt = choose_attempt, .branches = choose_branches};

uint32_t choose_at(uint32_t n, site *at) {
    if (n == 0 || n > 64)
        panic_at(at, "choose: %u alternatives asked for, 1 to 64 are possible", n);
    struct choose_op c = {.op = {.kind = &choose_kind, .at = at}, .count = n};
    op_perform(&c.op);
    return c.op.branch;
}

// --- labels -----------------------------------------------------------------------------------

enum { LABEL_WORDS = 400 }; // of a set, in the log

static struct labels *label_make(const char *key, const char *value, const struct labels *rest) {
    struct labels *l = run_alloc(sizeof *l);
    *l = (struct labels){.rest = rest, .key = key, .value = value};
    return l;
}

// The set with this label in its place, instead of one with its key.
static struct labels *labels_put(const struct labels *old, const char *key, const char *value) {
    struct labels *first = NULL, **at = &first;
    for (; old && strcmp(old->key, key) < 0; old = old->rest) {
        *at = label_make(old->key, old->value, NULL);
        at = (struct labels **)&(*at)->rest;
    }
    if (old && strcmp(old->key, key) == 0)
        old = old->rest;
    *at = label_make(key, value, old);
    return first;
}

// Appends to a text of which there is room for all; returns its end.
static char *append(char *end, const char *text) {
    while (*text)
        *end++ = *text++;
    return end;
}

static const char *labels_text(const struct labels *set) {
    size_t size = 1;
    for (const struct labels *l = set; l; l = l->rest)
        size += strlen(", =") + strlen(l->key) + (l->value ? strlen(l->value) : 0);
    char *text = run_alloc(size), *end = text;
    for (const struct labels *l = set; l; l = l->rest) {
        end = append(end, l == set ? "" : ", ");
        end = append(end, l->key);
        if (l->value)
            end = append(append(end, "="), l->value);
    }
    return text;
}

static void labels_use(const struct labels *set, site *at) {
    run_check();
    run.current->labels = set;
    event_write(EV_LABEL, 0, at, EVENT_NOBODY, set ? set->words : 0, 0);
}

void task_label_at(const char *key, const char *value, site *at) {
    if (!run.current)
        bug("task_label called outside of a task");
    if (!key || !*key)
        panic_at(at, "task_label: a label needs a key");
    struct labels *set = labels_put(run.current->labels, run_strdup(key),
                                    value ? run_strdup(value) : NULL);
    size_t length = strlen(set->text = labels_text(set));
    set->words = event_string(set->text, length < LABEL_WORDS ? length : LABEL_WORDS);
    labels_use(set, at);
}

const struct labels *task_labels_with_at(const char *key, const char *value, site *at) {
    const struct labels *before = run.current ? run.current->labels : NULL;
    task_label_at(key, value, at);
    return before;
}

void task_labels_restore_at(const struct labels *labels, site *at) {
    labels_use(labels, at);
}

const char *task_label_value(const char *key) {
    const struct labels *l = run.current && key ? run.current->labels : NULL;
    while (l && strcmp(l->key, key) != 0)
        l = l->rest;
    return !l ? NULL : l->value ? l->value : "";
}

const char *labels_words(const struct labels *labels) {
    return labels ? labels->text : "";
}

const char *task_labels(void) {
    return labels_words(run.current ? run.current->labels : NULL);
}
