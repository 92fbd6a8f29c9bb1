// access: reads and writes of memory as operations.
//
// A read changes nothing, so a loop of reads must not count as progress: else tasks that poll a variable would
// keep time from moving for ever. Its record is no step (run.notes), and a task that has long done nothing
// but look in vain may have one as its next operation.
//
// The footprint is 8 bytes at a time, aligned: accesses to neighbours in them conflict, which costs schedules
// and misses none. More of them than an operation has operands count as anything.
#include "core/access.h"

#include "core/internal.h"

struct access_op {
    struct op op;
    const struct access *access;
    uint64_t event; // number of its record
};

static const struct access_op *access_of(const struct op *op) {
    return (const struct access_op *)op;
}

// --- values -----------------------------------------------------------------------------------

// Copied bytewise: it need not be aligned, and is nobody's access.
int64_t access_value(const void *address, uint32_t size) {
    int64_t value = 0;
    if (size == 0 || size > sizeof value)
        return 0;
    copy_elem(&value, address, size);
    int unused = 64 - 8 * (int)size;
    return (int64_t)((uint64_t)value << unused) >> unused;
}

// --- the operation ----------------------------------------------------------------------------

static void access_operands(const struct op *op, struct operands *out) {
    const struct access *a = access_of(op)->access;
    uintptr_t first = (uintptr_t)a->address / 8, last = ((uintptr_t)a->address + a->size - 1) / 8;
    for (uintptr_t i = first; i <= last && !out->more; i++)
        operands_add(out, operand_at((const void *)(i * 8)), a->writes ? ROLE_CHANGE : ROLE_LOOK);
}

static enum op_result access_attempt(struct op *op) {
    struct access_op *a = (struct access_op *)op;
    a->event = head_now() + run.pending - 1;
    op->value = access_value(a->access->address, a->access->size);
    if (a->access->size > sizeof op->value)
        op->flags |= EVENT_NO_VALUE;
    run.notes += !a->access->writes;
    return OP_DONE;
}

static const struct op_kind load_kind = {
    .event = EV_LOAD,
    .in_vain = op_always_in_vain,
    .attempt = access_attempt,
    .operands = access_operands,
};

static const struct op_kind store_kind = {
    .event = EV_STORE,
    .attempt = access_attempt,
    .operands = access_operands,
};

int64_t *access_announce(const struct access *a) {
    struct access_op o = {
        .op = {.kind = a->writes ? &store_kind : &load_kind, .at = run.current->at}, .access = a};
    op_perform(&o.op);
    bool kept = head_now() - o.event <= run.log->capacity;
    return kept ? &run.log->events[o.event & run.event_mask].value : NULL;
}

void access_touch(const struct access *a) {
    for (uintptr_t i = (uintptr_t)a->address / 8; i <= ((uintptr_t)a->address + a->size - 1) / 8;
         i++)
        touch(operand_at((const void *)(i * 8)), a->writes ? ROLE_CHANGE : ROLE_LOOK);
}
