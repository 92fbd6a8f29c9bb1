// pool: Go's sync.Pool, as one stack of objects.
//
// Invariants: an object is in `items` at most once, and never in `lent` at the same time.
//
// Get and put are visible: who gets which object depends on their order. Making one is not: it runs
// between operations, in the task that asked.
//
// Rejected: to let the schedule decide whether the pool has dropped what it holds, as Go's may (each
// get would double the schedules, and a pool that never helps is found by its first get).
#include "core/pool.h"

#include "core/heap.h"
#include "core/internal.h"
#include "core/panic.h"
#include "core/resource.h"

struct pool_op {
    struct op op; // what the scheduler knows of it
    void *item;   // put, or got
    char *cell;   // ThreadSanitizer: the put happens before the get
};

static pool *pool_of(const struct op *op) {
    return (pool *)((char *)op->object - offsetof(pool, object));
}

static uint64_t word(const void *item) {
    return (uint64_t)(uintptr_t)item;
}

// --- get ------------------------------------------------------------------------------------------

// Nothing there, and nothing to make one: it changed nothing.
static bool get_in_vain(const struct op *op) {
    const pool *p = pool_of(op);
    return !p->items.live && !p->make;
}

static enum op_result get_attempt(struct op *op) {
    struct pool_op *get = (struct pool_op *)op;
    pool *p = pool_of(op);
    struct table_entry *e = table_newest(&p->items);
    op->value = e != NULL;
    if (get_in_vain(op))
        op->flags |= EVENT_FRUITLESS;
    if (!e)
        return OP_DONE;
    get->item = (void *)(uintptr_t)e->key;
    sanitize_acquire(e->cell);
    run_free(e->cell);
    table_remove(&p->items, e);
    return OP_DONE;
}

static const struct op_kind get_kind = {
    .event = EV_POOL_GET, .attempt = get_attempt, .in_vain = get_in_vain};

static void lend(pool *p, const void *item, site *at) {
    resource *r = run_alloc_at(sizeof *r, at);
    touch(operand_at(item), ROLE_CHANGE);
    table_add(&p->lent, NULL, word(item))->value = word(r);
    resource_open_at(r, p->lends, at);
}

void *pool_get_at(pool *p, site *at) {
    object_use(&p->object, OBJECT_POOL, at);
    struct pool_op get = {.op = {.kind = &get_kind, .object = &p->object, .at = at}};
    op_perform(&get.op);
    void *item = get.item ? get.item : p->make ? p->make() : NULL;
    if (p->lends && item)
        lend(p, item, at);
    return item;
}

// --- put ------------------------------------------------------------------------------------------

static enum op_result put_attempt(struct op *op) {
    struct pool_op *put = (struct pool_op *)op;
    pool *p = pool_of(op);
    if (table_find(&p->items, NULL, word(put->item)))
        return op_panic(op, "pool: put of an object that is in the pool already");
    sanitize_release(put->cell);
    table_add(&p->items, NULL, word(put->item))->cell = put->cell;
    return OP_DONE;
}

static const struct op_kind put_kind = {.event = EV_POOL_PUT, .attempt = put_attempt};

static void take_back(pool *p, const void *item, site *at) {
    touch(operand_at(item), ROLE_CHANGE);
    struct table_entry *e = table_find(&p->lent, NULL, word(item));
    if (!e) {
        if (!table_find(&p->items, NULL, word(item))) // else the put itself panics
            misuse_at(at, "%s was put into a pool that had not handed it out", p->lends);
        return;
    }
    resource *r = (resource *)(uintptr_t)e->value;
    resource_close_at(r, at);
    table_remove(&p->lent, e);
    run_free(r);
}

void pool_put_at(pool *p, void *item, site *at) {
    object_use(&p->object, OBJECT_POOL, at);
    if (!item)
        return;
    if (p->lends)
        take_back(p, item, at);
    struct pool_op put = {.op = {.kind = &put_kind, .object = &p->object, .at = at},
                          .item = item,
                          .cell = sanitize_threads ? run_alloc_at(1, at) : NULL};
    op_perform(&put.op);
}
