// cmap: Go's sync.Map over a table (table.c), each operation one visible step that never waits.
//
// Invariants: `changes` has grown whenever a look might find something else; a walk meets each
// entry at most once, because entries only get higher numbers.
//
// An operation that changed nothing told something all the same, unless the same task has just done
// the same and nothing has changed since: then it was in vain, so a task that loops until a value
// comes does not keep everybody else from bringing it.
//
// ThreadSanitizer knows each stored value by a cell of its own: who gets the value is ordered after
// who stored it, and after nobody else. Deletes share one cell, for nothing is left to keep it at.
//
// Rejected: Go's two maps, one of them read without a lock (here nothing is read while another task
// runs); a walk with a function (a loop reads better in C, and may return).
#include "core/cmap.h"

#include "core/heap.h"
#include "core/internal.h"

struct cmap_op {
    struct op op;        // what the scheduler knows of it
    uint64_t key;        // of a walk: where it stands
    uint64_t value;      // to be stored
    uint64_t old;        // that it must have had
    bool replaces;       // compare: stores, else deletes
    char *cell;          // of the value to be stored
    cmap_cursor *cursor; // of a walk
    bool hit;            // it was there
    uint64_t found;      // its value, for a walk
    uint64_t found_key;  // and its key
};

// --- keys -----------------------------------------------------------------------------------------

static const char *text_of(uint64_t key) {
    return (const char *)(uintptr_t)key;
}

// FNV-1a (Fowler, Noll, Vo).
static uint64_t text_hash(uint64_t key) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *c = text_of(key); *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    return hash;
}

static bool text_equal(uint64_t a, uint64_t b) {
    const char *x = text_of(a), *y = text_of(b);
    while (*x && *x == *y)
        x++, y++;
    return *x == *y;
}

const cmap_keys cmap_text = {text_hash, text_equal};

// --- reading and writing --------------------------------------------------------------------------

static cmap *cmap_of_op(const struct op *op) {
    return (cmap *)((char *)op->object - offsetof(cmap, object));
}

// The same as the same task did last, and nothing has changed since.
static bool is_repeated(const struct op *op) {
    const struct cmap_op *o = (const struct cmap_op *)op;
    const cmap *m = cmap_of_op(op);
    return m->look.task == op->task->number && m->look.kind == op->kind && m->look.key == o->key &&
           m->look.value == o->old && m->look.changes == m->changes;
}

static void only_looked(struct op *op) {
    const struct cmap_op *o = (const struct cmap_op *)op;
    cmap *m = cmap_of_op(op);
    if (is_repeated(op))
        op->flags |= EVENT_FRUITLESS;
    m->look.task = op->task->number;
    m->look.kind = op->kind;
    m->look.key = o->key;
    m->look.value = o->old;
    m->look.changes = m->changes;
}

// Looks the key up; NULL: it is not there.
static struct table_entry *find(struct cmap_op *o) {
    cmap *m = cmap_of_op(&o->op);
    struct table_entry *e = table_find(&m->table, m->keys, o->key);
    o->hit = e;
    o->op.value = o->hit;
    o->found = e ? e->value : 0;
    return e;
}

// ThreadSanitizer: what the caller learns from what find returned.
static void learn(struct cmap_op *o, struct table_entry *e) {
    sanitize_acquire(e ? e->cell : &cmap_of_op(&o->op)->gone);
}

static void put(struct cmap_op *o, struct table_entry *e) {
    cmap *m = cmap_of_op(&o->op);
    if (!e)
        e = table_add(&m->table, m->keys, o->key);
    e->value = o->value;
    e->cell = o->cell;
    sanitize_release(e->cell);
    m->changes++;
}

static void take_out(struct cmap_op *o, struct table_entry *e) {
    cmap *m = cmap_of_op(&o->op);
    sanitize_release(&m->gone);
    table_remove(&m->table, e);
    m->changes++;
}

// --- operations -----------------------------------------------------------------------------------

static enum op_result load_attempt(struct op *op) {
    struct cmap_op *o = (struct cmap_op *)op;
    learn(o, find(o));
    only_looked(op);
    return OP_DONE;
}

static enum op_result store_attempt(struct op *op) {
    struct cmap_op *o = (struct cmap_op *)op;
    put(o, find(o));
    return OP_DONE;
}

static enum op_result load_or_store_attempt(struct op *op) {
    struct cmap_op *o = (struct cmap_op *)op;
    struct table_entry *e = find(o);
    learn(o, e);
    if (e) {
        only_looked(op);
    } else {
        o->found = o->value;
        put(o, e);
    }
    return OP_DONE;
}

static enum op_result delete_attempt(struct op *op) {
    struct cmap_op *o = (struct cmap_op *)op;
    struct table_entry *e = find(o);
    learn(o, e);
    if (e)
        take_out(o, e);
    else
        only_looked(op);
    return OP_DONE;
}

static enum op_result swap_attempt(struct op *op) {
    struct cmap_op *o = (struct cmap_op *)op;
    struct table_entry *e = find(o);
    learn(o, e);
    put(o, e);
    return OP_DONE;
}

static enum op_result compare_attempt(struct op *op) {
    struct cmap_op *o = (struct cmap_op *)op;
    struct table_entry *e = find(o);
    learn(o, e);
    op->value = o->hit = e && e->value == o->old;
    if (!o->hit)
        only_looked(op);
    else if (o->replaces)
        put(o, e);
    else
        take_out(o, e);
    return OP_DONE;
}

static enum op_result clear_attempt(struct op *op) {
    cmap *m = cmap_of_op(op);
    op->value = m->table.live > 0;
    sanitize_release(&m->gone);
    table_clear(&m->table);
    m->changes++;
    return OP_DONE;
}

static enum op_result next_attempt(struct op *op) {
    struct cmap_op *o = (struct cmap_op *)op;
    const struct table *t = &cmap_of_op(op)->table;
    cmap_cursor *c = o->cursor;
    if (!c->begun)
        *c = (cmap_cursor){.end = t->last_seq, .begun = true};
    struct table_entry *e = table_after(t, c->seq);
    op->value = o->hit = e && e->seq <= c->end;
    if (!o->hit) {
        only_looked(op);
        return OP_DONE;
    }
    learn(o, e);
    c->seq = e->seq;
    o->found_key = e->key;
    o->found = e->value;
    return OP_DONE;
}

static const struct op_kind load_kind = {
    .event = EV_MAP_LOAD, .attempt = load_attempt, .in_vain = is_repeated};
static const struct op_kind store_kind = {.event = EV_MAP_STORE, .attempt = store_attempt};
static const struct op_kind load_or_store_kind = {
    .event = EV_MAP_LOAD_OR_STORE, .attempt = load_or_store_attempt, .in_vain = is_repeated};
static const struct op_kind delete_kind = {
    .event = EV_MAP_DELETE, .attempt = delete_attempt, .in_vain = is_repeated};
static const struct op_kind swap_kind = {.event = EV_MAP_STORE, .attempt = swap_attempt};
static const struct op_kind compare_kind = {
    .event = EV_MAP_COMPARE, .attempt = compare_attempt, .in_vain = is_repeated};
static const struct op_kind clear_kind = {.event = EV_MAP_CLEAR, .attempt = clear_attempt};
static const struct op_kind next_kind = {
    .event = EV_MAP_NEXT, .attempt = next_attempt, .in_vain = is_repeated};

static struct cmap_op cmap_op(const struct op_kind *kind, cmap *m, uint64_t key, site *at) {
    object_use(&m->object, OBJECT_MAP, at);
    return (struct cmap_op){.op = {.kind = kind, .object = &m->object, .at = at}, .key = key};
}

static struct cmap_op writing_op(const struct op_kind *kind, cmap *m, uint64_t key, uint64_t value,
                                 site *at) {
    struct cmap_op o = cmap_op(kind, m, key, at);
    o.value = value;
    o.cell = sanitize_threads ? run_alloc_at(1, at) : NULL;
    return o;
}

static void give(void *out, uint64_t word, size_t size, void *caller) {
    if (!out)
        return;
    copy_elem(out, &word, size);
    sanitize_wrote(out, size, caller);
}

// --- public ---------------------------------------------------------------------------------------

bool cmap_load_at(cmap *m, uint64_t key, void *out, size_t size, site *at) {
    struct cmap_op o = cmap_op(&load_kind, m, key, at);
    op_perform(&o.op);
    if (o.hit)
        give(out, o.found, size, CALLER);
    return o.hit;
}

void cmap_store_at(cmap *m, uint64_t key, uint64_t value, site *at) {
    struct cmap_op o = writing_op(&store_kind, m, key, value, at);
    op_perform(&o.op);
}

bool cmap_load_or_store_at(cmap *m, uint64_t key, uint64_t value, void *actual, size_t size,
                           site *at) {
    struct cmap_op o = writing_op(&load_or_store_kind, m, key, value, at);
    op_perform(&o.op);
    give(actual, o.found, size, CALLER);
    return o.hit;
}

bool cmap_load_and_delete_at(cmap *m, uint64_t key, void *out, size_t size, site *at) {
    struct cmap_op o = cmap_op(&delete_kind, m, key, at);
    op_perform(&o.op);
    if (o.hit)
        give(out, o.found, size, CALLER);
    return o.hit;
}

bool cmap_swap_at(cmap *m, uint64_t key, uint64_t value, void *previous, size_t size, site *at) {
    struct cmap_op o = writing_op(&swap_kind, m, key, value, at);
    op_perform(&o.op);
    if (o.hit)
        give(previous, o.found, size, CALLER);
    return o.hit;
}

bool cmap_compare_and_swap_at(cmap *m, uint64_t key, uint64_t old, uint64_t value, site *at) {
    struct cmap_op o = writing_op(&compare_kind, m, key, value, at);
    o.old = old;
    o.replaces = true;
    op_perform(&o.op);
    return o.hit;
}

bool cmap_compare_and_delete_at(cmap *m, uint64_t key, uint64_t old, site *at) {
    struct cmap_op o = cmap_op(&compare_kind, m, key, at);
    o.old = old;
    op_perform(&o.op);
    return o.hit;
}

void cmap_clear_at(cmap *m, site *at) {
    struct cmap_op o = cmap_op(&clear_kind, m, 0, at);
    op_perform(&o.op);
}

bool cmap_next_at(cmap *m, cmap_cursor *cursor, void *key, size_t key_size, void *value,
                  size_t value_size, site *at) {
    struct cmap_op o = cmap_op(&next_kind, m, cursor->seq, at);
    o.cursor = cursor;
    op_perform(&o.op);
    if (o.hit) {
        give(key, o.found_key, key_size, CALLER);
        give(value, o.found, value_size, CALLER);
    }
    return o.hit;
}
