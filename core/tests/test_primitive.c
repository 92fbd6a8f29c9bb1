// The test of the design: a blocking primitive is one file. Here it is, a counting semaphore as in
// HACKING.md, under borrowed words; whatever reports waits must know it without being touched.
#include "core/internal.h"
#include "core/tests/world.h"

// --- the primitive --------------------------------------------------------------------------------------

typedef struct sema {
    struct object object;
    int64_t free;
    struct wait_list waiters;
} sema;

struct sema_op {
    struct op op;
    struct waiter waiter;
};

static sema *sema_of(const struct op *op) {
    return (sema *)((char *)op->object - offsetof(sema, object));
}

static enum op_result acquire_attempt(struct op *op) {
    sema *s = sema_of(op);
    if (s->free == 0)
        return OP_BLOCKED;
    s->free--;
    sanitize_acquire(s);
    return OP_DONE;
}

static void acquire_enqueue(struct op *op) {
    wait_list_append(&sema_of(op)->waiters, &((struct sema_op *)op)->waiter);
}

static void acquire_dequeue(struct op *op) {
    waiter_unlink(&((struct sema_op *)op)->waiter);
}

static const struct op_kind acquire_kind = {
    .event = EV_ACCEPT,
    .reason = WAIT_ACCEPT,
    .attempt = acquire_attempt,
    .enqueue = acquire_enqueue,
    .dequeue = acquire_dequeue,
};

static void sema_acquire(sema *s, site *at) {
    object_use(&s->object, OBJECT_LISTENER, at);
    struct sema_op a = {.op = {.kind = &acquire_kind, .object = &s->object, .at = at}};
    a.waiter.op = &a.op;
    op_perform(&a.op);
}

static enum op_result release_attempt(struct op *op) {
    sema *s = sema_of(op);
    sanitize_release(s);
    if (s->waiters.first)
        op_complete(s->waiters.first);
    else
        s->free++;
    return OP_DONE;
}

static const struct op_kind release_kind = {.event = EV_UNLOCK, .attempt = release_attempt};

static void sema_release(sema *s, site *at) {
    object_use(&s->object, OBJECT_LISTENER, at);
    struct op op = {.kind = &release_kind, .object = &s->object, .at = at};
    op_perform(&op);
}

// --- what it does ---------------------------------------------------------------------------------------

static sema permits;
static int inside, most, order[4], passed;

TASK(user, int rounds;) {
    for (int i = 0; i < a->rounds; i++) {
        sema_acquire(&permits, HERE_OF(permits));
        most = ++inside > most ? inside : most;
        task_yield();
        inside--;
        passed++;
        sema_release(&permits, HERE_OF(permits));
    }
}

static void limit_root(void *arg) {
    (void)arg;
    permits = (sema){.free = 2};
    inside = most = passed = 0;
    for (int i = 0; i < 4; i++)
        go(user, .rounds = 3);
}

Test(primitive, it_holds_its_limit_under_1000_seeds) {
    int most_ever = 0;
    EVERY_WORLD(limit_root, 1000) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_eq(passed, 12, "%s", world_name());
        cr_assert_leq(most, 2, "%s", world_name());
        most_ever = most > most_ever ? most : most_ever;
    }
    cr_assert_eq(most_ever, 2);
}

TASK(queued, int number;) {
    sema_acquire(&permits, HERE_OF(permits));
    order[passed++] = a->number;
    sema_release(&permits, HERE_OF(permits));
}

static void queue_root(void *arg) {
    (void)arg;
    permits = (sema){.free = 0};
    passed = 0;
    for (int i = 0; i < 4; i++) {
        go(queued, .number = i);
        task_sleep(1);
    }
    sema_release(&permits, HERE_OF(permits));
}

Test(primitive, it_serves_in_order) {
    EVERY_WORLD(queue_root, 300) {
        cr_assert(world_finished(), "%s", world_name());
        for (int i = 0; i < 4; i++)
            cr_assert_eq(order[i], i, "%s", world_name());
    }
}

// --- who shows it ---------------------------------------------------------------------------------------

static bool check_waiter(const task_info *t, void *seen) {
    if (t->number == 1) {
        EXPECT(t->state == TASK_PARKED && t->reason == WAIT_ACCEPT);
        EXPECT(t->object == permits.object.id && strcmp(t->object_name, "permits") == 0);
        *(bool *)seen = true;
    }
    return true;
}

static void stuck_root(void *arg) {
    (void)arg;
    bool seen = false;
    permits = (sema){.free = 0};
    go(queued, .number = 0);
    task_sleep(1);
    inspect_tasks(check_waiter, &seen);
    EXPECT(seen);
}

Test(primitive, snapshot_counters_and_log_show_who_waits_for_it) {
    EVERY_WORLD(stuck_root, 10) {
        cr_assert_eq(world.end, RUN_QUIESCENT);
        cr_assert_eq(world_waiting(WAIT_ACCEPT), 1, "%s", world_name());
        const event *e = world_event(EV_ACCEPT, 0);
        cr_assert_eq(event_wait_reason(e), WAIT_ACCEPT);
        cr_assert_eq(e->object, permits.object.id);
        cr_assert_eq(e->task, 1);
    }
}
